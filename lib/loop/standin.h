/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stand-in for /dev/mypoll, for machines without the driver. Each open has a queue, and
 * every event goes into all queues; the holders of one description share its queue.
 * fdtool-serve(1) lists what the stand-in cannot do.
 */
#ifndef FDTOOL_LIB_LOOP_STANDIN_H
#define FDTOOL_LIB_LOOP_STANDIN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/loop/loop.h"

enum { STANDIN_DEPTH = 64 }; /* records that a queue holds */

struct standin;

/*
 * A device that makes an event every `period` ns (0: only when triggered). Returns NULL
 * with errno.
 */
struct standin *standin_new(struct loop *, int64_t period);

int64_t standin_period(const struct standin *);

/*
 * Opens the device with mode O_RDONLY, O_WRONLY or O_RDWR: a descriptor with a queue.
 * Returns it, or -1 with errno. The caller owns it, and must keep it open until
 * standin_free: when the queue of a socket is full, the device drops its oldest record
 * through it.
 */
int standin_open(struct standin *, int mode, bool nonblock);

/* Makes an event with source=manual. */
void standin_trigger(struct standin *);

/* Removes the device: each open hangs up, and gives the queued records, then end of file. */
void standin_free(struct standin *);

#endif
