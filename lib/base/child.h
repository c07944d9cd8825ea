/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * read(2) by a child process, for a descriptor whose read may wait
 * although poll said that it would not: another holder of the description may
 * have been faster, and O_NONBLOCK is not ours to set. However long the read
 * hangs, the parent's loop goes on, and reader_stop ends it.
 */
#ifndef FDTOOL_LIB_BASE_CHILD_H
#define FDTOOL_LIB_BASE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { READER_MAX = 65536 };

struct reader {
	int sock; /* readable when the child has something: watch this one */
	pid_t child;
};

/*
 * Starts to read fd (borrowed), up to `size` bytes a read (READER_MAX at most);
 * `once` is one read and no more, so that nothing is taken that nobody asked
 * for. Returns 0, or -1 with errno.
 */
int reader_start(struct reader *, int fd, size_t size, bool once);

/*
 * What one read of the child's gave; size is READER_MAX + 1 at least. Never
 * waits. Returns its length, 0 at end of file, or -1 with the errno of the
 * child's read; EAGAIN where there is nothing yet.
 */
ssize_t reader_get(struct reader *, void *buf, size_t size);

/* Kills the child and waits for it. */
void reader_stop(struct reader *);

#endif
