/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text on a screen of its own: see screen.h. */
#include "cmd/inspect/screen.h"
#include "cmd/cli/color.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* --- the terminal ---------------------------------------------------------------------------- */

void screen_begin(struct screen *s)
{
	struct termios raw;

	s->on = isatty(STDOUT_FILENO);
	s->keys = s->on && tcgetattr(STDIN_FILENO, &s->termios) == 0;
	if (s->keys) {
		raw = s->termios;
		/* each key at once; Ctrl-C still makes a signal */
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	}
	if (s->on) /* the alternate screen, without a cursor */
		fputs("\033[?1049h\033[?25l", stdout);
}

/* Neither Ctrl-S nor what the terminal has not shown yet keeps it from being restored. */
void screen_end(struct screen *s)
{
	if (s->on) {
		tcflow(STDOUT_FILENO, TCOOFF); /* TCOON alone does not undo Ctrl-S */
		tcflow(STDOUT_FILENO, TCOON);
		fputs("\033[?25h\033[?1049l", stdout);
	}
	fflush(stdout);
	if (s->keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &s->termios);
	free(s->text);
	s->text = NULL;
}

static struct winsize screen_size(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 || size.ws_col == 0)
		size = (struct winsize){.ws_row = 24, .ws_col = 80};
	return size;
}

/* --- lines ------------------------------------------------------------------------------------ */

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return line + (*line == '\n');
}

static const char *line_at(const char *text, size_t n)
{
	for (; n > 0 && *text; n--)
		text = next_line(text);
	return text;
}

/* How a text is laid out on the rows of the terminal. */
struct layout {
	size_t columns;
	size_t head;  /* rows */
	size_t body;  /* rows for the lines below the head */
	size_t lines; /* of these */
	size_t top;   /* the first of them that is shown */
	bool status;  /* the last row tells what is shown */
};

static struct layout layout_of(const struct screen *s)
{
	struct winsize size = screen_size();
	size_t lines = text_lines(s->text), rows = size.ws_row;
	struct layout l = {.columns = size.ws_col};

	/* on a terminal of a few rows the head scrolls, too */
	l.head = s->head < lines && s->head + 2 < rows ? s->head : 0;
	l.lines = lines - l.head;
	l.status = l.lines > rows - l.head || s->typing || s->not_found;
	l.body = rows - l.head - l.status;
	size_t last = l.lines > l.body ? l.lines - l.body : 0;
	l.top = s->top < last ? s->top : last;
	return l;
}

/* Whether it has the term, whatever the case of the letters. */
static bool has_term(const struct screen *s, const char *line)
{
	size_t len = strcspn(line, "\n");

	if (!*s->term)
		return false;
	char *copy = must_printf("%.*s", (int)len, line);
	bool has = strcasestr(copy, s->term) != NULL;
	free(copy);
	return has;
}

/* --- drawing ---------------------------------------------------------------------------------- */

/*
 * Each line is cleared before it is written, not after: behind a line that fills its row, the cursor is
 * still on the last column.
 */
static void draw_line(const char *line, size_t columns, const char *style, bool last)
{
	size_t len = strcspn(line, "\n"), fits = text_fit(line, columns);
	bool plain = !*style;

	printf("\033[K%s%.*s%s%s", style, (int)(fits < len ? fits : len), line,
		plain ? color(COLOR_OFF) : "\033[0m", last ? "" : "\n");
}

static void draw_status(const struct screen *s, const struct layout *l)
{
	size_t end = l->top + l->body;
	char *words;

	if (s->typing)
		words = must_printf("/%s", s->term);
	else if (s->not_found)
		words = must_printf("not found: %s", s->term);
	else
		words = must_printf("%zu-%zu of %zu  arrows, PgUp, PgDn, Home, End; / searches, n again; q ends",
			l->top + 1, end < l->lines ? end : l->lines, l->lines);
	char *shown = text_escape(words, strlen(words));
	draw_line(shown, l->columns, "\033[1m", true);
	free(shown);
	free(words);
}

void screen_draw(const struct screen *s)
{
	if (!s->text)
		return;
	struct layout l = layout_of(s);
	const char *line = s->text;
	size_t rows = l.head + l.body, row = 0;

	fputs("\033[H", stdout);
	for (; row < rows && *line; row++, line = next_line(line)) {
		if (row == l.head)
			line = line_at(line, l.top);
		draw_line(line, l.columns, row >= l.head && has_term(s, line) ? "\033[7m" : "",
			row + 1 == rows && !l.status);
	}
	for (; l.status && row < rows; row++)
		fputs("\033[K\n", stdout);
	if (l.status)
		draw_status(s, &l);
	else if (row < rows)
		fputs("\033[J", stdout);
}

void screen_show(struct screen *s, char *text, size_t head)
{
	free(s->text);
	s->text = text;
	s->head = head;
	screen_draw(s);
}

/* --- searching -------------------------------------------------------------------------------- */

/* Scrolls to the next line below the top one that has the term, or above it; round about. */
static void search(struct screen *s, bool back)
{
	struct layout l = layout_of(s);
	const char *body = line_at(s->text, l.head);

	for (size_t i = 1; i <= l.lines; i++) {
		size_t n = (l.top + (back ? l.lines - i : i)) % l.lines;
		if (!has_term(s, line_at(body, n)))
			continue;
		s->top = n;
		return;
	}
	s->not_found = *s->term;
}

static void end_search(struct screen *s)
{
	struct layout l = layout_of(s);

	s->typing = false;
	if (*s->term && !has_term(s, line_at(s->text, l.head + l.top)))
		search(s, false);
}

/* The last character, of one byte or more. */
static void rub_out(struct screen *s)
{
	size_t len = strlen(s->term);

	if (len == 0)
		s->typing = false;
	while (len > 0 && ((unsigned char)s->term[--len] & 0xc0) == 0x80)
		;
	s->term[len] = '\0';
}

static void type_key(struct screen *s, char key)
{
	size_t len = strlen(s->term);

	if (key == '\n' || key == '\r') {
		end_search(s);
	} else if (key == '\177' || key == '\b') {
		rub_out(s);
	} else if (key == '\033') {
		s->term[0] = '\0';
		s->typing = false;
	} else if ((unsigned char)key >= ' ' && len + 1 < sizeof(s->term)) {
		s->term[len] = key;
		s->term[len + 1] = '\0';
	}
}

/* --- keys -------------------------------------------------------------------------------------- */

enum key { KEY_UP, KEY_DOWN, KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_HOME, KEY_END };

/* What terminals send; and as in less(1). */
static const struct {
	const char *bytes;
	enum key key;
} key_table[] = {{"\033[A", KEY_UP}, {"\033OA", KEY_UP}, {"k", KEY_UP}, {"\033[B", KEY_DOWN},
	{"\033OB", KEY_DOWN}, {"j", KEY_DOWN}, {"\n", KEY_DOWN}, {"\033[5~", KEY_PAGE_UP},
	{"b", KEY_PAGE_UP}, {"\033[6~", KEY_PAGE_DOWN}, {" ", KEY_PAGE_DOWN}, {"\033[H", KEY_HOME},
	{"\033OH", KEY_HOME}, {"\033[1~", KEY_HOME}, {"\033[7~", KEY_HOME}, {"g", KEY_HOME},
	{"\033[F", KEY_END}, {"\033OF", KEY_END}, {"\033[4~", KEY_END}, {"\033[8~", KEY_END},
	{"G", KEY_END}};

static void scroll(struct screen *s, enum key key)
{
	struct layout l = layout_of(s);
	size_t page = l.body > 1 ? l.body - 1 : 1, last = l.lines > l.body ? l.lines - l.body : 0;
	size_t up = key == KEY_UP ? 1 : page, down = key == KEY_DOWN ? 1 : page;

	s->top = l.top;
	if (key == KEY_HOME)
		s->top = 0;
	else if (key == KEY_END)
		s->top = last;
	else if (key == KEY_UP || key == KEY_PAGE_UP)
		s->top -= up < s->top ? up : s->top;
	else
		s->top = s->top + down < last ? s->top + down : last;
}

/* The bytes of a key that begins with Escape: "\033[5~", "\033OQ", Alt and a key, or itself. */
static size_t escape_length(const char *bytes, size_t len)
{
	size_t n = 2;

	if (len < 3 || (bytes[1] != '[' && bytes[1] != 'O'))
		return len < 2 ? len : 2;
	while (n < len - 1 && bytes[1] == '[' && (bytes[n] < '@' || bytes[n] > '~'))
		n++;
	return n + 1;
}

static void press(struct screen *s, const char *bytes, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(key_table); i++) {
		size_t n = strlen(key_table[i].bytes);
		if (n <= len && memcmp(key_table[i].bytes, bytes, n) == 0) {
			scroll(s, key_table[i].key);
			return;
		}
	}
	if (*bytes == '/') {
		s->typing = true;
		s->term[0] = '\0';
	} else if (*bytes == 'n' || *bytes == 'N') {
		search(s, *bytes == 'N');
	}
}

bool screen_keys(struct screen *s, uint32_t events)
{
	char bytes[64];
	ssize_t n = events & EPOLLIN ? read(STDIN_FILENO, bytes, sizeof(bytes)) : 0;

	if (n <= 0)
		return false;
	s->not_found = false;
	for (size_t i = 0, len = (size_t)n, key; i < len; i += key) {
		key = bytes[i] == '\033' ? escape_length(bytes + i, len - i) : 1;
		if (!s->typing && (bytes[i] == 'q' || bytes[i] == 'Q'))
			return false;
		if (!s->text) /* not before the first look, or the next one after fg */
			continue;
		if (!s->typing)
			press(s, bytes + i, key);
		else if (key == 1)
			type_key(s, bytes[i]);
	}
	return !(events & (EPOLLHUP | EPOLLERR));
}
