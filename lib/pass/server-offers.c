/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server's offers and their sockets: see server.h. */
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/msg.h"
#include "lib/base/release.h"
#include "lib/pass/offer-text.h"
#include "lib/pass/server-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct server *server_new(struct loop *loop, const struct server_rules *rules)
{
	struct server *server = must_calloc(1, sizeof(*server));

	*server = (struct server){.loop = loop, .rules = rules};
	server->spare = accept_open_spare();
	server->resume = loop_timer(loop, 0, 0, accept_resume, server);
	if (server->spare < 0 || !server->resume) {
		server_free(server);
		return NULL;
	}
	return server;
}

/* --- adding an offer ------------------------------------------------------- */

/*
 * Sends fd once, to know before it is offered whether the kernel passes it. Nobody receives it:
 * to close what was received may wait for the file's server.
 */
static int try_passing(const struct offer *o, int fd)
{
	int pair[2];

	o->server->failed = "socketpair";
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	o->server->failed = "sendmsg";
	int done = msg_send(pair[0], "?", 1, &fd, 1, 0);
	fd_close_all(pair, 2);
	return done;
}

static int make_message(struct offer *o)
{
	o->server->failed = "readlink";
	if (o->nfds > 1)
		return offer_text_group(&o->message, o->name, o->fds, o->names, o->nfds);
	return offer_text(&o->message, o->name, o->fds[0], o->narrow, NULL);
}

static int listen_later(struct offer *o)
{
	if (o->inherited)
		return o->listener;
	o->listener = addr_bind(&o->addr);
	o->server->failed = o->addr.failed;
	return o->listener;
}

const char *server_failed(const struct server *server)
{
	return server->failed;
}

static void append(struct offer *o, const char *name, int *fd)
{
	o->fds = must_realloc(o->fds, o->nfds + 1, sizeof(*o->fds));
	o->names = must_realloc(o->names, o->nfds + 1, sizeof(*o->names));
	o->fds[o->nfds] = *fd;
	o->names[o->nfds++] = name ? must_strdup(name) : NULL;
	*fd = -1;
}

static struct offer *new_offer(struct server *server, const char *name, int *fd, bool narrow)
{
	struct offer *o = must_calloc(1, sizeof(*o));

	*o = (struct offer){
		.server = server, .narrow = narrow, .narrowing_sock = -1, .listener = -1};
	append(o, NULL, fd);
	o->name = must_strdup(name);
	LIST_INSERT_HEAD(&server->offers, o, link);
	return o;
}

static struct offer *add(struct offer *o)
{
	if (try_passing(o, o->fds[0]) < 0 || make_message(o) < 0 || listen_later(o) < 0) {
		offer_free(o);
		return NULL;
	}
	return o;
}

struct offer *server_add(
	struct server *server, const struct addr *addr, const char *name, int *fd, bool narrow)
{
	struct offer *o = new_offer(server, name, fd, narrow);

	o->addr = *addr;
	o->addr.word = o->name;
	return add(o);
}

struct offer *server_add_at(
	struct server *server, int *listener, const char *name, int *fd, bool narrow)
{
	struct offer *o = new_offer(server, name, fd, narrow);

	o->listener = *listener;
	*listener = -1;
	o->inherited = true;
	return add(o);
}

void offer_name_first(struct offer *o, const char *name)
{
	free(o->names[0]);
	o->names[0] = must_strdup(name);
}

int server_add_more(struct offer *o, const char *name, int *fd)
{
	o->server->failed = "sendmsg";
	append(o, name, fd);
	if (o->nfds > MSG_FDS_MAX) {
		errno = E2BIG;
		return -1;
	}
	if (try_passing(o, o->fds[o->nfds - 1]) < 0)
		return -1;
	return make_message(o);
}

int offer_replace(struct offer *o, int *fd)
{
	const struct protocol_out before = o->message;
	int old = o->fds[0];

	o->fds[0] = *fd;
	*fd = -1;
	bool done = try_passing(o, o->fds[0]) == 0 && make_message(o) == 0;
	if (!done) {
		*fd = o->fds[0];
		o->fds[0] = old;
		o->message = before;
		release_fd(fd);
		return -1;
	}
	release_fd(&old);
	connections_end(o); /* they have another description */
	return 0;
}

void server_remove(struct offer *o)
{
	narrow_stop(o);
	offer_stop_listening(o);
	for (size_t i = 0; i < o->nfds; i++)
		release_fd(&o->fds[i]);
	o->removed = true;
	o->nclients++; /* so that the last of them does not free it yet */
	connections_end(o);
	if (--o->nclients == 0)
		offer_free(o);
}

/* --- the sockets ----------------------------------------------------------- */

int server_chown(struct server *server, uid_t uid, gid_t gid)
{
	struct offer *o;

	LIST_FOREACH (o, &server->offers, link)
		if (!o->inherited && fchown(o->listener, uid, gid) < 0)
			return -1;
	return 0;
}

int offer_listen(struct offer *o)
{
	msg_refuse_rights(o->listener);
	/* of an inherited one, which listens already, this sets the identity that clients see */
	if (listen(o->listener, SOMAXCONN) < 0)
		return -1;
	/* accept(2) must not wait: a client that epoll reported may have gone before it */
	if (fcntl(o->listener, F_SETFL, O_NONBLOCK) < 0)
		return -1;
	return accept_start(o);
}

int server_listen(struct server *server)
{
	struct offer *o;

	LIST_FOREACH (o, &server->offers, link)
		if (offer_listen(o) < 0)
			return -1;
	return 0;
}

void server_free(struct server *server)
{
	int saved = errno;

	if (!server)
		return;
	while (!LIST_EMPTY(&server->connections))
		connection_free(LIST_FIRST(&server->connections));
	while (!LIST_EMPTY(&server->offers)) {
		struct offer *o = LIST_FIRST(&server->offers);
		offer_free(o);
	}
	loop_remove(&server->resume);
	fd_close(&server->spare);
	free(server);
	errno = saved;
}

const char *offer_name(const struct offer *o)
{
	return o->name;
}

int offer_fd(const struct offer *o)
{
	return o->fds[0];
}

int offer_listener(const struct offer *o)
{
	return o->listener;
}

int offer_give(const struct offer *o, int sock)
{
	return msg_send(sock, o->message.text, o->message.len, o->fds, o->nfds, MSG_DONTWAIT);
}

size_t offer_clients(const struct offer *o)
{
	return o->nclients;
}
