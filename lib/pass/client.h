/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client: asks who the server is, takes the descriptor that it
 * offers, and checks that it is what was announced. Speaks fdtool-protocol(7).
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
	CLIENT_NOBODY,   /* nobody offers it (errno), or the server left without an answer */
	CLIENT_STRANGER, /* the server is of a user that is not trusted; nothing was received */
	CLIENT_DENIED,   /* the server refused; reason says why */
	CLIENT_PROTOCOL, /* what came is no offer (errno); all of it is closed again */
	CLIENT_TIMEOUT,
	CLIENT_SYSTEM /* errno */
};

struct client {
	int fd;
	int sock;           /* hangs up when the server goes; -1 where it was not kept */
	struct peer server; /* as the kernel says; valid from CLIENT_STRANGER on */
	int server_fd;      /* the number that the server says it has there; -1 if it does not */
	char name[ADDR_NAME_MAX + 1]; /* as the server says; "" if it does not */
	char reason[128];   /* CLIENT_DENIED: the server's word, "policy", "busy", "system" */
	uid_t asked_as;     /* CLIENT_DENIED: the uid that the server saw */
};

/*
 * Connects, waits for the offer until the deadline, and receives one
 * descriptor. trust says of whom, beside the own user and root, an offer is
 * taken. On CLIENT_OK the caller owns c->fd and c->sock; on anything else there
 * is nothing to close.
 */
enum client_fault client_acquire(
	const struct addr *, const struct policy *trust, int64_t deadline, struct client *);

/* Tells the server that this client stays, and as which number it holds the descriptor. Best effort. */
void client_say_taken(const struct client *);

/* Tells the server that this process moved the description by a call of that name. Best effort. */
void client_note(const struct client *, const char *op);

/* What came on the connection after the offer. */
struct client_news {
	enum { CLIENT_NO_NEWS, CLIENT_NOTE, CLIENT_GONE } kind;
	char op[32]; /* CLIENT_NOTE: the server's word for what was done */
	pid_t pid;   /* and by whom; 0: it does not say */
};

/* Takes one message, if there is one; never waits. What is no message of ours is CLIENT_GONE. */
struct client_news client_hear(const struct client *);

/*
 * Whether the descriptor and the one that the server says it has are the same
 * description, by kcmp, while the server is still the process that it was.
 */
enum desc_same client_same(const struct client *);

/* Closes both. */
void client_close(struct client *);

#endif
