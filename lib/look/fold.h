/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A snapshot of sharing in fewer rows, for a person to read. The descriptors that one table has
 * of one description are one row; and so are those of many processes that are alike: with the
 * same command, and the same descriptors of the same descriptions in this snapshot.
 */
#ifndef FDTOOL_LIB_LOOK_FOLD_H
#define FDTOOL_LIB_LOOK_FOLD_H

#include "lib/look/share.h"

struct fold_row {
	uint32_t first, n; /* share.fds[first], …: of one table, one description, one close-on-exec */
	uint32_t alike;    /* the processes that have it; 1: only that of the table */
};

struct fold {
	struct fold_row *rows; /* by description, and by table and number, as share.fds */
	size_t n;
	uint32_t *next; /* for each table, the next one that is alike; FOLD_LAST: none */
};

enum { FOLD_LAST = UINT32_MAX, FOLD_MIN = 4 /* processes: fewer are a row each */ };

/* each: nothing is folded, a descriptor is a row. Never fails. Free with fold_free. */
struct fold fold_new(const struct share *, bool each);
void fold_free(struct fold *);

/* The numbers of the descriptors of a row: "0-2,7". The caller frees. */
char *fold_numbers(const struct share *, const struct fold_row *);

#endif
