/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Handing over to a broker that takes our place. Until that one has everything, nothing that is kept
 * changes: senders wait, nothing expires. Clients are granted what is offered as always. If the other
 * one leaves before it has everything, all goes on here.
 *
 * The sockets that listen are handed over themselves, with the clients in their queues, so a name is
 * never missing.
 */
#include "cmd/client/who.h"
#include "cmd/hold/hold.h"
#include "lib/base/times.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#define HEIR_TIMEOUT (5 * NS_PER_S) /* for each answer; senders wait for 10 seconds */

static void finish(struct hold *h)
{
	struct heir *heir = &h->heir;
	const struct kept *k;

	LIST_FOREACH (k, &h->kept, link)
		hold_unstore(h, k);
	h->addr.ino = 0; /* the socket file belongs to the other one */
	hold_say_moved(h, true, who(heir->client.sock, &heir->client.server), &heir->client);
	/* the connection ends with this process, and says that it has ended */
	loop_remove(&heir->source);
	loop_remove(&heir->timeout);
	loop_stop(h->loop, 0);
}

static void cancel(struct hold *h, const char *why, int err)
{
	struct heir *heir = &h->heir;

	client_deny(&heir->client, why, err);
	hold_say_refused(h, &heir->client, why, err);
	loop_remove(&heir->source);
	loop_remove(&heir->timeout);
	client_close(&heir->client);
	receiver_resume(h->receiver);
	hold_on_expiry(h, 0);
}

static int send_kept(struct hold *h)
{
	struct heir *heir = &h->heir;
	const struct kept *k = heir->next;
	int64_t left = k->expires == NEVER ? 0 : k->expires - time_now();
	const struct handover item = {HANDOVER_LISTENER, heir->more, 0, k->giver,
		k->expires != NEVER && left <= 0 ? 1 : left};

	heir->next = LIST_NEXT(k, link);
	if (handover_send(heir->client.sock, &item, offer_listener(k->offer)) < 0)
		return -1;
	return offer_give(k->offer, heir->client.sock);
}

static int send_next(struct hold *h)
{
	struct heir *heir = &h->heir;
	const struct handover item = {.kind = HANDOVER_SENDER, .more = --heir->more};

	if (heir->next)
		return send_kept(h);
	return handover_send(
		heir->client.sock, &item, receiver_connection(h->receiver, heir->n_senders++));
}

static void on_answer(void *data, uint32_t events)
{
	struct hold *h = data;

	(void)events;
	int answer = handover_answer(h->heir.client.sock);
	if (answer <= 0)
		cancel(h, answer == 0 ? "left" : "protocol", 0);
	else if (h->heir.more == 0)
		finish(h);
	else if (send_next(h) < 0)
		cancel(h, "system", errno);
	else
		loop_timer_set(h->heir.timeout, HEIR_TIMEOUT, 0);
}

static void on_silence(void *data, uint32_t expirations)
{
	struct hold *h = data;
	int bytes = 0;

	(void)expirations;
	/* what it sent before now counts: it may be the last answer, after which it has everything */
	if (ioctl(h->heir.client.sock, FIONREAD, &bytes) < 0 || bytes == 0)
		cancel(h, "timeout", 0);
}

static size_t count_senders(const struct hold *h)
{
	size_t n = 0;

	while (receiver_connection(h->receiver, n) >= 0)
		n++;
	return n;
}

static int send_first(struct hold *h)
{
	const struct handover address = {.kind = HANDOVER_ADDRESS,
		.more = (long)(count_senders(h) + h->n_kept),
		.kept = (long)h->n_kept};

	h->heir.more = address.more;
	return handover_send(h->heir.client.sock, &address, h->listener);
}

const char *hold_hand_over(struct hold *h, struct client *c)
{
	const struct policy nobody_else = {0};
	struct heir *heir = &h->heir;

	errno = 0;
	if (!policy_allows(&nobody_else, c->sock, &c->server))
		return "policy";
	receiver_pause(h->receiver);
	*heir = (struct heir){.client = *c, .next = LIST_FIRST(&h->kept)};
	c->sock = -1;
	heir->source = loop_add(h->loop, heir->client.sock, EPOLLIN | EPOLLRDHUP, on_answer, h);
	if (heir->source) /* else errno is of that */
		heir->timeout = loop_timer(h->loop, HEIR_TIMEOUT, 0, on_silence, h);
	if (!heir->timeout || send_first(h) < 0)
		cancel(h, "system", errno);
	return NULL;
}
