/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client: checks which user the server runs as, receives the descriptor that
 * it offers, and checks that it is what was announced. Speaks fdtool-protocol(7).
 */
#ifndef FDTOOL_LIB_PASS_CLIENT_H
#define FDTOOL_LIB_PASS_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/addr.h"
#include "lib/base/peer.h"
#include "lib/look/desc.h"
#include "lib/pass/handover.h"
#include "lib/pass/protocol.h"

enum client_fault {
	CLIENT_OK,
	CLIENT_NOBODY,    /* nobody listens there (errno), or the server left without an answer */
	CLIENT_UNTRUSTED, /* the server runs as a user who is not trusted; nothing was received */
	CLIENT_DENIED,    /* the server refused; reason says why */
	CLIENT_PROTOCOL,  /* the message is not an offer (errno); all its descriptors are closed */
	CLIENT_TIMEOUT,
	CLIENT_NUMBER, /* the descriptor cannot have the number that was asked for (errno) */
	CLIENT_SYSTEM /* errno, and the call that failed */
};

/* One more descriptor of a group. */
struct client_rest {
	int fd;
	int server_fd; /* as in struct client */
	char name[ADDR_NAME_MAX + 1];
};

struct client {
	int fd;
	struct client_rest *rest; /* of a group: the descriptors after fd */
	size_t n_rest;
	char member[ADDR_NAME_MAX + 1]; /* of a group: the name of fd in it, by the server's word */
	bool group;         /* an offer of several is accepted */
	bool foreign; /* the peer is no fdtool: whatever it says is not read, and it gets no answer */
	int sock;           /* hangs up when the server ends; -1 if it was not kept */
	struct peer server; /* as the kernel reports it; valid from CLIENT_UNTRUSTED on */
	int more;           /* descriptors that the peer gives after this one, by its word */
	bool keeps;         /* we are a broker: DROP and TAKEOVER are accepted, too; they have no descriptor */
	bool heir;          /* we take over from a broker: HANDOVER is accepted, too */
	enum protocol_verb verb; /* of the message: OFFER, or one of those */
	struct handover handover; /* of a HANDOVER */
	bool replace;       /* for a broker: to be put in the place of what has that name */
	int64_t expire;     /* for a broker: ns after which it lets the descriptor go; 0: not told */
	int server_fd;      /* the descriptor's number in the server, by its word; -1: not told */
	char name[ADDR_NAME_MAX + 1]; /* of the offer, by the server's word; "": not told */
	const char *call;   /* CLIENT_SYSTEM: "connect" */
	int denied_errno;   /* CLIENT_DENIED: what the server's call failed with, or 0 */
	char reason[128];   /* CLIENT_DENIED: the server's word, "policy", "busy", "full", "system" */
	uid_t denied_uid;   /* CLIENT_DENIED: the uid that the server saw */
};

/*
 * Connects, waits for the offer until the deadline, and receives one
 * descriptor. Besides this process's own user and root, the server may run as
 * those that `trust` allows. The descriptor gets the number `at`, where it replaces what is open,
 * or with -1 the lowest that is free. On CLIENT_OK the caller owns fd and sock, and closes
 * them with client_close; otherwise nothing is open.
 */
enum client_fault client_acquire(
	struct addr *, const struct policy *trust, int64_t deadline, int at, struct client *);

/* The same for an offer of several descriptors, too: the others are in c->rest, at free numbers. */
enum client_fault client_acquire_group(
	struct addr *, const struct policy *trust, int64_t deadline, int at, struct client *);

/*
 * The other direction: whoever connects to us gives. client_accept begins, with a connection of
 * accept(2) (*sock is taken): CLIENT_OK where the peer is one that `trust` allows; otherwise it is
 * told so, and nothing is open. client_take waits for one descriptor, as client_acquire does, with
 * the same faults, but sock stays open: each descriptor is to be answered, by client_send_taken or
 * client_deny. Called again with another struct that has this sock, it takes the next of the `more`.
 */
enum client_fault client_accept(
	int *sock, bool foreign, const struct policy *trust, struct client *);

/*
 * The same for a datagram that waits at `sock` (borrowed) from a foreign peer; SO_PASSCRED must be
 * set there before somebody may send. CLIENT_UNTRUSTED: it was dropped. CLIENT_NOBODY: there is none.
 */
enum client_fault client_datagram(int sock, const struct policy *trust, struct client *);

enum client_fault client_take(struct client *, int64_t deadline, int at);

/*
 * For a loop that watches sock: reads the one message that is there, never waits, and leaves sock as
 * it is. Returns as client_take, with the descriptor at the lowest number; with `keeps` also a DROP.
 */
enum client_fault client_take_here(struct client *);

/*
 * Connects to the one that waits at the address, with a socket of this type; `server` is that one.
 * CLIENT_UNTRUSTED where it runs as a user whom `to` does not allow; nothing was sent then. Where
 * it fails, nothing is open.
 */
enum client_fault client_connect(
	struct addr *, int type, const struct policy *to, int64_t deadline, struct client *);

/*
 * Sends fd (borrowed) under the name, with the announcement that `more` follow, and with c->expire
 * and c->replace, and waits for the answer. CLIENT_OK: it was taken. CLIENT_DENIED: it was not.
 * CLIENT_PROTOCOL: the answer is neither; with EALREADY the peer is a server that offers something
 * itself. CLIENT_SYSTEM with EINVAL of "sendmsg": the kernel does not pass this descriptor.
 */
enum client_fault client_give(
	struct client *, const char *name, int fd, int more, int64_t deadline);

/* Asks a broker to let the name go, and waits for the answer. Returns as client_give. */
enum client_fault client_drop(struct client *, const char *name, int64_t deadline);

/*
 * Asks a broker to hand everything over: then client_take receives one HANDOVER or OFFER at a time,
 * and client_send_taken asks for the next.
 */
enum client_fault client_take_over(struct client *);

/*
 * Waits for the peer to hang up. CLIENT_NOBODY: it did. CLIENT_DENIED: it sent a DENY first. Or
 * CLIENT_PROTOCOL, CLIENT_TIMEOUT, CLIENT_SYSTEM.
 */
enum client_fault client_wait_for_end(struct client *, int64_t deadline);

/* Tells the peer that its descriptor is not taken: DENY, with an errno or 0. */
void client_deny(const struct client *, const char *reason, int err);

/*
 * Tells the server that this client stays, and under which number it holds the
 * descriptor. Lost if it cannot be sent at once, or if sock was closed.
 */
void client_send_taken(const struct client *);

/*
 * Tells the server that this process changed the description by the operation `op`.
 * Lost if it cannot be sent at once, or if sock was closed.
 */
void client_send_note(const struct client *, const char *op);

/* A message from the server after the offer. */
struct client_event {
	enum { CLIENT_NO_EVENT, CLIENT_NOTE, CLIENT_GONE } kind;
	char op[32]; /* CLIENT_NOTE: the operation, by the server's word */
	pid_t pid;   /* CLIENT_NOTE: the process that did it; 0: not told */
};

/* Receives one message, if there is one; never waits. A malformed message counts as CLIENT_GONE. */
struct client_event client_receive(const struct client *);

/*
 * Whether fd and the server's descriptor are the same description, by kcmp(2).
 * DESC_UNKNOWN if the kernel does not tell, the server did not name its number, or
 * its process has ended.
 */
enum desc_same client_same(const struct client *);

/* Closes fd, those of rest, and sock. */
void client_close(struct client *);

#endif
