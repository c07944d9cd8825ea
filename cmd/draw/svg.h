/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who shares what, as one self-contained SVG file for a browser. */
#ifndef FDTOOL_CMD_DRAW_SVG_H
#define FDTOOL_CMD_DRAW_SVG_H

#include <stdbool.h>
#include <stdio.h>

#include "lib/look/share.h"

/* Needs SHARE_NAME, SHARE_STATUS and SHARE_INODE of share_look. each: as fold_new has it. */
void svg_print(FILE *, const struct share *, bool each);

#endif
