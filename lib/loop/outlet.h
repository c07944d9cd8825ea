/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stream for a descriptor whose reader may not read: a full pipe, a stopped terminal.
 * Nothing that is printed waits: what the reader does not take is kept until it does. O_NONBLOCK
 * is not set on the descriptor, since it would be set for all holders: a pipe or a terminal is
 * opened once more instead.
 */
#ifndef FDTOOL_LIB_LOOP_OUTLET_H
#define FDTOOL_LIB_LOOP_OUTLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/loop/loop.h"

struct outlet;

enum { OUTLET_MAX = 65536 }; /* bytes; while more are kept, outlet_takes says no */

/*
 * An outlet on fd (borrowed; it outlives the outlet). When the reader has taken what was kept and
 * outlet_takes has refused n lines meanwhile, the outlet calls lost (may be NULL), which prints
 * that. NULL with errno.
 */
struct outlet *outlet_new(struct loop *, int fd, void (*lost)(void *data, size_t n), void *data);

/*
 * The stream, which the outlet closes. It is line buffered on a terminal, as stdout is. After a
 * write that failed, so do flushes of it, with the errno of write(2).
 */
FILE *outlet_stream(struct outlet *);

/*
 * Whether one more line may be printed that can be spared. If not, it is counted as lost, and
 * the next ones with it until the reader has taken all. What cannot be spared is printed without
 * asking; then call outlet_flush or outlet_drain from time to time.
 */
bool outlet_takes(struct outlet *);

/* Whether the reader has not taken all that was flushed. */
bool outlet_is_behind(const struct outlet *);

/*
 * Writes what the reader takes now; the loop writes the rest when it takes more. Returns 0,
 * or -1 with the errno of write(2), then and ever after.
 */
int outlet_flush(struct outlet *);

/*
 * Flushes, and waits until the reader has taken all or the loop is stopped; of the loop only
 * signals and timers run meanwhile: see loop_once_held. Returns as outlet_flush does.
 */
int outlet_drain(struct outlet *);

/* Writes what the reader takes now, and forgets the rest. Returns the bytes forgotten. */
size_t outlet_free(struct outlet *);

#endif
