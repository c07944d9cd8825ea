/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The prompt: see prompt.h.
 *
 * The loop feeds readline's callback interface. readline's signal handling is off: signals come
 * by the loop's signalfd, so that one place restores the terminal. All of this file, which is
 * therefore longer than others, works on one state: the line that the terminal shows.
 */
#include "cmd/prompt/prompt.h"
#include "cmd/cli/color.h"
#include "cmd/cli/output.h"
#include "cmd/cli/wrap.h"
#include "cmd/prompt/command.h"
#include "cmd/prompt/completion.h"
#include "cmd/prompt/history.h"
#include "cmd/prompt/paste.h"
#include "cmd/prompt/readline.h"
#include "lib/base/dl.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/look/desc.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

static struct prompt {
	struct session *session; /* NULL: no prompt is up */
	bool typing;             /* a line is being typed: readline has the terminal */
	struct loop_source *input;
	char *held;              /* what prompt_say could not print yet */
	size_t held_len;
	char text[512];          /* the prompt itself */
	size_t width;            /* its columns */
	unsigned short columns;  /* of the terminal, as readline knows it; 0: not yet */
} prompt;

/* --- the prompt itself ----------------------------------------------------------- */

/* "notes.txt r @5 O_APPEND> " */
static void make_text(void)
{
	struct session *s = prompt.session;
	char names[NAMES_MAX], pos[32] = "";
	unsigned int shown = (unsigned int)s->known.flags &
			     (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME | O_ASYNC);

	if (s->known.pos != DESC_NO_POS)
		snprintf(pos, sizeof(pos), " @%jd", (intmax_t)s->known.pos);
	names_bits(names_open, shown, names, sizeof(names));
	const char *bold = color(COLOR_PROMPT);
	/* \001 and \002 enclose what takes no column of the line */
	int width = snprintf(NULL, 0, "%s %s%s%s%s> ", s->name, names_mode(s->known.flags), pos,
		*names ? " " : "", names); /* all of it ASCII */
	prompt.width = width > 0 ? (size_t)width : 0;
	snprintf(prompt.text, sizeof(prompt.text), "%s%s%s%s %s%s%s%s>%s%s%s ", *bold ? "\001" : "",
		bold, *bold ? "\002" : "", s->name, names_mode(s->known.flags), pos,
		*names ? " " : "", names, *bold ? "\001" : "", color(COLOR_OFF),
		*bold ? "\002" : "");
}

static bool searching(void)
{
	return RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_MOREINPUT) != 0;
}

/* The columns that the prompt and the first bytes of the line, up to end, take. */
static size_t columns_to(int end)
{
	size_t columns = prompt.width;
	mbstate_t state = {0};
	wchar_t c;

	for (int i = 0; i < end;) {
		size_t n = mbrtowc(&c, rl_line_buffer + i, (size_t)(end - i), &state);
		int width = n == (size_t)-1 || n == (size_t)-2 || n == 0 ? 1 : wcwidth(c);
		columns += width > 0 ? (size_t)width : 0;
		i += n == (size_t)-1 || n == (size_t)-2 || n == 0 ? 1 : (int)n;
	}
	return columns;
}

/*
 * After a change of width the terminal has wrapped the line anew, but readline looks for its
 * beginning in the old row. So we move there ourselves and let readline draw all of the line.
 * Called before anything else is drawn.
 */
static void follow_resize(void)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) < 0 || ws.ws_col == 0 ||
		ws.ws_col == prompt.columns)
		return;
	bool first = prompt.columns == 0;
	prompt.columns = ws.ws_col;
	rl_reset_screen_size();
	if (first || !prompt.typing)
		return;
	size_t up = columns_to(rl_point) / ws.ws_col;
	fputc('\r', rl_outstream);
	if (up)
		fprintf(rl_outstream, "\033[%zuA", up);
	fputs("\033[J", rl_outstream);
	rl_forced_update_display();
}

/*
 * Clears the line that is being typed, prints above, and draws the whole line again: readline's
 * own redisplay, which draws only what differs, goes wrong when the length of the prompt changed.
 */
static void redraw(const char *above)
{
	follow_resize();
	rl_clear_visible_line();
	fputs(above, rl_outstream);
	make_text();
	rl_set_prompt(prompt.text);
	rl_forced_update_display();
}

/*
 * When a line becomes shorter and just fills its rows, readline leaves the last row unwrapped:
 * for the terminal the line ends there, and a resize would not join the next row to it. To draw
 * the line again wraps it.
 */
static void keep_wrapped(void)
{
	if (prompt.typing && !searching() && prompt.columns &&
		columns_to(rl_end) % prompt.columns == 0)
		redraw("");
}

void prompt_refresh(void)
{
	if (!prompt.session)
		return;
	moves_begin(&prompt.session->known, prompt.session->fd);
	if (prompt.typing && !searching())
		redraw("");
}

/* --- events above the line ---------------------------------------------------------- */

static void hold(const char *text)
{
	size_t len = strlen(text);

	prompt.held = must_realloc(prompt.held, prompt.held_len + len + 1, 1);
	memcpy(prompt.held + prompt.held_len, text, len + 1);
	prompt.held_len += len;
}

static void print_held(void)
{
	if (!prompt.held || searching())
		return;
	if (prompt.typing)
		redraw(prompt.held);
	else
		fputs(prompt.held, stdout);
	free(prompt.held);
	prompt.held = NULL;
	prompt.held_len = 0;
}

/* The colour ends before the last newline, or it would fill the next line. */
static void paint(char **text)
{
	int len = (int)strlen(*text) - 1;
	char *painted = must_printf("%s%.*s%s\n", color(COLOR_EVENT), len, *text, color(COLOR_OFF));

	free(*text);
	*text = painted;
}

/* Takes the text. Returns false where the terminal takes no more. */
static bool say(char *unwrapped)
{
	bool taken = output_takes();
	char *text = wrap_text(STDOUT_FILENO, 0, 0, unwrapped);

	free(unwrapped);
	if (*color(COLOR_EVENT))
		paint(&text);
	if (taken && (!prompt.session || prompt.session->waiting)) {
		fputs(text, stdout); /* the loop flushes it before it waits again */
	} else if (taken) {
		hold(text);
		print_held();
	}
	free(text);
	return taken;
}

void prompt_say(const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	int n = vasprintf(&text, format, ap);
	va_end(ap);
	if (n >= 0)
		say(text);
}

static char *moved_line(const char *name, const struct moves *was, const struct moves *is,
	pid_t pid, const char *op)
{
	char text[2 * NAMES_MAX + 64];

	moves_text(was, is, text, sizeof(text));
	if (op)
		return must_printf("%s: pid %d: %s: %s\n", name, pid, text_show(op), text);
	return must_printf("%s: %s, by a holder who does not say\n", name, text);
}

void prompt_say_moved(const char *name, const struct moves *was, const struct moves *is, pid_t pid,
	const char *op)
{
	if (say(moved_line(name, was, is, pid, op)))
		prompt_refresh();
}

void prompt_say_lost(void *unused, size_t n)
{
	(void)unused;
	prompt_say("%zu events were not shown\n", n);
	prompt_refresh();
}

/* --- the terminal ------------------------------------------------------------------------ */

static void on_line(char *line);

static void start_typing(void)
{
	make_text();
	rl_callback_handler_install(prompt.text, on_line);
	prompt.typing = true;
	follow_resize();
}

static void stop_typing(void)
{
	rl_callback_handler_remove();
	prompt.typing = false;
}

/* To leave is not kept: Up at the next prompt should show what was done before that. */
static void enter_line(struct session *s, const char *line)
{
	if (!command_quits(s, line) && history_append(line) < 0)
		prompt_say("history: %s\n", strerror(errno));
	s->interrupted = false;
	if (command_do(s, line) == STATUS_FAIL && *s->fault) {
		char *said = must_printf("%s: %s", text_typed(line), s->fault);
		wrap_print(0, 2, said);
		free(said);
	}
}

static void on_line(char *line)
{
	struct session *s = prompt.session;

	stop_typing(); /* the verb may run a program, which expects the terminal as it was */
	/* input waits until the verb is done, as with a shell; epoll still reports a hang-up */
	loop_change(prompt.input, 0);
	if (!line) {
		fputs("\n", stdout);
		s->quits = true;
	}
	for (char *rest = line, *one; !s->quits && (one = strsep(&rest, "\n"));) /* Ctrl-V Ctrl-J */
		if (*one)
			enter_line(s, one);
	free(line);
	session_flush(s);
	if (s->quits) {
		loop_stop(s->loop, STATUS_OK);
		return;
	}
	loop_change(prompt.input, EPOLLIN);
	start_typing();
	print_held();
}

/* Types a line of a paste. A newline at its end enters it, as Enter does. */
static void type_pasted(const char *line, size_t len, bool enter)
{
	if (strlen(line) != len) {
		prompt_say("a line with a NUL byte is not a command\n");
		return;
	}
	rl_insert_text(line);
	rl_redisplay();
	if (enter) {
		rl_execute_next('\n');
		rl_callback_read_char();
	}
}

/* The lines of a paste, one after the other. The loop has a turn after each, for what comes meanwhile. */
static void type_paste(struct session *s)
{
	char *line;
	size_t len;
	bool enter;

	while (prompt.typing && !loop_stopping(s->loop) && (line = paste_next(&len, &enter))) {
		type_pasted(line, len, enter);
		free(line);
		loop_change(prompt.input, 0);
		if (loop_once(s->loop, 0) < 0)
			break;
		loop_change(prompt.input, EPOLLIN);
	}
}

static void on_input(void *data, uint32_t events)
{
	struct session *s = data;

	if (!(events & EPOLLIN) || !prompt.typing) { /* the terminal has gone */
		s->quits = true;
		loop_stop(s->loop, STATUS_OK);
		return;
	}
	follow_resize();
	if (paste_is_coming())
		paste_read();
	else
		rl_callback_read_char();
	type_paste(s);
	keep_wrapped();
	print_held();
}

bool prompt_interrupt(struct session *s)
{
	size_t dropped = paste_drop();

	if (dropped)
		prompt_say("the rest of the paste was dropped: %zu line%s\n", dropped,
			dropped == 1 ? "" : "s");
	if (s->waiting) {
		s->interrupted = true;
		return true;
	}
	if (!prompt.session)
		return false;
	if (!prompt.typing) {
		s->interrupted = true;
		return true;
	}
	follow_resize();
	rl_callback_sigcleanup(); /* leaves a search, too */
	rl_free_line_state();
	rl_point = rl_end; /* ^C goes behind the whole line */
	rl_redisplay();
	fputs("^C\n", rl_outstream);
	rl_replace_line("", 0);
	rl_on_new_line();
	rl_redisplay();
	return true;
}

static void on_resize(void *data, uint32_t signo)
{
	(void)data;
	(void)signo;
	follow_resize();
}

/* Ctrl-Z: gives the terminal back to the shell as it was, and takes it again after fg. */
static void on_suspend(void *data, uint32_t signo)
{
	(void)data;
	(void)signo;
	bool typing = prompt.typing;
	if (typing)
		rl_deprep_terminal();
	raise(SIGSTOP); /* SIGTSTP is the loop's here */
	if (typing) {
		rl_prep_terminal(1);
		rl_forced_update_display();
	}
}

static void on_fatal_signal(void *data, uint32_t signo)
{
	struct session *s = data;

	s->signo = (int)signo;
	s->quits = true;
	loop_stop(s->loop, STATUS_OK);
}

/* Those that end a process by default: the terminal is restored first. */
static bool watch_fatal_signals(struct session *s)
{
	static const int signals[] = {SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF,
		SIGIO, SIGXCPU, SIGSTKFLT, SIGPWR};

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (!loop_signal(s->loop, signals[i], on_fatal_signal, s))
			return false;
	return true;
}

static bool watch_terminal(struct session *s)
{
	prompt.input = loop_add(s->loop, STDIN_FILENO, EPOLLIN, on_input, s);
	return prompt.input && watch_fatal_signals(s) && loop_signal(s->loop, SIGWINCH, on_resize, s) &&
	       loop_signal(s->loop, SIGTSTP, on_suspend, s);
}

bool prompt_possible(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

enum status prompt_run(struct session *s)
{
	setlocale(LC_CTYPE, "");
	if (!readline_open()) {
		report(STATUS_FAIL, "libreadline", dl_fault(), 0);
		report_hint("-c and -i work without it");
		return STATUS_FAIL;
	}
	rl_readline_name = "fdtool";
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_change_environment = 0;
	completion_of(s);
	paste_watch();
	prompt.session = s;
	history_load();
	if (!watch_terminal(s)) {
		prompt.session = NULL;
		return report(STATUS_FAIL, "the terminal", "epoll", errno);
	}
	start_typing();
	int ended = loop_run(s->loop);
	if (prompt.typing) {
		rl_clear_visible_line();
		stop_typing();
	}
	print_held();
	loop_remove(&prompt.input);
	prompt.session = NULL;
	return ended < 0 ? report(STATUS_FAIL, "epoll", "wait", errno) : (enum status)ended;
}
