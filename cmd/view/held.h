/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a port is still held, as far as it is known. */
#ifndef FDTOOL_CMD_VIEW_HELD_H
#define FDTOOL_CMD_VIEW_HELD_H

#include <stdio.h>

#include "lib/look/share.h"

/*
 * For each holder of a listening socket a line of what explains why it has it: "sleep 9279 fd 3,
 * inherited from python3 9270, close-on-exec is off". Nothing for one that has opened it, as far
 * as is known. The share has SHARE_CLOEXEC.
 */
void held_print(FILE *out, const struct share *);

#endif
