/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Draws a scene for a browser: see svg.h. Shared descriptions are highlighted by colour. The
 * reader's preference selects the light or the dark scheme. A descriptor is a link to its
 * description, and that is one to its inode.
 */
#include "cmd/draw/svg.h"
#include "cmd/draw/markup.h"
#include "cmd/draw/scene.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <stdlib.h>
#include <string.h>

/* Pixels; and COLUMNS_MAX, which is columns of monospaced text. */
enum {
	MARGIN = 28,
	HEADING = 34,
	ROW = 24,
	SHIFT = 4, /* from the edge of a row to that of its box */
	PAD = 12,
	GUTTER = 110,
	CORNER = 7,
	WORDS_ROW = 22,
	WORDS_GAP = 16,
	WIDTH_MIN = 620,
	LANES_MAX = 6,
	COLUMNS_MAX = 48,
};

/* The width of a monospaced character at 15 pixels. DejaVu Sans Mono, the widest, has 9.03. */
static const double column_px = 9.1;
/* The same for a proportional font: more than the mean. */
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
	":target .frame{stroke-width:4}a:hover text{text-decoration:underline}"
	".line{fill:none;stroke:#8a94a8;stroke-width:1.7}.head-of-line{fill:#8a94a8}"
	".line.shared{stroke:#d9730d;stroke-width:2.3}.head-of-line.shared{fill:#d9730d}"
	"@media(prefers-color-scheme:dark){"
	"svg{background:#14171d}.page{fill:#14171d}text{fill:#e4e8f0}"
	".head,.box .faint{fill:#a0a9ba}.frame{fill:#1d222b;stroke:#717c91}"
	".table .bar{fill:#22375a}.description .bar{fill:#30363f}.inode .bar{fill:#1f4029}"
	".shared .frame{stroke:#f59a3e}.shared .bar{fill:#5c3a14}"
	".line{stroke:#8490a6}.head-of-line{fill:#8490a6}"
	".line.shared{stroke:#f59a3e}.head-of-line.shared{fill:#f59a3e}}";

struct svg {
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

static void widen(struct svg *svg, int column, size_t columns)
{
	double width =
		(double)(columns < COLUMNS_MAX ? columns : COLUMNS_MAX) * column_px + 2 * PAD;

	if (svg->width[column] < width)
		svg->width[column] = width;
}

static void find_widths(struct svg *svg)
{
	const struct scene *sc = svg->scene;

	for (int i = 0; i < SCENE_COLUMNS; i++)
		widen(svg, i, strlen(scene_headings[i]) / (i == SCENE_INODES ? 1 : 2));
	for (size_t i = 0; i < sc->n_boxes; i++) {
		const struct scene_table *t = &sc->tables[sc->boxes[i].table];
		widen(svg, SCENE_TABLES, text_width(t->command) + 1 + text_width(t->title));
	}
	for (size_t i = 0; i < sc->n_ports; i++)
		widen(svg, SCENE_TABLES, strlen(sc->ports[i].label));
	for (size_t i = 0; i < sc->share->n_descriptions; i++)
		for (size_t k = 0; k < sc->descriptions[i].n_lines; k++)
			widen(svg, SCENE_DESCRIPTIONS, text_width(sc->descriptions[i].lines[k]));
	for (size_t i = 0; i < sc->n_inodes; i++) {
		widen(svg, SCENE_INODES, text_width(sc->inodes[i].name));
		widen(svg, SCENE_INODES, strlen(sc->inodes[i].number));
	}
}

static void find_columns(struct svg *svg)
{
	double x = MARGIN;

	find_widths(svg);
	for (int i = 0; i < SCENE_COLUMNS; i++) {
		svg->x[i] = x;
		x += svg->width[i] + GUTTER;
	}
	svg->whole = x - GUTTER + MARGIN;
	if (svg->whole < WIDTH_MIN)
		svg->whole = WIDTH_MIN;
}

static bool is_shared(const struct scene_description *d)
{
	return d->d->n > 1;
}

/* --- boxes ----------------------------------------------------------------------------------- */

static void put_text(
	const struct svg *svg, double x, double y, const char *attributes, const char *text)
{
	fprintf(svg->f, "<text x=\"%.1f\" y=\"%.1f\"%s%s>", x, y + 5, *attributes ? " " : "",
		attributes);
	markup_text(svg->f, text);
	fputs("</text>\n", svg->f);
}

/* Cuts a text that is too wide. The tooltip of an inode has its whole name. */
static void put_in(
	const struct svg *svg, int column, size_t row, const char *attributes, const char *text)
{
	char *cut = text_cut(text, COLUMNS_MAX, "...");

	put_text(svg, svg->x[column] + PAD, row_middle(row), attributes, cut);
	free(cut);
}

static void put_port(const struct svg *svg, const struct scene_port *p)
{
	char *label = text_cut(p->label, COLUMNS_MAX, "...");

	fprintf(svg->f, "<a href=\"#description%zu\">", p->description);
	put_text(svg, svg->x[SCENE_TABLES] + svg->width[SCENE_TABLES] - PAD, row_middle(p->row),
		"text-anchor=\"end\"", label);
	fputs("</a>", svg->f);
	free(label);
}

static void begin_box(
	const struct svg *svg, int column, const char *attributes, size_t top, size_t bottom)
{
	double x = svg->x[column], width = svg->width[column], y = row_top(top) + SHIFT;
	double height = row_top(bottom) + SHIFT - y;

	fprintf(svg->f,
		"<g %s>"
		"<rect class=\"frame\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
		"rx=\"%d\"/>"
		"<path class=\"bar\" d=\"M%.1f %.1fh%.1fv-%da%d %d 0 0 0 -%d -%dh-%.1fa%d %d 0 0 0 "
		"-%d %dz\"/>\n",
		attributes, x, y, width, height, CORNER, x + 1.5, y + ROW - 1, width - 3,
		ROW - 3 - CORNER, CORNER, CORNER, CORNER, CORNER, width - 3 - 2 * CORNER, CORNER,
		CORNER, CORNER, CORNER);
}

/* The tooltip of a table: the process, and all that are like it. */
static void put_processes(const struct svg *svg, size_t table)
{
	const struct scene *sc = svg->scene;

	fputs("<title>", svg->f);
	markup_text(svg->f, sc->tables[table].command);
	fprintf(svg->f, " %s", sc->tables[table].id);
	for (uint32_t t = sc->fold.next[table]; t != FOLD_LAST; t = sc->fold.next[t])
		fprintf(svg->f, ", %s", sc->tables[t].id);
	fputs("</title>", svg->f);
}

static void put_table(const struct svg *svg, const struct scene_box *b)
{
	const struct scene *sc = svg->scene;
	const struct scene_table *t = &sc->tables[b->table];
	char *title = must_printf("%s %s", t->command, t->title);

	begin_box(svg, SCENE_TABLES, "class=\"box table\"", b->top, b->bottom);
	put_processes(svg, b->table);
	put_in(svg, SCENE_TABLES, b->top, "class=\"title\"", title);
	for (size_t i = b->first; i < b->first + b->n; i++)
		put_port(svg, &sc->ports[i]);
	fputs("</g>\n", svg->f);
	free(title);
}

static void put_description(const struct svg *svg, size_t place)
{
	const struct scene_description *d = &svg->scene->descriptions[place];
	char *attributes = must_printf("id=\"description%zu\" class=\"box description%s\"", place,
		is_shared(d) ? " shared" : "");

	begin_box(svg, SCENE_DESCRIPTIONS, attributes, d->top, d->bottom);
	free(attributes);
	fprintf(svg->f, "<a href=\"#inode%zu\">", d->inode);
	put_in(svg, SCENE_DESCRIPTIONS, d->top, "class=\"title\"", d->letter);
	fputs("</a>", svg->f);
	for (size_t i = 0; i < d->n_lines; i++)
		put_in(svg, SCENE_DESCRIPTIONS, d->top + 1 + i, "", d->lines[i]);
	fputs("</g>\n", svg->f);
}

static void put_inode(const struct svg *svg, size_t i)
{
	const struct scene_inode *in = &svg->scene->inodes[i];
	char *attributes = must_printf("id=\"inode%zu\" class=\"box inode\"", i);

	begin_box(svg, SCENE_INODES, attributes, in->top, in->bottom);
	free(attributes);
	fputs("<title>", svg->f);
	markup_text(svg->f, in->name);
	fputs("</title>", svg->f);
	put_in(svg, SCENE_INODES, in->top, "class=\"title\"", in->type);
	put_in(svg, SCENE_INODES, in->top + 1, "", in->name);
	put_in(svg, SCENE_INODES, in->top + 2, "class=\"faint\"", in->number);
	fputs("</g>\n", svg->f);
}

/* --- lines ----------------------------------------------------------------------------------- */

enum { ARROW = 9 };

static void put_line(const struct svg *svg, int from, size_t from_row, size_t to_row, bool shared)
{
	double x1 = svg->x[from] + svg->width[from], x2 = svg->x[from + 1] - ARROW;
	double y1 = row_middle(from_row), y2 = row_middle(to_row), bend = (x2 - x1) * 0.55;
	const char *class = shared ? " shared" : "";

	fprintf(svg->f, "<path class=\"line%s\" d=\"M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f\"/>",
		class, x1, y1, x1 + bend, y1, x2 - bend, y2, x2, y2);
	fprintf(svg->f, "<circle class=\"head-of-line%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>", class,
		x1, y1);
	fprintf(svg->f, "<path class=\"head-of-line%s\" d=\"M%.1f %.1fl%d 5l-%d 5z\"/>\n", class,
		x2, y2 - 5, ARROW, ARROW);
}

static void put_lines(const struct svg *svg)
{
	const struct scene *sc = svg->scene;

	for (size_t i = 0; i < sc->n_ports; i++) {
		const struct scene_description *to = &sc->descriptions[sc->ports[i].description];
		put_line(svg, SCENE_TABLES, sc->ports[i].row, to->row, is_shared(to));
	}
	for (size_t i = 0; i < sc->share->n_descriptions; i++)
		put_line(svg, SCENE_DESCRIPTIONS, sc->descriptions[i].row,
			sc->inodes[sc->descriptions[i].inode].row, false);
}

/* --- the whole ------------------------------------------------------------------------------- */

static void put_boxes(const struct svg *svg)
{
	const struct scene *sc = svg->scene;

	for (size_t i = 0; i < sc->n_boxes; i++)
		put_table(svg, &sc->boxes[i]);
	for (size_t i = 0; i < sc->share->n_descriptions; i++)
		put_description(svg, i);
	for (size_t i = 0; i < sc->n_inodes; i++)
		put_inode(svg, i);
}

static size_t words_columns(const struct svg *svg)
{
	return (size_t)((svg->whole - 2 * MARGIN) / words_px);
}

static size_t count_lines(const char *words, size_t columns)
{
	size_t n = 0;

	for (size_t len; text_line(&words, columns, &len);)
		n++;
	return n;
}

static void put_words(const struct svg *svg, const char *words)
{
	double y = row_top(svg->scene->rows) + WORDS_GAP + WORDS_ROW / 2.0;
	const char *line;

	for (size_t len; (line = text_line(&words, words_columns(svg), &len)); y += WORDS_ROW) {
		char *copy = must_printf("%.*s", (int)len, line);
		put_text(svg, MARGIN, y, "class=\"words\"", copy);
		free(copy);
	}
}

static void begin_page(const struct svg *svg, const char *words)
{
	double height = row_top(svg->scene->rows) + WORDS_GAP + MARGIN +
		(double)(count_lines(words, words_columns(svg)) * WORDS_ROW);

	fprintf(svg->f,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"t d\" "
		"width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" xml:space=\"preserve\">\n"
		"<title id=\"t\">Who shares which open file description</title>\n<desc id=\"d\">",
		svg->whole, height, svg->whole, height);
	markup_text(svg->f, words);
	fprintf(svg->f,
		"</desc>\n<style>%s</style>\n<rect class=\"page\" width=\"100%%\" "
		"height=\"100%%\"/>\n",
		style);
	for (int i = 0; svg->scene->n_boxes && i < SCENE_COLUMNS; i++)
		put_text(svg, svg->x[i], MARGIN + HEADING / 2.0 - 6, "class=\"head\"",
			scene_headings[i]);
}

void svg_print(FILE *f, const struct share *s, bool each)
{
	const struct scene_opts opts = {
		.ascii = !scene_utf8(), .each = each, .joined = true, .lanes_max = LANES_MAX};
	struct svg svg = {.f = f, .scene = scene_new(s, &opts)};
	char *words = scene_words(svg.scene);

	find_columns(&svg);
	begin_page(&svg, words);
	put_lines(&svg);
	put_boxes(&svg);
	put_words(&svg, words);
	fputs("</svg>\n", f);
	free(words);
	scene_free(svg.scene);
}
