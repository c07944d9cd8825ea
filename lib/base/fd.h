/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who owns a descriptor, and how it ends.
 *
 * Everywhere in fdtool: `int fd` is borrowed, `int *fd` is taken and is -1
 * afterwards (also on failure), a returned int is the caller's to close.
 */
#ifndef FDTOOL_LIB_BASE_FD_H
#define FDTOOL_LIB_BASE_FD_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Closes *fd unless it is -1, and makes it -1. errno is as it was before, so
 * that a failure can be cleaned up after and still be told.
 */
void fd_close(int *fd);

/* The same for n of them. */
void fd_close_all(int *fds, size_t n);

/* Closes what is open from first to last, both included; nothing where last is less. */
void fd_close_range(int first, int last);

/*
 * Makes every descriptor from first on close-on-exec, so that a program that is started
 * has none of them. Returns 0, or -1 with errno where that cannot be promised.
 */
int fd_cloexec_from(int first);

/*
 * Makes 0, 1 and 2 exist, so that nothing opened later lands there and is
 * taken for the terminal. A missing one is opened the wrong way round: using
 * it fails with EBADF, as using a closed one does, and exec closes it again.
 */
void fd_guard_standard(void);

/*
 * Puts *fd at the number `at`, without close-on-exec, replacing what was there.
 * Takes *fd. Returns 0, or -1 with the errno of dup2(2).
 */
int fd_move_to(int *fd, int at);

/*
 * True for a descriptor that the process was started with. All that it opens
 * itself are close-on-exec, and none of those can have come through an exec.
 */
bool fd_is_inherited(int fd);

/*
 * Raises the soft limit of descriptors to the hard one, for a server: each grant
 * in flight counts against it. A program that is started gets the old one back:
 * select(2) knows no descriptor above 1023.
 */
void fd_raise_limit(void);
void fd_restore_limit(void);

/* How many descriptors this process has open; -1 with errno without /proc. */
int fd_count(void);

#endif
