/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has a file open, in a sentence. */
#ifndef FDTOOL_CMD_VIEW_OPENS_H
#define FDTOOL_CMD_VIEW_OPENS_H

#include <stdio.h>

#include "lib/look/share.h"

/*
 * "app.log: 161 processes have it open: 156 share one description (A), inherited from sh 812; 5
 * have it open on their own". The target is an inode; word names it. Nothing where nobody has it.
 */
void opens_print(
	FILE *out, const struct share *, const struct share_target *, const char *word);

#endif
