/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changes of a description's offset and status flags. The kernel notifies of neither (inotify
 * reports reads and writes, not lseek), so they are polled: in fdinfo, never by lseek(2), which
 * waits, and cannot be killed, while another holder of a regular file sleeps in a read
 * (f_pos_lock).
 */
#ifndef FDTOOL_LIB_LOOK_MOVES_H
#define FDTOOL_LIB_LOOK_MOVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct moves {
	int fd;      /* borrowed */
	int64_t pos; /* as last known; DESC_NO_POS: it has none */
	int flags;
	bool pending; /* it had moved at the last tick, and nobody had announced it yet */
};

/* The polling interval, in ns: at once for a person, and nearly no work. */
#define MOVES_INTERVAL INT64_C(250000000)

/* Notes the present offset and flags as known. */
void moves_begin(struct moves *, int fd);

/*
 * Returns whether it moved since the known offset and flags. These are then in *was, and the
 * present ones are known.
 */
bool moves_look(struct moves *, struct moves *was);

/*
 * The same for a timer, and for a move that nobody announced: it returns true at the second
 * tick only, so that the process that moved it has the time in between to announce it.
 */
bool moves_tick(struct moves *, struct moves *was);

/* Writes "pos 0 -> 5, flags O_RDWR -> O_RDWR|O_APPEND" into out, "" without a move. Returns out. */
char *moves_text(const struct moves *was, const struct moves *is, char *out, size_t size);

#endif
