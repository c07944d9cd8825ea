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

struct client {
	int fd;
	int sock;           /* hangs up when the server ends; -1 if it was not kept */
	struct peer server; /* as the kernel reports it; valid from CLIENT_UNTRUSTED on */
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

/*
 * Tells the server that this client stays, and under which number it holds the
 * descriptor. Lost if it cannot be sent at once.
 */
void client_send_taken(const struct client *);

/*
 * Tells the server that this process changed the description by the operation `op`.
 * Lost if it cannot be sent at once.
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

/* Closes fd and sock. */
void client_close(struct client *);

#endif
