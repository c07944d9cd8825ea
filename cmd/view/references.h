/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which descriptors the facts of a socket or an epoll refer to. */
#ifndef FDTOOL_CMD_VIEW_REFERENCES_H
#define FDTOOL_CMD_VIEW_REFERENCES_H

#include <jansson.h>
#include <sys/types.h>

/*
 * Adds to the facts of descriptor fd of process pid:
 * - "peers": ["123:4", …] to those of an AF_UNIX socket, the holders of its peer, found by a
 *   walk over all of /proc;
 * - "means": [7, …] to each entry of an epoll, the descriptors of the process that refer to
 *   the watched description. They need not include the number that the entry was added
 *   under. Empty where that is closed and only other processes have the description.
 * Either is null where it cannot be found out.
 */
void add_references(json_t *facts, pid_t pid, int fd);

#endif
