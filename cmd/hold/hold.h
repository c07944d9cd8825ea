/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of hold share: its state, and what each file does for the others. */
#ifndef FDTOOL_CMD_HOLD_HOLD_H
#define FDTOOL_CMD_HOLD_HOLD_H

#include <bsd/sys/queue.h>

#include "cmd/cli/command.h"
#include "cmd/client/offer-event.h"
#include "lib/base/addr.h"
#include "lib/loop/loop.h"
#include "lib/pass/receiver.h"
#include "lib/pass/server.h"

/* A descriptor that was sent, and is offered. */
struct kept {
	struct offer *offer;
	uid_t giver;
	int64_t expires; /* NEVER: it does not */
	LIST_ENTRY(kept) link;
};

struct hold {
	const char *word; /* ADDRESS */
	long max;
	int64_t expire; /* of those that say none; 0: they do not */
	struct policy store;
	struct server_rules rules;
	int ready_fd; /* + 1; 0: not given */
	bool quiet, verbose, json;

	struct loop *loop;
	struct server *server;
	struct receiver_rules receiver_rules;
	struct receiver *receiver;
	struct addr addr;
	int listener;
	LIST_HEAD(, kept) kept;
	size_t n_kept;
	struct loop_source *expiry; /* a timer: the first that expires */
	struct loop_source *missed; /* a timer: denials that were not shown */
	struct denials denials;
	bool title_is_stale;
	int signo;
};

/* --- broker.c: what is sent, and what becomes of it ---------------------------- */

/* Of receiver_rules: a visitor has sent something. */
bool hold_on_spoke(void *hold, struct client *);

/* A timer's: lets go what has expired. */
void hold_on_expiry(void *hold, uint32_t expirations);

void hold_free_kept(struct hold *);

/* --- events.c: events as text or as JSON ----------------------------------------- */

/* "kept", "replaced": by the sender. */
void hold_say_kept(struct hold *, const char *event, const struct kept *, const struct client *);

/* "dropped", by the client; "expired", with NULL. */
void hold_say_gone(struct hold *, const char *event, const char *name, const struct client *);

/* A sender is refused; err: an errno, or 0. */
void hold_say_refused(struct hold *, const struct client *, const char *why, int err);

void hold_on_denied(void *hold, const struct client *, const char *why);
void hold_on_stalled(void *hold, int err);
void hold_on_event(void *hold, const struct offer_event *);
void hold_on_missed(void *hold, uint32_t expirations);
void hold_on_lost(void *hold, size_t n); /* output's: n events were not shown */

#endif
