/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text on a screen of its own: see pager.h. */
#include "cmd/inspect/pager.h"
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

void pager_begin(struct pager *p)
{
	struct termios raw;

	p->on = isatty(STDOUT_FILENO);
	p->keys = p->on && tcgetattr(STDIN_FILENO, &p->termios) == 0;
	if (p->keys) {
		raw = p->termios;
		/* each key at once; Ctrl-C still makes a signal */
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	}
	if (p->on) /* the alternate screen, without a cursor */
		fputs("\033[?1049h\033[?25l", stdout);
}

/* Neither Ctrl-S nor what the terminal has not shown yet keeps it from being restored. */
void pager_end(struct pager *p)
{
	if (p->on) {
		tcflow(STDOUT_FILENO, TCOOFF); /* TCOON alone does not undo Ctrl-S */
		tcflow(STDOUT_FILENO, TCOON);
		fputs("\033[?25h\033[?1049l", stdout);
	}
	fflush(stdout);
	if (p->keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &p->termios);
	free(p->text);
	p->text = NULL;
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

static struct layout layout_of(const struct pager *p)
{
	struct winsize size = screen_size();
	size_t lines = text_lines(p->text), rows = size.ws_row;
	struct layout l = {.columns = size.ws_col};

	/* on a terminal of a few rows the head scrolls, too */
	l.head = p->head < lines && p->head + 2 < rows ? p->head : 0;
	l.lines = lines - l.head;
	l.status = l.lines > rows - l.head || p->typing || p->not_found;
	l.body = rows - l.head - l.status;
	size_t last = l.lines > l.body ? l.lines - l.body : 0;
	l.top = p->top < last ? p->top : last;
	return l;
}

/* Whether it has the term, whatever the case of the letters. */
static bool has_term(const struct pager *p, const char *line)
{
	size_t len = strcspn(line, "\n");

	if (!*p->term)
		return false;
	char *copy = must_printf("%.*s", (int)len, line);
	bool has = strcasestr(copy, p->term) != NULL;
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

static void draw_status(const struct pager *p, const struct layout *l)
{
	size_t end = l->top + l->body;
	char *words;

	if (p->typing)
		words = must_printf("/%s", p->term);
	else if (p->not_found)
		words = must_printf("not found: %s", p->term);
	else
		words = must_printf("%zu-%zu of %zu  arrows, PgUp, PgDn, Home, End; / searches, n again; q ends",
			l->top + 1, end < l->lines ? end : l->lines, l->lines);
	char *shown = text_escape(words, strlen(words));
	draw_line(shown, l->columns, "\033[1m", true);
	free(shown);
	free(words);
}

void pager_draw(const struct pager *p)
{
	if (!p->text)
		return;
	struct layout l = layout_of(p);
	const char *line = p->text;
	size_t rows = l.head + l.body, row = 0;

	fputs("\033[H", stdout);
	for (; row < rows && *line; row++, line = next_line(line)) {
		if (row == l.head)
			line = line_at(line, l.top);
		draw_line(line, l.columns, row >= l.head && has_term(p, line) ? "\033[7m" : "",
			row + 1 == rows && !l.status);
	}
	for (; l.status && row < rows; row++)
		fputs("\033[K\n", stdout);
	if (l.status)
		draw_status(p, &l);
	else if (row < rows)
		fputs("\033[J", stdout);
}

void pager_show(struct pager *p, char *text, size_t head)
{
	free(p->text);
	p->text = text;
	p->head = head;
	pager_draw(p);
}

/* --- searching -------------------------------------------------------------------------------- */

/* Scrolls to the next line below the top one that has the term, or above it; round about. */
static void search(struct pager *p, bool back)
{
	struct layout l = layout_of(p);
	const char *body = line_at(p->text, l.head);

	for (size_t i = 1; i <= l.lines; i++) {
		size_t n = (l.top + (back ? l.lines - i : i)) % l.lines;
		if (!has_term(p, line_at(body, n)))
			continue;
		p->top = n;
		return;
	}
	p->not_found = *p->term;
}

static void end_search(struct pager *p)
{
	struct layout l = layout_of(p);

	p->typing = false;
	if (*p->term && !has_term(p, line_at(p->text, l.head + l.top)))
		search(p, false);
}

/* The last character, of one byte or more. */
static void rub_out(struct pager *p)
{
	size_t len = strlen(p->term);

	if (len == 0)
		p->typing = false;
	while (len > 0 && ((unsigned char)p->term[--len] & 0xc0) == 0x80)
		;
	p->term[len] = '\0';
}

static void type_key(struct pager *p, char key)
{
	size_t len = strlen(p->term);

	if (key == '\n' || key == '\r') {
		end_search(p);
	} else if (key == '\177' || key == '\b') {
		rub_out(p);
	} else if (key == '\033') {
		p->term[0] = '\0';
		p->typing = false;
	} else if ((unsigned char)key >= ' ' && len + 1 < sizeof(p->term)) {
		p->term[len] = key;
		p->term[len + 1] = '\0';
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

static void scroll(struct pager *p, enum key key)
{
	struct layout l = layout_of(p);
	size_t page = l.body > 1 ? l.body - 1 : 1, last = l.lines > l.body ? l.lines - l.body : 0;
	size_t up = key == KEY_UP ? 1 : page, down = key == KEY_DOWN ? 1 : page;

	p->top = l.top;
	if (key == KEY_HOME)
		p->top = 0;
	else if (key == KEY_END)
		p->top = last;
	else if (key == KEY_UP || key == KEY_PAGE_UP)
		p->top -= up < p->top ? up : p->top;
	else
		p->top = p->top + down < last ? p->top + down : last;
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

static void press(struct pager *p, const char *bytes, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(key_table); i++) {
		size_t n = strlen(key_table[i].bytes);
		if (n <= len && memcmp(key_table[i].bytes, bytes, n) == 0) {
			scroll(p, key_table[i].key);
			return;
		}
	}
	if (*bytes == '/') {
		p->typing = true;
		p->term[0] = '\0';
	} else if (*bytes == 'n' || *bytes == 'N') {
		search(p, *bytes == 'N');
	}
}

bool pager_keys(struct pager *p, uint32_t events)
{
	char bytes[64];
	ssize_t n = events & EPOLLIN ? read(STDIN_FILENO, bytes, sizeof(bytes)) : 0;

	if (n <= 0)
		return false;
	p->not_found = false;
	for (size_t i = 0, len = (size_t)n, key; i < len; i += key) {
		key = bytes[i] == '\033' ? escape_length(bytes + i, len - i) : 1;
		if (!p->typing && (bytes[i] == 'q' || bytes[i] == 'Q'))
			return false;
		if (!p->text) /* not before the first look, or the next one after fg */
			continue;
		if (!p->typing)
			press(p, bytes + i, key);
		else if (key == 1)
			type_key(p, bytes[i]);
	}
	return !(events & (EPOLLHUP | EPOLLERR));
}
