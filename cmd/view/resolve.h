/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts that point to other descriptors, and whose those are. */
#ifndef FDTOOL_CMD_VIEW_RESOLVE_H
#define FDTOOL_CMD_VIEW_RESOLVE_H

#include <jansson.h>
#include <sys/types.h>

/*
 * Adds to the facts of descriptor fd of process pid: to those of an AF_UNIX socket who has
 * its peer, "peers": ["123:4", …]; to each entry of an epoll which descriptors of the
 * process it means, "means": [7, …], which need not be the number that it was added
 * under: empty where that is closed and only others have the description.
 * null where it cannot be told. All of /proc is looked through for a peer.
 */
void resolve(json_t *facts, pid_t pid, int fd);

#endif
