/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that are in a process's memory: /proc/PID/maps. */
#ifndef FDTOOL_LIB_LOOK_MAPS_H
#define FDTOOL_LIB_LOOK_MAPS_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/inode.h"
#include "lib/look/share.h"

/*
 * The first inode of the set that the process has mapped, or NULL. Devices and numbers of the set
 * are as in stat(2). NULL also where this process has no permission.
 */
const struct inode_key *maps_find(pid_t, const struct inode_set *);

/* A process that has the inode of a description mapped, and no descriptor of it. */
struct mapper {
	pid_t pid;
	char command[16]; /* unescaped */
	dev_t dev;
	ino_t ino;
};

struct mappers {
	struct mapper *v;
	size_t n;
};

/*
 * Finds the mappers of the descriptions that are wanted[i], among all processes that may be
 * inspected. A process that maps several of their inodes comes with each. Free v.
 */
struct mappers mappers_find(const struct share *, const bool *wanted);

/* The same of the inodes of a set. */
struct mappers mappers_of(const struct inode_set *);

#endif
