/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Closing descriptors that came from elsewhere. close(2) may wait for the file's server (a flush
 * of FUSE, NFS, SMB), and so may the end of a process that has one open, where not even
 * SIGKILL helps. So such a descriptor stays open, and at the end a child takes it over.
 */
#ifndef FDTOOL_LIB_BASE_RELEASE_H
#define FDTOOL_LIB_BASE_RELEASE_H

#include <stdbool.h>

/*
 * Closes *fd (taken), unless that may wait: then it stays open until release_rest. Does nothing
 * if it is -1. Keeps errno.
 */
void release_fd(int *fd);

/*
 * To be called last before the process ends, when stdout is flushed. If release_fd left a
 * descriptor open, a child now closes everything, the standard descriptors first, and waits in
 * our place. Returns whether there is one: then the process ends by _exit(2), since the functions of
 * atexit(3), and stdio, would find its descriptors closed.
 */
bool release_rest(void);

#endif
