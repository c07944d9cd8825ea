/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines and text on a grid of characters: see canvas.h. */
#include "cmd/draw/canvas.h"
#include "cmd/cli/color.h"
#include "lib/base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

struct canvas_cell {
	const char *text; /* one character with its combining characters; NULL: none */
	unsigned short bytes;
	unsigned char lines; /* UP, DOWN, LEFT, RIGHT: the neighbours it is connected to */
	bool changed;
	bool covered; /* by the second half of a wide character */
};

struct canvas {
	struct canvas_cell *cells;
	size_t columns, rows;
	bool utf8;
	char **texts; /* what the cells' texts point into */
	size_t n_texts;
};

struct canvas *canvas_new(size_t columns, size_t rows, bool utf8)
{
	struct canvas *c = must_calloc(1, sizeof(*c));

	*c = (struct canvas){.columns = columns, .rows = rows, .utf8 = utf8};
	c->cells = must_calloc(columns * rows, sizeof(*c->cells));
	return c;
}

void canvas_free(struct canvas *c)
{
	for (size_t i = 0; i < c->n_texts; i++)
		free(c->texts[i]);
	free(c->texts);
	free(c->cells);
	free(c);
}

/* --- drawing -------------------------------------------------------------------------- */

static struct canvas_cell *cell_at(struct canvas *c, size_t x, size_t y)
{
	static struct canvas_cell outside;

	return x < c->columns && y < c->rows ? &c->cells[y * c->columns + x] : &outside;
}

static void connect(struct canvas *c, size_t x, size_t y, int lines, bool changed)
{
	struct canvas_cell *cell = cell_at(c, x, y);

	cell->lines |= (unsigned char)lines;
	cell->changed = cell->changed || changed;
}

void canvas_horizontal(struct canvas *c, size_t x1, size_t x2, size_t y, bool changed)
{
	if (x1 >= x2)
		return;
	connect(c, x1, y, RIGHT, changed);
	for (size_t x = x1 + 1; x < x2; x++)
		if (!cell_at(c, x, y)->lines)
			connect(c, x, y, LEFT | RIGHT, changed);
	connect(c, x2, y, LEFT, changed);
}

void canvas_vertical(struct canvas *c, size_t x, size_t y1, size_t y2, bool changed)
{
	if (y1 >= y2)
		return;
	connect(c, x, y1, DOWN, changed);
	for (size_t y = y1 + 1; y < y2; y++)
		connect(c, x, y, UP | DOWN, changed);
	connect(c, x, y2, UP, changed);
}

void canvas_box(struct canvas *c, size_t x1, size_t x2, size_t y1, size_t y2, bool changed)
{
	canvas_vertical(c, x1, y1, y2, changed);
	canvas_vertical(c, x2, y1, y2, changed);
	for (size_t y = y1; y <= y2; y += y2 - y1) {
		connect(c, x1, y, RIGHT, changed);
		for (size_t x = x1 + 1; x < x2; x++)
			connect(c, x, y, LEFT | RIGHT, changed);
		connect(c, x2, y, LEFT, changed);
	}
}

void canvas_text(struct canvas *c, size_t x, size_t y, char *text, bool changed)
{
	struct canvas_cell *last = NULL;
	mbstate_t state = {0};
	wchar_t wide;

	c->texts = must_realloc(c->texts, c->n_texts + 1, sizeof(*c->texts));
	c->texts[c->n_texts++] = text;
	for (size_t n; *text; text += n) {
		n = mbrtowc(&wide, text, MB_CUR_MAX, &state);
		bool broken = n == (size_t)-1 || n == (size_t)-2;
		n = broken ? 1 : n;
		int width = broken ? 1 : wcwidth(wide);
		if (width <= 0 && last) {
			last->bytes += (unsigned short)n;
			continue;
		}
		last = cell_at(c, x++, y);
		*last = (struct canvas_cell){
			.text = text, .bytes = (unsigned short)n, .changed = changed};
		if (width == 2)
			*cell_at(c, x++, y) =
				(struct canvas_cell){.covered = true, .changed = changed};
	}
}

/* --- printing ------------------------------------------------------------------------- */

static void print_cell(FILE *f, const struct canvas *c, const struct canvas_cell *cell)
{
	static const char *const fine[16] = {
		" ", "╵", "╷", "│", "╴", "┘", "┐", "┤", "╶", "└", "┌", "├", "─", "┴", "┬", "┼"};
	static const char plain[16] = {
		' ', '|', '|', '|', '-', '+', '+', '+', '-', '+', '+', '+', '-', '+', '+', '+'};

	if (cell->text)
		fwrite(cell->text, 1, cell->bytes, f);
	else if (cell->covered)
		return;
	else if (c->utf8)
		fputs(fine[cell->lines], f);
	else
		fputc(plain[cell->lines], f);
}

static bool is_blank(const struct canvas_cell *cell)
{
	return !cell->text && !cell->covered && !cell->lines;
}

static void print_row(FILE *f, const struct canvas *c, size_t y)
{
	const struct canvas_cell *row = &c->cells[y * c->columns];
	size_t end = c->columns;
	bool lit = false;

	while (end && is_blank(&row[end - 1]))
		end--;
	for (size_t x = 0; x < end; x++) {
		if (row[x].changed != lit && !is_blank(&row[x])) {
			lit = row[x].changed;
			fputs(color(lit ? COLOR_MOVED : COLOR_OFF), f);
		}
		print_cell(f, c, &row[x]);
	}
	fputs(lit ? color(COLOR_OFF) : "", f);
	fputc('\n', f);
}

void canvas_print(FILE *f, const struct canvas *c)
{
	for (size_t y = 0; y < c->rows; y++)
		print_row(f, c, y);
}
