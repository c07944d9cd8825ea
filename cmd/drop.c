/* SPDX-License-Identifier: GPL-3.0-or-later */
/* drop: tells a broker, which is 'fdtool hold', to let go what it keeps. */
#include "cmd/cli/command.h"
#include "cmd/cli/commands.h"
#include "cmd/client/acquire.h"
#include "cmd/client/failed.h"
#include "lib/base/peer.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/pass/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct drop {
	struct words names;
	const char *at;
	struct policy to;
	int64_t timeout;
	bool quiet, verbose;
};

static const char *take_name(const char *word, void *state)
{
	struct drop *d = state;

	words_add(&d->names, word);
	return addr_name_fault(word);
}

#define INTO(member) offsetof(struct drop, member)

static const struct opt options[] = {
	{0, "at", "ADDRESS", "where the broker waits; default 'hold'", opt_address, INTO(at), WORD_NAME},
	{0, "to", "USER", "the broker may run as this user too; default: own user and root", opt_user,
		INTO(to), WORD_USER},
	{'t', "timeout", "TIME", "give up after TIME, exit 124; default 10s for an answer", opt_time,
		INTO(timeout)},
	OPT_QUIET(struct drop),
	OPT_ANATOMY(struct drop),
	OPT_END,
};

static enum status report_denied(const struct drop *d, const char *name, const struct client *c)
{
	char what[256];

	if (strcmp(c->reason, "absent") == 0) {
		snprintf(what, sizeof(what), "the broker at %s does not keep it", text_show(d->at));
		return report(STATUS_NOBODY, name, what, 0);
	}
	if (strcmp(c->reason, "owner") == 0)
		return report(STATUS_REFUSED, name, "another user gave it: only that user and root may drop it", 0);
	if (strcmp(c->reason, "policy") == 0) {
		snprintf(what, sizeof(what), "the broker takes nothing from user %s", peer_user(c->denied_uid));
		report(STATUS_REFUSED, d->at, what, 0);
		report_hint("the broker would need: --store-user %s", peer_user(c->denied_uid));
		return STATUS_REFUSED;
	}
	snprintf(what, sizeof(what), "the broker refused: %s", text_show(c->reason));
	return report(STATUS_REFUSED, name, what, c->denied_errno);
}

static enum status failed(
	enum client_fault fault, const struct drop *d, const char *name, const struct client *c)
{
	if (fault == CLIENT_DENIED)
		return report_denied(d, name, c);
	if (fault == CLIENT_NOBODY)
		return report(STATUS_FAIL, d->at, "the broker left without an answer", errno);
	if (fault == CLIENT_PROTOCOL && errno == EALREADY)
		return report(STATUS_FAIL, d->at, "is no broker: a server is there, which offers something itself", 0);
	return failed_to_take(fault, "the broker", d->at, -1, c);
}

static enum status connect_to_broker(const struct drop *d, int64_t deadline, struct client *c)
{
	struct addr addr;

	addr_parse(d->at, &addr);
	enum client_fault fault = client_connect(&addr, SOCK_SEQPACKET, &d->to, deadline, c);
	if (fault != CLIENT_NOBODY)
		return failed_to_reach(fault, d->at, -1, c);
	report(STATUS_NOBODY, d->at, "no broker is there", errno);
	report_hint("'fdtool hold' is one; --at names the ADDRESS of another");
	return STATUS_NOBODY;
}

/* Goes on after a name that is not kept. */
static bool goes_on(enum client_fault fault, const struct client *c)
{
	return fault == CLIENT_OK || (fault == CLIENT_DENIED && strcmp(c->reason, "policy") != 0);
}

static enum status drop_all(const struct drop *d, int64_t deadline, struct client *c)
{
	enum status all = STATUS_OK;
	bool on = true;

	for (size_t i = 0; i < d->names.n && on; i++) {
		const char *name = d->names.v[i];
		int64_t answer = deadline != NEVER ? deadline : time_after(ANSWER_TIMEOUT);
		enum client_fault fault = client_drop(c, name, answer);
		enum status st = fault == CLIENT_OK ? STATUS_OK : failed(fault, d, name, c);
		if (st == STATUS_OK && !d->quiet)
			printf("%s: dropped\n", name);
		all = all == STATUS_OK ? st : all;
		on = goes_on(fault, c);
	}
	return all;
}

static enum status run(void *state, char **program)
{
	struct drop *d = state;
	int64_t deadline = d->timeout ? time_after(d->timeout) : NEVER;
	struct client c;

	(void)program;
	if (d->names.n == 0)
		return report_usage("no NAME to drop");
	d->at = d->at ? d->at : "hold";
	enum status st =
		connect_to_broker(d, deadline != NEVER ? deadline : time_after(ANSWER_TIMEOUT), &c);
	if (st != STATUS_OK)
		return st;
	st = drop_all(d, deadline, &c);
	client_close(&c);
	return st;
}

static void release(void *state)
{
	struct drop *d = state;

	policy_free(&d->to);
	free(d->names.v);
}

const struct cmd cmd_drop = {
	.name = "drop",
	.operands = "NAME...",
	.summary = "have a broker let go what it keeps",
	.text = "For the user who sent it, and for root. Whoever has grabbed it keeps it.\n",
	.opts = options,
	.state = sizeof(struct drop),
	.operand = take_name,
	.kind = WORD_NAME,
	.run = run,
	.release = release,
};
