/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Acquires a descriptor on offer, for every command: waits, refuses, and reports a failure. */
#ifndef FDTOOL_CMD_CLIENT_ACQUIRE_H
#define FDTOOL_CMD_CLIENT_ACQUIRE_H

#include "cmd/cli/command.h"
#include "lib/pass/client.h"

/* The time in ns a server has to answer, unless --timeout sets another. */
#define ANSWER_TIMEOUT INT64_C(10000000000)

struct wait_opts {
	bool on;
	int64_t max; /* ns, 0: for ever */
};

/* For an option row: a struct wait_opts. */
const char *opt_wait(const char *arg, void *into);

/* An option row, for a `struct wait_opts wait` in the command's state. */
#define OPT_WAIT(type)                                                                             \
	{'w', "wait", "[TIME]", "wait until it is offered, at most TIME", opt_wait,             \
		offsetof(type, wait)}

struct acquire_opts {
	const struct policy *trust;
	struct wait_opts wait;
	int64_t deadline; /* of the whole; NEVER: only the answer has a timeout, ANSWER_TIMEOUT */
	bool patient;     /* waits also while a server has it that is not trusted, and says so */
	bool quiet;       /* does not say that it waits */
	bool group;       /* takes an offer of several descriptors, too */
	const int *types; /* reach: the types of socket to try, up to a 0; NULL: SOCK_SEQPACKET */
	const char *(*parse)(const char *word, struct addr *); /* NULL: addr_parse */
};

/*
 * Acquires the descriptor on offer at an ADDRESS. On STATUS_OK the caller has to client_close
 * c; anything else has been reported. acquire_at gives it a certain number: see client_acquire.
 */
enum status acquire(const char *word, const struct acquire_opts *, struct client *c);
enum status acquire_at(const char *word, const struct acquire_opts *, int at, struct client *c);

/*
 * Connects to the one that waits at an ADDRESS for what is given to it, if `trust` allows its user.
 * On STATUS_OK the caller has to client_close c; anything else has been reported.
 */
enum status reach(const char *word, const struct acquire_opts *, struct client *c);

#endif
