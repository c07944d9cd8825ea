/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who shares what, as a drawing for a browser, which needs nothing beside it. */
#ifndef FDTOOL_CMD_DRAW_SVG_H
#define FDTOOL_CMD_DRAW_SVG_H

#include <stdio.h>

#include "lib/look/share.h"

/* It wants name, type, status and inode of share_look. */
void svg_print(FILE *, const struct share *);

#endif
