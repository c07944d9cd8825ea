/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A table on stdout, by libsmartcols. The library is loaded when the
 * first table is made, so that a run without one does not pay for it.
 */
#ifndef FDTOOL_LIB_OUT_TABLE_H
#define FDTOOL_LIB_OUT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table;

struct table_column {
	const char *name;
	bool right; /* numbers */
	bool tree;  /* where the lines from a row to those under it are drawn */
};

struct table_opts {
	bool no_headings;
	bool raw;    /* one blank between cells, which are escaped so that none has one */
	bool colors; /* of rows */
	FILE *out;   /* NULL: stdout */
};

/* NULL where libsmartcols is not to be had; dl_fault then says why. */
struct table *table_new(const struct table_column *, size_t n, const struct table_opts *);

/* Adds a row of n cells, which are copied. NULL is an empty cell. */
void table_row(struct table *, const char *const *cells);

/*
 * The same, but takes the cells, which are malloc's and NULL afterwards. With
 * `under`, it hangs below the last row that was added without; `color` is a
 * terminal's sequence, or NULL.
 */
void table_row_taken(struct table *, char **cells, bool under, const char *color);

/*
 * For a table of many thousand rows: column i is as wide as `width` at least, so
 * that all pieces of the table line up.
 */
void table_width(struct table *, size_t i, size_t width);

/* Prints the rows so far, and forgets them. Returns 0, or -1 with errno. */
int table_flush(struct table *);

/* Prints and frees it. Returns 0, or -1 with errno. */
int table_print(struct table *);

/* The library's version, or NULL where it is not to be had. */
const char *table_library_version(void);

#endif
