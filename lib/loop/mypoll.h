/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The stand-in for /dev/mypoll, for machines without the driver: each
 * open has its own queue, every event goes to every open, holders of one
 * description share a queue. What it cannot do is in fdtool-serve(1).
 */
#ifndef FDTOOL_LIB_LOOP_MYPOLL_H
#define FDTOOL_LIB_LOOP_MYPOLL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/loop/loop.h"

enum { MYPOLL_DEPTH = 64 }; /* records that a queue holds */

struct mypoll;

/* A device that makes an event every `period` ns (0: only when triggered). NULL with errno. */
struct mypoll *mypoll_new(struct loop *, int64_t period);

int64_t mypoll_period(const struct mypoll *);

/*
 * Opens it: a descriptor with its own queue, mode O_RDONLY, O_WRONLY or O_RDWR.
 * The caller owns it and keeps it open as long as the device lives: when the
 * queue is full the device takes the oldest record out of it. -1 with errno.
 */
int mypoll_open(struct mypoll *, int mode, bool nonblock);

/* Makes a source=manual event. */
void mypoll_trigger(struct mypoll *);

/* The device goes away: every open hangs up, and reads what is queued, then end of file. */
void mypoll_free(struct mypoll *);

#endif
