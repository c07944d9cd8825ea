/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tables: see table.h. Here the rows are kept, and printed directly where there are many. For the
 * raw form, which needs no widths, none is kept: each is printed at once.
 */
#include "lib/out/table.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/out/table-internal.h"

#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 250 }; /* rows, from which on libsmartcols takes longer than all the rest */

struct table *table_new(const struct table_column *columns, size_t n, const struct table_opts *opts)
{
	if (!opts->raw && !smartcols_load())
		return NULL;
	struct table *t = must_calloc(1, sizeof(*t));
	*t = (struct table){.columns = columns, .n_columns = n, .opts = *opts};
	if (!t->opts.out)
		t->opts.out = stdout;
	return t;
}

/* --- keeping rows ----------------------------------------------------------------- */

static void keep(struct table *t, const char *text)
{
	size_t size = text ? strlen(text) + 1 : 1;

	if (t->used + size > t->room) {
		t->room = 2 * (t->used + size) + 4096;
		t->text = must_realloc(t->text, t->room, 1);
	}
	memcpy(t->text + t->used, text ? text : "", size);
	t->used += size;
}

static struct table_line *add_line(struct table *t)
{
	t->lines = must_grow(t->lines, t->n_lines, sizeof(*t->lines));
	t->lines[t->n_lines] = (struct table_line){.at = t->used};
	return &t->lines[t->n_lines++];
}

/* --- raw -------------------------------------------------------------------------- */

/* Blanks are escaped, since they separate the cells. */
static void print_raw(FILE *out, const char *text)
{
	for (size_t n; *text; text += n) {
		n = strcspn(text, " \t");
		fwrite_unlocked(text, 1, n, out);
		if (text[n])
			fprintf(out, "\\x%02x", (unsigned char)text[n++]);
	}
}

/* stdio keeps the error, but not its errno. */
static void note_error(struct table *t)
{
	if (!t->error && ferror_unlocked(t->opts.out))
		t->error = errno;
}

static void print_raw_row(struct table *t, const char *const *cells)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		if (i)
			putc_unlocked(' ', t->opts.out);
		if (cells[i])
			print_raw(t->opts.out, cells[i]);
	}
	putc_unlocked('\n', t->opts.out);
	note_error(t);
}

static void print_raw_headings(struct table *t)
{
	for (size_t i = 0; !t->opts.no_headings && i < t->n_columns; i++) {
		print_raw(t->opts.out, t->columns[i].name);
		putc(i + 1 < t->n_columns ? ' ' : '\n', t->opts.out);
	}
	t->opts.no_headings = true;
}

/* --- adding rows ------------------------------------------------------------------- */

static void add_row(struct table *t, const char *const *cells, bool under, const char *color)
{
	if (t->opts.raw) {
		print_raw_headings(t);
		print_raw_row(t, cells);
		return;
	}
	struct table_line *line = add_line(t);
	line->under = under;
	line->color = color;
	for (size_t i = 0; i < t->n_columns; i++)
		keep(t, cells[i]);
}

void table_row(struct table *t, const char *const *cells)
{
	add_row(t, cells, false, NULL);
}

void table_row_taken(struct table *t, char **cells, bool under, const char *color)
{
	add_row(t, (const char *const *)cells, under, color);
	for (size_t i = 0; i < t->n_columns; i++) {
		free(cells[i]);
		cells[i] = NULL;
	}
}

void table_group(struct table *t, const char *text)
{
	add_line(t)->group = true;
	keep(t, text);
	t->groups = true;
}

/* --- many rows ---------------------------------------------------------------------- */

/* The lines of the tree take two columns. */
enum { TREE = 2 };

/* The last column needs none, unless it is aligned to the right. */
static void find_widths(const struct table *t, size_t *widths)
{
	for (size_t i = 0; i < t->n_columns; i++)
		widths[i] = t->opts.no_headings ? 0 : text_width(t->columns[i].name);
	for (const struct table_line *l = t->lines; l < t->lines + t->n_lines; l++) {
		const char *cell = t->text + l->at;
		for (size_t i = 0; !l->group && i < t->n_columns; i++, cell += strlen(cell) + 1) {
			if (i + 1 == t->n_columns && !t->columns[i].right)
				break;
			size_t width = text_width(cell) + (l->under && t->columns[i].tree ? TREE : 0);
			widths[i] = width > widths[i] ? width : widths[i];
		}
	}
}

static void print_blanks(FILE *out, size_t n)
{
	for (; n > 0; n--)
		putc_unlocked(' ', out);
}

static void print_cell(const struct table *t, size_t i, const char *text, const char *tree, size_t width)
{
	size_t taken = text_width(text) + (*tree ? TREE : 0), gap = width > taken ? width - taken : 0;
	bool last = i + 1 == t->n_columns;

	if (i)
		putc_unlocked(' ', t->opts.out);
	if (t->columns[i].right)
		print_blanks(t->opts.out, gap);
	if (*tree)
		fputs_unlocked(tree, t->opts.out);
	fwrite_unlocked(text, 1, strlen(text), t->opts.out);
	if (!t->columns[i].right && !last)
		print_blanks(t->opts.out, gap);
}

/* How the line is joined to the row above it: "" for a row of its own. */
static const char *branch_of(const struct table *t, const struct table_line *l)
{
	bool more = l + 1 < t->lines + t->n_lines && l[1].under;

	if (!l->under)
		return "";
	if (t->utf8)
		return more ? "├─" : "└─";
	return more ? "|-" : "`-";
}

static void print_line(const struct table *t, const struct table_line *l, const size_t *widths)
{
	if (l->group) {
		fprintf(t->opts.out, "\n%s:\n", t->text + l->at);
		return;
	}

	const char *cell = t->text + l->at, *branch = branch_of(t, l);
	if (l->color)
		fputs(l->color, t->opts.out);
	for (size_t i = 0; i < t->n_columns; i++, cell += strlen(cell) + 1)
		print_cell(t, i, cell, t->columns[i].tree ? branch : "", widths[i]);
	fputs_unlocked(l->color ? "\033[0m\n" : "\n", t->opts.out);
}

static void print_many(struct table *t)
{
	size_t *widths = must_calloc(t->n_columns, sizeof(*widths));

	t->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	find_widths(t, widths);
	for (size_t i = 0; !t->opts.no_headings && i < t->n_columns; i++)
		print_cell(t, i, t->columns[i].name, "", widths[i]);
	if (!t->opts.no_headings)
		putc('\n', t->opts.out);
	for (size_t i = 0; i < t->n_lines && !t->error; i++) {
		print_line(t, &t->lines[i], widths);
		note_error(t);
	}
	free(widths);
}

int table_print(struct table *t)
{
	int error;

	if (t->n_lines > MANY || t->groups)
		print_many(t);
	else if (t->n_lines > 0 && smartcols_print(t) < 0)
		t->error = errno;
	error = t->error;
	free(t->text);
	free(t->lines);
	free(t);
	if (error)
		errno = error;
	return error ? -1 : 0;
}
