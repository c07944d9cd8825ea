/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The facts (facts.h) of a description of a snapshot. */
#ifndef FDTOOL_LIB_LOOK_SHARE_FACTS_H
#define FDTOOL_LIB_LOOK_SHARE_FACTS_H

#include <jansson.h>

#include "lib/look/facts.h"
#include "lib/look/share.h"

/*
 * Of the first of its descriptors that still is one, which is put into *of. NULL where none is. The
 * snapshot's name, type, status and inode are not queried again, where it has them all. New
 * reference.
 */
json_t *share_facts(struct facts *, const struct share *, const struct share_description *,
	const struct share_fd **of);

#endif
