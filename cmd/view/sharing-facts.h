/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The facts (lib/look/facts.h) of a description of a share. */
#ifndef FDTOOL_CMD_VIEW_SHARING_FACTS_H
#define FDTOOL_CMD_VIEW_SHARING_FACTS_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/look/facts.h"
#include "lib/look/share.h"

/*
 * The facts, taken from the first of the description's descriptors that can be inspected;
 * {} where none can. references: also those of references.h, which takes a walk over all
 * processes. New reference.
 */
json_t *description_facts(struct facts *, const struct share *, const struct share_description *,
	bool references);

/* The same as escaped text. The caller frees. */
char *description_words(struct facts *, const struct share *, const struct share_description *,
	bool references);

#endif
