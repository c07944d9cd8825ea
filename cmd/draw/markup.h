/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text between tags. */
#ifndef FDTOOL_CMD_DRAW_MARKUP_H
#define FDTOOL_CMD_DRAW_MARKUP_H

#include <stdio.h>

/* An escaped text (text_escape: no control characters), with entities for what XML has a meaning
 * for. */
void markup_text(FILE *, const char *text);

#endif
