/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tables. A short one is printed by libsmartcols, which is loaded when the first table is made, so
 * that a run without a table does not pay for it. The rows of a whole machine, and those for
 * scripts, are written directly, which takes a fifth of the time.
 */
#ifndef FDTOOL_LIB_OUT_TABLE_H
#define FDTOOL_LIB_OUT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table;

struct table_column {
	const char *name;
	bool right; /* aligned to the right, for numbers */
	bool tree;  /* has the lines from a row to the rows below it in the tree */
};

struct table_opts {
	bool no_headings;
	bool raw;    /* one space between cells, and spaces within cells escaped */
	bool colors; /* rows may have colours */
	FILE *out;   /* NULL: stdout */
};

/*
 * A table with n columns, which stay the caller's. Returns NULL if libsmartcols is missing; dl_fault
 * says why.
 */
struct table *table_new(const struct table_column *, size_t n, const struct table_opts *);

/* Adds a row and copies its n cells. NULL is an empty cell. */
void table_row(struct table *, const char *const *cells);

/*
 * The same, but takes the cells: they come from malloc(3), and are NULL afterwards. With
 * `under` the row is a child, in the tree, of the last row that was added without it.
 * color is the escape sequence of a colour, or NULL.
 */
void table_row_taken(struct table *, char **cells, bool under, const char *color);

/* Sets the rows that follow apart, by an empty line and the text as a heading. Not for raw. */
void table_group(struct table *, const char *text);

/* Prints the rows and frees the table. Returns 0, or -1 with errno. */
int table_print(struct table *);

/* The version of libsmartcols, or NULL if it is missing. */
const char *table_library_version(void);

#endif
