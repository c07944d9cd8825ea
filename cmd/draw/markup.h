/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text for XML and for Graphviz's HTML-like labels. */
#ifndef FDTOOL_CMD_DRAW_MARKUP_H
#define FDTOOL_CMD_DRAW_MARKUP_H

#include <stdio.h>

/* Writes a text, which text_escape has escaped, with entities for &, <, > and ". */
void markup_text(FILE *, const char *text);

#endif
