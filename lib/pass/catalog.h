/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The names on offer in this network namespace, from the kernel's tables and
 * proc(5). Makes no connection, so no server sees a client.
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
	pid_t pid;   /* of the server; 0: unknown */
	uid_t uid;   /* of the socket's owner, if uid_known */
	bool uid_known;
	int fd; /* number of the offered descriptor in that process; -1: unknown */
	int *rest;     /* of a group: the numbers of its other descriptors */
	size_t n_rest;
};

struct catalog {
	struct catalog_entry *entries; /* sorted by name */
	size_t n;
};

/*
 * Lists the names and the uids of their sockets, from one dump of unix_diag. A
 * kernel without that has /proc/net/unix, which gives no uid, and where one name
 * with a newline in it can look like two. Returns 0, or -1 with errno. In both
 * cases the caller frees it with catalog_free.
 */
int catalog_names(struct catalog *);

/*
 * Whether a socket listens at the abstract name "@RAW". Returns 0, or -1 with errno:
 * ECONNREFUSED if not, as connect(2) would.
 */
int catalog_accepts(const char *raw);

/*
 * Fills in pid and fd where this process may see them. pid is a process that has
 * the socket open. If its descriptors may not be read, pid is a process whose
 * title names the offer and whose user owns the socket according to the kernel.
 */
void catalog_owners(struct catalog *);

/*
 * What the kernel or another process says, one at a time, for catalog_names and catalog_owners:
 * a message of unix_diag; a line of /proc/net/unix; the title of a server after its beginning,
 * "notes.txt=4 web=5,6,7" (a group). verified: the descriptors of the process could be read, so pid is set in
 * the entries whose sockets it has. The names are not sorted; a text is changed.
 */
struct nlmsghdr;
void catalog_add_message(void *catalog, const struct nlmsghdr *);
void catalog_add_line(struct catalog *, char *line);
void catalog_match_title(struct catalog *, pid_t pid, char *offers, bool verified);

/* The entry of a name, or NULL. */
const struct catalog_entry *catalog_find(const struct catalog *, const char *name);

/* The name on offer that is nearest to a mistyped one, or NULL if none is near. */
const char *catalog_nearest(const struct catalog *, const char *name);

void catalog_free(struct catalog *);

#endif
