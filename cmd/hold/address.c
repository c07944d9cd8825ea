/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The socket at hold's ADDRESS: bound here, or that of the broker in whose place this one comes. */
#include "cmd/client/failed.h"
#include "cmd/hold/hold.h"
#include "lib/base/peer.h"
#include "lib/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

static enum status bind_address(struct hold *h)
{
	h->listener = addr_bind(&h->addr);
	if (h->listener < 0 && errno == EADDRINUSE)
		return report_in_use(h->word, "; another ADDRESS may be free");
	if (h->listener < 0)
		return report(STATUS_FAIL, h->word, h->addr.failed, errno);
	if (h->addr.replaced && !h->quiet)
		report_note("%s: the socket of a server that has ended was there, and is replaced",
			text_show(h->word));
	return STATUS_OK;
}

static enum status listen_at_address(struct hold *h)
{
	if (fcntl(h->listener, F_SETFL, O_NONBLOCK) < 0 || listen(h->listener, SOMAXCONN) < 0)
		return report(STATUS_FAIL, h->word, "listen", errno);
	return STATUS_OK;
}

/* Whether the ADDRESS is that of the broker in whose place we come. */
static bool inherits_address(const struct hold *h)
{
	struct addr from;

	return h->from && !addr_parse(h->from, &from) && addr_equal(&h->addr, &from);
}

enum status hold_take_address(struct hold *h)
{
	/* a service manager may have given it already */
	enum status st = h->listener >= 0 || inherits_address(h) ? STATUS_OK : bind_address(h);

	peer_know_users();
	if (st == STATUS_OK && h->from)
		st = hold_take_over(h);
	return st == STATUS_OK ? listen_at_address(h) : st;
}
