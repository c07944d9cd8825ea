/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The line that is being typed, on the screen: see screen.h.
 *
 * readline draws it, and this corrects what readline gets wrong: when the width of the terminal, or
 * the length of the prompt, changes meanwhile.
 */
#include "cmd/prompt/screen.h"
#include "cmd/cli/color.h"
#include "cmd/prompt/readline.h"
#include "lib/base/names.h"
#include "lib/look/desc.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

struct screen screen;

/* "notes.txt r @5 O_APPEND> " */
static void make_text(void)
{
	struct session *s = screen.session;
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
	screen.width = width > 0 ? (size_t)width : 0;
	snprintf(screen.text, sizeof(screen.text), "%s%s%s%s %s%s%s%s>%s%s%s ", *bold ? "\001" : "",
		bold, *bold ? "\002" : "", s->name, names_mode(s->known.flags), pos,
		*names ? " " : "", names, *bold ? "\001" : "", color(COLOR_OFF),
		*bold ? "\002" : "");
}

bool screen_is_searching(void)
{
	return RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_MOREINPUT) != 0;
}

/* The columns that the prompt and the first bytes of the line, up to end, take. */
static size_t columns_to(int end)
{
	size_t columns = screen.width;
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
void screen_follow_resize(void)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) < 0 || ws.ws_col == 0 ||
		ws.ws_col == screen.columns)
		return;
	bool first = screen.columns == 0;
	screen.columns = ws.ws_col;
	rl_reset_screen_size();
	if (first || !screen.typing)
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
void screen_redraw(const char *above)
{
	screen_follow_resize();
	rl_clear_visible_line();
	fputs(above, rl_outstream);
	make_text();
	rl_set_prompt(screen.text);
	rl_forced_update_display();
}

/*
 * When a line becomes shorter and just fills its rows, readline leaves the last row unwrapped:
 * for the terminal the line ends there, and a resize would not join the next row to it. To draw
 * the line again wraps it.
 */
void screen_keep_wrapped(void)
{
	if (screen.typing && !screen_is_searching() && screen.columns &&
		columns_to(rl_end) % screen.columns == 0)
		screen_redraw("");
}

void screen_start(void (*on_line)(char *line))
{
	make_text();
	rl_callback_handler_install(screen.text, on_line);
	screen.typing = true;
	screen_follow_resize();
}

void screen_stop(void)
{
	rl_callback_handler_remove();
	screen.typing = false;
}
