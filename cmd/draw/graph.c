/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Draws a scene as a digraph of three clusters: see graph.h. A descriptor table is a node with
 * a port for each descriptor, where its line begins.
 */
#include "cmd/draw/graph.h"
#include "cmd/draw/markup.h"
#include "cmd/draw/scene.h"
#include "lib/base/text.h"

#include <stdlib.h>

enum { WORDS_COLUMNS = 100 };

/* In a quoted string, which is what a label without tags is, a backslash begins an escape. */
static void put_quoted(FILE *f, const char *text, size_t len)
{
	for (; len; text++, len--) {
		if (*text == '"' || *text == '\\')
			fputc('\\', f);
		fputc(*text, f);
	}
}

static void put_words(FILE *f, const struct scene *sc)
{
	char *words = scene_words(sc);
	const char *rest = words, *line;

	fputs("\tlabel=\"", f);
	for (size_t len; (line = text_line(&rest, WORDS_COLUMNS, &len));) {
		put_quoted(f, line, len);
		fputs("\\l", f); /* ends a line that is aligned left */
	}
	fputs("\";\n", f);
	free(words);
}

static void put_cell(FILE *f, const char *text, const char *attributes)
{
	fprintf(f, "<TR><TD ALIGN=\"LEFT\"%s>", attributes);
	markup_text(f, *text ? text : " ");
	fputs("</TD></TR>", f);
}

static void begin_node(FILE *f, const char *kind, size_t i)
{
	fprintf(f,
		"\t\t%s%zu [label=<<TABLE BORDER=\"1\" CELLBORDER=\"0\" CELLSPACING=\"0\" "
		"CELLPADDING=\"4\" STYLE=\"ROUNDED\">",
		kind, i);
}

static void end_node(FILE *f)
{
	fputs("</TABLE>>];\n", f);
}

static void put_tables(FILE *f, const struct scene *sc)
{
	for (size_t i = 0; i < sc->n_boxes; i++) {
		const struct scene_box *b = &sc->boxes[i];
		const struct scene_table *t = &sc->tables[b->table];
		begin_node(f, "table", i);
		fputs("<TR><TD ALIGN=\"LEFT\"><B>", f);
		markup_text(f, t->command);
		fputs("</B>&#160;", f);
		markup_text(f, t->title);
		fputs("</TD></TR>", f);
		for (size_t k = b->first; k < b->first + b->n; k++)
			fprintf(f, "<TR><TD ALIGN=\"RIGHT\" PORT=\"fd%d\">%s</TD></TR>",
				sc->ports[k].fd, sc->ports[k].label);
		end_node(f);
	}
}

static void put_descriptions(FILE *f, const struct scene *sc)
{
	for (size_t i = 0; i < sc->share->n_descriptions; i++) {
		const struct scene_description *d = &sc->descriptions[i];
		begin_node(f, "description", i);
		fputs("<TR><TD ALIGN=\"LEFT\"><B>", f);
		markup_text(f, d->letter);
		fputs("</B></TD></TR>", f);
		for (size_t k = 0; k < d->n_lines; k++)
			put_cell(f, d->lines[k], "");
		end_node(f);
	}
}

static void put_inodes(FILE *f, const struct scene *sc)
{
	for (size_t i = 0; i < sc->n_inodes; i++) {
		const struct scene_inode *in = &sc->inodes[i];
		begin_node(f, "inode", i);
		put_cell(f, in->name, "");
		put_cell(f, in->type, "");
		if (*in->number)
			put_cell(f, in->number, "");
		end_node(f);
	}
}

static void put_cluster(
	FILE *f, const struct scene *sc, int column, void (*put)(FILE *, const struct scene *))
{
	fprintf(f, "\tsubgraph cluster_%d {\n\t\tlabel=\"%s\"; labelloc=t; color=gray70;\n", column,
		scene_headings[column]);
	put(f, sc);
	fputs("\t}\n", f);
}

static void put_edges(FILE *f, const struct scene *sc)
{
	for (size_t i = 0; i < sc->n_boxes; i++)
		for (size_t k = sc->boxes[i].first; k < sc->boxes[i].first + sc->boxes[i].n; k++)
			fprintf(f, "\ttable%zu:fd%d:e -> description%zu:w;\n", i, sc->ports[k].fd,
				sc->ports[k].description);
	for (size_t i = 0; i < sc->share->n_descriptions; i++)
		fprintf(f, "\tdescription%zu:e -> inode%zu:w;\n", i, sc->descriptions[i].inode);
}

void graph_print(FILE *f, const struct share *s, bool each)
{
	/* no lanes: Graphviz does the layout */
	const struct scene_opts opts = {.ascii = !scene_utf8(), .each = each};
	struct scene *sc = scene_new(s, &opts);

	fputs("digraph fdtool {\n"
	      "\trankdir=LR; ranksep=1; labelloc=b; labeljust=l; charset=\"UTF-8\";\n"
	      "\tfontname=\"sans-serif\"; node [shape=plain, fontname=\"monospace\"];\n",
		f);
	put_words(f, sc);
	put_cluster(f, sc, SCENE_TABLES, put_tables);
	put_cluster(f, sc, SCENE_DESCRIPTIONS, put_descriptions);
	put_cluster(f, sc, SCENE_INODES, put_inodes);
	put_edges(f, sc);
	fputs("}\n", f);
	scene_free(sc);
}
