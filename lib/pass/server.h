/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The server: offers descriptors, each under an address, and grants them to
 * clients. Speaks fdtool-protocol(7).
 *
 * No client can hold up another: the server never waits, loses a NOTE and denies
 * a grant that cannot be sent at once, and keeps at most max_clients connections
 * of one user.
 */
#ifndef FDTOOL_LIB_PASS_SERVER_H
#define FDTOOL_LIB_PASS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/addr.h"
#include "lib/base/peer.h"
#include "lib/loop/loop.h"

struct server;
struct offer;

enum offer_event_kind {
	OFFER_GRANTED,
	OFFER_DENIED,
	OFFER_LEFT,
	OFFER_STALLED, /* no client can be accepted now: err; said once until one is accepted again */
	OFFER_NOTED,   /* a client says that it changed the description; the others get a NOTE */
	OFFER_FINISHED /* all `count` grants were made, and the last client has left */
};

struct offer_event {
	enum offer_event_kind kind;
	const struct offer *offer; /* NULL for OFFER_FINISHED */
	const struct peer *peer; /* NULL: none, or the kernel did not name it */
	int sock;        /* the client's connection, for peer_comm */
	const char *why; /* OFFER_DENIED: "policy", "busy", "full" or "system"; OFFER_NOTED: what it did */
	int err;         /* OFFER_DENIED: an errno, or 0 */
};

struct server_rules {
	struct policy policy;
	size_t max_clients;     /* per user, at one time */
	size_t max_total;       /* of all users together; 0: no limit */
	int64_t client_timeout; /* ns that a client may stay silent after its grant; 0: no limit */
	long count;             /* end after this many grants; 0: never */
	void (*event)(void *data, const struct offer_event *); /* may be NULL */
	void *data;
};

/* A server without offers. The rules are borrowed and must outlive it. Returns NULL with errno. */
struct server *server_new(struct loop *, const struct server_rules *);

/*
 * Binds addr and offers *fd (taken) there; nobody can connect before
 * server_listen. With `narrow` each grant is a new read-only description.
 * Returns the offer, or NULL with errno: EADDRINUSE and the others of bind(2);
 * EINVAL for a descriptor that the kernel does not pass; ENOENT where proc_fault.
 */
struct offer *server_add(
	struct server *, const struct addr *, const char *name, int *fd, bool narrow);

/*
 * The same at a socket that is bound and listens already (taken): it is its owner who removes the
 * address.
 */
struct offer *server_add_at(struct server *, int *listener, const char *name, int *fd, bool narrow);

/* Names the descriptor that the offer was made with, which becomes a group by server_add_more. */
void offer_name_first(struct offer *, const char *name);

/*
 * Adds *fd (taken) to an offer, which is a group then: one grant has all of its descriptors, in
 * order. Before server_listen. Returns 0, or -1
 * with errno: E2BIG for more than fit in one message, EMSGSIZE for names that are too long for it,
 * and those of server_add.
 */
int server_add_more(struct offer *, const char *name, int *fd);

/*
 * Puts *fd (taken) in the place of the offer's descriptor: a client is granted the one or the other.
 * Those that have the old one are disconnected. Not for a group, nor with narrow. Returns 0; or -1 with
 * errno, those of server_add, and the offer is as it was.
 */
int offer_replace(struct offer *, int *fd);

/* Takes the offer (taken) away: its address is free then, and its clients are disconnected. */
void server_remove(struct offer *);

/* The call that failed in server_add: "sendmsg", "readlink", "bind", … */
const char *server_failed(const struct server *);

/*
 * Whether fd can be offered with `narrow`, by this process as it is now. Returns 0, or -1 with errno:
 * those of desc_reopen_readonly; ETIMEDOUT, EBUSY where open(2) hangs.
 */
int server_try_narrow(int fd);

/* Sets the owner of the sockets, which the kernel's tables show. Returns 0, or -1 with errno. */
int server_chown(struct server *, uid_t, gid_t);

/*
 * Listens at all addresses. Clients can connect from now on, and see the identity
 * that this process has at this moment. Returns 0, or -1 with errno.
 */
int server_listen(struct server *);

/* The same for an offer that was added after that; where it fails, the offer stays. */
int offer_listen(struct offer *);

/* Closes every connection, releases the addresses, closes the descriptors. Keeps errno. */
void server_free(struct server *);

/* Sends every client a NOTE: process pid changed the description by the operation `op`. */
void offer_note(struct offer *, const char *op, pid_t pid);

/* Calls each() for every client of the offer. */
void offer_each_client(struct offer *,
	void (*each)(void *data, const struct peer *, int sock), void *data);

/* Closes the connections of process pid. Returns their number. */
size_t offer_kick(struct offer *, pid_t pid);

const char *offer_name(const struct offer *);
int offer_fd(const struct offer *); /* borrowed; of a group, the first */
int offer_listener(const struct offer *); /* borrowed */

/* Sends what a client is granted to sock, which makes nobody a client. Returns as msg_send. */
int offer_give(const struct offer *, int sock);
size_t offer_clients(const struct offer *);

#endif
