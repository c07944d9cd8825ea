/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a server tells of its offers and their clients: see offer-event.h. */
#include "cmd/client/offer-event.h"
#include "cmd/client/who.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/times.h"

#include <string.h>

enum { DENIALS_MAX = 20 }; /* shown in one second */

json_t *offer_event_new(const char *event, const char *name)
{
	return json_pack("{s:s, s:o}", "event", event, "name", json_bytes(name));
}

static const char *describe_peer(const struct offer_event *e)
{
	return e->peer ? who(e->sock, e->peer) : "a client that the kernel does not name";
}

static const char *event_word(enum offer_event_kind kind)
{
	switch (kind) {
	case OFFER_GRANTED:
		return "granted";
	case OFFER_DENIED:
		return "denied";
	case OFFER_LEFT:
		return "left";
	case OFFER_STALLED:
		return "stalled";
	case OFFER_NOTED:
	case OFFER_FINISHED:
		break;
	}
	return "finished";
}

char *offer_event_json(const struct offer_event *e)
{
	json_t *o = offer_event_new(event_word(e->kind), offer_name(e->offer));

	if (e->peer)
		json_object_update_new(o, json_peer(e->peer));
	if (e->why)
		json_object_set_new(o, "reason", json_bytes(e->why));
	if (e->err)
		json_object_set_new(o, "errno", json_string(names_errno(e->err)));
	return json_text(o);
}

static char *text_of_denial(const struct offer_event *e)
{
	const char *name = offer_name(e->offer);

	if (strcmp(e->why, "policy") == 0)
		return must_printf("%s: denied to %s: not allowed\n", name, describe_peer(e));
	if (strcmp(e->why, "busy") == 0)
		return must_printf("%s: denied to %s: this user has --max-clients already\n", name,
			describe_peer(e));
	if (strcmp(e->why, "full") == 0)
		return must_printf("%s: denied to %s: there are as many clients as the limit of "
				   "descriptors allows\n",
			name, describe_peer(e));
	return must_printf("%s: could not be granted to %s: %s (%s)\n", name, describe_peer(e),
		names_errno(e->err), strerror(e->err));
}

char *offer_event_text(const struct offer_event *e)
{
	const char *name = offer_name(e->offer);

	if (e->kind == OFFER_DENIED)
		return text_of_denial(e);
	if (e->kind == OFFER_LEFT && e->peer->pid)
		return must_printf("%s: pid %d left\n", name, e->peer->pid);
	if (e->kind == OFFER_LEFT)
		return must_printf("%s: %s left\n", name, describe_peer(e));
	if (e->kind == OFFER_STALLED)
		return must_printf("%s: no client can be accepted now: %s (%s)\n", name,
			names_errno(e->err), strerror(e->err));
	return must_printf("%s: granted to %s\n", name, describe_peer(e));
}

bool denials_show(struct denials *d)
{
	return ++d->n <= DENIALS_MAX;
}

size_t denials_missed(struct denials *d)
{
	int64_t now = time_now();

	if (now - d->since < NS_PER_S)
		return 0;
	size_t missed = d->n > DENIALS_MAX ? d->n - DENIALS_MAX : 0;
	*d = (struct denials){.since = now};
	return missed;
}
