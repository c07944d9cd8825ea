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

#include "lib/look/maps.h"
#include "lib/look/share.h"

struct mapped {
	bool *wanted; /* for each description */
	struct mappers found;
};

/* Looks for them. all: also of files that have a name. Free with mapped_free. */
struct mapped mapped_find(const struct share *, bool all);
void mapped_free(struct mapped *);

/* Prints a line for each description that has mappers. */
void mapped_print(FILE *out, const struct share *, const struct mapped *);

/* Those of a description, as an array; NULL where they were not looked for. New reference. */
json_t *mapped_json(const struct mapped *, const struct share *, size_t description);

#endif
