/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of several words is meant by a mistyped one: "did you mean". */
#ifndef FDTOOL_LIB_BASE_NEAREST_H
#define FDTOOL_LIB_BASE_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *typed; /* borrowed */
	const char *word;  /* the nearest so far, NULL where none is near; borrowed */
	size_t distance;
};

/* Begins the search for what was typed. */
struct nearest nearest_to(const char *typed);

/*
 * Compares one more word. Its distance is the number of letters to insert, drop,
 * change or swap with the next; further than half of what was typed is no typing error.
 */
void nearest_try(struct nearest *, const char *word);

#endif
