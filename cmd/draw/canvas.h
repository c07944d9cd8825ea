/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A canvas of character cells, for a terminal. Lines that meet become corners and junctions
 * by themselves; where two cross, the vertical one is whole and the horizontal one has a gap.
 *
 * Rows and columns count from 0. What falls outside is not drawn. `changed` highlights:
 * COLOR_MOVED of color.h.
 */
#ifndef FDTOOL_CMD_DRAW_CANVAS_H
#define FDTOOL_CMD_DRAW_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct canvas;

/* utf8: lines by box-drawing characters, otherwise by ASCII. Free with canvas_free. */
struct canvas *canvas_new(size_t columns, size_t rows, bool utf8);
void canvas_free(struct canvas *);

/*
 * From x1 to x2, both included; nothing where x1 >= x2. Vertical lines have to be drawn
 * before the horizontal ones that cross them.
 */
void canvas_horizontal(struct canvas *, size_t x1, size_t x2, size_t y, bool changed);

/* From y1 to y2, both included; nothing where y1 >= y2. */
void canvas_vertical(struct canvas *, size_t x, size_t y1, size_t y2, bool changed);

/* The edges are at x1, x2, y1 and y2. */
void canvas_box(struct canvas *, size_t x1, size_t x2, size_t y1, size_t y2, bool changed);

/* Writes over whatever is there. Takes the text, which is malloc's. */
void canvas_text(struct canvas *, size_t x, size_t y, char *text, bool changed);

/* Prints all rows, without the blanks at their ends. */
void canvas_print(FILE *, const struct canvas *);

#endif
