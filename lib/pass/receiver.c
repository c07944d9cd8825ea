/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waits at an address for those that give: see receiver.h. */
#include "lib/pass/receiver.h"
#include "lib/base/memory.h"
#include "lib/base/times.h"

#include <bsd/sys/queue.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define ACCEPT_BACKOFF (100 * NS_PER_MS)

struct visitor {
	struct receiver *receiver;
	struct client client;
	struct loop_source *source, *timeout;
	LIST_ENTRY(visitor) link;
};

struct receiver {
	struct loop *loop;
	const struct receiver_rules *rules;
	int listener;
	struct loop_source *source; /* NULL while accepting is paused */
	struct loop_source *resume; /* made in advance: a timer takes a descriptor, too */
	bool stalled;
	LIST_HEAD(, visitor) visitors;
};

static void unwatch(struct visitor *v)
{
	loop_remove(&v->source);
	loop_remove(&v->timeout);
}

static void forget(struct visitor *v)
{
	LIST_REMOVE(v, link);
	unwatch(v);
	client_close(&v->client);
	free(v);
}

/* --- visitors ------------------------------------------------------------------ */

static void on_visitor(void *data, uint32_t events)
{
	struct visitor *v = data;
	const struct receiver_rules *rules = v->receiver->rules;
	int bytes = 0;

	(void)events;
	/* without a byte it is the end of file */
	if (ioctl(v->client.sock, FIONREAD, &bytes) < 0 || bytes == 0 ||
		!rules->spoke(rules->data, &v->client))
		forget(v);
	else if (v->timeout)
		loop_timer_set(v->timeout, rules->timeout, 0);
}

static void on_silence(void *data, uint32_t expirations)
{
	(void)expirations;
	forget(data);
}

static size_t visitors_of(const struct receiver *r, uid_t uid)
{
	const struct visitor *v;
	size_t n = 0;

	LIST_FOREACH (v, &r->visitors, link)
		n += v->client.server.uid == uid;
	return n;
}

static void deny(const struct receiver *r, const struct client *c, const char *why)
{
	client_deny(c, why, 0);
	if (r->rules->denied)
		r->rules->denied(r->rules->data, c, why);
}

/* Returns false with errno. */
static bool watch(struct visitor *v)
{
	const struct receiver *r = v->receiver;
	int64_t timeout = r->rules->timeout;

	v->source = loop_add(r->loop, v->client.sock, EPOLLIN | EPOLLRDHUP, on_visitor, v);
	if (v->source && timeout)
		v->timeout = loop_timer(r->loop, timeout, 0, on_silence, v);
	return v->source && (v->timeout || !timeout);
}

static void welcome(struct receiver *r, int *sock)
{
	const struct receiver_rules *rules = r->rules;
	struct visitor *v = must_calloc(1, sizeof(*v));
	enum client_fault fault = client_accept(sock, rules->foreign, rules->trust, &v->client);
	bool busy = visitors_of(r, v->client.server.uid) >= rules->max_visitors;

	v->receiver = r;
	LIST_INSERT_HEAD(&r->visitors, v, link);
	if (fault == CLIENT_UNTRUSTED && rules->denied)
		rules->denied(rules->data, &v->client, "policy");
	if (fault == CLIENT_OK && busy)
		deny(r, &v->client, "busy");
	else if (fault == CLIENT_OK && watch(v))
		return;
	else if (fault == CLIENT_OK)
		client_deny(&v->client, "system", errno);
	forget(v);
}

/* --- accepting ------------------------------------------------------------------- */

static void on_listener(void *data, uint32_t events);

static void start(void *data, uint32_t expirations)
{
	struct receiver *r = data;

	(void)expirations;
	r->source = loop_add(r->loop, r->listener, EPOLLIN, on_listener, r);
	if (!r->source)
		loop_timer_set(r->resume, ACCEPT_BACKOFF, 0);
}

/* The visitor that waits would be reported again at once, for ever. */
static void pause_accepting(struct receiver *r, int err)
{
	const struct receiver_rules *rules = r->rules;

	loop_remove(&r->source);
	loop_timer_set(r->resume, ACCEPT_BACKOFF, 0);
	if (!r->stalled && rules->stalled)
		rules->stalled(rules->data, err);
	r->stalled = true;
}

static void on_listener(void *data, uint32_t events)
{
	struct receiver *r = data;
	int sock = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (sock >= 0) {
		r->stalled = false;
		welcome(r, &sock);
	} else if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) {
		pause_accepting(r, errno);
	}
}

struct receiver *receiver_new(struct loop *loop, const struct receiver_rules *rules, int listener)
{
	struct receiver *r = must_calloc(1, sizeof(*r));

	*r = (struct receiver){.loop = loop, .rules = rules, .listener = listener};
	r->resume = loop_timer(loop, 0, 0, start, r);
	r->source = loop_add(loop, listener, EPOLLIN, on_listener, r);
	if (r->resume && r->source)
		return r;
	receiver_free(r);
	return NULL;
}

void receiver_pause(struct receiver *r)
{
	struct visitor *v;

	loop_remove(&r->source);
	loop_timer_set(r->resume, 0, 0);
	LIST_FOREACH (v, &r->visitors, link)
		unwatch(v);
}

void receiver_resume(struct receiver *r)
{
	struct visitor *v, *next;

	LIST_FOREACH_SAFE (v, &r->visitors, link, next)
		if (v->client.sock >= 0 && !watch(v)) /* else it was taken, and is forgotten soon */
			forget(v);
	start(r, 0);
}

int receiver_connection(const struct receiver *r, size_t i)
{
	const struct visitor *v;

	LIST_FOREACH (v, &r->visitors, link)
		if (v->client.sock >= 0 && i-- == 0)
			return v->client.sock;
	return -1;
}

void receiver_adopt(struct receiver *r, int *sock)
{
	welcome(r, sock);
}

void receiver_free(struct receiver *r)
{
	int saved = errno;

	if (!r)
		return;
	while (!LIST_EMPTY(&r->visitors))
		forget(LIST_FIRST(&r->visitors));
	loop_remove(&r->source);
	loop_remove(&r->resume);
	free(r);
	errno = saved;
}
