/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dumps by sock_diag(7): see netlink.h. */
#include "lib/look/netlink.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { DATAGRAM_MAX = 32768, TRIES = 10 };

/* The last message has an errno where the kernel does not implement the dump. */
static int status_of(const struct nlmsghdr *done, const char *payload)
{
	int error = 0;

	if (done->nlmsg_len >= NLMSG_LENGTH(sizeof(error)))
		memcpy(&error, payload, sizeof(error));
	return error < 0 ? -1 : 0;
}

/* The copy is aligned, and its header says its length, whatever the datagram has. */
static void keep(struct netlink_dump *d, const char *message, size_t len)
{
	size_t need = NLMSG_ALIGN(len);

	while (d->room - d->len < need) {
		d->room = d->room ? 2 * d->room : DATAGRAM_MAX;
		d->bytes = must_realloc(d->bytes, d->room, 1);
	}
	memcpy(d->bytes + d->len, message, len);
	memset(d->bytes + d->len + len, 0, need - len);
	d->len += need;
}

void netlink_take(struct netlink_dump *d, const char *datagram, size_t len)
{
	struct nlmsghdr h;

	d->status = 1;
	for (size_t step; len >= sizeof(h); datagram += step, len -= step) {
		memcpy(&h, datagram, sizeof(h));
		if (h.nlmsg_len < sizeof(h) || h.nlmsg_len > len)
			break;
		d->interrupted = d->interrupted || (h.nlmsg_flags & NLM_F_DUMP_INTR);
		if (h.nlmsg_type == NLMSG_DONE)
			d->status = status_of(&h, datagram + NLMSG_HDRLEN);
		else if (h.nlmsg_type != SOCK_DIAG_BY_FAMILY)
			d->status = -1;
		if (d->status < 1)
			return;
		keep(d, datagram, h.nlmsg_len);
		step = NLMSG_ALIGN((size_t)h.nlmsg_len);
		step = step < len ? step : len;
	}
	if (len)
		d->status = -1; /* something is missing */
}

/* Only the kernel has port 0; any process may send to our port. */
static void receive(int nl, struct netlink_dump *d)
{
	char datagram[DATAGRAM_MAX];
	struct sockaddr_nl from = {0};
	struct iovec iov = {datagram, sizeof(datagram)};
	struct msghdr m = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n = TEMP_FAILURE_RETRY(recvmsg(nl, &m, 0));

	if (n <= 0 || (m.msg_flags & MSG_TRUNC))
		d->status = -1;
	else if (from.nl_pid == 0)
		netlink_take(d, datagram, (size_t)n);
}

static void request_once(struct netlink_dump *d, const void *request, size_t size)
{
	struct nlmsghdr h = {.nlmsg_len = (uint32_t)NLMSG_LENGTH(size),
		.nlmsg_type = SOCK_DIAG_BY_FAMILY,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP};
	struct iovec iov[] = {{&h, sizeof(h)}, {(void *)request, size}};
	int nl = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	d->status = -1;
	if (nl >= 0 && TEMP_FAILURE_RETRY(writev(nl, iov, 2)) == (ssize_t)h.nlmsg_len)
		d->status = 1;
	while (d->status > 0)
		receive(nl, d);
	fd_close(&nl);
}

int netlink_request(struct netlink_dump *d, const void *request, size_t size)
{
	for (int i = 0; i < TRIES; i++) {
		d->len = 0;
		d->interrupted = false;
		request_once(d, request, size);
		if (d->status < 0 || !d->interrupted)
			break;
	}
	return d->status < 0 || d->interrupted ? -1 : 0;
}

void netlink_free(struct netlink_dump *d)
{
	free(d->bytes);
	*d = (struct netlink_dump){0};
}

void netlink_each(const struct netlink_dump *d,
	void (*each)(void *data, const struct nlmsghdr *), void *data)
{
	const struct nlmsghdr *h;

	for (size_t at = 0; at < d->len; at += NLMSG_ALIGN((size_t)h->nlmsg_len)) {
		h = (const struct nlmsghdr *)(const void *)(d->bytes + at);
		each(data, h);
	}
}

const void *netlink_payload(const struct nlmsghdr *h, size_t size)
{
	return h->nlmsg_len >= NLMSG_LENGTH(size) ? (const char *)h + NLMSG_HDRLEN : NULL;
}

const char *netlink_attribute(
	const struct nlmsghdr *h, size_t skip, unsigned int type, size_t min, size_t *len)
{
	size_t start = NLMSG_LENGTH(NLMSG_ALIGN(skip));
	size_t left = h->nlmsg_len > start ? h->nlmsg_len - start : 0;
	const char *p = (const char *)h + start;
	struct nlattr a;

	for (size_t step; left >= sizeof(a); p += step, left -= step) {
		memcpy(&a, p, sizeof(a));
		if (a.nla_len < sizeof(a) || a.nla_len > left)
			break;
		*len = a.nla_len - sizeof(a);
		if ((a.nla_type & NLA_TYPE_MASK) == type && *len >= min)
			return p + sizeof(a);
		step = (size_t)NLA_ALIGN(a.nla_len);
		step = step < left ? step : left;
	}
	return NULL;
}
