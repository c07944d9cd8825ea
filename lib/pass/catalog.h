/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The names on offer in this network namespace, from the kernel's
 * tables and proc(5). It connects to nobody: to look is not to be a client.
 */
#ifndef FDTOOL_LIB_PASS_CATALOG_H
#define FDTOOL_LIB_PASS_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/base/addr.h"

struct catalog_entry {
	char name[ADDR_NAME_MAX + 1];
	ino_t inode; /* of the listening socket */
	pid_t pid;   /* 0: may not be known */
	uid_t uid;   /* of the socket's owner, where uid_known */
	bool uid_known;
	int fd; /* the offered descriptor in pid; -1: may not be known */
};

struct catalog {
	struct catalog_entry *entries; /* by name */
	size_t n;
};

/*
 * The names, and whose sockets they are: one dump of the kernel's unix_diag(7),
 * or /proc/net/unix where it has none, which names no owner, and in which a name
 * with a newline in it can pretend to be two. Returns 0, or -1 with errno. Free
 * it with catalog_free in either case.
 */
int catalog_names(struct catalog *);

/*
 * Whether anybody accepts connections at "@RAW", the whole of an abstract name. Returns 0,
 * or -1 with errno: ECONNREFUSED, as connect(2) has it.
 */
int catalog_accepts(const char *raw);

/*
 * Fills in who offers them, as far as this process may see. A pid is one that
 * has the socket; where /proc does not let us look, it is one that says so in
 * its title and is of the user that the kernel names as the socket's owner.
 */
void catalog_owners(struct catalog *);

/* The entry of a name, or NULL. */
const struct catalog_entry *catalog_find(const struct catalog *, const char *name);

/* The name on offer that is nearest to a mistyped one, or NULL where none is near. */
const char *catalog_nearest(const struct catalog *, const char *name);

void catalog_free(struct catalog *);

#endif
