/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prints a table by libsmartcols: see table-internal.h.
 *
 * Debian has no static libsmartcols, and a shared library that is linked is loaded at
 * every start. So it is opened here with dlopen(3). The types of its functions come from
 * the library's header.
 */
#include "lib/out/table-internal.h"
#include "lib/base/dl.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <string.h>

#define LIBRARY "libsmartcols.so.1"
DL_NOTE(LIBRARY, "the tables of list and inspect", "required");

#define FUNCTIONS(f)                                                                               \
	f(scols_new_table) f(scols_table_new_column) f(scols_table_new_line)                       \
	f(scols_line_set_data) f(scols_line_set_color) f(scols_table_enable_noheadings)            \
	f(scols_table_enable_colors) f(scols_table_set_stream) f(scols_print_table)                \
	f(scols_unref_table) f(scols_get_library_version)

#define DECLARE(name) static __typeof__(name) *sym_##name;
FUNCTIONS(DECLARE)

bool smartcols_load(void)
{
#define ENTRY(name) {#name, (void **)&sym_##name},
	static const struct dl_symbol names[] = {FUNCTIONS(ENTRY)};
	static bool open;

	if (!open)
		open = dl_open(LIBRARY, names, ARRAY_SIZE(names));
	return open;
}

static struct libscols_table *new_scols(const struct table *t)
{
	struct libscols_table *scols = sym_scols_new_table();

	for (size_t i = 0; scols && i < t->n_columns; i++)
		sym_scols_table_new_column(scols, t->columns[i].name, 0,
			(t->columns[i].right ? SCOLS_FL_RIGHT : 0) |
				(t->columns[i].tree ? SCOLS_FL_TREE : 0));
	if (t->opts.out)
		sym_scols_table_set_stream(scols, t->opts.out);
	sym_scols_table_enable_noheadings(scols, t->opts.no_headings);
	sym_scols_table_enable_colors(scols, t->opts.colors);
	return scols;
}

static void add_lines(const struct table *t, struct libscols_table *scols)
{
	struct libscols_line *parent = NULL, *line;

	for (const struct table_line *l = t->lines; l < t->lines + t->n_lines; l++) {
		const char *cell = t->text + l->at;
		line = sym_scols_table_new_line(scols, l->under ? parent : NULL);
		for (size_t i = 0; line && i < t->n_columns; i++, cell += strlen(cell) + 1)
			sym_scols_line_set_data(line, i, *cell ? cell : NULL);
		if (l->color)
			sym_scols_line_set_color(line, l->color);
		if (!l->under)
			parent = line;
	}
}

int smartcols_print(const struct table *t)
{
	struct libscols_table *scols = new_scols(t);

	add_lines(t, scols);
	int done = sym_scols_print_table(scols);
	sym_scols_unref_table(scols);
	if (done < 0) {
		errno = -done;
		return -1;
	}
	return 0;
}

const char *table_library_version(void)
{
	const char *version = NULL;

	if (smartcols_load())
		sym_scols_get_library_version(&version);
	return version;
}
