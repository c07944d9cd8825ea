/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The address of an offer: NAME (the abstract name "@fdtool/NAME"), @RAW (any other
 * abstract name), or a path. See unix(7) for abstract names.
 */
#ifndef FDTOOL_LIB_BASE_ADDR_H
#define FDTOOL_LIB_BASE_ADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#define ADDR_PREFIX "fdtool/"
#define ADDR_SERVER_TITLE "fdtool: serve" /* how the process title of a server begins */

enum { ADDR_NAME_MAX = 99 };

struct addr {
	struct sockaddr_un un;
	socklen_t len;
	const char *word; /* as the user wrote it; borrowed */
	dev_t dev;        /* dev and ino: of the socket file that addr_bind made; else 0 */
	ino_t ino;
	bool replaced;    /* addr_bind found a socket file there whose server had ended */
	const char *failed; /* after a failure of addr_bind or addr_connect: the call, "connect" */
};

/*
 * Why a word is not a valid NAME, as the end of a sentence ("is empty", "has a '/' in
 * it"); NULL if it is valid.
 */
const char *addr_name_fault(const char *word);

/* Parses a word. Returns NULL, or the fault as addr_name_fault does. */
const char *addr_parse(const char *word, struct addr *);

/*
 * The address of a socket that is no offer: @NAME, or a path, also one without a slash. Returns as
 * addr_parse.
 */
const char *addr_parse_unix(const char *word, struct addr *);

/* True if the address is a path. */
bool addr_is_path(const struct addr *);

/*
 * Binds a new SEQPACKET socket to the address. It does not listen yet: clients see
 * the credentials that the process has at listen(2). Replaces a socket file whose
 * server has ended, under a lock of its directory (flock(2)). Returns the socket, or
 * -1 with the errno of bind(2): EADDRINUSE if the address is in use, if another server
 * is replacing the same file, or if its directory cannot be locked.
 */
int addr_bind(struct addr *);

/* The same with a socket of another type, SOCK_STREAM and so on. */
int addr_bind_as(struct addr *, int type);

/*
 * Of an address that another process has bound, and whose socket this process has now: addr_unbind here
 * will remove its socket file.
 */
void addr_inherit(struct addr *);

/* Whether both are the same address, spelt alike. */
bool addr_equal(const struct addr *, const struct addr *);

/* Removes the socket file that addr_bind made, if it is still the same file. */
void addr_unbind(const struct addr *);

/* The same, but only if no process listens there any more. */
void addr_unbind_unused(const struct addr *);

/*
 * Connects a new socket to the address. Waits until the deadline (see time_after)
 * while the server's backlog is full. Returns the socket, or -1 with errno:
 * ECONNREFUSED or ENOENT if nobody listens, ETIMEDOUT, EACCES.
 */
int addr_connect(struct addr *, int64_t deadline);

/* The same with a socket of another type: SOCK_STREAM, or SOCK_DGRAM, which connects without waiting. */
int addr_connect_as(struct addr *, int type, int64_t deadline);

#endif
