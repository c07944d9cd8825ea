/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who has the inode of a description mapped, and no descriptor of it: the memory of a memfd, and
 * the blocks of a deleted file, live as long as that.
 */
#ifndef FDTOOL_CMD_VIEW_MAPPED_H
#define FDTOOL_CMD_VIEW_MAPPED_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "lib/look/share.h"

/* Prints a line for each description that has mappers. all: also of files that have a name. */
void mapped_print(FILE *out, const struct share *, bool all);

/* Adds "mappers" to each of the descriptions, an array of sharing_json, of which they are known. */
void mapped_add_json(json_t *descriptions, const struct share *, bool all);

#endif
