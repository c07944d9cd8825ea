/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Type-specific details of a descriptor, beyond those of desc.h: the count of an eventfd, the
 * locks on a file, the names of a socket.
 *
 * They come from fdinfo, statx(2) without a sync, /proc, sysfs and sock_diag(7). Nothing is read
 * from a descriptor, moved or changed. Of another process, only pipes whose bytes the snapshot
 * does not have, memfds, and sockets that sock_diag does not list are duplicated (desc_getfd), and
 * closed again: the kernel alone implements them, and their close runs nothing else.
 */
#ifndef FDTOOL_LIB_LOOK_FACTS_H
#define FDTOOL_LIB_LOOK_FACTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/look/desc.h"
#include "lib/look/diag.h"

/*
 * Keeps the tables of sockets, drivers and locks, each read when it is first needed: all facts
 * are then of one moment. For a later moment make another.
 */
struct facts;
struct facts *facts_new(void);
void facts_free(struct facts *);

/*
 * The facts of a descriptor of process pid, 0 for this one; d is what desc_look found, or a
 * snapshot (cloexec and uid are not needed). Returns an object, {} for a type without facts. A
 * value is null where the fact exists but cannot be known: no permission, another network
 * namespace, a number that means another file by now. Lines of fdinfo that have no name here keep
 * the kernel's keys. Returns NULL where the descriptor was closed, or is seen to be of another
 * file than d. New reference.
 */
json_t *facts_of(struct facts *, pid_t pid, int fd, const struct desc *);

/* The socket with that inode, or NULL: it is of another network namespace, or in no table. */
const struct diag_socket *facts_socket(struct facts *, ino_t);

/* Whether a socket of TCP listens at that local port. */
bool facts_listens(struct facts *, uint16_t port);

#endif
