/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who shares what, as boxes in a terminal: descriptor tables, open file
 * descriptions, inodes, the lines between them, and a few words below.
 */
#ifndef FDTOOL_CMD_DRAW_PICTURE_H
#define FDTOOL_CMD_DRAW_PICTURE_H

#include <stdio.h>

#include "lib/look/share.h"

enum { PICTURE_WIDTH_MIN = 40 };

struct picture_opts {
	size_t width; /* columns, PICTURE_WIDTH_MIN at least; 0: width and utf8 as stdout and the
			 locale have them */
	bool utf8;
	const bool *changed; /* of share.descriptions, which stand out: in colour, or by a '*';
				NULL: none */
};

/* It wants name, type, status and inode of share_look. Colours are those of color.h. */
void picture_print(FILE *, const struct share *, const struct picture_opts *);

#endif
