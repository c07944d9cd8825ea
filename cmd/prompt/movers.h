/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who moves a description without announcing it: told by the kernel, at once, where this process
 * may trace by BPF (root). Elsewhere, and where a call was missed, only polling finds the move: see
 * moves.h.
 */
#ifndef FDTOOL_CMD_PROMPT_MOVERS_H
#define FDTOOL_CMD_PROMPT_MOVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/look/moves.h"
#include "lib/loop/loop.h"

/* What a call by another process moved. */
struct moved {
	struct moves was, is;
	pid_t pid;        /* 0: it has none in this pid namespace */
	char command[16]; /* not escaped */
	const char *call; /* "lseek" */
	size_t calls;     /* 1; more: so many since the one before, of which this is the last */
};

/* which: of the descriptors */
typedef void movers_fn(void *data, size_t which, const struct moved *);

struct movers;

/*
 * Begins to watch these descriptors of this process (borrowed), a moment later: a session that
 * ends at once does not pay for it. Where the kernel does not tell, `on_moved` is never called.
 * Returns NULL with errno where the loop takes no timer.
 */
struct movers *movers_new(struct loop *, const int *fds, size_t n, movers_fn *on_moved, void *data);

/*
 * For a process that announces a move: returns whether there was one, from *was to *is, and updates
 * what is known. What the kernel has told of that process goes first, and on_moved is not called
 * for it; else, and for NULL, the descriptor is polled.
 */
bool movers_announced(struct movers *, size_t which, pid_t, struct moves *known,
	struct moves *was, struct moves *is);

/* Each MOVES_INTERVAL, before moves_tick. Does nothing for NULL. */
void movers_tick(struct movers *);

/* Says that it moved, above the line being typed: "NAME: bash 3275: lseek: pos 28 -> 3". */
void movers_say(const char *name, const struct moved *);

/* Does nothing for NULL. */
void movers_free(struct movers *);

#endif
