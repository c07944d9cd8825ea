/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where an offer listens: NAME (abstract, "@fdtool/NAME"), @RAW (any
 * other abstract name) or a path. See unix(7) for what an abstract name is.
 */
#ifndef FDTOOL_LIB_BASE_ADDR_H
#define FDTOOL_LIB_BASE_ADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#define ADDR_PREFIX "fdtool/"
#define ADDR_SERVER_TITLE "fdtool: serve" /* the process title of a server, before its offers */

enum { ADDR_NAME_MAX = 99 };

struct addr {
	struct sockaddr_un un;
	socklen_t len;
	const char *word; /* as the user wrote it; borrowed */
	dev_t dev;        /* of the path that addr_bind made; else 0 */
	ino_t ino;
};

/*
 * Why a word is no NAME, as half a sentence ("is empty", "has a '/' in it"), or
 * NULL when it is one.
 */
const char *addr_name_fault(const char *word);

/* Parses a word. Returns NULL, or why it cannot be an address, as addr_name_fault does. */
const char *addr_parse(const char *word, struct addr *);

/* True for a socket in the file system. */
bool addr_is_path(const struct addr *);

/*
 * A new SEQPACKET socket bound to the address, not yet listening: identity and
 * policy are those of the process when it calls listen(2). A path left behind
 * by a server that died is taken over, under a lock of its directory (flock(2)).
 * Returns it, or -1 with the errno of bind(2): EADDRINUSE where somebody listens, or
 * another server takes the same path over, or its directory cannot be locked.
 */
int addr_bind(struct addr *);

/* Removes the path of a socket that addr_bind made, if it is still the same one. */
void addr_unbind(const struct addr *);

/*
 * A new socket connected to the address. Blocks until the deadline while the
 * server's backlog is full. Returns it, or -1 with errno: ECONNREFUSED or
 * ENOENT where nobody offers it, ETIMEDOUT, EACCES.
 */
int addr_connect(const struct addr *, int64_t deadline);

#endif
