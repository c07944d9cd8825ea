/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A table, by libsmartcols: see table.h.
 *
 * Debian has no archive of libsmartcols to link in, and linked as a shared
 * library it is loaded at every start. So it is opened here, and each function
 * bears the type that the library's own header gives it.
 */
#include "lib/table.h"
#include "lib/library.h"
#include "lib/text.h"

#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>

#define FUNCTIONS(f)                                                                               \
	f(scols_new_table) f(scols_table_new_column) f(scols_table_new_line)                       \
	f(scols_line_set_data) f(scols_print_table) f(scols_unref_table)                           \
	f(scols_get_library_version)

#define DECLARE(name) static __typeof__(name) *sym_##name;
FUNCTIONS(DECLARE)

struct table {
	struct libscols_table *scols;
	size_t columns;
};

static bool load(void)
{
#define ENTRY(name) {#name, (void **)&sym_##name},
	static const struct library_name names[] = {FUNCTIONS(ENTRY)};
	static bool open;

	if (!open)
		open = library_open("libsmartcols.so.1", names, sizeof(names) / sizeof(names[0]));
	return open;
}

struct table *table_new(const struct table_column *columns, size_t n)
{
	if (!load())
		return NULL;
	struct table *t = must_calloc(1, sizeof(*t));
	t->columns = n;
	t->scols = sym_scols_new_table();
	for (size_t i = 0; t->scols && i < n; i++)
		sym_scols_table_new_column(
			t->scols, columns[i].name, 0, columns[i].right ? SCOLS_FL_RIGHT : 0);
	return t;
}

void table_row(struct table *t, const char *const *cells)
{
	struct libscols_line *line = sym_scols_table_new_line(t->scols, NULL);

	for (size_t i = 0; line && i < t->columns; i++)
		sym_scols_line_set_data(line, i, cells[i]);
}

int table_print(struct table *t)
{
	int done = sym_scols_print_table(t->scols);

	sym_scols_unref_table(t->scols);
	free(t);
	if (done < 0) {
		errno = -done;
		return -1;
	}
	return 0;
}

const char *table_library_version(void)
{
	const char *version = NULL;

	if (load())
		sym_scols_get_library_version(&version);
	return version;
}
