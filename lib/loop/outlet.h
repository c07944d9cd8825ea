/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines for a descriptor whose reader may not read: a full pipe, a stopped terminal.
 * Nothing here waits. O_NONBLOCK is not set on the descriptor, since it would be set for all
 * holders: a pipe or a terminal is opened once more instead.
 */
#ifndef FDTOOL_LIB_LOOP_OUTLET_H
#define FDTOOL_LIB_LOOP_OUTLET_H

#include <stddef.h>

#include "lib/loop/loop.h"

struct outlet;

enum { OUTLET_MAX = 65536 }; /* bytes that are kept while nobody reads */

/*
 * An outlet on fd (borrowed; it outlives the outlet). lost makes the line that says that n
 * lines were dropped; the outlet frees it.
 */
struct outlet *outlet_new(struct loop *, int fd, char *(*lost)(size_t n));

/*
 * Adds a line, with its newline. While the reader does not read, lines that are more than
 * OUTLET_MAX bytes together are dropped and counted; once it reads again, `lost` says so.
 */
void outlet_line(struct outlet *, const char *line);

/*
 * Writes what the reader takes now; the loop writes the rest when it takes more. Returns 0,
 * or -1 with the errno of write(2), then and ever after.
 */
int outlet_flush(struct outlet *);

/* Writes what the reader takes now, and forgets the rest. errno stays. */
void outlet_free(struct outlet *);

#endif
