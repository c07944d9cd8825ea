/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The word of several that a mistyped one is nearest to: "did you mean". */
#ifndef FDTOOL_LIB_BASE_NEAREST_H
#define FDTOOL_LIB_BASE_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *typed; /* borrowed */
	const char *word;  /* the nearest so far, or NULL if none is near; borrowed */
	size_t distance;   /* of that word; without one, the limit */
};

/* Starts a search for the word that was typed. */
struct nearest nearest_to(const char *typed);

/*
 * Compares one more word. The distance is the number of letters to insert, drop, change,
 * or swap with the next. A word is near if that is at most half the length of the typed one.
 */
void nearest_try(struct nearest *, const char *word);

#endif
