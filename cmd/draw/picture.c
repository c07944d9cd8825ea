/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Boxes in a terminal: see picture.h. They are drawn on a canvas of cells, where
 * lines that meet become corners and junctions by themselves. Where a line
 * crosses another one, that one is whole and this one has a gap.
 */
#include "cmd/draw/picture.h"
#include "cmd/cli/color.h"
#include "cmd/draw/scene.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

/* --- the canvas ----------------------------------------------------------------------- */

enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

struct cell {
	const char *text; /* one character, with what combines with it; NULL: none */
	unsigned short bytes;
	unsigned char lines; /* UP, DOWN, LEFT, RIGHT: what it is connected to */
	bool changed;
	bool covered; /* by the second half of a wide character */
};

struct canvas {
	struct cell *cells;
	size_t columns, rows;
	bool utf8;
};

static struct cell *cell_at(struct canvas *c, size_t x, size_t y)
{
	static struct cell outside;

	return x < c->columns && y < c->rows ? &c->cells[y * c->columns + x] : &outside;
}

static void connect(struct canvas *c, size_t x, size_t y, int lines, bool changed)
{
	struct cell *cell = cell_at(c, x, y);

	cell->lines |= (unsigned char)lines;
	cell->changed = cell->changed || changed;
}

/* Both ends included; where another line goes up and down, it passes below. */
static void draw_across(struct canvas *c, size_t x1, size_t x2, size_t y, bool changed)
{
	if (x1 >= x2)
		return;
	connect(c, x1, y, RIGHT, changed);
	for (size_t x = x1 + 1; x < x2; x++)
		if (!cell_at(c, x, y)->lines)
			connect(c, x, y, LEFT | RIGHT, changed);
	connect(c, x2, y, LEFT, changed);
}

static void draw_down(struct canvas *c, size_t x, size_t y1, size_t y2, bool changed)
{
	if (y1 >= y2)
		return;
	connect(c, x, y1, DOWN, changed);
	for (size_t y = y1 + 1; y < y2; y++)
		connect(c, x, y, UP | DOWN, changed);
	connect(c, x, y2, UP, changed);
}

static void draw_box(struct canvas *c, size_t x1, size_t x2, size_t y1, size_t y2, bool changed)
{
	draw_down(c, x1, y1, y2, changed);
	draw_down(c, x2, y1, y2, changed);
	for (size_t y = y1; y <= y2; y += y2 - y1) {
		connect(c, x1, y, RIGHT, changed);
		for (size_t x = x1 + 1; x < x2; x++)
			connect(c, x, y, LEFT | RIGHT, changed);
		connect(c, x2, y, LEFT, changed);
	}
}

/* The text has to outlive the canvas. */
static void write_text(struct canvas *c, size_t x, size_t y, const char *text, bool changed)
{
	struct cell *last = NULL;
	mbstate_t state = {0};
	wchar_t wide;

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
		*last = (struct cell){.text = text, .bytes = (unsigned short)n, .changed = changed};
		if (width == 2)
			*cell_at(c, x++, y) = (struct cell){.covered = true, .changed = changed};
	}
}

static void print_cell(FILE *f, const struct canvas *c, const struct cell *cell)
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

static bool is_blank(const struct cell *cell)
{
	return !cell->text && !cell->covered && !cell->lines;
}

static void print_row(FILE *f, const struct canvas *c, size_t y)
{
	const struct cell *row = &c->cells[y * c->columns];
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

/* --- how wide each column is ------------------------------------------------------------- */

enum {
	EDGES = 4,	 /* a box is that much wider than what is in it */
	GUTTER_LEFT = 5, /* without a lane: the line, and the arrow's head */
	LANE = 2,
	GUTTER_RIGHT = 6,
	DESCRIPTION_MIN = 14, /* "O_NONBLOCK" */
	OTHERS_MIN = 30,      /* what tables and inodes need together */
	LANES_MAX = 4,
};

struct drawing {
	struct canvas canvas;
	struct scene *scene;
	const struct picture_opts *opts;
	size_t x[SCENE_COLUMNS], width[SCENE_COLUMNS];
	char **kept; /* texts on the canvas */
	size_t n_kept;
};

static size_t max(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool is_changed(const struct drawing *d, const struct scene_description *one)
{
	return d->opts->changed && d->opts->changed[one->index];
}

/* What stands out does so by a '*' where there is no colour. */
static bool has_mark(const struct drawing *d, const struct scene_description *one)
{
	return is_changed(d, one) && !*color(COLOR_MOVED);
}

static void natural_widths(struct drawing *d)
{
	const struct scene *sc = d->scene;
	size_t *w = d->width;

	for (size_t i = 0; i < sc->n_boxes; i++) {
		const struct scene_table *t = &sc->tables[sc->boxes[i].table];
		w[SCENE_TABLES] = max(w[SCENE_TABLES], text_width(t->command) + 1 + strlen(t->id));
	}
	for (size_t i = 0; i < sc->share->n_descriptions; i++) {
		const struct scene_description *one = &sc->descriptions[i];
		for (size_t k = 0; k < one->n_lines; k++)
			w[SCENE_DESCRIPTIONS] =
				max(w[SCENE_DESCRIPTIONS], text_width(one->lines[k]));
		w[SCENE_DESCRIPTIONS] = max(w[SCENE_DESCRIPTIONS], strlen(one->letter) + 2);
	}
	for (size_t i = 0; i < sc->n_inodes; i++) {
		const struct scene_inode *in = &sc->inodes[i];
		w[SCENE_INODES] = max(w[SCENE_INODES], text_width(in->name));
		w[SCENE_INODES] =
			max(w[SCENE_INODES], max(strlen(in->number), text_width(in->type)));
	}
	for (size_t i = 0; i < SCENE_COLUMNS; i++)
		w[i] += EDGES;
}

/* So that the heading fits above the column and the gutter behind it; false where that is too much.
 */
static bool widen(struct drawing *d, int column, size_t gutter, size_t spare)
{
	size_t need = strlen(scene_headings[column]) + 2;
	size_t more = need - min(need, d->width[column] + gutter);

	if (more > spare)
		return false;
	d->width[column] += more;
	return true;
}

/* Where all is not to be had: descriptions least of all, then tables, are cut. */
static void shrink(size_t *w, size_t room)
{
	w[SCENE_DESCRIPTIONS] = min(w[SCENE_DESCRIPTIONS], max(DESCRIPTION_MIN, room / 3));
	room -= w[SCENE_DESCRIPTIONS];
	if (w[SCENE_TABLES] + w[SCENE_INODES] <= room)
		return;
	w[SCENE_TABLES] = min(w[SCENE_TABLES], max(room / 2, room - min(w[SCENE_INODES], room)));
	w[SCENE_INODES] = room - w[SCENE_TABLES];
}

static size_t spare(const size_t *w, size_t room)
{
	return room - min(room, w[SCENE_TABLES] + w[SCENE_DESCRIPTIONS] + w[SCENE_INODES]);
}

static void find_columns(struct drawing *d)
{
	size_t gutter = GUTTER_LEFT + LANE * d->scene->lanes, *w = d->width;
	size_t room = d->opts->width - gutter - GUTTER_RIGHT;

	natural_widths(d);
	shrink(w, room);
	if (widen(d, SCENE_DESCRIPTIONS, GUTTER_RIGHT, spare(w, room)))
		widen(d, SCENE_TABLES, gutter, spare(w, room));
	d->x[SCENE_DESCRIPTIONS] = w[SCENE_TABLES] + gutter;
	d->x[SCENE_INODES] = d->x[SCENE_DESCRIPTIONS] + w[SCENE_DESCRIPTIONS] + GUTTER_RIGHT;
}

/* --- what is drawn ------------------------------------------------------------------------- */

enum { HEADING_ROWS = 1 }; /* all else is below */

static const char *keep(struct drawing *d, char *text)
{
	d->kept[d->n_kept++] = text;
	return text;
}

static char *cut(const struct drawing *d, const char *text, size_t columns)
{
	return text_cut(text, columns, d->opts->utf8 ? "…" : "...");
}

static void write_in(struct drawing *d, int column, size_t row, const char *text, bool changed)
{
	const char *fit = keep(d, cut(d, text, d->width[column] - EDGES));

	write_text(&d->canvas, d->x[column] + 2, row, fit, changed);
}

/* On the upper edge, between blanks. */
static void write_title(struct drawing *d, int column, size_t row, char *title, bool changed)
{
	char *spaced = must_printf(" %s ", title);

	write_text(&d->canvas, d->x[column] + 1, row, keep(d, spaced), changed);
	free(title);
}

static void draw_frame(struct drawing *d, int column, size_t top, size_t bottom, bool changed)
{
	draw_box(&d->canvas, d->x[column], d->x[column] + d->width[column] - 1, HEADING_ROWS + top,
		HEADING_ROWS + bottom, changed);
}

static void draw_ports(struct drawing *d, const struct scene_box *b)
{
	size_t edge = d->width[SCENE_TABLES] - 1;

	for (size_t i = b->first; i < b->first + b->n; i++) {
		const struct scene_port *p = &d->scene->ports[i];
		const struct scene_description *to = &d->scene->descriptions[p->description];
		bool changed = is_changed(d, to);
		const char *text = keep(d, must_printf("fd %d", p->fd));
		write_text(
			&d->canvas, edge - 1 - strlen(text), HEADING_ROWS + p->row, text, changed);
	}
}

static void draw_table(struct drawing *d, const struct scene_box *b)
{
	const struct scene_table *t = &d->scene->tables[b->table];
	size_t room = d->width[SCENE_TABLES] - EDGES, id = strlen(t->id);

	draw_frame(d, SCENE_TABLES, b->top, b->bottom, false);
	char *command = cut(d, t->command, room > id ? room - id - 1 : 0);
	char *whole = must_printf("%s%s%s", command, *command ? " " : "", t->id);
	write_title(d, SCENE_TABLES, HEADING_ROWS + b->top, cut(d, whole, room), false);
	free(command);
	free(whole);
	draw_ports(d, b);
}

static void draw_description(struct drawing *d, const struct scene_description *one)
{
	bool changed = is_changed(d, one);

	draw_frame(d, SCENE_DESCRIPTIONS, one->top, one->bottom, changed);
	write_title(d, SCENE_DESCRIPTIONS, HEADING_ROWS + one->top,
		must_printf("%s%s", one->letter, has_mark(d, one) ? " *" : ""), changed);
	for (size_t i = 0; i < one->n_lines; i++)
		write_in(d, SCENE_DESCRIPTIONS, HEADING_ROWS + one->top + 1 + i, one->lines[i],
			changed);
}

/* The device is what can be done without. */
static char *fitting_number(const struct drawing *d, const struct scene_inode *in)
{
	const char *on = strstr(in->number, " on ");
	bool fits = !on || strlen(in->number) <= d->width[SCENE_INODES] - EDGES;

	return fits ? must_strdup(in->number)
		    : must_printf("%.*s", (int)(on - in->number), in->number);
}

static void draw_inode(struct drawing *d, const struct scene_inode *in)
{
	size_t top = HEADING_ROWS + in->top;
	char *number = fitting_number(d, in);

	draw_frame(d, SCENE_INODES, in->top, in->bottom, false);
	write_title(d, SCENE_INODES, top, cut(d, in->type, d->width[SCENE_INODES] - EDGES), false);
	write_in(d, SCENE_INODES, top + 1, in->name, false);
	write_in(d, SCENE_INODES, top + 2, number, false);
	free(number);
}

/* --- lines: those that go up and down first, so that the others know what they cross ---------- */

static size_t lane_x(const struct drawing *d, const struct scene_description *one)
{
	return d->width[SCENE_TABLES] + 1 + LANE * one->lane;
}

static size_t right_lane_x(const struct drawing *d)
{
	return d->x[SCENE_INODES] - 4;
}

static void draw_lanes(struct drawing *d)
{
	const struct scene *sc = d->scene;

	for (size_t i = 0; i < sc->share->n_descriptions; i++) {
		const struct scene_description *one = &sc->descriptions[i];
		draw_down(&d->canvas, lane_x(d, one), HEADING_ROWS + one->from,
			HEADING_ROWS + one->to, is_changed(d, one));
	}
	for (size_t i = 0; i < sc->n_inodes; i++) {
		const struct scene_inode *in = &sc->inodes[i];
		draw_down(&d->canvas, right_lane_x(d), HEADING_ROWS + in->row,
			HEADING_ROWS + sc->descriptions[in->first + in->n - 1].row, false);
	}
}

static void draw_head(struct drawing *d, int column, size_t row, bool changed)
{
	write_text(&d->canvas, d->x[column] - 1, HEADING_ROWS + row, d->opts->utf8 ? "►" : ">",
		changed);
}

/* In two pieces where there is a lane between, so that they meet it. */
static void draw_via(struct drawing *d, size_t x1, size_t lane, size_t x2, size_t row, bool changed)
{
	if (x1 < lane)
		draw_across(&d->canvas, x1, lane, HEADING_ROWS + row, changed);
	if (lane < x2)
		draw_across(&d->canvas, lane, x2, HEADING_ROWS + row, changed);
}

static void draw_line_of(struct drawing *d, const struct scene_port *p)
{
	const struct scene_description *to = &d->scene->descriptions[p->description];
	size_t lane = lane_x(d, to), edge = d->width[SCENE_TABLES] - 1;

	draw_across(&d->canvas, edge, to->from < to->to ? lane : d->x[SCENE_DESCRIPTIONS] - 1,
		HEADING_ROWS + p->row, is_changed(d, to));
}

static void draw_lines(struct drawing *d)
{
	const struct scene *sc = d->scene;

	for (size_t i = 0; i < sc->share->n_fds; i++)
		draw_line_of(d, &sc->ports[i]);
	for (size_t i = 0; i < sc->share->n_descriptions; i++) {
		const struct scene_description *one = &sc->descriptions[i];
		const struct scene_inode *in = &sc->inodes[one->inode];
		bool changed = is_changed(d, one), first = one->row == in->row;
		size_t edge = d->x[SCENE_DESCRIPTIONS] + d->width[SCENE_DESCRIPTIONS] - 1;
		if (one->from < one->to)
			draw_across(&d->canvas, lane_x(d, one), d->x[SCENE_DESCRIPTIONS] - 1,
				HEADING_ROWS + one->row, changed);
		draw_head(d, SCENE_DESCRIPTIONS, one->row, changed);
		draw_via(d, edge, right_lane_x(d), first ? d->x[SCENE_INODES] - 1 : 0, one->row,
			false);
		if (first)
			draw_head(d, SCENE_INODES, one->row, false);
	}
}

/* --- around it ----------------------------------------------------------------------------------
 */

/* The long ones where there is room for all of them: a column, and the gutter behind it. */
static void draw_headings(struct drawing *d)
{
	static const char *const brief[SCENE_COLUMNS] = {"fd tables", "descriptions", "inodes"};
	bool fit = true;

	for (int i = 0; i + 1 < SCENE_COLUMNS; i++)
		fit = fit && strlen(scene_headings[i]) < d->x[i + 1] - d->x[i];
	for (int i = 0; i < SCENE_COLUMNS; i++)
		write_text(&d->canvas, d->x[i] + 1, 0, (fit ? scene_headings : brief)[i], false);
}

static void print_words(FILE *f, const struct scene *sc, size_t width)
{
	char *words = scene_words(sc);
	const char *rest = words, *line;

	for (size_t len; (line = scene_line(&rest, width, &len));)
		fprintf(f, "%.*s\n", (int)len, line);
	free(words);
}

static void draw_all(struct drawing *d)
{
	const struct scene *sc = d->scene;

	draw_headings(d);
	draw_lanes(d);
	for (size_t i = 0; i < sc->n_boxes; i++)
		draw_table(d, &sc->boxes[i]);
	for (size_t i = 0; i < sc->share->n_descriptions; i++)
		draw_description(d, &sc->descriptions[i]);
	for (size_t i = 0; i < sc->n_inodes; i++)
		draw_inode(d, &sc->inodes[i]);
	draw_lines(d);
}

static size_t texts(const struct scene *sc)
{
	size_t n = sc->n_boxes + sc->share->n_fds + 3 * sc->n_inodes;

	for (size_t i = 0; i < sc->share->n_descriptions; i++)
		n += 1 + sc->descriptions[i].n_lines;
	return n;
}

static void draw_scene(FILE *f, struct drawing *d)
{
	d->kept = must_calloc(texts(d->scene) + 1, sizeof(*d->kept));
	d->canvas = (struct canvas){.columns = d->opts->width,
		.rows = HEADING_ROWS + d->scene->rows,
		.utf8 = d->opts->utf8};
	d->canvas.cells = must_calloc(d->canvas.columns * d->canvas.rows, sizeof(struct cell));
	draw_all(d);
	for (size_t y = 0; y < d->canvas.rows; y++)
		print_row(f, &d->canvas, y);
	fputc('\n', f);
	for (size_t i = 0; i < d->n_kept; i++)
		free(d->kept[i]);
	free(d->kept);
	free(d->canvas.cells);
}

static size_t width_of_stdout(void)
{
	enum { USUAL = 80, MOST = 1000 };
	struct winsize ws;
	const char *columns = getenv("COLUMNS");

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col)
		return ws.ws_col;
	long n = columns ? strtol(columns, NULL, 10) : 0;
	return n > 0 && n < MOST ? (size_t)n : USUAL;
}

static struct picture_opts complete(const struct picture_opts *opts)
{
	struct picture_opts all = *opts;

	if (all.width == 0) {
		all.width = width_of_stdout();
		all.utf8 = scene_utf8();
	}
	all.width = max(all.width, PICTURE_WIDTH_MIN);
	return all;
}

void picture_print(FILE *f, const struct share *s, const struct picture_opts *asked)
{
	const struct picture_opts opts = complete(asked);
	size_t over = opts.width -
		min(opts.width, GUTTER_LEFT + GUTTER_RIGHT + DESCRIPTION_MIN + OTHERS_MIN);
	const struct scene_opts scene = {.ascii = !opts.utf8,
		.joined = true,
		.lanes_max = max(1, min(LANES_MAX, over / LANE))};
	struct drawing d = {.opts = &opts, .scene = scene_new(s, &scene)};

	find_columns(&d);
	if (s->n_descriptions)
		draw_scene(f, &d);
	print_words(f, d.scene, opts.width);
	scene_free(d.scene);
}
