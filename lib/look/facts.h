/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the type of a descriptor lets one say about it, beyond what desc.h
 * says of any: the count of an eventfd, the locks on a file, the names of a socket.
 *
 * From fdinfo, statx(2) without a sync, /proc, sysfs and sock_diag(7). Nothing is read
 * from a descriptor, moved or changed. Of another process only pipes and memfds are taken
 * (desc_getfd), and closed again: the kernel alone implements them, and nothing of
 * what they do at close is run.
 */
#ifndef FDTOOL_LIB_LOOK_FACTS_H
#define FDTOOL_LIB_LOOK_FACTS_H

#include <jansson.h>
#include <sys/types.h>

#include "lib/look/desc.h"

/*
 * Keeps the tables of sockets, drivers and locks, each read when first needed: what is
 * said is of one moment. For a later one make another.
 */
struct facts;
struct facts *facts_new(void);
void facts_free(struct facts *);

/*
 * The facts of a descriptor of process pid, 0 for this one, of which desc_look
 * said d: an object, {} where there is nothing to say; null where a fact exists
 * and may not be known (EPERM, another network namespace, a number that has come to mean
 * something else). Lines of fdinfo that are not known here keep the kernel's keys.
 * New reference.
 */
json_t *facts_of(struct facts *, pid_t pid, int fd, const struct desc *);

#endif
