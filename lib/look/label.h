/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A name for a description that says what a person looks for: the addresses of a socket, where the
 * link of proc(5) has only an inode number. What is not known is left out.
 */
#ifndef FDTOOL_LIB_LOOK_LABEL_H
#define FDTOOL_LIB_LOOK_LABEL_H

#include <stdbool.h>

#include "lib/look/share.h"

/* Keeps the tables of sockets, read when they are first needed. Borrows the share. */
struct labels;
struct labels *labels_new(const struct share *, bool ascii);
void labels_free(struct labels *);

/* The name, unescaped: the text of the proc link for what has a path. The caller frees. */
char *label_of(struct labels *, const struct share_description *);

#endif
