/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hand-made models of shared descriptions, for the tests of drawing. */
#ifndef FDTOOL_SHAPES_H
#define FDTOOL_SHAPES_H

#include "lib/look/share.h"

struct shape {
	struct share share;
	bool *changed; /* one for each description; NULL: none has changed */
};

/* Makes the model of that name ("pair", "dup", "opens", …: see shapes.c), or returns NULL. */
struct shape *shape_named(const char *name);
void shape_free(struct shape *);

/* The names of all models, then NULL. */
extern const char *const shape_names[];

#endif
