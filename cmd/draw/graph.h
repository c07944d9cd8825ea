/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who shares what, in the language of Graphviz: for "dot -Tsvg" and its like. */
#ifndef FDTOOL_CMD_DRAW_GRAPH_H
#define FDTOOL_CMD_DRAW_GRAPH_H

#include <stdio.h>

#include "lib/look/share.h"

/* It wants name, type, status and inode of share_look. */
void graph_print(FILE *, const struct share *);

#endif
