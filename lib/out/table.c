/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tables, by libsmartcols: see table.h.
 *
 * Debian has no static libsmartcols, and a shared library that is linked is loaded at
 * every start. So it is opened here with dlopen(3). The types of its functions come from
 * the library's header.
 */
#include "lib/out/table.h"
#include "lib/base/dl.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>

#define LIBRARY "libsmartcols.so.1"
DL_NOTE(LIBRARY, "the tables of list and inspect", "required");

#define FUNCTIONS(f)                                                                               \
	f(scols_new_table) f(scols_table_new_column) f(scols_table_new_line)                       \
	f(scols_line_set_data) f(scols_line_refer_data) f(scols_line_set_color)                    \
	f(scols_column_set_whint) f(scols_table_get_column) f(scols_table_enable_raw)              \
	f(scols_table_enable_noheadings) f(scols_table_enable_colors)                              \
	f(scols_table_remove_lines) f(scols_table_set_stream) f(scols_print_table)                 \
	f(scols_unref_table) f(scols_get_library_version)

#define DECLARE(name) static __typeof__(name) *sym_##name;
FUNCTIONS(DECLARE)

struct table {
	struct libscols_table *scols;
	struct libscols_line *parent; /* the last row that was added without `under` */
	size_t columns;
};

static bool load(void)
{
#define ENTRY(name) {#name, (void **)&sym_##name},
	static const struct dl_symbol names[] = {FUNCTIONS(ENTRY)};
	static bool open;

	if (!open)
		open = dl_open(LIBRARY, names, ARRAY_SIZE(names));
	return open;
}

static int flags_of(const struct table_column *c, const struct table_opts *opts)
{
	return (c->right ? SCOLS_FL_RIGHT : 0) | (c->tree && !opts->raw ? SCOLS_FL_TREE : 0);
}

struct table *table_new(const struct table_column *columns, size_t n, const struct table_opts *opts)
{
	if (!load())
		return NULL;
	struct table *t = must_calloc(1, sizeof(*t));
	t->columns = n;
	t->scols = sym_scols_new_table();
	for (size_t i = 0; t->scols && i < n; i++)
		sym_scols_table_new_column(t->scols, columns[i].name, 0, flags_of(&columns[i], opts));
	if (opts->out)
		sym_scols_table_set_stream(t->scols, opts->out);
	sym_scols_table_enable_raw(t->scols, opts->raw);
	sym_scols_table_enable_noheadings(t->scols, opts->no_headings);
	sym_scols_table_enable_colors(t->scols, opts->colors);
	return t;
}

void table_row(struct table *t, const char *const *cells)
{
	struct libscols_line *line = sym_scols_table_new_line(t->scols, NULL);

	for (size_t i = 0; line && i < t->columns; i++)
		sym_scols_line_set_data(line, i, cells[i]);
}

void table_row_taken(struct table *t, char **cells, bool under, const char *color)
{
	struct libscols_line *line = sym_scols_table_new_line(t->scols, under ? t->parent : NULL);

	for (size_t i = 0; i < t->columns; i++) {
		if (!line || sym_scols_line_refer_data(line, i, cells[i]) < 0)
			free(cells[i]);
		cells[i] = NULL;
	}
	if (color)
		sym_scols_line_set_color(line, color);
	if (!under)
		t->parent = line;
}

void table_width(struct table *t, size_t i, size_t width)
{
	sym_scols_column_set_whint(sym_scols_table_get_column(t->scols, i), (double)width);
}

static int print(struct table *t)
{
	int done = sym_scols_print_table(t->scols);

	if (done < 0) {
		errno = -done;
		return -1;
	}
	return 0;
}

int table_flush(struct table *t)
{
	int done = print(t);

	sym_scols_table_remove_lines(t->scols);
	sym_scols_table_enable_noheadings(t->scols, 1);
	t->parent = NULL;
	return done;
}

int table_print(struct table *t)
{
	int done = print(t), saved = errno;

	sym_scols_unref_table(t->scols);
	free(t);
	errno = saved;
	return done;
}

const char *table_library_version(void)
{
	const char *version = NULL;

	if (load())
		sym_scols_get_library_version(&version);
	return version;
}
