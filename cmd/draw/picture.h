/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who shares what, as boxes in a terminal: descriptor tables, open file
 * descriptions, inodes, the lines between them, and a paragraph below.
 */
#ifndef FDTOOL_CMD_DRAW_PICTURE_H
#define FDTOOL_CMD_DRAW_PICTURE_H

#include <stdio.h>

#include "lib/look/share.h"

enum { PICTURE_WIDTH_MIN = 40 };

struct picture_opts {
	/* in columns, PICTURE_WIDTH_MIN at least; 0: width of stdout, and utf8 of the locale */
	size_t width;
	bool utf8;
	bool each; /* as fold_new has it */
	/* for each of share.descriptions: highlight it, by colour or by a '*'; NULL: none */
	const bool *changed;
};

/* Needs SHARE_NAME, SHARE_STATUS and SHARE_INODE of share_look. Colours: color.h. */
void picture_print(FILE *, const struct share *, const struct picture_opts *);

#endif
