/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server: see server.h. */
#include "lib/pass/server.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/msg.h"
#include "lib/base/names.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"
#include "lib/pass/protocol.h"

#include <bsd/sys/queue.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define UNREAD_GRANT_POLL NS_PER_S /* between looks at a client that does not read its grant */

#define ACCEPT_BACKOFF (100 * NS_PER_MS) /* of listening, when not even an answer is possible */

struct connection {
	struct offer *offer;
	struct peer peer;
	int sock;
	struct loop_source *source;
	struct loop_source *timeout;
	LIST_ENTRY(connection) link;
};

struct offer {
	struct server *all;
	struct addr addr;
	char *name;
	int fd;
	bool narrow;
	int listener;
	struct loop_source *source;
	struct protocol_out hello; /* what never changes of the message, made once */
	size_t nclients;
	LIST_ENTRY(offer) link;
};

LIST_HEAD(connection_list, connection);
LIST_HEAD(offer_list, offer);

struct server {
	struct loop *loop;
	const struct server_rules *rules;
	struct offer_list offers;
	struct connection_list clients;
	long granted;
	int spare; /* given up for a moment when the table is full, to answer at all */
	struct loop_source *resume; /* made beforehand: a timer takes a descriptor, too */
};

/* --- what happens is told ------------------------------------------------ */

static void tell(const struct offer *o, enum offer_event_kind kind, const struct peer *peer, int sock,
	const char *why, int err)
{
	const struct server_rules *r = o->all->rules;
	struct offer_event e = {kind, o, peer, sock, why, err};

	if (r->event)
		r->event(r->data, &e);
}

/* --- a client ------------------------------------------------------------ */

static void stop_listening(struct offer *o)
{
	loop_remove(&o->source);
	if (o->listener >= 0)
		addr_unbind(&o->addr);
	fd_close(&o->listener);
}

/* After the last grant the names are free at once; the end waits for who still holds on. */
static void finish_if_done(struct server *all)
{
	struct offer *o;

	if (all->rules->count == 0 || all->granted < all->rules->count)
		return;
	LIST_FOREACH (o, &all->offers, link)
		stop_listening(o);
	if (LIST_EMPTY(&all->clients) && all->rules->event)
		all->rules->event(all->rules->data, &(struct offer_event){.kind = OFFER_FINISHED});
}

static void drop_client(struct connection *c)
{
	struct server *all = c->offer->all;

	c->offer->nclients--;
	LIST_REMOVE(c, link);
	tell(c->offer, OFFER_LEFT, &c->peer, c->sock, NULL, 0);
	loop_remove(&c->timeout);
	loop_remove(&c->source);
	fd_close(&c->sock);
	free(c);
	finish_if_done(all);
}

/* Whether its grant is still in flight: it has not read it, and has not gone. */
static bool has_unread(const struct connection *c)
{
	int bytes = 0;

	return ioctl(c->sock, SIOCOUTQ, &bytes) == 0 && bytes > 0;
}

static void drop_or_linger(struct connection *c);

static void on_client_timeout(void *data, uint32_t expirations)
{
	(void)expirations;
	drop_or_linger(data);
}

/*
 * Ends the connection; but what is in flight stays so when our end is closed,
 * and counts against our user. Such a client keeps its place until it has read
 * it or gone, so that max_clients bounds that, too.
 */
static void drop_or_linger(struct connection *c)
{
	if (!has_unread(c)) {
		drop_client(c);
		return;
	}
	loop_remove(&c->source); /* nothing more is wanted of it */
	if (!c->timeout)
		c->timeout = loop_timer(c->offer->all->loop, UNREAD_GRANT_POLL, UNREAD_GRANT_POLL, on_client_timeout, c);
	else
		loop_timer_set(c->timeout, UNREAD_GRANT_POLL, UNREAD_GRANT_POLL);
	if (!c->timeout)
		drop_client(c);
}

/* but: the socket of the client that said it, -1 for none. */
static void note_others(struct offer *o, int but, const char *op, pid_t pid)
{
	struct protocol_out out;
	struct connection *c;
	struct desc d;

	protocol_begin(&out, PROTOCOL_NOTE);
	protocol_add(&out, "op", op);
	protocol_add_number(&out, "pid", pid);
	if (desc_look(0, o->fd, &d) == 0) /* lseek would wait for a holder that is in a read */
		protocol_add_number(&out, "pos", d.pos);
	LIST_FOREACH (c, &o->all->clients, link)
		if (c->offer == o && c->sock != but) /* who does not read them has missed one: so be it */
			msg_send(c->sock, out.text, out.len, NULL, 0, MSG_DONTWAIT);
}

void offer_note(struct offer *o, const char *op, pid_t pid)
{
	note_others(o, -1, op, pid);
}

/* Returns false for a client that is to go. */
static bool handle_message(struct connection *c, struct msg *m)
{
	struct protocol_in in;

	if (protocol_parse(m->text, m->len, &in) < 0)
		return false;
	if (in.verb == PROTOCOL_TAKEN || in.verb == PROTOCOL_NOTE)
		loop_remove(&c->timeout); /* it means to stay */
	if (in.verb == PROTOCOL_NOTE) {
		const char *op = protocol_get(&in, "op");
		note_others(c->offer, c->sock, op ? op : "?", c->peer.pid);
		tell(c->offer, OFFER_NOTED, &c->peer, c->sock, op ? op : "?", 0);
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

static void keep_client(struct offer *o, const struct peer *peer, int *sock)
{
	struct server *all = o->all;
	struct connection *c = must_calloc(1, sizeof(*c));

	*c = (struct connection){.offer = o, .peer = *peer, .sock = *sock};
	*sock = -1;
	LIST_INSERT_HEAD(&all->clients, c, link);
	o->nclients++;
	c->source = loop_add(all->loop, c->sock, EPOLLIN | EPOLLRDHUP, on_client, c);
	if (all->rules->client_timeout)
		c->timeout = loop_timer(
			all->loop, all->rules->client_timeout, 0, on_client_timeout, c);
	if (!c->source || (all->rules->client_timeout && !c->timeout))
		drop_client(c);
}

/* --- granting and denying ------------------------------------------------ */

static void deny(struct offer *o, const struct peer *peer, int sock, const char *why, int err)
{
	struct protocol_out out;

	protocol_begin(&out, PROTOCOL_DENY);
	protocol_add(&out, "name", o->name);
	protocol_add(&out, "reason", why);
	if (err)
		protocol_add(&out, "errno", names_errno(err));
	protocol_add_number(&out, "uid", peer->uid);
	msg_send(sock, out.text, out.len, NULL, 0, MSG_DONTWAIT); /* it may have gone; so be it */
	tell(o, OFFER_DENIED, peer, sock, why, err);
}

static size_t places_of(const struct server *all, uid_t uid)
{
	struct connection *c;
	size_t n = 0;

	LIST_FOREACH (c, &all->clients, link)
		n += c->peer.uid == uid;
	return n;
}

/* Sends the descriptor, the shared one or a fresh one. Returns 0, or -1 with errno. */
static int grant(struct offer *o, int sock)
{
	int fresh = -1;

	if (o->narrow) {
		fresh = desc_reopen_readonly(o->fd);
		if (fresh < 0)
			return -1;
	}
	const int *fd = o->narrow ? &fresh : &o->fd;
	int done = msg_send(sock, o->hello.text, o->hello.len, fd, 1, MSG_DONTWAIT);
	fd_close(&fresh);
	return done;
}

static void answer(struct offer *o, int *sock)
{
	struct server *all = o->all;
	struct peer peer;

	if (peer_of(*sock, &peer) < 0)
		return;
	if (!policy_allows(&all->rules->policy, *sock, &peer)) {
		deny(o, &peer, *sock, "policy", 0);
	} else if (places_of(all, peer.uid) >= all->rules->max_clients) {
		deny(o, &peer, *sock, "busy", 0);
	} else if (grant(o, *sock) < 0) {
		if (errno == EPIPE || errno == ECONNRESET)
			return; /* it has gone already: perhaps it does not trust us */
		deny(o, &peer, *sock, "system", errno);
	} else {
		all->granted++;
		tell(o, OFFER_GRANTED, &peer, *sock, NULL, 0);
		keep_client(o, &peer, sock);
	}
}

static int watch_listener(struct offer *o);

/* Nothing can be done for those who wait, and epoll would say so again at once, for ever. */
static void pause_listening(struct server *all)
{
	struct offer *o;

	LIST_FOREACH (o, &all->offers, link)
		loop_remove(&o->source);
	loop_timer_set(all->resume, ACCEPT_BACKOFF, 0);
}

static void on_resume(void *data, uint32_t expirations)
{
	struct server *all = data;
	struct offer *o;

	(void)expirations;
	LIST_FOREACH (o, &all->offers, link)
		if (o->listener >= 0 && !o->source)
			watch_listener(o);
}

static int open_spare(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/*
 * The table is full: the client would wait in the backlog, and epoll would call
 * us again at once, for ever. So it is let in on the spare, told, and let go.
 */
static void answer_full(struct offer *o)
{
	struct peer peer;
	int err = errno;

	fd_close(&o->all->spare);
	int sock = accept4(o->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (sock >= 0 && peer_of(sock, &peer) == 0)
		deny(o, &peer, sock, "system", err);
	else if (sock < 0)
		pause_listening(o->all);
	fd_close(&sock);
	o->all->spare = open_spare();
}

static void on_listener(void *data, uint32_t events)
{
	struct offer *o = data;

	(void)events;
	int sock = accept4(o->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (sock < 0) {
		if (errno == EMFILE || errno == ENFILE)
			answer_full(o);
		return; /* otherwise it has gone again */
	}
	answer(o, &sock);
	fd_close(&sock);
	finish_if_done(o->all);
}

static int watch_listener(struct offer *o)
{
	o->source = loop_add(o->all->loop, o->listener, EPOLLIN, on_listener, o);
	return o->source ? 0 : -1;
}

/* --- offers -------------------------------------------------------------- */

struct server *server_new(struct loop *loop, const struct server_rules *rules)
{
	struct server *all = must_calloc(1, sizeof(*all));

	*all = (struct server){.loop = loop, .rules = rules};
	all->spare = open_spare();
	all->resume = loop_timer(loop, 0, 0, on_resume, all);
	if (all->spare < 0 || !all->resume) {
		server_free(all);
		return NULL;
	}
	return all;
}

/* Passes it to ourselves once, so that what cannot be passed is known before it is promised. */
static int try_passing(int fd)
{
	int pair[2];
	struct msg m;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	int done = msg_send(pair[0], "?", 1, &fd, 1, 0);
	if (done == 0 && msg_recv(pair[1], &m, 1, 0) < 0)
		done = -1;
	else if (done == 0)
		msg_close(&m);
	fd_close_all(pair, 2);
	return done;
}

static int try_narrow(int fd)
{
	int narrow = desc_reopen_readonly(fd);

	if (narrow < 0)
		return -1;
	fd_close(&narrow);
	return 0;
}

static int make_hello(struct offer *o)
{
	struct desc d;
	char flags[NAMES_MAX];

	if (desc_look(0, o->fd, &d) < 0)
		return -1;
	protocol_begin(&o->hello, PROTOCOL_OFFER);
	protocol_add(&o->hello, "name", o->name);
	protocol_add_number(&o->hello, "fds", 1);
	protocol_add_number(&o->hello, "fd", o->fd);
	protocol_add(&o->hello, "mode", o->narrow ? "r" : names_mode(d.flags));
	protocol_add(&o->hello, "type", d.type);
	protocol_add(&o->hello, "flags", names_flags(d.flags, flags, sizeof(flags)));
	protocol_add(&o->hello, "path", d.path);
	return 0;
}

static void free_offer(struct offer *o)
{
	stop_listening(o);
	fd_close(&o->fd);
	free(o->name);
	free(o);
}

struct offer *server_add(
	struct server *all, const struct addr *addr, const char *name, int *fd, bool narrow)
{
	struct offer *o = must_calloc(1, sizeof(*o));

	*o = (struct offer){.all = all, .addr = *addr, .fd = *fd, .narrow = narrow, .listener = -1};
	*fd = -1;
	o->name = must_strdup(name);
	o->addr.word = o->name;
	if (try_passing(o->fd) < 0 || (narrow && try_narrow(o->fd) < 0) || make_hello(o) < 0 ||
		(o->listener = addr_bind(&o->addr)) < 0) {
		free_offer(o);
		return NULL;
	}
	LIST_INSERT_HEAD(&all->offers, o, link);
	return o;
}

int server_chown(struct server *all, uid_t uid, gid_t gid)
{
	struct offer *o;

	LIST_FOREACH (o, &all->offers, link)
		if (fchown(o->listener, uid, gid) < 0)
			return -1;
	return 0;
}

static int start_listening(struct offer *o)
{
	msg_refuse_rights(o->listener);
	if (o->narrow && try_narrow(o->fd) < 0) /* privileges may have gone since */
		return -1;
	if (listen(o->listener, SOMAXCONN) < 0)
		return -1;
	/* several may be in one round, and a client may go before accept: never wait in it */
	if (fcntl(o->listener, F_SETFL, O_NONBLOCK) < 0)
		return -1;
	return watch_listener(o);
}

int server_listen(struct server *all)
{
	struct offer *o;

	LIST_FOREACH (o, &all->offers, link)
		if (start_listening(o) < 0)
			return -1;
	return 0;
}

void server_free(struct server *all)
{
	int saved = errno;

	if (!all)
		return;
	while (!LIST_EMPTY(&all->clients)) {
		struct connection *c = LIST_FIRST(&all->clients);
		LIST_REMOVE(c, link);
		loop_remove(&c->timeout);
		loop_remove(&c->source);
		fd_close(&c->sock);
		free(c);
	}
	while (!LIST_EMPTY(&all->offers)) {
		struct offer *o = LIST_FIRST(&all->offers);
		LIST_REMOVE(o, link);
		free_offer(o);
	}
	loop_remove(&all->resume);
	fd_close(&all->spare);
	free(all);
	errno = saved;
}

void offer_each_client(struct offer *o,
	void (*each)(void *data, const struct peer *, int sock), void *data)
{
	struct connection *c;

	LIST_FOREACH (c, &o->all->clients, link)
		if (c->offer == o)
			each(data, &c->peer, c->sock);
}

size_t offer_kick(struct offer *o, pid_t pid)
{
	struct connection *c, *next;
	size_t n = 0;

	LIST_FOREACH_SAFE (c, &o->all->clients, link, next)
		if (c->offer == o && c->peer.pid == pid) {
			drop_client(c);
			n++;
		}
	return n;
}

const char *offer_name(const struct offer *o)
{
	return o->name;
}

int offer_fd(const struct offer *o)
{
	return o->fd;
}

size_t offer_clients(const struct offer *o)
{
	return o->nclients;
}
