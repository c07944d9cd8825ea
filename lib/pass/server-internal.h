/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state of the server (server.h), and what its files do for each other. Each calls
 * those after it: server-offers.c has the offers and their sockets, server-accept.c accepts
 * clients and grants or denies, server-narrow.c makes the descriptions of --narrow,
 * server-clients.c has the connections and messages, server-events.c reports what happens.
 */
#ifndef FDTOOL_LIB_PASS_SERVER_INTERNAL_H
#define FDTOOL_LIB_PASS_SERVER_INTERNAL_H

#include <bsd/sys/queue.h>

#include "lib/pass/protocol.h"
#include "lib/pass/server.h"

struct connection {
	struct offer *offer;
	struct peer peer;
	int sock;
	bool grant_read; /* by the client; false: not seen yet */
	struct loop_source *source;
	struct loop_source *timeout;
	LIST_ENTRY(connection) link;
};

struct offer {
	struct server *server;
	struct addr addr;
	char *name;
	int *fds; /* one, or those of a group */
	char **names; /* of a group: the name of each */
	size_t nfds;
	bool narrow;
	struct narrowing *narrowing; /* while a grant is being narrowed: no other client is accepted */
	struct peer narrowing_for;   /* and the client that it is for */
	int narrowing_sock;
	bool inherited; /* the listener is bound by somebody else, who also has it */
	int listener; /* -1 after the last grant */
	bool removed; /* by server_remove; it goes with its last connection */
	struct loop_source *source; /* NULL while accepting is paused */
	struct protocol_out message; /* the same for every client, so it is made once */
	size_t nclients;
	int64_t noted_since; /* the second in which `notes` came */
	size_t notes;
	LIST_ENTRY(offer) link;
};

LIST_HEAD(connection_list, connection);
LIST_HEAD(offer_list, offer);

struct server {
	struct loop *loop;
	const struct server_rules *rules;
	struct offer_list offers;
	struct connection_list connections;
	long granted;
	size_t n_connections;
	long n_narrowing; /* offers that narrow a grant now */
	const char *failed; /* see server_failed */
	bool stalled; /* OFFER_STALLED was reported, and no client was accepted since */
	int spare; /* closed for a moment when the descriptor table is full, to answer a client */
	struct loop_source *resume; /* made in advance: a timer takes a descriptor, too */
};

/* --- server-events.c ------------------------------------------------------- */

/* Reports an event to the owner of the server. */
void server_emit(const struct offer *, enum offer_event_kind, const struct peer *, int sock,
	const char *why, int err);

/* Closes the offer's listener and releases its address. */
void offer_stop_listening(struct offer *);

/* Closes its descriptors, and frees it. No connection of it may be left. */
void offer_free(struct offer *);

/*
 * After the last grant: releases the addresses at once, and reports OFFER_FINISHED
 * when no client is left.
 */
void server_finish_if_done(struct server *);

/* --- server-accept.c ------------------------------------------------------- */

/* Accepts clients from the offer's listener. Returns 0, or -1 with errno. */
int accept_start(struct offer *);

/* A loop_fn: starts accepting again after a pause. data is the server. */
void accept_resume(void *data, uint32_t expirations);

/* The descriptor to keep in reserve as server->spare. Returns it, or -1 with errno. */
int accept_open_spare(void);

/* --- server-narrow.c ------------------------------------------------------- */

/* Called when the descriptor was sent, with 0; or with an errno, EPIPE if the client has gone. */
typedef void narrow_fn(struct offer *, int err);

/*
 * Starts to send the client a narrowed description; the loop calls done. Returns 0, or -1 with
 * errno: EBUSY while the file hangs.
 */
int narrow_start(struct offer *, int client, narrow_fn *done);

/* Stops it, if it goes on; done is not called. */
void narrow_stop(struct offer *);
/* --- server-clients.c ------------------------------------------------------ */

/* Keeps the connection of a client that was granted the descriptor. Takes *sock. */
void connection_add(struct offer *, const struct peer *, int *sock);

/* Closes the connection and frees it, with no event. */
void connection_free(struct connection *);

/* Ends all connections of the offer; one whose grant is not read stays until it is. */
void connections_end(struct offer *);

/* How many connections the user has, over all offers. */
size_t connections_of(const struct server *, uid_t);

#endif
