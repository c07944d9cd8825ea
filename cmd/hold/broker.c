/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The broker of hold: keeps what is sent, replaces it, and lets it go. Each request is answered. */
#include "cmd/hold/hold.h"
#include "lib/base/memory.h"
#include "lib/base/release.h"
#include "lib/base/times.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct kept *hold_find(const struct hold *h, const char *name)
{
	struct kept *k;

	LIST_FOREACH (k, &h->kept, link)
		if (strcmp(offer_name(k->offer), name) == 0)
			return k;
	return NULL;
}

/* --- expiry -------------------------------------------------------------------- */

static void set_expiry_timer(struct hold *h)
{
	const struct kept *k;
	int64_t first = NEVER;

	LIST_FOREACH (k, &h->kept, link)
		if (k->expires < first)
			first = k->expires;
	int64_t left = first == NEVER ? 0 : first - time_now();
	loop_timer_set(h->expiry, left > 0 || first == NEVER ? left : 1, 0);
}

void hold_let_go(struct hold *h, struct kept *k)
{
	hold_unstore(h, k);
	LIST_REMOVE(k, link);
	h->n_kept--;
	h->title_is_stale = true;
	server_remove(k->offer);
	free(k);
}

void hold_on_expiry(void *data, uint32_t expirations)
{
	struct hold *h = data;
	struct kept *k, *next;
	int64_t now = time_now();

	(void)expirations;
	if (h->heir.source)
		return; /* nothing changes now */
	LIST_FOREACH_SAFE (k, &h->kept, link, next)
		if (k->expires <= now) {
			hold_say_gone(h, "expired", offer_name(k->offer), NULL);
			hold_let_go(h, k);
		}
	set_expiry_timer(h);
}

void hold_free_kept(struct hold *h)
{
	while (!LIST_EMPTY(&h->kept)) {
		struct kept *k = LIST_FIRST(&h->kept);
		LIST_REMOVE(k, link);
		free(k); /* its offer is the server's */
	}
}

/* --- requests: each returns NULL, or the reason of a DENY, with errno or 0 ---------- */

static const char *refusal(const char *reason, int err)
{
	errno = err;
	return reason;
}

/* PEER_OVERFLOW_ID is nobody's identity: it may be another one each time. */
static bool may_change(const struct kept *k, const struct peer *peer)
{
	return peer->uid == 0 || (peer->uid == k->giver && peer->uid != PEER_OVERFLOW_ID);
}

/* Where others than ourselves and root may store, one user must not fill it for all. */
static bool is_full(const struct hold *h, uid_t uid)
{
	const struct policy nobody_else = {0}, *store = &h->store;
	const struct peer peer = {.uid = uid};
	const struct kept *k;
	size_t n = 0;

	if (h->n_kept >= (size_t)h->max)
		return true;
	if ((!store->nuids && !store->ngids) || policy_allows(&nobody_else, -1, &peer))
		return false;
	LIST_FOREACH (k, &h->kept, link)
		n += k->giver == uid;
	return n >= ((size_t)h->max + 1) / 2;
}

static const char *why_not_added(int err)
{
	return err == EADDRINUSE ? refusal("exists", err) : refusal("system", err);
}

static int64_t expiry(const struct hold *h, const struct client *c)
{
	int64_t expire = c->expire ? c->expire : h->expire;

	return expire ? time_after(expire) : NEVER;
}

static void set_terms(struct hold *h, struct kept *k, uid_t giver, int64_t expires)
{
	k->giver = giver;
	k->expires = expires;
	h->title_is_stale = true;
	set_expiry_timer(h);
}

struct kept *hold_add(struct hold *h, struct client *c, int *listener, uid_t giver, int64_t expires)
{
	struct addr addr;

	addr_parse(c->name, &addr); /* it is a valid NAME: client_take looked */
	struct offer *o = listener ? server_add_at(h->server, listener, c->name, &c->fd, false)
				   : server_add(h->server, &addr, c->name, &c->fd, false);
	if (!o)
		return NULL;
	struct kept *k = must_calloc(1, sizeof(*k));
	k->offer = o;
	LIST_INSERT_HEAD(&h->kept, k, link);
	h->n_kept++;
	set_terms(h, k, giver, expires);
	return k;
}

static const char *replace(struct hold *h, struct kept *k, struct client *c)
{
	if (!c->replace)
		return refusal("exists", EEXIST);
	if (!may_change(k, &c->server))
		return refusal("owner", 0);
	if (offer_replace(k->offer, &c->fd) < 0)
		return refusal("system", errno);
	set_terms(h, k, c->server.uid, expiry(h, c));
	hold_store(h, k);
	hold_say_kept(h, "replaced", k, c);
	return NULL;
}

static const char *keep(struct hold *h, struct client *c)
{
	struct kept *k = hold_find(h, c->name);

	if (!*c->name)
		return refusal("name", 0);
	if (k)
		return replace(h, k, c);
	if (is_full(h, c->server.uid))
		return refusal("full", 0);
	k = hold_add(h, c, NULL, c->server.uid, expiry(h, c));
	if (!k)
		return why_not_added(errno);
	if (offer_listen(k->offer) < 0) {
		int err = errno;
		hold_let_go(h, k);
		return refusal("system", err);
	}
	hold_store(h, k);
	hold_say_kept(h, "kept", k, c);
	return NULL;
}

static const char *drop(struct hold *h, const struct client *c)
{
	struct kept *k = hold_find(h, c->name);

	if (!k)
		return refusal("absent", 0);
	if (!may_change(k, &c->server))
		return refusal("owner", 0);
	hold_say_gone(h, "dropped", c->name, c);
	hold_let_go(h, k);
	set_expiry_timer(h);
	return NULL;
}

/* --- messages --------------------------------------------------------------------- */

static void refuse(struct hold *h, const struct client *c, const char *why, int err)
{
	client_deny(c, why, err);
	hold_say_refused(h, c, why, err);
}

static const char *handle(struct hold *h, struct client *c)
{
	if (c->verb == PROTOCOL_TAKEOVER)
		return hold_hand_over(h, c);
	return c->verb == PROTOCOL_DROP ? drop(h, c) : keep(h, c);
}

/* Returns whether the connection stays. */
static bool answer(struct hold *h, struct client *c)
{
	const char *why = handle(h, c);

	if (c->sock < 0)
		return false; /* all is handed over to it */
	if (why)
		refuse(h, c, why, errno);
	else
		client_send_taken(c);
	release_fd(&c->fd);
	return true;
}

bool hold_on_spoke(void *data, struct client *c)
{
	struct hold *h = data;

	c->keeps = true;
	switch (client_take_here(c)) {
	case CLIENT_OK:
		return answer(h, c);
	case CLIENT_PROTOCOL:
		refuse(h, c, "protocol", errno);
		break;
	case CLIENT_SYSTEM:
		if (errno == EAGAIN || errno == EINTR)
			return true;
		refuse(h, c, "system", errno);
		break;
	case CLIENT_NOBODY:
	case CLIENT_DENIED:
	case CLIENT_UNTRUSTED:
	case CLIENT_TIMEOUT:
	case CLIENT_NUMBER:
		break;
	}
	return false;
}
