/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dumps of the kernel's sockets: see diag.h. */
#include "lib/look/diag.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* --- any dump ------------------------------------------------------------------- */

struct diag_reader {
	size_t min;
	void (*each)(void *data, const struct nlmsghdr *);
	void *data;
};

/* The last message has an errno where the kernel does not implement the dump. */
static bool is_failure(const struct nlmsghdr *done)
{
	return done->nlmsg_len >= NLMSG_LENGTH(sizeof(int)) && *(const int *)NLMSG_DATA(done) < 0;
}

/* Handles one datagram. Returns 1 to go on, 0 after the last message, -1 for a failed dump. */
static int handle_datagram(const struct diag_reader *d, const struct nlmsghdr *h, size_t len)
{
	for (; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
		if (h->nlmsg_type == NLMSG_DONE)
			return is_failure(h) ? -1 : 0;
		if (h->nlmsg_type != SOCK_DIAG_BY_FAMILY)
			return -1;
		if (h->nlmsg_len >= NLMSG_LENGTH(d->min))
			d->each(d->data, h);
	}
	return 1;
}

static int receive_all(int nl, const struct diag_reader *d)
{
	union {
		char room[32768];
		struct nlmsghdr align;
	} in;
	int more;

	do {
		ssize_t n = recv(nl, in.room, sizeof(in.room), 0);
		more = n > 0 ? handle_datagram(d, &in.align, (size_t)n) : -1;
	} while (more > 0);
	return more;
}

int diag_dump(const void *request, size_t size, size_t min,
	void (*each)(void *data, const struct nlmsghdr *), void *data)
{
	const struct diag_reader d = {min, each, data};
	struct nlmsghdr h = {.nlmsg_len = (uint32_t)NLMSG_LENGTH(size),
		.nlmsg_type = SOCK_DIAG_BY_FAMILY,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP};
	struct iovec iov[] = {{&h, sizeof(h)}, {(void *)request, size}};
	int nl = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	if (nl < 0)
		return -1;
	int done = writev(nl, iov, 2) == (ssize_t)h.nlmsg_len ? receive_all(nl, &d) : -1;
	fd_close(&nl);
	return done;
}

const char *diag_attribute(
	const struct nlmsghdr *h, size_t skip, unsigned int type, size_t min, size_t *len)
{
	const char *p = (const char *)NLMSG_DATA(h) + NLMSG_ALIGN(skip);
	size_t left = h->nlmsg_len - NLMSG_LENGTH(skip);
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

/* --- a table of them -------------------------------------------------------------- */

static struct diag_socket *add(struct diag_sockets *s, struct diag_socket one)
{
	s->of = must_grow(s->of, s->n, sizeof(*s->of));
	s->of[s->n] = one;
	return &s->of[s->n++];
}

static int by_ino(const void *a, const void *b)
{
	const struct diag_socket *x = a, *y = b;

	return (x->ino > y->ino) - (x->ino < y->ino);
}

static void dump(struct diag_sockets *s, const void *request, size_t size, size_t min,
	void (*each)(void *, const struct nlmsghdr *))
{
	if (diag_dump(request, size, min, each, s) == 0)
		s->known = true;
}

static void sort(struct diag_sockets *s)
{
	if (s->n)
		qsort(s->of, s->n, sizeof(*s->of), by_ino);
}

const struct diag_socket *diag_find(const struct diag_sockets *s, ino_t ino)
{
	struct diag_socket key = {.ino = ino};

	return s->n && ino ? bsearch(&key, s->of, s->n, sizeof(key), by_ino) : NULL;
}

void diag_free(struct diag_sockets *s)
{
	free(s->of);
	*s = (struct diag_sockets){0};
}

/* --- unix(7) ---------------------------------------------------------------------- */

/* In sun_path, an abstract name begins with a NUL, and a path ends with one. */
static void unix_name(char out[DIAG_NAME_MAX], const char *name, size_t len)
{
	bool abstract = len && name[0] == '\0';

	if (!abstract)
		len = strnlen(name, len);
	len = len < DIAG_NAME_MAX ? len : DIAG_NAME_MAX - 1;
	for (size_t i = 0; i < len; i++)
		out[i] = name[i] ? name[i] : '@';
	out[len] = '\0';
}

static void add_unix(void *data, const struct nlmsghdr *h)
{
	const struct unix_diag_msg *m = NLMSG_DATA(h);
	struct diag_socket *one = add(data, (struct diag_socket){.ino = m->udiag_ino,
						    .family = AF_UNIX, .type = m->udiag_type,
						    .state = m->udiag_state});
	struct unix_diag_rqlen queue;
	uint32_t peer;
	size_t len;

	const char *name = diag_attribute(h, sizeof(*m), UNIX_DIAG_NAME, 1, &len);
	if (name)
		unix_name(one->local, name, len);
	const char *value = diag_attribute(h, sizeof(*m), UNIX_DIAG_PEER, sizeof(peer), &len);
	if (value) {
		memcpy(&peer, value, sizeof(peer));
		one->peer = peer;
	}
	value = diag_attribute(h, sizeof(*m), UNIX_DIAG_RQLEN, sizeof(queue), &len);
	if (value) {
		memcpy(&queue, value, sizeof(queue));
		one->queues = true;
		one->receive = queue.udiag_rqueue;
		one->send = queue.udiag_wqueue;
	}
}

void diag_unix(struct diag_sockets *s)
{
	const struct unix_diag_req r = {.sdiag_family = AF_UNIX,
		.udiag_states = UINT32_MAX,
		.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN};

	*s = (struct diag_sockets){0};
	dump(s, &r, sizeof(r), sizeof(struct unix_diag_msg), add_unix);
	sort(s);
	for (size_t i = 0; i < s->n; i++) {
		const struct diag_socket *peer = diag_find(s, s->of[i].peer);
		if (peer)
			memcpy(s->of[i].remote, peer->local, DIAG_NAME_MAX);
	}
}

/* --- ip(7) and ipv6(7) ------------------------------------------------------------ */

static void inet_name(char out[DIAG_NAME_MAX], int family, const void *address, unsigned int port)
{
	char text[INET6_ADDRSTRLEN] = "?";

	inet_ntop(family, address, text, sizeof(text));
	snprintf(out, DIAG_NAME_MAX, family == AF_INET6 ? "[%s]:%u" : "%s:%u", text, port);
}

/* The messages do not contain the protocol that was requested. */
struct inet_dump {
	struct diag_sockets *sockets;
	int type, protocol;
};

static void add_inet(void *data, const struct nlmsghdr *h)
{
	const struct inet_dump *d = data;
	const struct inet_diag_msg *m = NLMSG_DATA(h);
	struct diag_socket *one = add(d->sockets,
		(struct diag_socket){.ino = m->idiag_inode, .family = m->idiag_family,
			.type = d->type, .protocol = d->protocol, .state = m->idiag_state,
			.queues = true, .receive = m->idiag_rqueue, .send = m->idiag_wqueue,
			.device = m->id.idiag_if});

	inet_name(one->local, m->idiag_family, m->id.idiag_src, ntohs(m->id.idiag_sport));
	if (m->id.idiag_dport)
		inet_name(one->remote, m->idiag_family, m->id.idiag_dst, ntohs(m->id.idiag_dport));
}

static void dump_inet(struct diag_sockets *s, int type, int protocol)
{
	static const int families[] = {AF_INET, AF_INET6};
	struct inet_dump d = {s, type, protocol};

	for (size_t i = 0; i < 2; i++) {
		const struct inet_diag_req_v2 r = {.sdiag_family = (uint8_t)families[i],
			.sdiag_protocol = (uint8_t)protocol, .idiag_states = UINT32_MAX};
		if (diag_dump(&r, sizeof(r), sizeof(struct inet_diag_msg), add_inet, &d) == 0)
			s->known = true;
	}
}

void diag_inet(struct diag_sockets *s)
{
	*s = (struct diag_sockets){0};
	dump_inet(s, SOCK_STREAM, IPPROTO_TCP);
	dump_inet(s, SOCK_DGRAM, IPPROTO_UDP);
	dump_inet(s, SOCK_RAW, IPPROTO_RAW); /* dumps every raw socket */
	sort(s);
}

/* --- netlink(7), packet(7) --------------------------------------------------------- */

static void add_netlink(void *data, const struct nlmsghdr *h)
{
	const struct netlink_diag_msg *m = NLMSG_DATA(h);
	struct diag_socket *one = add(data, (struct diag_socket){.ino = m->ndiag_ino,
						    .family = AF_NETLINK, .type = m->ndiag_type,
						    .protocol = m->ndiag_protocol});

	if (m->ndiag_portid)
		snprintf(one->local, sizeof(one->local), "port %u", m->ndiag_portid);
}

void diag_netlink(struct diag_sockets *s)
{
	const struct netlink_diag_req r = {
		.sdiag_family = AF_NETLINK, .sdiag_protocol = NDIAG_PROTO_ALL};

	*s = (struct diag_sockets){0};
	dump(s, &r, sizeof(r), sizeof(struct netlink_diag_msg), add_netlink);
	sort(s);
}

static void add_packet(void *data, const struct nlmsghdr *h)
{
	const struct packet_diag_msg *m = NLMSG_DATA(h);
	struct packet_diag_info info;
	size_t len;
	struct diag_socket *one = add(data, (struct diag_socket){.ino = m->pdiag_ino,
						    .family = AF_PACKET, .type = m->pdiag_type,
						    .protocol = m->pdiag_num});
	const char *value = diag_attribute(h, sizeof(*m), PACKET_DIAG_INFO, sizeof(info), &len);

	if (value) {
		memcpy(&info, value, sizeof(info));
		one->device = info.pdi_index;
	}
}

void diag_packet(struct diag_sockets *s)
{
	const struct packet_diag_req r = {
		.sdiag_family = AF_PACKET, .pdiag_show = PACKET_SHOW_INFO};

	*s = (struct diag_sockets){0};
	dump(s, &r, sizeof(r), sizeof(struct packet_diag_msg), add_packet);
	sort(s);
}
