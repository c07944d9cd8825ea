/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Closing descriptors that came from elsewhere. close(2) may wait for the file's server (a flush
 * of FUSE, NFS, SMB), and so may the end of a process that has one open, where not even
 * SIGKILL helps. So such a descriptor stays open, and at the end a child takes it over.
 */
#ifndef FDTOOL_LIB_BASE_RELEASE_H
#define FDTOOL_LIB_BASE_RELEASE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Closes *fd (taken), unless that may wait: then it stays open until release_rest. Does nothing
 * if it is -1. Keeps errno.
 */
void release_fd(int *fd);

/*
 * For a process that goes on, and must neither wait nor keep what it does not need: from now on a
 * child, which shares the table of descriptors, closes what may wait. Of these children 8 may wait at
 * one time; what is released meanwhile stays open until one has ended.
 */
void release_in_background(bool on);

/* Closes n descriptors (taken) that came uninvited. Waits, except in the background. Keeps errno. */
void release_uninvited(int *fds, size_t n);

/*
 * To be called last before the process ends, when stdout is flushed. If release_fd left a
 * descriptor open, a child now closes everything, the standard descriptors first, and waits in
 * our place. Returns whether there is one: then the process ends by _exit(2), since the functions of
 * atexit(3), and stdio, would find its descriptors closed.
 */
bool release_rest(void);

#endif
