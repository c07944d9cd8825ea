/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program that fdtool becomes, or starts, inherits. */
#ifndef FDTOOL_LIB_BASE_PROGRAM_H
#define FDTOOL_LIB_BASE_PROGRAM_H

#include <stdint.h>

/*
 * To be called when fdtool starts. Where SIGCHLD is ignored the kernel reaps the children, and
 * nobody learns how they ended; so it is ignored no more.
 */
void program_wait_for_children(void);

/*
 * To be called before exec(3). SIGCHLD and the limit of descriptors are again as fdtool found
 * them. The variables that tell fdtool of its own descriptors (LISTEN_FDS and its like,
 * FDTOOL_FD_NAME) are removed: the program does not get those descriptors.
 */
void program_inherits(void);

/*
 * The inode number of our own pidfd, which exec(2) does not change, and which no other process
 * ever has. Only in pidfs is it such a number; an inode number of a 32-bit kernel is a part of it.
 * 0: the kernel does not tell. LISTEN_PIDFDID of sd_listen_fds(3).
 */
uint64_t program_pidfd_id(void);

#endif
