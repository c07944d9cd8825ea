/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of table.h have in common: a table keeps its rows until it is printed. */
#ifndef FDTOOL_LIB_OUT_TABLE_INTERNAL_H
#define FDTOOL_LIB_OUT_TABLE_INTERNAL_H

#include "lib/out/table.h"

/* Its cells are texts one after the other, each with its NUL, from `at` on in table.text. */
struct table_line {
	size_t at;
	const char *color; /* or NULL */
	bool under;        /* a child of the last row that is not */
	bool group;        /* not a row, but one text */
};

struct table {
	const struct table_column *columns;
	size_t n_columns;
	struct table_opts opts;
	char *text;
	size_t used, room;
	struct table_line *lines;
	size_t n_lines;
	bool groups; /* there is a line that is no row */
	bool utf8;   /* the locale has the lines of a tree */
	int error;   /* the errno of the first one; 0: none */
};

/* --- table-smartcols.c ------------------------------------------------------------- */

/* Opens libsmartcols. Returns false where it is missing. */
bool smartcols_load(void);

/* Prints a table without groups. Returns 0, or -1 with errno. */
int smartcols_print(const struct table *);

#endif
