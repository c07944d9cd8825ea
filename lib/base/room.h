/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Room at a number: the next new descriptor of this process is to get just that number, as the
 * lowest that is free. To move it there later would mean to close it where it was, and close(2)
 * may wait for the file's server.
 */
#ifndef FDTOOL_LIB_BASE_ROOM_H
#define FDTOOL_LIB_BASE_ROOM_H

#include <stdbool.h>
#include <stddef.h>

struct room {
	int at;
	int displaced; /* what was open at that number; -1: nothing */
	int *fillers;  /* at the free numbers below */
	size_t n;
};

/*
 * Makes room at a number, with duplicates of fd (borrowed) at the free numbers below. The caller
 * makes one descriptor, then calls room_end. Returns 0, or -1 with errno:
 *   EINVAL  the number is not below RLIMIT_NOFILE
 *   EMFILE  the table of descriptors is full
 */
int room_make(struct room *, int at, int fd);

/*
 * Closes the fillers. What was open at the number is closed too, as dup2(2) does, if the number
 * was taken; otherwise it is there again. Keeps errno.
 */
void room_end(struct room *, bool taken);

#endif
