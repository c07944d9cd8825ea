/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client: see client.h. */
#include "lib/pass/client.h"
#include "lib/base/fd.h"
#include "lib/base/msg.h"
#include "lib/base/times.h"
#include "lib/pass/protocol.h"

#include <bsd/string.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

static enum claim_fault connect_fault(void)
{
	switch (errno) {
	case ECONNREFUSED: /* no such name, or a dead socket file */
	case ENOENT:
		return CLAIM_NOBODY;
	case ETIMEDOUT:
		return CLAIM_TIMEOUT;
	default:
		return CLAIM_SYSTEM;
	}
}

static enum claim_fault receive_fault(void)
{
	switch (errno) {
	case ECONNRESET: /* it left with our connection still in its backlog */
		return CLAIM_NOBODY;
	case E2BIG:
	case EMSGSIZE:
	case EBADMSG:
	case EPROTONOSUPPORT:
		return CLAIM_PROTOCOL;
	default:
		return CLAIM_SYSTEM;
	}
}

/* Waits for the first message. A server that says nothing costs the deadline, no more. */
static enum claim_fault await(int sock, int64_t deadline)
{
	struct pollfd p = {.fd = sock, .events = POLLIN};

	for (;;) {
		int n = poll(&p, 1, time_poll_ms(deadline));
		if (n > 0)
			return CLAIM_OK;
		if (n == 0) {
			errno = ETIMEDOUT;
			return CLAIM_TIMEOUT;
		}
		if (errno != EINTR)
			return CLAIM_SYSTEM;
	}
}

static enum claim_fault protocol(int err)
{
	errno = err;
	return CLAIM_PROTOCOL;
}

static enum claim_fault denied(const struct wire_in *in, struct claim *c)
{
	const char *reason = wire_get(in, "reason");

	strlcpy(c->reason, reason ? reason : "no reason given", sizeof(c->reason));
	c->asked_as = (uid_t)wire_get_number(in, "uid", 0, UINT_MAX, geteuid());
	return CLAIM_DENIED;
}

/* What came must be an offer of one descriptor, with one descriptor. */
static enum claim_fault accept_offer(struct msg *m, struct claim *c)
{
	struct wire_in in;

	if (wire_parse(m->text, m->len, &in) < 0)
		return CLAIM_PROTOCOL;
	if (in.verb == WIRE_DENY)
		return m->nfds == 0 ? denied(&in, c) : protocol(EBADMSG);
	if (in.verb != WIRE_OFFER || m->nfds != 1 || wire_get_number(&in, "fds", 0, INT_MAX, 1) != 1)
		return protocol(EBADMSG);

	const char *name = wire_get(&in, "name");
	strlcpy(c->name, name && !addr_name_fault(name) ? name : "", sizeof(c->name));
	c->server_fd = (int)wire_get_number(&in, "fd", 0, INT_MAX, -1);
	c->fd = m->fds[0];
	m->fds[0] = -1;
	return CLAIM_OK;
}

static enum claim_fault receive(int sock, struct claim *c)
{
	struct msg m;
	ssize_t n = msg_recv(sock, &m, 1, MSG_DONTWAIT);

	if (n < 0)
		return receive_fault();
	if (n == 0) {
		errno = ECONNRESET;
		return CLAIM_NOBODY;
	}
	enum claim_fault fault = accept_offer(&m, c);
	msg_close(&m);
	msg_refuse_rights(sock); /* one was to come; closing what else came could take long */
	return fault;
}

enum claim_fault claim_take(
	const struct addr *addr, const struct policy *trust, int64_t deadline, struct claim *c)
{
	enum claim_fault fault;

	*c = (struct claim){.fd = -1, .server_fd = -1};
	c->sock = addr_connect(addr, deadline);
	if (c->sock < 0)
		return connect_fault();
	if (peer_of(c->sock, &c->server) < 0)
		fault = CLAIM_SYSTEM;
	else if (!policy_allows(trust, c->sock, &c->server))
		fault = CLAIM_STRANGER; /* before anything of its is in our table */
	else if ((fault = await(c->sock, deadline)) == CLAIM_OK)
		fault = receive(c->sock, c);
	if (fault != CLAIM_OK)
		fd_close(&c->sock);
	return fault;
}

void claim_say_taken(const struct claim *c)
{
	struct wire_out out;

	wire_begin(&out, WIRE_TAKEN);
	wire_add_number(&out, "fd", c->fd);
	msg_send(c->sock, out.text, out.len, NULL, 0, MSG_DONTWAIT);
}

void claim_note(const struct claim *c, const char *op)
{
	struct wire_out out;
	struct desc d;

	wire_begin(&out, WIRE_NOTE);
	wire_add(&out, "op", op);
	if (desc_look(0, c->fd, &d) == 0)
		wire_add_number(&out, "pos", d.pos);
	msg_send(c->sock, out.text, out.len, NULL, 0, MSG_DONTWAIT);
}

struct claim_news claim_hear(const struct claim *c)
{
	struct claim_news news = {.kind = CLAIM_GONE};
	struct wire_in in;
	struct msg m;
	ssize_t n = msg_recv(c->sock, &m, 0, MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		news.kind = CLAIM_NO_NEWS;
	if (n <= 0 || wire_parse(m.text, m.len, &in) < 0)
		return news;
	news.kind = in.verb == WIRE_NOTE ? CLAIM_NOTE : CLAIM_NO_NEWS;
	const char *op = wire_get(&in, "op");
	strlcpy(news.op, op ? op : "?", sizeof(news.op));
	news.pid = (pid_t)wire_get_number(&in, "pid", 0, INT_MAX, 0);
	return news;
}

enum desc_same claim_same(const struct claim *c)
{
	if (c->server_fd < 0 || c->server.pid <= 0)
		return DESC_UNKNOWN;
	enum desc_same same = desc_same(getpid(), c->fd, c->server.pid, c->server_fd);
	int pidfd = peer_pidfd(c->sock);
	/* the answer is about that pid; it is the server's only if the server still lives after it */
	bool stands = peer_alive(pidfd);
	fd_close(&pidfd);
	return stands ? same : DESC_UNKNOWN;
}

void claim_end(struct claim *c)
{
	fd_close(&c->fd);
	fd_close(&c->sock);
}
