/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dumps of the kernel's sockets: see diag.h. */
#include "lib/look/diag.h"
#include "lib/base/memory.h"
#include "lib/base/uapi.h"
#include "lib/look/netlink.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <linux/unix_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>

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

void diag_unix_name(char out[DIAG_NAME_MAX], const char *name, size_t len)
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
	const struct unix_diag_msg *m = netlink_payload(h, sizeof(*m));
	struct diag_socket *one;
	struct unix_diag_rqlen queue;
	uint32_t peer;
	size_t len;

	if (!m)
		return;
	one = add(data, (struct diag_socket){.ino = m->udiag_ino, .family = AF_UNIX,
				.type = m->udiag_type, .state = m->udiag_state});
	const char *name = netlink_attribute(h, sizeof(*m), UNIX_DIAG_NAME, 1, &len);
	if (name)
		diag_unix_name(one->local, name, len);
	const char *value = netlink_attribute(h, sizeof(*m), UNIX_DIAG_PEER, sizeof(peer), &len);
	if (value) {
		memcpy(&peer, value, sizeof(peer));
		one->peer = peer;
	}
	struct unix_diag_vfs file;
	value = netlink_attribute(h, sizeof(*m), UNIX_DIAG_VFS, sizeof(file), &len);
	if (value) {
		memcpy(&file, value, sizeof(file));
		one->file_ino = file.udiag_vfs_ino;
		/* the kernel's own format: 12 bits of major, 20 of minor */
		one->file_dev = makedev(file.udiag_vfs_dev >> 20, file.udiag_vfs_dev & 0xfffff);
	}
	value = netlink_attribute(h, sizeof(*m), UNIX_DIAG_RQLEN, sizeof(queue), &len);
	if (value) {
		memcpy(&queue, value, sizeof(queue));
		one->queues = true;
		one->receive = queue.udiag_rqueue;
		one->send = queue.udiag_wqueue;
	}
}

/* Nothing else than a socket of AF_UNIX has a peer here. */
static void name_peers(struct diag_sockets *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct diag_socket *peer = diag_find(s, s->of[i].peer);
		if (peer)
			memcpy(s->of[i].remote, peer->local, DIAG_NAME_MAX);
	}
}

/* --- ip(7) and ipv6(7) ------------------------------------------------------------ */

void diag_inet_name(char out[DIAG_NAME_MAX], int family, const void *address, unsigned int port)
{
	char text[INET6_ADDRSTRLEN] = "?";

	inet_ntop(family, address, text, sizeof(text));
	snprintf(out, DIAG_NAME_MAX, family == AF_INET6 ? "[%s]:%u" : "%s:%u", text, port);
}

/* IPv4 as ::ffff:1.2.3.4 */
static struct in6_addr address_of(const struct inet_diag_msg *m)
{
	struct in6_addr at = {.s6_addr = {[10] = 0xff, [11] = 0xff}};

	if (m->idiag_family == AF_INET)
		memcpy(&at.s6_addr[12], m->id.idiag_src, sizeof(struct in_addr));
	else
		memcpy(&at, m->id.idiag_src, sizeof(at));
	return at;
}

static void add_inet(void *data, const struct nlmsghdr *h)
{
	const struct inet_diag_msg *m = netlink_payload(h, sizeof(*m));

	if (!m)
		return;
	struct diag_socket *one = add(data,
		(struct diag_socket){.ino = m->idiag_inode, .family = m->idiag_family,
			.state = m->idiag_state, .queues = true, .receive = m->idiag_rqueue,
			.send = m->idiag_wqueue, .device = m->id.idiag_if, .uid = m->idiag_uid,
			.port = ntohs(m->id.idiag_sport), .at = address_of(m)});
	diag_inet_name(one->local, m->idiag_family, m->id.idiag_src, ntohs(m->id.idiag_sport));
	if (m->id.idiag_dport)
		diag_inet_name(one->remote, m->idiag_family, m->id.idiag_dst,
			ntohs(m->id.idiag_dport));
}

/* --- netlink(7), packet(7) --------------------------------------------------------- */

static void add_netlink(void *data, const struct nlmsghdr *h)
{
	const struct netlink_diag_msg *m = netlink_payload(h, sizeof(*m));

	if (!m)
		return;
	struct diag_socket *one = add(data,
		(struct diag_socket){.ino = m->ndiag_ino, .family = AF_NETLINK,
			.type = m->ndiag_type, .protocol = m->ndiag_protocol});
	if (m->ndiag_portid)
		snprintf(one->local, sizeof(one->local), "port %u", m->ndiag_portid);
}

static void add_packet(void *data, const struct nlmsghdr *h)
{
	const struct packet_diag_msg *m = netlink_payload(h, sizeof(*m));
	struct packet_diag_info info;
	size_t len;

	if (!m)
		return;
	struct diag_socket *one = add(data,
		(struct diag_socket){.ino = m->pdiag_ino, .family = AF_PACKET,
			.type = m->pdiag_type, .protocol = m->pdiag_num});
	const char *value = netlink_attribute(h, sizeof(*m), PACKET_DIAG_INFO, sizeof(info), &len);
	if (value) {
		memcpy(&info, value, sizeof(info));
		one->device = info.pdi_index;
	}
}

/* --- the dumps -------------------------------------------------------------------- */

static void dump(struct diag_sockets *s, const void *request, size_t size,
	void (*each)(void *sockets, const struct nlmsghdr *))
{
	struct netlink_dump d = {0};

	if (netlink_request(&d, request, size) == 0)
		netlink_each(&d, each, s);
	netlink_free(&d);
}

static void dump_unix(struct diag_sockets *s)
{
	const struct unix_diag_req r = {.sdiag_family = AF_UNIX,
		.udiag_states = UINT32_MAX,
		.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN | UDIAG_SHOW_VFS};

	dump(s, &r, sizeof(r), add_unix);
}

struct inet_protocol {
	int type, protocol; /* type 0: of several types */
};

/*
 * Whether the local port is in a range: the kernel runs these for each socket. An op has two
 * steps, in bytes, for yes and for no; no leads behind the end, and the socket is left out. The
 * port to compare with is in the op after it.
 */
struct port_filter {
	struct inet_diag_bc_op min, min_port, max, max_port;
};

static struct port_filter filter_ports(uint16_t min, uint16_t max)
{
	enum { STEP = 2 * sizeof(struct inet_diag_bc_op), BEHIND = 4 };

	return (struct port_filter){
		.min = {INET_DIAG_BC_S_GE, STEP, 2 * STEP + BEHIND}, .min_port = {.no = min},
		.max = {INET_DIAG_BC_S_LE, STEP, STEP + BEHIND}, .max_port = {.no = max}};
}

struct ports {
	uint16_t min, max;
};

/* The messages do not contain the protocol that was requested. */
static void dump_protocol(struct diag_sockets *s, const struct inet_protocol *p, int family,
	const struct ports *ports)
{
	const struct {
		struct inet_diag_req_v2 r;
		struct nlattr filter;
		struct port_filter ports;
		struct nlattr a;
		uint32_t protocol; /* the field of r has 8 bits */
	} request = {
		.r = {.sdiag_family = (uint8_t)family,
			.sdiag_protocol = (uint8_t)p->protocol,
			.idiag_states = UINT32_MAX},
		.filter = {.nla_len = sizeof(request.filter) + sizeof(request.ports),
			.nla_type = INET_DIAG_REQ_BYTECODE},
		.ports = filter_ports(ports->min, ports->max),
		.a = {.nla_len = sizeof(request.a) + sizeof(request.protocol),
			.nla_type = INET_DIAG_REQ_PROTOCOL},
		.protocol = (uint32_t)p->protocol,
	};
	size_t before = s->n;

	/* a kernel that does not know the attribute (before 5.9) refuses it */
	dump(s, &request,
		p->protocol > UINT8_MAX ? sizeof(request) : offsetof(__typeof__(request), a), add_inet);
	for (size_t i = before; i < s->n; i++) {
		s->of[i].type = p->type;
		s->of[i].protocol = p->protocol;
	}
}

static void dump_protocols(struct diag_sockets *s, const struct inet_protocol *p, size_t n,
	const struct ports *ports)
{
	for (size_t i = 0; i < n; i++) {
		dump_protocol(s, &p[i], AF_INET, ports);
		dump_protocol(s, &p[i], AF_INET6, ports);
	}
}

static const struct ports all_ports = {0, UINT16_MAX};

static void dump_inet(struct diag_sockets *s)
{
	static const struct inet_protocol usual[] = {
		{SOCK_STREAM, IPPROTO_TCP},
		{SOCK_DGRAM, IPPROTO_UDP},
		{SOCK_RAW, IPPROTO_RAW}, /* dumps every raw socket */
	};

	dump_protocols(s, usual, ARRAY_SIZE(usual), &all_ports);
}

static void dump_inet_more(struct diag_sockets *s)
{
	static const struct inet_protocol more[] = {
		{SOCK_STREAM, IPPROTO_MPTCP},
		{SOCK_DGRAM, IPPROTO_UDPLITE},
		{0, IPPROTO_SCTP},
		{SOCK_DCCP, IPPROTO_DCCP},
	};

	dump_protocols(s, more, ARRAY_SIZE(more), &all_ports);
}

void diag_read_port(struct diag_sockets *s, int protocol, uint16_t port)
{
	static const struct inet_protocol all[] = {
		{SOCK_STREAM, IPPROTO_MPTCP}, {SOCK_STREAM, IPPROTO_TCP}, {SOCK_DGRAM, IPPROTO_UDP},
		{SOCK_DGRAM, IPPROTO_UDPLITE}, {0, IPPROTO_SCTP}};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i].protocol == protocol ||
			(all[i].protocol == IPPROTO_MPTCP && protocol == IPPROTO_TCP) ||
			(all[i].protocol == IPPROTO_UDPLITE && protocol == IPPROTO_UDP))
			dump_protocols(s, &all[i], 1, &(struct ports){port, port});
}

static void dump_netlink(struct diag_sockets *s)
{
	const struct netlink_diag_req r = {
		.sdiag_family = AF_NETLINK, .sdiag_protocol = NDIAG_PROTO_ALL};

	dump(s, &r, sizeof(r), add_netlink);
}

static void dump_packet(struct diag_sockets *s)
{
	const struct packet_diag_req r = {
		.sdiag_family = AF_PACKET, .pdiag_show = PACKET_SHOW_INFO};

	dump(s, &r, sizeof(r), add_packet);
}

/* --- the tables ------------------------------------------------------------------- */

static const struct {
	void (*dump)(struct diag_sockets *);
	void (*add)(void *sockets, const struct nlmsghdr *);
} tables[DIAG_TABLES] = {
	[DIAG_UNIX] = {dump_unix, add_unix},
	[DIAG_INET] = {dump_inet, add_inet},
	[DIAG_INET_MORE] = {dump_inet_more, add_inet},
	[DIAG_NETLINK] = {dump_netlink, add_netlink},
	[DIAG_PACKET] = {dump_packet, add_packet},
};

void diag_add(struct diag_sockets *s, enum diag_table table, const struct nlmsghdr *h)
{
	tables[table].add(s, h);
}

void diag_read(struct diag_sockets *s, enum diag_table table)
{
	if (s->done)
		return;
	s->done = true;
	tables[table].dump(s);
	if (s->n)
		qsort(s->of, s->n, sizeof(*s->of), by_ino);
	name_peers(s);
}
