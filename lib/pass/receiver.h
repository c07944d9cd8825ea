/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Waits at an address for those that give: accepts them, denies strangers, and says who has spoken.
 * It reads nothing itself, and never waits for anybody: one that stays silent holds up nobody.
 */
#ifndef FDTOOL_LIB_PASS_RECEIVER_H
#define FDTOOL_LIB_PASS_RECEIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/loop/loop.h"
#include "lib/pass/client.h"

struct receiver;

struct receiver_rules {
	const struct policy *trust; /* who may give */
	bool foreign;        /* they speak no fdtool-protocol(7) */
	size_t max_visitors; /* of one user, at one time; the next ones are denied as "busy" */
	int64_t timeout;     /* ns that a visitor may stay silent; 0: no limit */
	/* The visitor has sent something. Returns whether it stays; its sock may have been taken. */
	bool (*spoke)(void *data, struct client *);
	void (*denied)(void *data, const struct client *, const char *why); /* "policy", "busy" */
	void (*stalled)(void *data, int err); /* accept(2) fails now; said once until it works again */
	void *data;
};

/*
 * Accepts at a socket that listens, and is O_NONBLOCK (borrowed, as the rules are). Returns NULL with
 * errno.
 */
struct receiver *receiver_new(struct loop *, const struct receiver_rules *, int listener);

/* Accepts and hears nobody until receiver_resume: all wait. */
void receiver_pause(struct receiver *);
void receiver_resume(struct receiver *);

/* The connection of visitor i (borrowed), or -1 where there are no more. To be called in a pause. */
int receiver_connection(const struct receiver *, size_t i);

/* Takes the connection of a visitor of another process's receiver, as if it had come here. */
void receiver_adopt(struct receiver *, int *sock);

/* Closes the connections. Keeps errno. */
void receiver_free(struct receiver *);

#endif
