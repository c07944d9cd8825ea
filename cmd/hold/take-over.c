/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Taking the place of a running broker. What it hands over is complete with the last answer from here:
 * until then it can go on as if nothing had been, and after that it ends. Only then do clients see this
 * process.
 */
#include "cmd/client/acquire.h"
#include "cmd/client/failed.h"
#include "cmd/client/who.h"
#include "cmd/hold/hold.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/base/times.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct taking {
	struct hold *h;
	struct client c; /* the other broker */
	int address;     /* its listener */
	int listener;    /* that of the OFFER that comes next; -1: none does */
	struct handover terms;
	long more; /* messages; -1: none has come */
};

/* --- what fails -------------------------------------------------------------------- */

static enum status unreached(enum client_fault fault, const char *from, const struct client *c)
{
	char what[160];

	if (fault == CLIENT_NOBODY)
		return report(STATUS_NOBODY, from, "no broker is there", errno);
	if (fault != CLIENT_UNTRUSTED)
		return failed_to_take(fault, "the broker", from, -1, c);
	snprintf(what, sizeof(what), "the broker is pid %d of user %s, who is not trusted", c->server.pid,
		peer_user(c->server.uid));
	report(STATUS_REFUSED, from, what, 0);
	report_hint("that user can run this, or root can run that broker");
	return STATUS_REFUSED;
}

static enum status denied(const char *from, const struct client *c)
{
	char what[256];

	if (strcmp(c->reason, "policy") == 0)
		return report(STATUS_REFUSED, from, "the broker hands over to its own user and root only", 0);
	if (strcmp(c->reason, "protocol") == 0)
		return report(STATUS_REFUSED, from,
			"it does not hand over: it is no broker, or one of an older version", 0);
	snprintf(what, sizeof(what), "the broker goes on itself: %s", text_show(c->reason));
	return report(STATUS_REFUSED, from, what, c->denied_errno);
}

static enum status unexpected(const char *from)
{
	return report(STATUS_FAIL, from, "the broker sent a message that is not understood", EBADMSG);
}

/* What has come from a broker that was killed is better kept than lost. */
static enum status not_taken(struct taking *t, enum client_fault fault)
{
	const char *from = t->h->from;

	if (fault == CLIENT_DENIED)
		return denied(from, &t->c);
	if (fault != CLIENT_NOBODY)
		return failed_to_take(fault, "the broker", from, -1, &t->c);
	if (t->more < 0)
		return report(STATUS_FAIL, from, "the broker ended and handed nothing over", errno);
	report_note("%s: the broker ended before it had handed all over: what came are %zu names",
		text_show(from), t->h->n_kept);
	t->more = 0;
	fd_close(&t->listener);
	return STATUS_OK;
}

/* --- what comes --------------------------------------------------------------------- */

static enum status take_address(struct taking *t)
{
	long kept = t->c.handover.kept;

	if (t->address >= 0)
		return unexpected(t->h->from);
	t->address = t->c.fd;
	t->c.fd = -1;
	if (kept <= t->h->max)
		return STATUS_OK;
	report(STATUS_REFUSED, t->h->from, "it keeps more descriptors than may be kept here", 0);
	report_hint("it keeps %ld: --max %ld, and a higher 'ulimit -n' if that says so", kept, kept);
	return STATUS_REFUSED;
}

static enum status take_handover(struct taking *t)
{
	struct hold *h = t->h;

	t->more = t->c.handover.more;
	switch (t->c.handover.kind) {
	case HANDOVER_ADDRESS:
		return take_address(t);
	case HANDOVER_LISTENER:
		t->terms = t->c.handover;
		t->listener = t->c.fd;
		break;
	case HANDOVER_SENDER:
		h->senders = must_grow(h->senders, h->n_senders, sizeof(*h->senders));
		h->senders[h->n_senders++] = t->c.fd;
	}
	t->c.fd = -1;
	return STATUS_OK;
}

static enum status take_offer(struct taking *t)
{
	int64_t expires = t->terms.expire ? time_after(t->terms.expire) : NEVER;

	if (t->more < 0) {
		report(STATUS_FAIL, t->h->from, "is no broker: a server is there, which offers something itself", 0);
		return STATUS_FAIL;
	}
	if (t->listener < 0 || !*t->c.name)
		return unexpected(t->h->from);
	struct kept *k = hold_add(t->h, &t->c, &t->listener, t->terms.owner, expires);
	if (k) {
		k->handed = true;
		return STATUS_OK;
	}
	return report(STATUS_FAIL, t->c.name, server_failed(t->h->server), errno);
}

/* With the last answer the other broker ends: from there on a signal waits until the loop takes it. */
static void block_signals(void)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, NULL);
}

static enum status take_one(struct taking *t)
{
	enum client_fault fault = client_take(&t->c, time_after(ANSWER_TIMEOUT), -1);

	if (fault != CLIENT_OK)
		return not_taken(t, fault);
	if (t->listener >= 0 && t->c.verb != PROTOCOL_OFFER)
		return unexpected(t->h->from);
	enum status st = t->c.verb == PROTOCOL_OFFER ? take_offer(t) : take_handover(t);
	if (st != STATUS_OK || t->listener >= 0)
		return st;
	if (t->more == 0)
		block_signals();
	client_send_taken(&t->c);
	return st;
}

/* --- the change ----------------------------------------------------------------------- */

/* One that is stopped has our last answer in its queue, so it will end when it goes on. */
static enum status wait_for_end(struct taking *t)
{
	enum client_fault fault = client_wait_for_end(&t->c, time_after(ANSWER_TIMEOUT));

	if (fault == CLIENT_DENIED)
		return denied(t->h->from, &t->c);
	if (fault != CLIENT_NOBODY)
		report_note("%s: the other broker has handed all over, and has not ended", text_show(t->h->from));
	return STATUS_OK;
}

/* Its ADDRESS becomes ours, unless we have another: then it is nobody's. */
static void take_place(struct taking *t)
{
	struct addr from;

	addr_parse(t->h->from, &from);
	addr_inherit(&from);
	if (t->h->listener < 0) {
		t->h->addr = from;
		t->h->listener = t->address;
		t->address = -1;
	} else {
		addr_unbind(&from);
	}
}

static enum status change(struct taking *t)
{
	struct kept *k;

	if (wait_for_end(t) != STATUS_OK)
		return STATUS_REFUSED;
	take_place(t);
	LIST_FOREACH (k, &t->h->kept, link) {
		if (offer_listen(k->offer) < 0) /* the others have no other broker */
			report(STATUS_FAIL, offer_name(k->offer), "listen", errno);
		hold_store(t->h, k);
	}
	return STATUS_OK;
}

static enum status take_all(struct taking *t)
{
	char *name = must_strdup(who(t->c.sock, &t->c.server)); /* while it is alive */
	enum client_fault fault = client_take_over(&t->c);
	enum status st = fault == CLIENT_OK ? STATUS_OK : not_taken(t, fault);

	while (st == STATUS_OK && (t->more != 0 || t->listener >= 0))
		st = take_one(t);
	if (st == STATUS_OK)
		st = change(t);
	if (st == STATUS_OK)
		hold_say_moved(t->h, false, name, &t->c);
	free(name);
	return st;
}

enum status hold_take_over(struct hold *h)
{
	struct taking t = {.h = h, .address = -1, .listener = -1, .more = -1};
	const struct policy nobody_else = {0};
	struct addr addr;

	addr_parse(h->from, &addr);
	enum client_fault fault = client_connect(
		&addr, SOCK_SEQPACKET, &nobody_else, time_after(ANSWER_TIMEOUT), &t.c);
	if (fault != CLIENT_OK)
		return unreached(fault, h->from, &t.c);
	enum status st = take_all(&t);
	fd_close(&t.address);
	fd_close(&t.listener);
	client_close(&t.c);
	return st;
}
