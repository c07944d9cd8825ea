/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An offer in flight: see stored.h. */
#include "lib/pass/stored.h"
#include "lib/base/fd.h"
#include "lib/base/msg.h"
#include "lib/base/times.h"
#include "lib/pass/protocol.h"

#include <bsd/string.h>
#include <errno.h>
#include <limits.h>
#include <sys/socket.h>

static void make_text(struct protocol_out *out, const struct offer *o, uid_t giver, int64_t until)
{
	protocol_begin(out, PROTOCOL_OFFER);
	protocol_add(out, "name", offer_name(o));
	protocol_add_number(out, "fds", 1);
	protocol_add_number(out, "uid", giver);
	if (until != NEVER)
		protocol_add_number(out, "until", until);
}

/* Of datagrams: there is no hangup at which the one that keeps it would let it go. */
int stored_put(const struct offer *o, uid_t giver, int64_t until)
{
	struct protocol_out out;
	int pair[2], fd = offer_fd(o);

	make_text(&out, o, giver, until);
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	if (msg_send(pair[0], out.text, out.len, &fd, 1, MSG_DONTWAIT) < 0)
		fd_close(&pair[1]);
	fd_close(&pair[0]);
	return pair[1];
}

static bool parse(struct msg *m, struct client *c, int64_t *until)
{
	struct protocol_in in;

	if (protocol_parse(m->text, m->len, &in) < 0 || in.verb != PROTOCOL_OFFER || m->nfds != 1)
		return false;
	const char *name = protocol_get(&in, "name");
	long long uid = protocol_get_number(&in, "uid", 0, UINT_MAX, -1);
	if (!name || addr_name_fault(name) || uid < 0 || protocol_get_number(&in, "fds", 0, INT_MAX, 0) != 1)
		return false;
	strlcpy(c->name, name, sizeof(c->name));
	c->server.uid = (uid_t)uid;
	*until = protocol_get_number(&in, "until", 0, INT64_MAX, NEVER);
	c->fd = m->fds[0];
	m->fds[0] = -1;
	return true;
}

int stored_look(int sock, struct client *c, int64_t *until)
{
	struct msg m;

	*c = (struct client){.fd = -1, .server_fd = -1, .sock = -1};
	ssize_t n = msg_recv(sock, &m, MSG_FDS_MAX, MSG_PEEK | MSG_DONTWAIT);
	if (n < 0)
		return -1;
	bool done = n > 0 && parse(&m, c, until);
	msg_close(&m);
	errno = EBADMSG;
	return done ? 0 : -1;
}
