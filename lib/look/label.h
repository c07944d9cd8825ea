/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of descriptions that say what a person looks for: the addresses of a socket, who has the
 * other end of a pipe, where the link of proc(5) has only an inode number. What is not known is
 * left out.
 */
#ifndef FDTOOL_LIB_LOOK_LABEL_H
#define FDTOOL_LIB_LOOK_LABEL_H

#include <stdbool.h>

#include "lib/look/share.h"

struct label_opts {
	bool ascii;
	bool by_inode; /* for a drawing, where the two ends of a pipe have one name */
	bool by_kind;  /* without what tells two of a kind apart: ids, ports of clients, descriptors */
	const bool *only; /* for each description, whether to label it; NULL: all */
};

/* Sets the labels of a snapshot, which has SHARE_LABEL. */
void share_label(struct share *, const struct label_opts *);

/* What it needs of a snapshot. */
enum { SHARE_LABEL = SHARE_NAME | SHARE_STATUS | SHARE_INODE };

#endif
