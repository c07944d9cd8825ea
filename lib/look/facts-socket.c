/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about a socket, from sockfs and the tables of sock_diag(7): it is not duplicated. */
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/look/facts-internal.h"
#include "lib/look/facts.h"
#include "lib/out/json-value.h"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/xattr.h>
#include <unistd.h>

/* By the protocol's name in sockfs, which can be read without a duplicate of the socket. */
static const struct protocol {
	const char *name;
	int family, type;
	enum diag_table table;
} protocols[] = {
	{"UNIX-STREAM", AF_UNIX, SOCK_STREAM, DIAG_UNIX},
	{"UNIX", AF_UNIX, 0, DIAG_UNIX},
	{"TCP", AF_INET, SOCK_STREAM, DIAG_INET},
	{"TCPv6", AF_INET6, SOCK_STREAM, DIAG_INET},
	{"UDP", AF_INET, SOCK_DGRAM, DIAG_INET},
	{"UDPv6", AF_INET6, SOCK_DGRAM, DIAG_INET},
	{"RAW", AF_INET, SOCK_RAW, DIAG_INET},
	{"RAWv6", AF_INET6, SOCK_RAW, DIAG_INET},
	{"MPTCP", AF_INET, SOCK_STREAM, DIAG_INET_MORE},
	{"MPTCPv6", AF_INET6, SOCK_STREAM, DIAG_INET_MORE},
	{"UDP-Lite", AF_INET, SOCK_DGRAM, DIAG_INET_MORE},
	{"UDPLITEv6", AF_INET6, SOCK_DGRAM, DIAG_INET_MORE},
	{"SCTP", AF_INET, 0, DIAG_INET_MORE},
	{"SCTPv6", AF_INET6, 0, DIAG_INET_MORE},
	{"DCCP", AF_INET, SOCK_DCCP, DIAG_INET_MORE},
	{"DCCPv6", AF_INET6, SOCK_DCCP, DIAG_INET_MORE},
	{"NETLINK", AF_NETLINK, 0, DIAG_NETLINK},
	{"PACKET", AF_PACKET, 0, DIAG_PACKET},
	{NULL, 0, 0, DIAG_TABLES}, /* none */
};

static const struct protocol *protocol_of(const char *name)
{
	const struct protocol *p = protocols;

	while (p->name && strcmp(p->name, name) != 0)
		p++;
	return p;
}

static bool protocol_name(const struct subject *s, char *out, size_t size)
{
	char path[64];

	desc_proc_path(s->pid, "fd", s->fd, path, sizeof(path));
	ssize_t n = getxattr(path, "system.sockprotoname", out, size - 1);
	out[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static json_t *name_or_null(const struct bitname *names, int value, bool known)
{
	char name[NAMES_MAX];

	return known ? json_string(names_value(names, (unsigned int)value, name, sizeof(name)))
		     : json_null();
}

/* Names the process's network namespace if it is not ours, of which there is no table. */
static void put_other_namespace(const struct subject *s)
{
	char path[64], theirs[64], ours[64];

	facts_path(s, "ns/net", path, sizeof(path));
	ssize_t n = readlink(path, theirs, sizeof(theirs) - 1);
	ssize_t m = readlink("/proc/self/ns/net", ours, sizeof(ours) - 1);
	if (n <= 0 || m <= 0)
		return;
	theirs[n] = ours[m] = '\0';
	if (strcmp(theirs, ours) != 0)
		facts_put(s, "process_namespace", json_bytes(theirs));
}

/*
 * A socket that is in no table belongs to another network namespace, was never bound or connected
 * (the kernel lists no such socket of TCP or UDP), or is of a protocol without a table. Where
 * the socket itself cannot be asked either, little is known.
 */
static void put_unlisted(const struct subject *s)
{
	static const char *const unknown[] = {
		"local", "remote", "receive_queued", "send_queued", NULL};

	for (size_t i = 0; unknown[i]; i++)
		facts_put(s, unknown[i], json_null());
}

static void put_queues(const struct subject *s, const struct diag_socket *found)
{
	bool listens = found->state == TCP_LISTEN;

	/* of a listener these are connections, not bytes */
	facts_put(s, listens ? "to_accept" : "receive_queued",
		found->queues ? json_integer(found->receive) : json_null());
	facts_put(s, listens ? "backlog" : "send_queued",
		found->queues ? json_integer(found->send) : json_null());
}

/* Addresses of other families are in no form that is known here. */
static void put_names(const struct subject *s, const struct diag_socket *found)
{
	static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK};
	bool known = false;

	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		known = known || families[i] == found->family;
	facts_put(s, "local", known ? json_bytes(found->local) : json_null());
	facts_put(s, "remote", known ? json_bytes(found->remote) : json_null());
}

static void put_found(const struct subject *s, const struct diag_socket *found)
{
	bool stateful = found->family == AF_UNIX || found->family == AF_INET ||
			found->family == AF_INET6;
	char name[IF_NAMESIZE];

	if (found->family == AF_NETLINK)
		facts_put(s, "netlink", name_or_null(names_netlink, found->protocol, true));
	if (found->family == AF_PACKET)
		facts_put(s, "ethertype", json_opaque((unsigned int)found->protocol));
	if (stateful)
		facts_put(s, "state", name_or_null(names_state, found->state, found->state != 0));
	put_names(s, found);
	if (found->family == AF_UNIX)
		facts_put(s, "peer_inode", found->peer ? json_number(found->peer) : json_null());
	if (stateful)
		put_queues(s, found);
	if (found->device)
		facts_put(s, "interface",
			if_indextoname(found->device, name) ? json_bytes(name)
							    : json_integer(found->device));
}

static const struct diag_socket *find_in(const struct subject *s, enum diag_table table)
{
	if (table == DIAG_TABLES)
		return NULL;
	diag_read(&s->facts->sockets[table], table);
	return diag_find(&s->facts->sockets[table], s->d->ino);
}

/* A listener of MPTCP is in the table of TCP, too, where the kernel has no other. */
static const struct diag_socket *find(const struct subject *s, const struct protocol *p)
{
	const struct diag_socket *found = find_in(s, p->table);

	return found || p->table != DIAG_INET_MORE ? found : find_in(s, DIAG_INET);
}

void facts_add_socket(const struct subject *s)
{
	char name[64];
	struct diag_socket asked;

	if (s->d->flags & O_PATH) /* the inode of a socket in a file system is not a socket */
		return;
	bool named = protocol_name(s, name, sizeof(name));
	const struct protocol *p = protocol_of(named ? name : "");
	const struct diag_socket *found = find(s, p);
	if (!found && facts_ask(s, diag_query, &asked, sizeof(asked)) && asked.family)
		found = &asked;
	int family = found ? found->family : p->family;
	int type = found ? found->type : p->type;
	facts_put(s, "family", name_or_null(names_family, family, family != 0));
	facts_put(s, "type", name_or_null(names_socket, type, type != 0));
	facts_put(s, "protocol", named ? json_bytes(name) : json_null());
	if (!found || found == &asked)
		put_other_namespace(s);
	if (found)
		put_found(s, found);
	else
		put_unlisted(s);
}

const struct diag_socket *facts_socket(struct facts *f, ino_t ino)
{
	/* a listener of MPTCP is in the table of TCP, too */
	static const enum diag_table tables[] = {
		DIAG_UNIX, DIAG_INET_MORE, DIAG_INET, DIAG_NETLINK, DIAG_PACKET};
	const struct diag_socket *found = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(tables) && !found; i++) {
		diag_read(&f->sockets[tables[i]], tables[i]);
		found = diag_find(&f->sockets[tables[i]], ino);
	}
	return found;
}

bool facts_listens(struct facts *f, uint16_t port)
{
	const struct diag_sockets *inet = &f->sockets[DIAG_INET];

	if (!f->listens) {
		diag_read(&f->sockets[DIAG_INET], DIAG_INET);
		f->listens = must_calloc(UINT16_MAX + 1, sizeof(*f->listens));
		for (size_t i = 0; i < inet->n; i++)
			if (inet->of[i].state == TCP_LISTEN)
				f->listens[inet->of[i].port] = true;
	}
	return f->listens[port];
}
