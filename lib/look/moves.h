/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What moved in a description: its offset and its status flags. Neither
 * has a notification (inotify sees reads and writes, not lseek), so they are
 * asked for. Of fdinfo, never by lseek(2): that waits, and cannot be killed, while
 * another holder of a regular file sleeps in a read (f_pos_lock).
 */
#ifndef FDTOOL_LIB_LOOK_MOVES_H
#define FDTOOL_LIB_LOOK_MOVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct moves {
	int fd;      /* borrowed */
	int64_t pos; /* as last known; -1: it has none */
	int flags;
	bool doubtful; /* it had moved at the last tick, and nobody had said so yet */
};

/* How often who shows it asks, in ns: what a person calls at once, and nearly no work. */
#define MOVES_INTERVAL INT64_C(250000000)

/* What is now is known. */
void moves_begin(struct moves *, int fd);

/*
 * True if it moved since what is known; *was is how it had been, and what is
 * now is known.
 */
bool moves_look(struct moves *, struct moves *was);

/*
 * The same, for a timer, and for what nobody announced: true at the second tick
 * only, so that whoever did it has had the time between to say so.
 */
bool moves_tick(struct moves *, struct moves *was);

/* "pos 0 -> 5, flags O_RDWR -> O_RDWR|O_APPEND" into out; nothing moved is "". */
char *moves_text(const struct moves *was, const struct moves *is, char *out, size_t size);

#endif
