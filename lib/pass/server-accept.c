/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server's clients as they come: accepting, granting, denying. See server.h. */
#include "lib/base/fd.h"
#include "lib/base/msg.h"
#include "lib/base/times.h"
#include "lib/pass/server-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define ACCEPT_BACKOFF (100 * NS_PER_MS) /* the pause when the server cannot even deny */

/* --- granting and denying -------------------------------------------------- */

static void deny(struct offer *o, const struct peer *peer, int sock, const char *why, int err)
{
	struct protocol_out out;

	protocol_deny(&out, why, err, peer->uid);
	protocol_add(&out, "name", o->name);
	protocol_send(sock, &out);
	server_emit(o, OFFER_DENIED, peer, sock, why, err);
}

/* The descriptor was sent (err is 0): keeps the connection. Or it was not. Takes *sock. */
static void after_sending(struct offer *o, const struct peer *peer, int *sock, int err)
{
	if (!err) {
		o->server->granted++;
		server_emit(o, OFFER_GRANTED, peer, *sock, NULL, 0);
		connection_add(o, peer, sock);
	} else if (err != EPIPE && err != ECONNRESET) {
		deny(o, peer, *sock, "system", err);
	} /* else the client has gone already: perhaps it does not trust us */
	fd_close(sock);
}

static void grant(struct offer *o, const struct peer *peer, int *sock)
{
	const struct protocol_out *m = &o->message;
	int sent = msg_send(*sock, m->text, m->len, o->fds, o->nfds, MSG_DONTWAIT);

	after_sending(o, peer, sock, sent < 0 ? errno : 0);
}

/* Whether the grants that are being narrowed will be the last ones. */
static bool is_last(const struct server *server)
{
	long count = server->rules->count;

	return count && server->granted + server->n_narrowing >= count;
}

static void on_narrowed(struct offer *o, int err)
{
	const struct peer peer = o->narrowing_for;

	after_sending(o, &peer, &o->narrowing_sock, err);
	server_finish_if_done(o->server);
	accept_resume(o->server, 0);
}

/* Meanwhile the offer accepts nobody else; the others go on, unless this is the last grant. */
static void narrow(struct offer *o, const struct peer *peer, int *sock)
{
	struct offer *other;

	if (narrow_start(o, *sock, on_narrowed) < 0) {
		deny(o, peer, *sock, "system", errno);
		return;
	}
	o->narrowing_for = *peer;
	o->narrowing_sock = *sock;
	*sock = -1;
	loop_remove(&o->source);
	LIST_FOREACH (other, &o->server->offers, link)
		if (is_last(o->server))
			loop_remove(&other->source);
}

static void grant_or_deny(struct offer *o, int *sock)
{
	struct server *server = o->server;
	const struct server_rules *rules = server->rules;
	struct peer peer;

	if (peer_of(*sock, &peer) < 0)
		server_emit(o, OFFER_DENIED, NULL, *sock, "system", errno);
	else if (!policy_allows(&rules->policy, *sock, &peer))
		deny(o, &peer, *sock, "policy", 0);
	else if (connections_of(server, peer.uid) >= rules->max_clients)
		deny(o, &peer, *sock, "busy", 0);
	else if (rules->max_total && server->n_connections >= rules->max_total)
		deny(o, &peer, *sock, "full", 0);
	else if (o->narrow)
		narrow(o, &peer, sock);
	else
		grant(o, &peer, sock);
}

/* --- accepting ------------------------------------------------------------- */

/* The waiting clients cannot be served now, and epoll would report them again at once, for ever. */
static void pause_accepting(struct offer *o, int err)
{
	struct server *server = o->server;

	if (!server->stalled)
		server_emit(o, OFFER_STALLED, NULL, -1, NULL, err);
	server->stalled = true;
	LIST_FOREACH (o, &server->offers, link)
		loop_remove(&o->source);
	loop_timer_set(server->resume, ACCEPT_BACKOFF, 0);
}

void accept_resume(void *data, uint32_t expirations)
{
	struct server *server = data;
	struct offer *o;

	(void)expirations;
	LIST_FOREACH (o, &server->offers, link)
		if (o->listener >= 0 && !o->source && !o->narrowing && !is_last(server) && accept_start(o) < 0)
			loop_timer_set(server->resume, ACCEPT_BACKOFF, 0);
}

int accept_open_spare(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int accept_client(const struct offer *o)
{
	return accept4(o->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

/*
 * The descriptor table is full: the client would stay in the backlog, and epoll
 * would report it again at once, for ever. So accept it in place of the spare
 * descriptor, deny it with the reason, and close it.
 */
static void deny_full(struct offer *o)
{
	struct peer peer;
	int err = errno;

	fd_close(&o->server->spare);
	int sock = accept_client(o);
	if (sock < 0)
		pause_accepting(o, err);
	else
		o->server->stalled = false;
	if (sock >= 0 && peer_of(sock, &peer) == 0)
		deny(o, &peer, sock, "system", err);
	fd_close(&sock);
	o->server->spare = accept_open_spare();
}

/* Whether accept4(2) says that the client has gone again, or none was there. */
static bool is_gone(int err)
{
	return err == EAGAIN || err == ECONNABORTED || err == EINTR;
}

static void on_listener(void *data, uint32_t events)
{
	struct offer *o = data;

	(void)events;
	int sock = accept_client(o);
	if (sock < 0) {
		if (errno == EMFILE || errno == ENFILE)
			deny_full(o);
		else if (!is_gone(errno))
			pause_accepting(o, errno);
		return;
	}
	o->server->stalled = false;
	grant_or_deny(o, &sock);
	fd_close(&sock);
	server_finish_if_done(o->server);
}

int accept_start(struct offer *o)
{
	o->source = loop_add(o->server->loop, o->listener, EPOLLIN, on_listener, o);
	return o->source ? 0 : -1;
}
