/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client: it connects, or is connected to, and receives. See client.h. */
#include "lib/base/fd.h"
#include "lib/base/interrupt.h"
#include "lib/base/msg.h"
#include "lib/base/names.h"
#include "lib/base/release.h"
#include "lib/base/room.h"
#include "lib/base/times.h"
#include "lib/pass/client-internal.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static enum client_fault connect_fault(struct client *c, const char *call)
{
	c->call = call;
	switch (errno) {
	case ECONNREFUSED: /* no such name, or the socket file of a server that has ended */
	case ENOENT:
		return CLIENT_NOBODY;
	case ETIMEDOUT:
		return CLIENT_TIMEOUT;
	default:
		return CLIENT_SYSTEM;
	}
}

enum client_fault client_receive_fault(void)
{
	switch (errno) {
	case ECONNRESET: /* the server ended with our connection still in its backlog */
		return CLIENT_NOBODY;
	case E2BIG:
	case EMSGSIZE:
	case EBADMSG:
	case EPROTONOSUPPORT:
		return CLIENT_PROTOCOL;
	default:
		return CLIENT_SYSTEM;
	}
}

enum client_fault client_wait(struct client *c, int64_t deadline)
{
	struct pollfd p = {.fd = c->sock, .events = POLLIN};

	c->call = "poll";
	for (;;) {
		int n = poll(&p, 1, time_poll_ms(deadline));
		if (n > 0)
			return CLIENT_OK;
		if (n == 0) {
			errno = ETIMEDOUT;
			return CLIENT_TIMEOUT;
		}
		if (errno != EINTR || interrupted())
			return CLIENT_SYSTEM;
	}
}

static enum client_fault protocol_fault(int err)
{
	errno = err;
	return CLIENT_PROTOCOL;
}

enum client_fault client_read_denial(const struct protocol_in *in, struct client *c)
{
	const char *reason = protocol_get(in, "reason");

	strlcpy(c->reason, reason ? reason : "no reason given", sizeof(c->reason));
	const char *name = protocol_get(in, "errno");
	c->denied_errno = name ? names_errno_number(name) : 0;
	c->denied_uid = (uid_t)protocol_get_number(in, "uid", 0, UINT_MAX, geteuid());
	return CLIENT_DENIED;
}

static void read_name(const struct protocol_in *in, struct client *c)
{
	const char *name = protocol_get(in, "name");

	strlcpy(c->name, name && !addr_name_fault(name) ? name : "", sizeof(c->name));
}

/* To a broker, a time that is none must not read as "for ever". */
static bool read_terms(const struct protocol_in *in, struct client *c)
{
	long long ms = protocol_get_number(in, "expire", 1, INT64_MAX / 2 / NS_PER_MS, 0);

	c->expire = ms * NS_PER_MS;
	c->replace = protocol_get_number(in, "replace", 0, 1, 0) == 1;
	return ms > 0 || !c->keeps || !protocol_get(in, "expire");
}

static bool is_gift(const struct protocol_in *in, size_t nfds, struct client *c)
{
	if (in->verb == PROTOCOL_HANDOVER)
		return c->heir && nfds == 1 && handover_parse(in, &c->handover);
	return in->verb == PROTOCOL_OFFER;
}

/* The message must carry as many descriptors as it says: one, or those of a group. */
static enum client_fault take_offer(struct msg *m, struct client *c)
{
	struct protocol_in in;

	if (protocol_parse(m->text, m->len, &in) < 0)
		return CLIENT_PROTOCOL;
	if (in.verb == PROTOCOL_DENY)
		return m->nfds == 0 ? client_read_denial(&in, c) : protocol_fault(EBADMSG);
	read_name(&in, c);
	c->verb = in.verb;
	if (c->verb == PROTOCOL_DROP || c->verb == PROTOCOL_TAKEOVER)
		return c->keeps && m->nfds == 0 ? CLIENT_OK : protocol_fault(EBADMSG);
	if (!is_gift(&in, m->nfds, c) || m->nfds == 0 || !read_terms(&in, c) ||
		protocol_get_number(&in, "fds", 0, INT_MAX, 1) != (long long)m->nfds)
		return protocol_fault(EBADMSG);

	c->server_fd = (int)protocol_get_number(&in, "fd", 0, INT_MAX, -1);
	c->more = (int)protocol_get_number(&in, "more", 0, INT_MAX, 0);
	if (m->nfds > 1)
		client_take_rest(m, &in, c);
	c->fd = m->fds[0];
	m->fds[0] = -1;
	return CLIENT_OK;
}

/* To another number, from that on; its own is the lowest free one then. */
static bool move_socket(int *sock, int from)
{
	int moved = fcntl(*sock, F_DUPFD_CLOEXEC, from);

	if (moved < 0)
		return false;
	fd_close(sock);
	*sock = moved;
	return true;
}

/* Any message may come before the one that has the descriptor; then c->fd is still -1. */
static enum client_fault take_foreign(struct msg *m, struct client *c)
{
	if (m->nfds > 0)
		c->fd = m->fds[0];
	m->nfds = 0;
	return CLIENT_OK;
}

static enum client_fault receive_offer(int sock, struct client *c)
{
	struct msg m;
	ssize_t n = msg_recv(sock, &m, c->group ? MSG_FDS_MAX : 1, MSG_DONTWAIT);

	c->call = "recvmsg";
	if (n < 0)
		return client_receive_fault();
	if (n == 0) {
		errno = ECONNRESET;
		return CLIENT_NOBODY;
	}
	enum client_fault fault = c->foreign ? take_foreign(&m, c) : take_offer(&m, c);
	msg_close(&m);
	if (c->more == 0 && !c->keeps && !c->heir && !(c->foreign && c->fd < 0))
		msg_refuse_rights(sock); /* no more descriptors: to close one could take long */
	return fault;
}

static enum client_fault receive_lowest(struct client *c)
{
	enum { OUT_OF_THE_WAY = 10 };

	move_socket(&c->sock, OUT_OF_THE_WAY); /* else it gets the next number, which harms nothing */
	return receive_offer(c->sock, c);
}

/* To have it moved there later would mean to close it once, which may wait. */
static enum client_fault receive_at(int at, struct client *c)
{
	struct room room;

	if (c->sock == at)
		return move_socket(&c->sock, 0) ? receive_offer(c->sock, c) : CLIENT_NUMBER;
	if (room_make(&room, at, c->sock) < 0)
		return CLIENT_NUMBER;
	enum client_fault fault = receive_offer(c->sock, c);
	room_end(&room, fault == CLIENT_OK);
	return fault;
}

static enum client_fault receive(int at, struct client *c)
{
	return at < 0 ? receive_lowest(c) : receive_at(at, c);
}

/* Who the peer is, before any of its descriptors is in our table, or of ours in its. */
static enum client_fault admit(const struct policy *trust, struct client *c)
{
	c->call = "getsockopt";
	if (peer_of(c->sock, &c->server) < 0)
		return CLIENT_SYSTEM;
	return policy_allows(trust, c->sock, &c->server) ? CLIENT_OK : CLIENT_UNTRUSTED;
}

enum client_fault client_connect(struct addr *addr, int type, const struct policy *trust,
	int64_t deadline, struct client *c)
{
	*c = (struct client){.fd = -1, .server_fd = -1};
	c->sock = addr_connect_as(addr, type, deadline);
	if (c->sock < 0)
		return connect_fault(c, addr->failed);
	enum client_fault fault = admit(trust, c);
	if (fault != CLIENT_OK)
		fd_close(&c->sock);
	return fault;
}

static enum client_fault acquire(struct addr *addr, const struct policy *trust, int64_t deadline,
	int at, bool group, struct client *c)
{
	enum client_fault fault = client_connect(addr, SOCK_SEQPACKET, trust, deadline, c);

	if (fault != CLIENT_OK)
		return fault;
	c->group = group;
	fault = client_take(c, deadline, at);
	if (fault != CLIENT_OK)
		fd_close(&c->sock);
	return fault;
}

enum client_fault client_acquire(struct addr *addr, const struct policy *trust, int64_t deadline,
	int at, struct client *c)
{
	return acquire(addr, trust, deadline, at, false, c);
}

enum client_fault client_acquire_group(struct addr *addr, const struct policy *trust,
	int64_t deadline, int at, struct client *c)
{
	return acquire(addr, trust, deadline, at, true, c);
}

enum client_fault client_accept(
	int *sock, bool foreign, const struct policy *trust, struct client *c)
{
	*c = (struct client){.fd = -1, .foreign = foreign, .server_fd = -1, .sock = *sock};
	*sock = -1;
	enum client_fault fault = admit(trust, c);
	if (fault == CLIENT_UNTRUSTED)
		client_deny(c, "policy", 0);
	if (fault != CLIENT_OK)
		fd_close(&c->sock);
	return fault;
}

/*
 * The credentials that the kernel adds come first. With room for them only, none of the descriptors
 * is put into our table.
 */
static bool peek_sender(int sock, struct peer *p)
{
	union {
		char room[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	struct msghdr h = {.msg_control = &control, .msg_controllen = sizeof(control)};
	struct ucred cred;

	if (recvmsg(sock, &h, MSG_PEEK | MSG_DONTWAIT) < 0)
		return false;
	const struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	if (!c || c->cmsg_type != SCM_CREDENTIALS || c->cmsg_len != CMSG_LEN(sizeof(cred)))
		return false;
	memcpy(&cred, CMSG_DATA(c), sizeof(cred));
	*p = (struct peer){cred.pid, cred.uid, cred.gid};
	return true;
}

enum client_fault client_datagram(int sock, const struct policy *trust, struct client *c)
{
	*c = (struct client){.fd = -1, .foreign = true, .server_fd = -1, .sock = -1};
	c->call = "fcntl";
	if (!peek_sender(sock, &c->server))
		return CLIENT_NOBODY;
	if (!policy_allows(trust, sock, &c->server)) {
		recv(sock, NULL, 0, MSG_DONTWAIT);
		return CLIENT_UNTRUSTED;
	}
	c->sock = fcntl(sock, F_DUPFD_CLOEXEC, 0);
	return c->sock < 0 ? CLIENT_SYSTEM : CLIENT_OK;
}

enum client_fault client_take(struct client *c, int64_t deadline, int at)
{
	enum client_fault fault;

	do {
		fault = client_wait(c, deadline);
		if (fault == CLIENT_OK)
			fault = receive(at, c);
	} while (fault == CLIENT_OK && c->fd < 0);
	return fault;
}

enum client_fault client_take_here(struct client *c)
{
	return receive_offer(c->sock, c);
}

void client_deny(const struct client *c, const char *reason, int err)
{
	struct protocol_out out;

	if (c->foreign)
		return;
	protocol_deny(&out, reason, err, c->server.uid);
	protocol_send(c->sock, &out);
}

void client_send_taken(const struct client *c)
{
	struct protocol_out out;

	if (c->sock < 0 || c->foreign)
		return;
	protocol_begin(&out, PROTOCOL_TAKEN);
	if (c->fd >= 0)
		protocol_add_number(&out, "fd", c->fd);
	protocol_send(c->sock, &out);
}

void client_send_note(const struct client *c, const char *op)
{
	struct protocol_out out;
	struct desc d;

	if (c->sock < 0)
		return;
	protocol_begin(&out, PROTOCOL_NOTE);
	protocol_add(&out, "op", op);
	if (desc_look(0, c->fd, &d) == 0 && d.pos != DESC_NO_POS)
		protocol_add_number(&out, "pos", d.pos);
	protocol_send(c->sock, &out);
}

struct client_event client_receive(const struct client *c)
{
	struct client_event event = {.kind = CLIENT_GONE};
	struct protocol_in in;
	struct msg m;
	ssize_t n = msg_recv(c->sock, &m, 0, MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		event.kind = CLIENT_NO_EVENT;
	if (n <= 0 || protocol_parse(m.text, m.len, &in) < 0)
		return event;
	event.kind = in.verb == PROTOCOL_NOTE ? CLIENT_NOTE : CLIENT_NO_EVENT;
	const char *op = protocol_get(&in, "op");
	strlcpy(event.op, op ? op : "?", sizeof(event.op));
	event.pid = (pid_t)protocol_get_number(&in, "pid", 0, INT_MAX, 0);
	return event;
}

enum desc_same client_same(const struct client *c)
{
	if (c->server_fd < 0 || c->server.pid <= 0)
		return DESC_UNKNOWN;
	enum desc_same same = desc_same(getpid(), c->fd, c->server.pid, c->server_fd);
	int pidfd = peer_pidfd(c->sock);
	/* kcmp(2) compared with that pid, which is the server's only while the server lives */
	bool alive = peer_alive(pidfd);
	fd_close(&pidfd);
	return alive ? same : DESC_UNKNOWN;
}

void client_close(struct client *c)
{
	release_fd(&c->fd);
	for (size_t i = 0; i < c->n_rest; i++)
		release_fd(&c->rest[i].fd);
	free(c->rest);
	c->rest = NULL;
	c->n_rest = 0;
	fd_close(&c->sock);
}
