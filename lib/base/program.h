/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program that fdtool becomes, or starts, inherits. */
#ifndef FDTOOL_LIB_BASE_PROGRAM_H
#define FDTOOL_LIB_BASE_PROGRAM_H

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

#endif
