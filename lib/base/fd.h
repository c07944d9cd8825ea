/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Closing, moving and reopening descriptors.
 *
 * Everywhere in fdtool a parameter `int fd` is borrowed; `int *fd` is taken and is
 * -1 afterwards, also on failure; the caller closes a descriptor that is returned.
 */
#ifndef FDTOOL_LIB_BASE_FD_H
#define FDTOOL_LIB_BASE_FD_H

#include <stdbool.h>
#include <stddef.h>

/* Closes *fd unless it is -1, and sets it to -1. Keeps errno, for use after a failure. */
void fd_close(int *fd);

/* The same for n descriptors. */
void fd_close_all(int *fds, size_t n);

/* Closes what is open from first to last, both included; nothing where last is less. */
void fd_close_range(int first, int last);

/*
 * Makes every descriptor from first on close-on-exec, so that a program that is started
 * has none of them. Returns 0, or -1 with errno where that cannot be promised.
 */
int fd_cloexec_from(int first);

/*
 * Opens /dev/null at those of 0, 1 and 2 that are closed, so that no file opened
 * later gets such a number. The access mode is the wrong one: a use fails with
 * EBADF, as it does for a closed descriptor. exec(2) closes them again.
 */
void fd_guard_standard(void);

/* A program that is started has fd: clears close-on-exec. Returns 0, or -1 with errno. */
int fd_inherit(int fd);

/*
 * Moves *fd (taken) to the number `at`, without close-on-exec. Closes the descriptor
 * that was there. Returns 0, or -1 with the errno of dup2(2).
 */
int fd_move_to(int *fd, int at);

/*
 * Opens the file of fd again, through /proc/self/fd: a new description, with the
 * flags of open(2). Returns it, close-on-exec, or -1 with the errno of open(2).
 */
int fd_reopen(int fd, int flags);

/*
 * True for a descriptor that the process was started with. It is not close-on-exec, while
 * all descriptors that fdtool opens are.
 */
bool fd_is_inherited(int fd);

/*
 * Raises the soft limit of descriptors to the hard limit, for a server: each grant
 * in flight counts against it. fd_restore_limit sets the old limit again, for a
 * program that is started: select(2) cannot use a descriptor above 1023.
 */
void fd_raise_limit(void);
void fd_restore_limit(void);

/* The number of descriptors that this process has open; -1 with errno without /proc. */
int fd_count(void);

#endif
