/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models of who shares what, made by hand, for the tests of what draws them. */
#ifndef FDTOOL_SHAPES_H
#define FDTOOL_SHAPES_H

#include "lib/look/share.h"

struct shape {
	struct share share;
	bool *changed; /* of the descriptions; NULL: none */
};

/* "pair", "dup", "opens", …: see shapes.c. NULL where there is none of that name. */
struct shape *shape_named(const char *name);
void shape_free(struct shape *);

/* The names, NULL after the last. */
extern const char *const shape_names[];

#endif
