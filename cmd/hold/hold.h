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
	bool handed;     /* over by another broker: newer than what a service manager has */
	int64_t serial;  /* of its entry in the service manager's store; 0: it has none */
	LIST_ENTRY(kept) link;
};

/* A broker that takes over from us: hand-over.c. */
struct heir {
	struct client client;
	struct loop_source *source, *timeout; /* NULL: there is none */
	const struct kept *next; /* to be handed over */
	size_t n_senders;        /* that were */
	long more;               /* messages */
};

struct hold {
	const char *word; /* ADDRESS */
	const char *from; /* ADDRESS of the broker from which all is taken over, or NULL */
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
	struct manager *manager;
	struct loop_source *expiry; /* a timer: the first that expires */
	struct loop_source *missed; /* a timer: denials that were not shown */
	struct denials denials;
	struct heir heir;
	int *senders; /* whose connections were taken over */
	size_t n_senders;
	bool title_is_stale;
	int signo;
};

/* --- broker.c: what is sent, and what becomes of it ---------------------------- */

/* Of receiver_rules: a visitor has sent something. */
bool hold_on_spoke(void *hold, struct client *);

/* A timer's: lets go what has expired. */
void hold_on_expiry(void *hold, uint32_t expirations);

/*
 * Offers what was sent or handed over (c->fd, which it takes), at a listener of another broker (taken),
 * or with NULL at one that it binds. expires: as in struct kept. The caller has it listen. Returns NULL
 * with errno.
 */
struct kept *hold_add(struct hold *, struct client *c, int *listener, uid_t giver, int64_t expires);

/* Lets it go, without an event. */
void hold_let_go(struct hold *, struct kept *);

/* The one of that name, or NULL. */
struct kept *hold_find(const struct hold *, const char *name);

void hold_free_kept(struct hold *);

/* --- store.c: the service manager, if there is one ------------------------------ */

/* How many it stores at most; LONG_MAX if that is unknown. */
long hold_manager_room(void);

/*
 * Takes what it gives at the start; h->listener is its socket then, if it listens for us. Returns false
 * with errno.
 */
bool hold_meet_manager(struct hold *);

/* Offers what it has kept. What cannot be offered is reported, and stays with it. */
void hold_restore(struct hold *);

/* Gives it what is kept, in the place of what it has of it. */
void hold_store(struct hold *, struct kept *);

/* Has it let go of what it has. */
void hold_unstore(struct hold *, const struct kept *);

void hold_leave_manager(struct hold *);

/* --- address.c ------------------------------------------------------------------- */

/*
 * Listens at ADDRESS, and takes all over from the broker at h->from, if there is one. To be called before
 * the signals are in the loop, so that one ends a wait for the other broker. Reports a failure.
 */
enum status hold_take_address(struct hold *);

/* --- hand-over.c, take-over.c: one broker in the place of another ---------------- */

/*
 * Hands all over to the client (takes its sock), which asked for it; meanwhile heir.source is set.
 * Returns NULL, or the reason of a DENY.
 */
const char *hold_hand_over(struct hold *, struct client *);

/* Takes all over from the broker at h->from, which has ended then. Reports a failure. */
enum status hold_take_over(struct hold *);

/* --- events.c: events as text or as JSON ----------------------------------------- */

/* "kept", "replaced": by the sender; "restored", with NULL. */
void hold_say_kept(struct hold *, const char *event, const struct kept *, const struct client *);

/* "dropped", by the client; "expired", with NULL. */
void hold_say_gone(struct hold *, const char *event, const char *name, const struct client *);

/* All is handed over to that broker (away), or taken over from it. name: that of who(). */
void hold_say_moved(struct hold *, bool away, const char *name, const struct client *);

/* A sender is refused; err: an errno, or 0. */
void hold_say_refused(struct hold *, const struct client *, const char *why, int err);

void hold_on_denied(void *hold, const struct client *, const char *why);
void hold_on_stalled(void *hold, int err);
void hold_on_event(void *hold, const struct offer_event *);
void hold_on_missed(void *hold, uint32_t expirations);
void hold_on_lost(void *hold, size_t n); /* output's: n events were not shown */

#endif
