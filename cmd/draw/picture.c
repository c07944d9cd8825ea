/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws a scene as boxes in a terminal: see picture.h. */
#include "cmd/draw/picture.h"
#include "cmd/cli/color.h"
#include "cmd/draw/canvas.h"
#include "cmd/draw/scene.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* --- the width of the columns ------------------------------------------------------------ */

enum {
	EDGES = 4,	 /* the width of a box beside its text */
	GUTTER_LEFT = 5, /* without lanes: the line and the arrowhead */
	LANE = 2,
	GUTTER_RIGHT = 6,
	DESCRIPTION_MIN = 14, /* "O_NONBLOCK" */
	OTHERS_MIN = 30,      /* tables and inodes together */
	LANES_MAX = 4,
};

struct picture {
	struct canvas *canvas;
	struct scene *scene;
	const struct picture_opts *opts;
	size_t x[SCENE_COLUMNS], width[SCENE_COLUMNS];
};

static size_t max(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool is_changed(const struct picture *pic, const struct scene_description *d)
{
	return pic->opts->changed && pic->opts->changed[d->index];
}

/* Without colours, a '*' highlights. */
static bool has_mark(const struct picture *pic, const struct scene_description *d)
{
	return is_changed(pic, d) && !*color(COLOR_MOVED);
}

static void natural_widths(struct picture *pic)
{
	const struct scene *sc = pic->scene;
	size_t *w = pic->width;

	for (size_t i = 0; i < sc->n_boxes; i++) {
		const struct scene_table *t = &sc->tables[sc->boxes[i].table];
		w[SCENE_TABLES] =
			max(w[SCENE_TABLES], text_width(t->command) + 1 + text_width(t->title));
	}
	for (size_t i = 0; i < sc->n_ports; i++)
		w[SCENE_TABLES] = max(w[SCENE_TABLES], strlen(sc->ports[i].label));
	for (size_t i = 0; i < sc->share->n_descriptions; i++) {
		const struct scene_description *d = &sc->descriptions[i];
		for (size_t k = 0; k < d->n_lines; k++)
			w[SCENE_DESCRIPTIONS] =
				max(w[SCENE_DESCRIPTIONS], text_width(d->lines[k]));
		w[SCENE_DESCRIPTIONS] = max(w[SCENE_DESCRIPTIONS], strlen(d->letter) + 2);
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

/* Makes the heading fit above the column and the gutter behind it. False: spare is too small. */
static bool widen(struct picture *pic, int column, size_t gutter, size_t spare)
{
	size_t need = strlen(scene_headings[column]) + 2;
	size_t more = need - min(need, pic->width[column] + gutter);

	if (more > spare)
		return false;
	pic->width[column] += more;
	return true;
}

/*
 * Makes the columns fit. Descriptions get a third of the room at most; of the rest, tables
 * keep a half, or whatever inodes do not need; inodes get what remains.
 */
static void shrink(size_t *w, size_t room)
{
	w[SCENE_DESCRIPTIONS] = min(w[SCENE_DESCRIPTIONS], max(DESCRIPTION_MIN, room / 3));
	room -= w[SCENE_DESCRIPTIONS];
	if (w[SCENE_TABLES] + w[SCENE_INODES] <= room)
		return;
	w[SCENE_TABLES] = min(w[SCENE_TABLES], max(room / 2, room - min(w[SCENE_INODES], room)));
	w[SCENE_INODES] = room - w[SCENE_TABLES];
}

static size_t spare_columns(const size_t *w, size_t room)
{
	return room - min(room, w[SCENE_TABLES] + w[SCENE_DESCRIPTIONS] + w[SCENE_INODES]);
}

static void find_columns(struct picture *pic)
{
	size_t gutter = GUTTER_LEFT + LANE * pic->scene->lanes, *w = pic->width;
	size_t room = pic->opts->width - gutter - GUTTER_RIGHT;

	natural_widths(pic);
	shrink(w, room);
	if (widen(pic, SCENE_DESCRIPTIONS, GUTTER_RIGHT, spare_columns(w, room)))
		widen(pic, SCENE_TABLES, gutter, spare_columns(w, room));
	pic->x[SCENE_DESCRIPTIONS] = w[SCENE_TABLES] + gutter;
	pic->x[SCENE_INODES] = pic->x[SCENE_DESCRIPTIONS] + w[SCENE_DESCRIPTIONS] + GUTTER_RIGHT;
}

/* --- boxes --------------------------------------------------------------------------------- */

enum { HEADING_ROWS = 1 }; /* above the rows of the scene */

static char *cut(const struct picture *pic, const char *text, size_t columns)
{
	return text_cut(text, columns, pic->opts->utf8 ? "…" : "...");
}

static void write_in(struct picture *pic, int column, size_t row, const char *text, bool changed)
{
	char *fit = cut(pic, text, pic->width[column] - EDGES);

	canvas_text(pic->canvas, pic->x[column] + 2, row, fit, changed);
}

/* On the upper edge, between blanks. Takes the title. */
static void write_title(struct picture *pic, int column, size_t row, char *title, bool changed)
{
	char *spaced = must_printf(" %s ", title);

	canvas_text(pic->canvas, pic->x[column] + 1, row, spaced, changed);
	free(title);
}

static void draw_frame(struct picture *pic, int column, size_t top, size_t bottom, bool changed)
{
	canvas_box(pic->canvas, pic->x[column], pic->x[column] + pic->width[column] - 1,
		HEADING_ROWS + top, HEADING_ROWS + bottom, changed);
}

static void draw_ports(struct picture *pic, const struct scene_box *b)
{
	size_t edge = pic->width[SCENE_TABLES] - 1;

	for (size_t i = b->first; i < b->first + b->n; i++) {
		const struct scene_port *p = &pic->scene->ports[i];
		const struct scene_description *to = &pic->scene->descriptions[p->description];
		bool changed = is_changed(pic, to);
		char *text = cut(pic, p->label, pic->width[SCENE_TABLES] - EDGES);
		canvas_text(pic->canvas, edge - 1 - text_width(text), HEADING_ROWS + p->row, text,
			changed);
	}
}

static void draw_table(struct picture *pic, const struct scene_box *b)
{
	const struct scene_table *t = &pic->scene->tables[b->table];
	size_t room = pic->width[SCENE_TABLES] - EDGES, title = text_width(t->title);

	draw_frame(pic, SCENE_TABLES, b->top, b->bottom, false);
	char *command = cut(pic, t->command, room > title ? room - title - 1 : 0);
	char *whole = must_printf("%s%s%s", command, *command ? " " : "", t->title);
	write_title(pic, SCENE_TABLES, HEADING_ROWS + b->top, cut(pic, whole, room), false);
	free(command);
	free(whole);
	draw_ports(pic, b);
}

static void draw_description(struct picture *pic, const struct scene_description *d)
{
	bool changed = is_changed(pic, d);

	draw_frame(pic, SCENE_DESCRIPTIONS, d->top, d->bottom, changed);
	write_title(pic, SCENE_DESCRIPTIONS, HEADING_ROWS + d->top,
		must_printf("%s%s", d->letter, has_mark(pic, d) ? " *" : ""), changed);
	for (size_t i = 0; i < d->n_lines; i++)
		write_in(pic, SCENE_DESCRIPTIONS, HEADING_ROWS + d->top + 1 + i, d->lines[i],
			changed);
}

/* Without the device, if both do not fit. */
static char *fitting_number(const struct picture *pic, const struct scene_inode *in)
{
	const char *on = strstr(in->number, " on ");
	bool fits = !on || strlen(in->number) <= pic->width[SCENE_INODES] - EDGES;

	return fits ? must_strdup(in->number)
		    : must_printf("%.*s", (int)(on - in->number), in->number);
}

static void draw_inode(struct picture *pic, const struct scene_inode *in)
{
	size_t top = HEADING_ROWS + in->top;
	char *number = fitting_number(pic, in);

	draw_frame(pic, SCENE_INODES, in->top, in->bottom, false);
	write_title(pic, SCENE_INODES, top, cut(pic, in->type, pic->width[SCENE_INODES] - EDGES),
		false);
	write_in(pic, SCENE_INODES, top + 1, in->name, false);
	write_in(pic, SCENE_INODES, top + 2, number, false);
	free(number);
}

/* --- lines: the vertical ones first, as canvas.h wants it ---------------------------------- */

static size_t lane_x(const struct picture *pic, const struct scene_description *d)
{
	return pic->width[SCENE_TABLES] + 1 + LANE * d->lane;
}

static size_t right_lane_x(const struct picture *pic)
{
	return pic->x[SCENE_INODES] - 4;
}

static void draw_lanes(struct picture *pic)
{
	const struct scene *sc = pic->scene;

	for (size_t i = 0; i < sc->share->n_descriptions; i++) {
		const struct scene_description *d = &sc->descriptions[i];
		canvas_vertical(pic->canvas, lane_x(pic, d), HEADING_ROWS + d->from,
			HEADING_ROWS + d->to, is_changed(pic, d));
	}
	for (size_t i = 0; i < sc->n_inodes; i++) {
		const struct scene_inode *in = &sc->inodes[i];
		canvas_vertical(pic->canvas, right_lane_x(pic), HEADING_ROWS + in->row,
			HEADING_ROWS + sc->descriptions[in->first + in->n - 1].row, false);
	}
}

static void draw_arrowhead(struct picture *pic, int column, size_t row, bool changed)
{
	canvas_text(pic->canvas, pic->x[column] - 1, HEADING_ROWS + row,
		must_strdup(pic->opts->utf8 ? "►" : ">"), changed);
}

/* In two pieces with a lane between them, so that both connect to it. */
static void draw_via(
	struct picture *pic, size_t x1, size_t lane, size_t x2, size_t row, bool changed)
{
	if (x1 < lane)
		canvas_horizontal(pic->canvas, x1, lane, HEADING_ROWS + row, changed);
	if (lane < x2)
		canvas_horizontal(pic->canvas, lane, x2, HEADING_ROWS + row, changed);
}

static void draw_line_of(struct picture *pic, const struct scene_port *p)
{
	const struct scene_description *to = &pic->scene->descriptions[p->description];
	size_t lane = lane_x(pic, to), edge = pic->width[SCENE_TABLES] - 1;

	canvas_horizontal(pic->canvas, edge,
		to->from < to->to ? lane : pic->x[SCENE_DESCRIPTIONS] - 1, HEADING_ROWS + p->row,
		is_changed(pic, to));
}

static void draw_lines(struct picture *pic)
{
	const struct scene *sc = pic->scene;

	for (size_t i = 0; i < sc->n_ports; i++)
		draw_line_of(pic, &sc->ports[i]);
	for (size_t i = 0; i < sc->share->n_descriptions; i++) {
		const struct scene_description *d = &sc->descriptions[i];
		const struct scene_inode *in = &sc->inodes[d->inode];
		bool changed = is_changed(pic, d), first = d->row == in->row;
		size_t edge = pic->x[SCENE_DESCRIPTIONS] + pic->width[SCENE_DESCRIPTIONS] - 1;
		if (d->from < d->to)
			canvas_horizontal(pic->canvas, lane_x(pic, d),
				pic->x[SCENE_DESCRIPTIONS] - 1, HEADING_ROWS + d->row, changed);
		draw_arrowhead(pic, SCENE_DESCRIPTIONS, d->row, changed);
		draw_via(pic, edge, right_lane_x(pic), first ? pic->x[SCENE_INODES] - 1 : 0, d->row,
			false);
		if (first)
			draw_arrowhead(pic, SCENE_INODES, d->row, false);
	}
}

/* --- the whole ----------------------------------------------------------------------------- */

/* The long headings, if each fits above its column and the gutter behind it. */
static void draw_headings(struct picture *pic)
{
	static const char *const brief[SCENE_COLUMNS] = {"fd tables", "descriptions", "inodes"};
	bool fit = true;

	for (int i = 0; i + 1 < SCENE_COLUMNS; i++)
		fit = fit && strlen(scene_headings[i]) < pic->x[i + 1] - pic->x[i];
	for (int i = 0; i < SCENE_COLUMNS; i++)
		canvas_text(pic->canvas, pic->x[i] + 1, 0,
			must_strdup((fit ? scene_headings : brief)[i]), false);
}

static void print_words(FILE *f, const struct scene *sc, size_t width)
{
	char *words = scene_words(sc);
	const char *rest = words, *line;

	for (size_t len; (line = text_line(&rest, width, &len));)
		fprintf(f, "%.*s\n", (int)len, line);
	free(words);
}

static void draw_all(struct picture *pic)
{
	const struct scene *sc = pic->scene;

	draw_headings(pic);
	draw_lanes(pic);
	for (size_t i = 0; i < sc->n_boxes; i++)
		draw_table(pic, &sc->boxes[i]);
	for (size_t i = 0; i < sc->share->n_descriptions; i++)
		draw_description(pic, &sc->descriptions[i]);
	for (size_t i = 0; i < sc->n_inodes; i++)
		draw_inode(pic, &sc->inodes[i]);
	draw_lines(pic);
}

static void draw_scene(FILE *f, struct picture *pic)
{
	pic->canvas =
		canvas_new(pic->opts->width, HEADING_ROWS + pic->scene->rows, pic->opts->utf8);
	draw_all(pic);
	canvas_print(f, pic->canvas);
	fputc('\n', f);
	canvas_free(pic->canvas);
}

static size_t width_of_stdout(void)
{
	enum { USUAL = 80, COLUMNS_MAX = 1000 };
	struct winsize ws;
	const char *columns = getenv("COLUMNS");

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col)
		return ws.ws_col;
	long n = columns ? strtol(columns, NULL, 10) : 0;
	return n > 0 && n < COLUMNS_MAX ? (size_t)n : USUAL;
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

void picture_print(FILE *f, const struct share *s, const struct picture_opts *requested)
{
	const struct picture_opts opts = complete(requested);
	size_t over = opts.width -
		min(opts.width, GUTTER_LEFT + GUTTER_RIGHT + DESCRIPTION_MIN + OTHERS_MIN);
	const struct scene_opts scene = {.ascii = !opts.utf8,
		.each = opts.each,
		.joined = true,
		.lanes_max = max(1, min(LANES_MAX, over / LANE))};
	struct picture pic = {.opts = &opts, .scene = scene_new(s, &scene)};

	find_columns(&pic);
	if (s->n_descriptions)
		draw_scene(f, &pic);
	print_words(f, pic.scene, opts.width);
	scene_free(pic.scene);
}
