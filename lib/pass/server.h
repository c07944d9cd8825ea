/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The server: descriptions on offer, each under an address, and the
 * clients that they are granted to. Speaks fdtool-protocol(7).
 *
 * No client can hold up another: nothing here waits, a message that does not go
 * out at once costs its client the connection, and one user has at most
 * max_clients places.
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
	OFFER_DENIED, /* why says which rule, err an errno or 0 */
	OFFER_LEFT,
	OFFER_NOTED,   /* the peer says that it moved the offset or the flags; the others are told */
	OFFER_FINISHED /* the last of `count` grants was made and its client left */
};

struct offer_event {
	enum offer_event_kind kind;
	const struct offer *offer; /* NULL for OFFER_FINISHED */
	const struct peer *peer;
	int sock;        /* the client's, for peer_comm */
	const char *why; /* OFFER_DENIED; OFFER_NOTED: the peer's word for what it did */
	int err;
};

struct server_rules {
	struct policy policy;
	size_t max_clients;     /* of one user at a time */
	int64_t client_timeout; /* ns that a client may stay without a word after its grant; 0: for ever */
	long count;             /* end after so many grants; 0: never */
	void (*event)(void *data, const struct offer_event *);
	void *data;
};

/* A server without offers. rules is borrowed and outlives it. NULL with errno. */
struct server *server_new(struct loop *, const struct server_rules *);

/*
 * Binds addr and keeps *fd (taken) for it; nobody can connect before
 * server_listen. With narrow each grant is a fresh read-only description.
 * Returns the offer, or NULL with errno: EADDRINUSE and the others of bind(2);
 * EINVAL for a descriptor that the kernel does not pass; those of desc_reopen_readonly.
 */
struct offer *server_add(struct server *, const struct addr *, const char *name, int *fd, bool narrow);

/* Makes the sockets that user's, for fstat(2) and the kernel's tables. Returns 0, or -1 with errno. */
int server_chown(struct server *, uid_t, gid_t);

/*
 * Listens on all of them: from here on clients come, and see the identity that
 * this process has now. Returns 0, or -1 with errno.
 */
int server_listen(struct server *);

/* Ends every connection, frees the names, closes the descriptors. */
void server_free(struct server *);

/* Tells every client that process pid moved the description by a call of that name. */
void offer_note(struct offer *, const char *op, pid_t pid);

/* Calls each for every client. */
void offer_each_client(struct offer *,
	void (*each)(void *data, const struct peer *, int sock), void *data);

/* Ends the connections of that process. Returns how many it had. */
size_t offer_kick(struct offer *, pid_t pid);

const char *offer_name(const struct offer *);
int offer_fd(const struct offer *); /* borrowed */
size_t offer_clients(const struct offer *);

#endif
