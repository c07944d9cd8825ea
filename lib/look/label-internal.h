/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of label.h have in common. */
#ifndef FDTOOL_LIB_LOOK_LABEL_INTERNAL_H
#define FDTOOL_LIB_LOOK_LABEL_INTERNAL_H

#include <jansson.h>

#include "lib/look/facts.h"
#include "lib/look/share.h"

struct labels {
	const struct share *share;
	struct facts *facts;
	bool ascii, by_inode, by_kind;
	const bool *only; /* as in label_opts */
	const struct share *ends; /* where the other ends are looked up */
	struct share own_ends;    /* ends, if it is not the share */
	struct end *index;        /* of ends, by inode */
};

/* Whether the description is to be labelled. */
static inline bool label_is_wanted(const struct labels *l, size_t description)
{
	return !l->only || l->only[description];
}

/* " ↔ " */
const char *label_arrow(const struct labels *);

/* --- label-ends.c ------------------------------------------------------------------- */

/* Finds the holders of the other ends of all pipes, sockets and terminals; and forgets them. */
void ends_find(struct labels *);
void ends_free(struct labels *);

/*
 * "sleep 9148 fd 4", or "sleep 9148 fd 4 +2" where more processes have it, the first holder of a
 * description of that inode which is accepted; by kind only "sleep 9148". NULL where there is none.
 * The caller frees.
 */
char *ends_holder(const struct labels *, dev_t, ino_t,
	bool (*accept)(const void *data, const struct share_description *), const void *data);

/* The same of the master of a terminal. */
char *ends_master(const struct labels *, const struct share_description *);

#endif
