/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gives a descriptor to one that waits for it: the pushing half of fdtool-protocol(7). See client.h. */
#include "lib/base/msg.h"
#include "lib/base/times.h"
#include "lib/pass/client-internal.h"
#include "lib/pass/offer-text.h"

#include <errno.h>
#include <sys/socket.h>

static enum client_fault send_message(
	struct client *c, const struct protocol_out *out, const int *fds, size_t n)
{
	c->call = "sendmsg";
	if (msg_send(c->sock, out->text, out->len, fds, n, MSG_DONTWAIT) == 0)
		return CLIENT_OK;
	/* EPERM: the peer's socket takes no descriptors (SO_PASSRIGHTS), as those of a server */
	return errno == EPIPE || errno == ECONNRESET || errno == EPERM ? CLIENT_NOBODY : CLIENT_SYSTEM;
}

static enum client_fault send_offer(
	struct client *c, const char *name, int fd, int more)
{
	const struct offer_terms terms = {
		more, (c->expire + NS_PER_MS - 1) / NS_PER_MS, c->replace};
	struct protocol_out out;

	c->call = "readlink";
	if (offer_text(&out, name, fd, false, &terms) < 0)
		return CLIENT_SYSTEM;
	return send_message(c, &out, &fd, 1);
}

static enum client_fault send_drop(struct client *c, const char *name)
{
	struct protocol_out out;

	protocol_begin(&out, PROTOCOL_DROP);
	protocol_add(&out, "name", name);
	return send_message(c, &out, NULL, 0);
}

static enum client_fault read_answer(struct client *c, struct msg *m)
{
	struct protocol_in in;

	if (protocol_parse(m->text, m->len, &in) < 0)
		return CLIENT_PROTOCOL;
	switch (in.verb) {
	case PROTOCOL_TAKEN:
		return CLIENT_OK;
	case PROTOCOL_DENY:
		return client_read_denial(&in, c);
	case PROTOCOL_OFFER:
		errno = EALREADY;
		return CLIENT_PROTOCOL;
	case PROTOCOL_NOTE:
	case PROTOCOL_DROP:
	case PROTOCOL_TAKEOVER:
	case PROTOCOL_HANDOVER:
	case PROTOCOL_OTHER:
		break;
	}
	errno = EBADMSG;
	return CLIENT_PROTOCOL;
}

static enum client_fault receive_answer(struct client *c)
{
	struct msg m;
	ssize_t n = msg_recv(c->sock, &m, 0, MSG_DONTWAIT);

	/* the peer closed without reading what we sent: what it said comes after this error */
	if (n < 0 && errno == ECONNRESET)
		n = msg_recv(c->sock, &m, 0, MSG_DONTWAIT);
	c->call = "recvmsg";
	if (n < 0 && errno == E2BIG)
		errno = EALREADY; /* it came with descriptors: an offer */
	if (n < 0)
		return errno == EALREADY ? CLIENT_PROTOCOL : client_receive_fault();
	if (n == 0) {
		errno = ECONNRESET;
		return CLIENT_NOBODY;
	}
	return read_answer(c, &m);
}

/* Where nothing can be sent, the peer may have said why before: a DENY, or an offer of its own. */
static enum client_fault wait_for_answer(struct client *c, enum client_fault sent, int64_t deadline)
{
	if (sent != CLIENT_OK && sent != CLIENT_NOBODY)
		return sent;
	enum client_fault fault = client_wait(c, deadline);
	return fault == CLIENT_OK ? receive_answer(c) : fault;
}

enum client_fault client_give(
	struct client *c, const char *name, int fd, int more, int64_t deadline)
{
	return wait_for_answer(c, send_offer(c, name, fd, more), deadline);
}

enum client_fault client_drop(struct client *c, const char *name, int64_t deadline)
{
	return wait_for_answer(c, send_drop(c, name), deadline);
}

enum client_fault client_take_over(struct client *c)
{
	struct protocol_out out;

	c->heir = true;
	protocol_begin(&out, PROTOCOL_TAKEOVER);
	enum client_fault sent = send_message(c, &out, NULL, 0);
	return sent == CLIENT_NOBODY ? CLIENT_OK : sent; /* why it left, it may have said before */
}

enum client_fault client_wait_for_end(struct client *c, int64_t deadline)
{
	enum client_fault fault = client_wait(c, deadline);

	if (fault == CLIENT_OK)
		fault = receive_answer(c);
	return fault == CLIENT_OK ? CLIENT_PROTOCOL : fault;
}
