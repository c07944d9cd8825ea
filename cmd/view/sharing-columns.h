/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns of the table of sharing.h: each a function that makes the cell of a row. */
#ifndef FDTOOL_CMD_VIEW_SHARING_COLUMNS_H
#define FDTOOL_CMD_VIEW_SHARING_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/look/facts.h"
#include "lib/look/fold.h"
#include "lib/look/share.h"

/*
 * Cells that are expensive to compute. Rows of one description follow each other, so the
 * cells of the last description are enough.
 */
struct cell_cache {
	struct facts *facts;
	bool utf8, raw;
	const struct share_description *facts_of, *why_of;
	char *words, *why;
};

/* A row: one descriptor, or several that are folded; then fd and table are the first ones. */
struct sharing_row {
	const struct share *share;
	size_t description; /* its index */
	const struct share_description *d;
	const struct fold_row *folded;
	const struct share_fd *fd;
	const struct share_table *table;
	struct cell_cache *cache;
};

/* A cell is the same in all rows that have the same one of these. */
enum cell_about { DESCRIPTION, TABLE, DESCRIPTOR };

struct sharing_column {
	const char *name;
	enum cell_about about;
	bool right, tree;
	unsigned need; /* of SHARE_NAME and so on */
	char *(*cell)(const struct sharing_row *); /* NULL: empty. The caller frees. */
	const char *help;
};

#endif
