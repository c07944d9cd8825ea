/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clients of a server after their grant: connections and messages. See server.h. */
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/msg.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"
#include "lib/pass/server-internal.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { NOTES_MAX = 50 }; /* of one offer that are passed on in one second */

#define UNREAD_GRANT_POLL NS_PER_S /* between checks of a client that has not read its grant */

/* --- the end of a connection ----------------------------------------------- */

static void free_unlinked(struct connection *c)
{
	loop_remove(&c->timeout);
	loop_remove(&c->source);
	fd_close(&c->sock);
	free(c);
}

void connection_free(struct connection *c)
{
	LIST_REMOVE(c, link);
	free_unlinked(c);
}

static void drop(struct connection *c)
{
	struct server *server = c->offer->server;

	c->offer->nclients--;
	server->n_connections--;
	LIST_REMOVE(c, link);
	server_emit(c->offer, OFFER_LEFT, &c->peer, c->sock, NULL, 0);
	if (c->offer->removed && c->offer->nclients == 0)
		offer_free(c->offer);
	free_unlinked(c);
	server_finish_if_done(server);
}

/*
 * Whether the grant is still in flight: the client has neither read it nor gone. The kernel only
 * says whether anything is unread, so nothing may follow the grant before it was read.
 */
static bool has_unread_grant(struct connection *c)
{
	int bytes = 0;

	if (!c->grant_read)
		c->grant_read = ioctl(c->sock, SIOCOUTQ, &bytes) < 0 || bytes == 0;
	return !c->grant_read;
}

static void drop_or_linger(struct connection *c);

static void on_client_timeout(void *data, uint32_t expirations)
{
	(void)expirations;
	drop_or_linger(data);
}

/*
 * Ends the connection. But a descriptor in flight stays in flight when our end is
 * closed, and counts against our user. So a client that has not read its grant
 * keeps its place until it reads it or goes: max_clients limits these, too.
 */
static void drop_or_linger(struct connection *c)
{
	if (!has_unread_grant(c)) {
		drop(c);
		return;
	}
	loop_remove(&c->source); /* its messages do not matter any more */
	if (!c->timeout)
		c->timeout = loop_timer(c->offer->server->loop, UNREAD_GRANT_POLL,
			UNREAD_GRANT_POLL, on_client_timeout, c);
	else
		loop_timer_set(c->timeout, UNREAD_GRANT_POLL, UNREAD_GRANT_POLL);
	if (!c->timeout)
		drop(c);
}

void connections_end(struct offer *o)
{
	struct connection *c, *next;

	LIST_FOREACH_SAFE (c, &o->server->connections, link, next)
		if (c->offer == o)
			drop_or_linger(c);
}

/* --- messages -------------------------------------------------------------- */

/* Sends a NOTE to the clients of the offer, except the one behind `except` (a socket, or -1). */
static void note_others(struct offer *o, int except, const char *op, pid_t pid)
{
	struct protocol_out out;
	struct connection *c;
	struct desc d;

	protocol_begin(&out, PROTOCOL_NOTE);
	protocol_add(&out, "op", op);
	protocol_add_number(&out, "pid", pid);
	if (desc_look(0, o->fds[0], &d) == 0 && d.pos != DESC_NO_POS) /* lseek would wait for a holder that is in a read */
		protocol_add_number(&out, "pos", d.pos);
	/* a client that does not read loses NOTEs */
	LIST_FOREACH (c, &o->server->connections, link)
		if (c->offer == o && c->source && c->sock != except && !has_unread_grant(c))
			protocol_send(c->sock, &out);
}

void offer_note(struct offer *o, const char *op, pid_t pid)
{
	note_others(o, -1, op, pid);
}

/*
 * Each NOTE is an event here and a message to every other client. More than a few in one second
 * tell a person nothing, and many clients could keep the server busy with them.
 */
static bool is_note_flood(struct offer *o)
{
	int64_t now = time_now();

	if (now - o->noted_since >= NS_PER_S) {
		o->noted_since = now;
		o->notes = 0;
	}
	return ++o->notes > NOTES_MAX;
}

/* Returns false if the connection is to end. */
static bool handle_message(struct connection *c, struct msg *m)
{
	struct protocol_in in;

	if (protocol_parse(m->text, m->len, &in) < 0)
		return false;
	if (in.verb == PROTOCOL_TAKEN || in.verb == PROTOCOL_NOTE)
		loop_remove(&c->timeout); /* the client means to stay */
	if (in.verb == PROTOCOL_NOTE && !is_note_flood(c->offer)) {
		const char *op = protocol_get(&in, "op");
		note_others(c->offer, c->sock, op ? op : "?", c->peer.pid);
		server_emit(c->offer, OFFER_NOTED, &c->peer, c->sock, op ? op : "?", 0);
	}
	return true;
}

/* One message a round, so that a talkative client takes turns with the others. */
static void on_client(void *data, uint32_t events)
{
	struct connection *c = data;
	struct msg m;

	(void)events;
	ssize_t n = msg_recv(c->sock, &m, 0, MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0 || !handle_message(c, &m))
		drop_or_linger(c);
}

/* --- the connections ------------------------------------------------------- */

void connection_add(struct offer *o, const struct peer *peer, int *sock)
{
	struct server *server = o->server;
	int64_t timeout = server->rules->client_timeout;
	struct connection *c = must_calloc(1, sizeof(*c));

	*c = (struct connection){.offer = o, .peer = *peer, .sock = *sock};
	*sock = -1;
	LIST_INSERT_HEAD(&server->connections, c, link);
	o->nclients++;
	server->n_connections++;
	c->source = loop_add(server->loop, c->sock, EPOLLIN | EPOLLRDHUP, on_client, c);
	if (timeout)
		c->timeout = loop_timer(server->loop, timeout, 0, on_client_timeout, c);
	if (!c->source || (timeout && !c->timeout))
		drop(c);
}

size_t connections_of(const struct server *server, uid_t uid)
{
	struct connection *c;
	size_t n = 0;

	LIST_FOREACH (c, &server->connections, link)
		n += c->peer.uid == uid;
	return n;
}

void offer_each_client(struct offer *o,
	void (*each)(void *data, const struct peer *, int sock), void *data)
{
	struct connection *c;

	LIST_FOREACH (c, &o->server->connections, link)
		if (c->offer == o)
			each(data, &c->peer, c->sock);
}

size_t offer_kick(struct offer *o, pid_t pid)
{
	struct connection *c, *next;
	size_t n = 0;

	LIST_FOREACH_SAFE (c, &o->server->connections, link, next)
		if (c->offer == o && c->peer.pid == pid) {
			drop(c);
			n++;
		}
	return n;
}
