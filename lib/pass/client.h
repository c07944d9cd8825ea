/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tier 2. The client: asks who the server is, takes the descriptor that it
 * offers, and checks that it is what was announced. Speaks fdtool-protocol(7).
 */
#ifndef FDTOOL_LIB_PASS_CLIENT_H
#define FDTOOL_LIB_PASS_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/addr.h"
#include "lib/base/peer.h"
#include "lib/look/desc.h"

enum claim_fault {
	CLAIM_OK,
	CLAIM_NOBODY,   /* nobody offers it (errno), or the server left without an answer */
	CLAIM_STRANGER, /* the server is of a user that is not trusted; nothing was received */
	CLAIM_DENIED,   /* the server refused; reason says why */
	CLAIM_PROTOCOL, /* what came is no offer (errno); all of it is closed again */
	CLAIM_TIMEOUT,
	CLAIM_SYSTEM /* errno */
};

struct claim {
	int fd;
	int sock;           /* hangs up when the server goes; -1 where it was not kept */
	struct peer server; /* as the kernel says; valid from CLAIM_STRANGER on */
	int server_fd;      /* the number that the server says it has there; -1 if it does not */
	char name[ADDR_NAME_MAX + 1]; /* as the server says; "" if it does not */
	char reason[128];   /* CLAIM_DENIED: the server's word, "policy", "busy", "system" */
	uid_t asked_as;     /* CLAIM_DENIED: the uid that the server saw */
};

/*
 * Connects, waits for the offer until the deadline, and receives one
 * descriptor. trust says of whom, beside the own user and root, an offer is
 * taken. On CLAIM_OK the caller owns c->fd and c->sock; on anything else there
 * is nothing to close.
 */
enum claim_fault claim_take(
	const struct addr *, const struct policy *trust, int64_t deadline, struct claim *);

/* Tells the server that this client stays, and as which number it holds the descriptor. Best effort. */
void claim_say_taken(const struct claim *);

/* Tells the server that this process moved the description by a call of that name. Best effort. */
void claim_note(const struct claim *, const char *op);

/* What came on the connection after the offer. */
struct claim_news {
	enum { CLAIM_NO_NEWS, CLAIM_NOTE, CLAIM_GONE } kind;
	char op[32]; /* CLAIM_NOTE: the server's word for what was done */
	pid_t pid;   /* and by whom; 0: it does not say */
};

/* Takes one message, if there is one; never waits. What is no message of ours is CLAIM_GONE. */
struct claim_news claim_hear(const struct claim *);

/*
 * Whether the descriptor and the one that the server says it has are the same
 * description, by kcmp, while the server is still the process that it was.
 */
enum desc_same claim_same(const struct claim *);

/* Closes both. */
void claim_end(struct claim *);

#endif
