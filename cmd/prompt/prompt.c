/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The prompt: see prompt.h.
 *
 * The loop feeds readline's callback interface. readline's signal handling is off: signals come
 * by the loop's signalfd, so that one place restores the terminal. screen.c draws the line, and say.c
 * prints above it.
 */
#include "cmd/prompt/prompt.h"
#include "cmd/cli/wrap.h"
#include "cmd/prompt/command.h"
#include "cmd/prompt/completion.h"
#include "cmd/prompt/history.h"
#include "cmd/prompt/paste.h"
#include "cmd/prompt/readline.h"
#include "cmd/prompt/screen.h"
#include "lib/base/dl.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static struct loop_source *input; /* the terminal */

/* --- lines ------------------------------------------------------------------------- */

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
	struct session *s = screen.session;

	screen_stop(); /* the verb may run a program, which expects the terminal as it was */
	/* input waits until the verb is done, as with a shell; epoll still reports a hang-up */
	loop_change(input, 0);
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
	loop_change(input, EPOLLIN);
	screen_start(on_line);
	say_held();
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

	while (screen.typing && !loop_stopping(s->loop) && (line = paste_next(&len, &enter))) {
		type_pasted(line, len, enter);
		free(line);
		loop_change(input, 0);
		if (loop_once(s->loop, 0) < 0)
			break;
		loop_change(input, EPOLLIN);
	}
}

static void on_input(void *data, uint32_t events)
{
	struct session *s = data;

	if (!(events & EPOLLIN) || !screen.typing) { /* the terminal has gone */
		s->quits = true;
		loop_stop(s->loop, STATUS_OK);
		return;
	}
	screen_follow_resize();
	if (paste_is_coming())
		paste_read();
	else
		rl_callback_read_char();
	type_paste(s);
	screen_keep_wrapped();
	say_held();
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
	if (!screen.session)
		return false;
	if (!screen.typing) {
		s->interrupted = true;
		return true;
	}
	screen_follow_resize();
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
	screen_follow_resize();
}

/* Ctrl-Z: gives the terminal back to the shell as it was, and takes it again after fg. */
static void on_suspend(void *data, uint32_t signo)
{
	(void)data;
	(void)signo;
	bool typing = screen.typing;
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
	input = loop_add(s->loop, STDIN_FILENO, EPOLLIN, on_input, s);
	return input && watch_fatal_signals(s) && loop_signal(s->loop, SIGWINCH, on_resize, s) &&
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
	screen.session = s;
	history_load();
	if (!watch_terminal(s)) {
		screen.session = NULL;
		return report(STATUS_FAIL, "the terminal", "epoll", errno);
	}
	screen_start(on_line);
	int ended = loop_run(s->loop);
	if (screen.typing) {
		rl_clear_visible_line();
		screen_stop();
	}
	say_held();
	loop_remove(&input);
	screen.session = NULL;
	return ended < 0 ? report(STATUS_FAIL, "epoll", "wait", errno) : (enum status)ended;
}
