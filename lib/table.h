/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tier 2. A table on stdout, by libsmartcols. The library is loaded when the
 * first table is made, so that a run without one does not pay for it.
 */
#ifndef FDTOOL_TABLE_H
#define FDTOOL_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct table;

struct table_column {
	const char *name;
	bool right; /* numbers */
};

/* NULL where libsmartcols is not to be had; library_fault then says why. */
struct table *table_new(const struct table_column *, size_t n);

/* Adds a row of n cells, which are copied. NULL is an empty cell. */
void table_row(struct table *, const char *const *cells);

/* Prints and frees it. Returns 0, or -1 with errno. */
int table_print(struct table *);

/* The library's version, or NULL where it is not to be had. */
const char *table_library_version(void);

#endif
