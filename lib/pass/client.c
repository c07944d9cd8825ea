/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client: see client.h. */
#include "lib/pass/client.h"
#include "lib/base/fd.h"
#include "lib/base/msg.h"
#include "lib/base/names.h"
#include "lib/base/release.h"
#include "lib/base/room.h"
#include "lib/base/times.h"
#include "lib/pass/protocol.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
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

static enum client_fault receive_fault(void)
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

static enum client_fault wait_for_message(int sock, int64_t deadline, struct client *c)
{
	struct pollfd p = {.fd = sock, .events = POLLIN};

	c->call = "poll";
	for (;;) {
		int n = poll(&p, 1, time_poll_ms(deadline));
		if (n > 0)
			return CLIENT_OK;
		if (n == 0) {
			errno = ETIMEDOUT;
			return CLIENT_TIMEOUT;
		}
		if (errno != EINTR)
			return CLIENT_SYSTEM;
	}
}

static enum client_fault protocol_fault(int err)
{
	errno = err;
	return CLIENT_PROTOCOL;
}

static enum client_fault read_denial(const struct protocol_in *in, struct client *c)
{
	const char *reason = protocol_get(in, "reason");

	strlcpy(c->reason, reason ? reason : "no reason given", sizeof(c->reason));
	const char *name = protocol_get(in, "errno");
	c->denied_errno = name ? names_errno_number(name) : 0;
	c->denied_uid = (uid_t)protocol_get_number(in, "uid", 0, UINT_MAX, geteuid());
	return CLIENT_DENIED;
}

/* The message must offer one descriptor, and carry one. */
static enum client_fault take_offer(struct msg *m, struct client *c)
{
	struct protocol_in in;

	if (protocol_parse(m->text, m->len, &in) < 0)
		return CLIENT_PROTOCOL;
	if (in.verb == PROTOCOL_DENY)
		return m->nfds == 0 ? read_denial(&in, c) : protocol_fault(EBADMSG);
	if (in.verb != PROTOCOL_OFFER || m->nfds != 1 ||
		protocol_get_number(&in, "fds", 0, INT_MAX, 1) != 1)
		return protocol_fault(EBADMSG);

	const char *name = protocol_get(&in, "name");
	strlcpy(c->name, name && !addr_name_fault(name) ? name : "", sizeof(c->name));
	c->server_fd = (int)protocol_get_number(&in, "fd", 0, INT_MAX, -1);
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

static enum client_fault receive_offer(int sock, struct client *c)
{
	struct msg m;
	ssize_t n = msg_recv(sock, &m, 1, MSG_DONTWAIT);

	c->call = "recvmsg";
	if (n < 0)
		return receive_fault();
	if (n == 0) {
		errno = ECONNRESET;
		return CLIENT_NOBODY;
	}
	enum client_fault fault = take_offer(&m, c);
	msg_close(&m);
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

enum client_fault client_acquire(struct addr *addr, const struct policy *trust, int64_t deadline,
	int at, struct client *c)
{
	enum client_fault fault;

	*c = (struct client){.fd = -1, .server_fd = -1};
	c->sock = addr_connect(addr, deadline);
	if (c->sock < 0)
		return connect_fault(c, addr->failed);
	c->call = "getsockopt";
	if (peer_of(c->sock, &c->server) < 0)
		fault = CLIENT_SYSTEM;
	else if (!policy_allows(trust, c->sock, &c->server))
		fault = CLIENT_UNTRUSTED; /* before any of its descriptors is in our table */
	else if ((fault = wait_for_message(c->sock, deadline, c)) == CLIENT_OK)
		fault = at < 0 ? receive_lowest(c) : receive_at(at, c);
	if (fault != CLIENT_OK)
		fd_close(&c->sock);
	return fault;
}

void client_send_taken(const struct client *c)
{
	struct protocol_out out;

	protocol_begin(&out, PROTOCOL_TAKEN);
	protocol_add_number(&out, "fd", c->fd);
	protocol_send(c->sock, &out);
}

void client_send_note(const struct client *c, const char *op)
{
	struct protocol_out out;
	struct desc d;

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
	fd_close(&c->sock);
}
