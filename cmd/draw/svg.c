/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A drawing for a browser: see svg.h. Its rows are those of the scene. What is
 * shared stands out by its colour; light and dark are the reader's choice.
 */
#include "cmd/draw/svg.h"
#include "cmd/draw/markup.h"
#include "cmd/draw/scene.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <stdlib.h>
#include <string.h>

/* Pixels, and columns of text of a font whose characters are all of one width. */
enum {
	MARGIN = 28,
	HEADING = 34,
	ROW = 24,
	SHIFT = 4, /* a box begins that much below the edge of its row */
	PAD = 12,
	GUTTER = 110,
	CORNER = 7,
	WORDS_ROW = 22,
	WORDS_GAP = 16,
	WIDTH_MIN = 620,
	LANES_MAX = 6,
	COLUMNS_MAX = 48,
};

/* The widest of the usual ones (DejaVu Sans Mono) at 15 pixels: 9.03. */
static const double column_px = 9.1;
/* Of a proportional font at 15 pixels, more than the mean. */
static const double words_px = 7.6;

static const char style[] =
	"svg{background:#fff}"
	".mono,.box text{font:15px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace}"
	".words,.head{font:15px system-ui,'Segoe UI',Helvetica,Arial,'DejaVu Sans',sans-serif}"
	".page{fill:#fff}text{fill:#1d2433}.head{font-weight:600;fill:#5b6478}"
	".box .title{font-weight:bold}.box .faint{fill:#5b6478}"
	".frame{fill:#fff;stroke:#8a94a8;stroke-width:1.5}"
	".table .bar{fill:#e2ecfb}.description .bar{fill:#eceef2}.inode .bar{fill:#e0f2e5}"
	".shared .frame{stroke:#d9730d;stroke-width:2.5}.shared .bar{fill:#fde6cf}"
	".line{fill:none;stroke:#8a94a8;stroke-width:1.7}.head-of-line{fill:#8a94a8}"
	".line.shared{stroke:#d9730d;stroke-width:2.3}.head-of-line.shared{fill:#d9730d}"
	"@media(prefers-color-scheme:dark){"
	"svg{background:#14171d}.page{fill:#14171d}text{fill:#e4e8f0}"
	".head,.box .faint{fill:#a0a9ba}.frame{fill:#1d222b;stroke:#717c91}"
	".table .bar{fill:#22375a}.description .bar{fill:#30363f}.inode .bar{fill:#1f4029}"
	".shared .frame{stroke:#f59a3e}.shared .bar{fill:#5c3a14}"
	".line{stroke:#8490a6}.head-of-line{fill:#8490a6}"
	".line.shared{stroke:#f59a3e}.head-of-line.shared{fill:#f59a3e}}";

struct drawing {
	FILE *f;
	struct scene *scene;
	double x[SCENE_COLUMNS], width[SCENE_COLUMNS], whole;
};

/* --- places ------------------------------------------------------------------------------ */

static double row_top(size_t row)
{
	return MARGIN + HEADING + (double)row * ROW;
}

static double row_middle(size_t row)
{
	return row_top(row) + SHIFT + ROW / 2.0;
}

static void make_room(struct drawing *d, int column, size_t columns)
{
	double width =
		(double)(columns < COLUMNS_MAX ? columns : COLUMNS_MAX) * column_px + 2 * PAD;

	if (d->width[column] < width)
		d->width[column] = width;
}

static void find_widths(struct drawing *d)
{
	const struct scene *sc = d->scene;

	for (int i = 0; i < SCENE_COLUMNS; i++)
		make_room(d, i, strlen(scene_headings[i]) / (i == SCENE_INODES ? 1 : 2));
	for (size_t i = 0; i < sc->n_boxes; i++) {
		const struct scene_table *t = &sc->tables[sc->boxes[i].table];
		make_room(d, SCENE_TABLES, text_width(t->command) + 1 + strlen(t->id));
	}
	for (size_t i = 0; i < sc->share->n_descriptions; i++)
		for (size_t k = 0; k < sc->descriptions[i].n_lines; k++)
			make_room(d, SCENE_DESCRIPTIONS, text_width(sc->descriptions[i].lines[k]));
	for (size_t i = 0; i < sc->n_inodes; i++) {
		make_room(d, SCENE_INODES, text_width(sc->inodes[i].name));
		make_room(d, SCENE_INODES, strlen(sc->inodes[i].number));
	}
}

static void find_columns(struct drawing *d)
{
	double x = MARGIN;

	find_widths(d);
	for (int i = 0; i < SCENE_COLUMNS; i++) {
		d->x[i] = x;
		x += d->width[i] + GUTTER;
	}
	d->whole = x - GUTTER + MARGIN;
	if (d->whole < WIDTH_MIN)
		d->whole = WIDTH_MIN;
}

static bool is_shared(const struct scene_description *d)
{
	return d->d->n > 1;
}

/* --- boxes ----------------------------------------------------------------------------------- */

static void put_text(
	const struct drawing *d, double x, double y, const char *attributes, const char *text)
{
	fprintf(d->f, "<text x=\"%.1f\" y=\"%.1f\"%s%s>", x, y + 5, *attributes ? " " : "",
		attributes);
	markup_text(d->f, text);
	fputs("</text>\n", d->f);
}

/* What is too wide is cut; whole, it is in the tip that a browser shows. */
static void put_in(
	const struct drawing *d, int column, size_t row, const char *attributes, const char *text)
{
	char *cut = text_cut(text, COLUMNS_MAX, "...");

	put_text(d, d->x[column] + PAD, row_middle(row), attributes, cut);
	free(cut);
}

static void begin_box(
	const struct drawing *d, int column, const char *class, size_t top, size_t bottom)
{
	double x = d->x[column], width = d->width[column], y = row_top(top) + SHIFT;
	double height = row_top(bottom) + SHIFT - y;

	fprintf(d->f,
		"<g class=\"box %s\">"
		"<rect class=\"frame\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
		"rx=\"%d\"/>"
		"<path class=\"bar\" d=\"M%.1f %.1fh%.1fv-%da%d %d 0 0 0 -%d -%dh-%.1fa%d %d 0 0 0 "
		"-%d %dz\"/>\n",
		class, x, y, width, height, CORNER, x + 1.5, y + ROW - 1, width - 3,
		ROW - 3 - CORNER, CORNER, CORNER, CORNER, CORNER, width - 3 - 2 * CORNER, CORNER,
		CORNER, CORNER, CORNER);
}

static void put_table(const struct drawing *d, const struct scene_box *b)
{
	const struct scene *sc = d->scene;
	const struct scene_table *t = &sc->tables[b->table];
	char *title = must_printf("%s %s", t->command, t->id);

	begin_box(d, SCENE_TABLES, "table", b->top, b->bottom);
	put_in(d, SCENE_TABLES, b->top, "class=\"title\"", title);
	for (size_t i = b->first; i < b->first + b->n; i++) {
		char fd[24];
		snprintf(fd, sizeof(fd), "fd %d", sc->ports[i].fd);
		put_text(d, d->x[SCENE_TABLES] + d->width[SCENE_TABLES] - PAD,
			row_middle(sc->ports[i].row), "text-anchor=\"end\"", fd);
	}
	fputs("</g>\n", d->f);
	free(title);
}

static void put_description(const struct drawing *d, const struct scene_description *one)
{
	begin_box(d, SCENE_DESCRIPTIONS, is_shared(one) ? "description shared" : "description",
		one->top, one->bottom);
	put_in(d, SCENE_DESCRIPTIONS, one->top, "class=\"title\"", one->letter);
	for (size_t i = 0; i < one->n_lines; i++)
		put_in(d, SCENE_DESCRIPTIONS, one->top + 1 + i, "", one->lines[i]);
	fputs("</g>\n", d->f);
}

static void put_inode(const struct drawing *d, const struct scene_inode *in)
{
	begin_box(d, SCENE_INODES, "inode", in->top, in->bottom);
	fputs("<title>", d->f);
	markup_text(d->f, in->name);
	fputs("</title>", d->f);
	put_in(d, SCENE_INODES, in->top, "class=\"title\"", in->type);
	put_in(d, SCENE_INODES, in->top + 1, "", in->name);
	put_in(d, SCENE_INODES, in->top + 2, "class=\"faint\"", in->number);
	fputs("</g>\n", d->f);
}

/* --- lines --------------------------------------------------------------------------------------
 */

enum { ARROW = 9 };

static void put_line(const struct drawing *d, int from, size_t from_row, size_t to_row, bool shared)
{
	double x1 = d->x[from] + d->width[from], x2 = d->x[from + 1] - ARROW;
	double y1 = row_middle(from_row), y2 = row_middle(to_row), bend = (x2 - x1) * 0.55;
	const char *class = shared ? " shared" : "";

	fprintf(d->f, "<path class=\"line%s\" d=\"M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f\"/>",
		class, x1, y1, x1 + bend, y1, x2 - bend, y2, x2, y2);
	fprintf(d->f, "<circle class=\"head-of-line%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>", class,
		x1, y1);
	fprintf(d->f, "<path class=\"head-of-line%s\" d=\"M%.1f %.1fl%d 5l-%d 5z\"/>\n", class, x2,
		y2 - 5, ARROW, ARROW);
}

static void put_lines(const struct drawing *d)
{
	const struct scene *sc = d->scene;

	for (size_t i = 0; i < sc->share->n_fds; i++) {
		const struct scene_description *to = &sc->descriptions[sc->ports[i].description];
		put_line(d, SCENE_TABLES, sc->ports[i].row, to->row, is_shared(to));
	}
	for (size_t i = 0; i < sc->share->n_descriptions; i++)
		put_line(d, SCENE_DESCRIPTIONS, sc->descriptions[i].row,
			sc->inodes[sc->descriptions[i].inode].row, false);
}

/* --- the whole ----------------------------------------------------------------------------------
 */

static void put_boxes(const struct drawing *d)
{
	const struct scene *sc = d->scene;

	for (size_t i = 0; i < sc->n_boxes; i++)
		put_table(d, &sc->boxes[i]);
	for (size_t i = 0; i < sc->share->n_descriptions; i++)
		put_description(d, &sc->descriptions[i]);
	for (size_t i = 0; i < sc->n_inodes; i++)
		put_inode(d, &sc->inodes[i]);
}

static size_t words_columns(const struct drawing *d)
{
	return (size_t)((d->whole - 2 * MARGIN) / words_px);
}

static size_t count_lines(const char *words, size_t columns)
{
	size_t n = 0;

	for (size_t len; scene_line(&words, columns, &len);)
		n++;
	return n;
}

static void put_words(const struct drawing *d, const char *words)
{
	double y = row_top(d->scene->rows) + WORDS_GAP + WORDS_ROW / 2.0;
	const char *line;

	for (size_t len; (line = scene_line(&words, words_columns(d), &len)); y += WORDS_ROW) {
		char *copy = must_printf("%.*s", (int)len, line);
		put_text(d, MARGIN, y, "class=\"words\"", copy);
		free(copy);
	}
}

static void begin_page(const struct drawing *d, const char *words)
{
	double height = row_top(d->scene->rows) + WORDS_GAP + MARGIN +
		(double)(count_lines(words, words_columns(d)) * WORDS_ROW);

	fprintf(d->f,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"t d\" "
		"width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" xml:space=\"preserve\">\n"
		"<title id=\"t\">Who shares which open file description</title>\n<desc id=\"d\">",
		d->whole, height, d->whole, height);
	markup_text(d->f, words);
	fprintf(d->f,
		"</desc>\n<style>%s</style>\n<rect class=\"page\" width=\"100%%\" "
		"height=\"100%%\"/>\n",
		style);
	for (int i = 0; d->scene->n_boxes && i < SCENE_COLUMNS; i++)
		put_text(d, d->x[i], MARGIN + HEADING / 2.0 - 6, "class=\"head\"",
			scene_headings[i]);
}

void svg_print(FILE *f, const struct share *s)
{
	const struct scene_opts opts = {
		.ascii = !scene_utf8(), .joined = true, .lanes_max = LANES_MAX};
	struct drawing d = {.f = f, .scene = scene_new(s, &opts)};
	char *words = scene_words(d.scene);

	find_columns(&d);
	begin_page(&d, words);
	put_lines(&d);
	put_boxes(&d);
	put_words(&d, words);
	fputs("</svg>\n", f);
	free(words);
	scene_free(d.scene);
}
