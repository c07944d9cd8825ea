/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about a socket, from sockfs and the tables of sock_diag(7): it is not duplicated. */
#include "lib/base/names.h"
#include "lib/look/facts-internal.h"
#include "lib/out/json-value.h"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/xattr.h>
#include <unistd.h>

static const struct diag_sockets *sockets_of(struct facts *f, int which)
{
	struct diag_cache *cache = &f->diag[which];

	if (!cache->done) {
		cache->read(&cache->sockets);
		cache->done = true;
	}
	return &cache->sockets;
}

/* By the protocol's name in sockfs, which can be read without a duplicate of the socket. */
static const struct {
	const char *name;
	int family, type, cache; /* -1: no table */
} protocols[] = {
	{"UNIX-STREAM", AF_UNIX, SOCK_STREAM, CACHE_UNIX}, {"UNIX", AF_UNIX, 0, CACHE_UNIX},
	{"TCP", AF_INET, SOCK_STREAM, CACHE_INET}, {"TCPv6", AF_INET6, SOCK_STREAM, CACHE_INET},
	{"UDP", AF_INET, SOCK_DGRAM, CACHE_INET}, {"UDPv6", AF_INET6, SOCK_DGRAM, CACHE_INET},
	{"RAW", AF_INET, SOCK_RAW, CACHE_INET}, {"RAWv6", AF_INET6, SOCK_RAW, CACHE_INET},
	{"PING", AF_INET, SOCK_DGRAM, -1}, {"PINGv6", AF_INET6, SOCK_DGRAM, -1},
	{"NETLINK", AF_NETLINK, 0, CACHE_NETLINK}, {"PACKET", AF_PACKET, 0, CACHE_PACKET},
	{"AF_VSOCK", AF_VSOCK, 0, -1}, {"XDP", AF_XDP, SOCK_RAW, -1},
	{"ALG", AF_ALG, SOCK_SEQPACKET, -1},
	{NULL, 0, 0, -1},
};

static size_t protocol_of(const char *name)
{
	size_t i = 0;

	while (protocols[i].name && strcmp(protocols[i].name, name) != 0)
		i++;
	return i;
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
static bool put_other_namespace(const struct subject *s)
{
	char path[64], theirs[64], ours[64];

	facts_path(s, "ns/net", path, sizeof(path));
	ssize_t n = readlink(path, theirs, sizeof(theirs) - 1);
	ssize_t m = readlink("/proc/self/ns/net", ours, sizeof(ours) - 1);
	if (n <= 0 || m <= 0)
		return false;
	theirs[n] = ours[m] = '\0';
	if (strcmp(theirs, ours) == 0)
		return false;
	facts_put(s, "process_namespace", json_bytes(theirs));
	return true;
}

/*
 * A socket that is in no table belongs to another network namespace, or was never bound or
 * connected (the kernel lists no such socket of TCP or UDP). Only a call on the socket itself
 * could distinguish the two.
 */
static void put_unlisted(const struct subject *s, bool listed_family)
{
	static const char *const unknown[] = {
		"local", "remote", "receive_queued", "send_queued", NULL};

	if (!put_other_namespace(s) && listed_family)
		facts_put(s, "unlisted", json_string("not bound, or of another network namespace"));
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

static void put_listed(const struct subject *s, const struct diag_socket *found)
{
	bool stateful = found->family == AF_UNIX || found->family == AF_INET ||
			found->family == AF_INET6;
	char name[IF_NAMESIZE];

	if (stateful)
		facts_put(s, "state", name_or_null(names_state, found->state, true));
	facts_put(s, "local", *found->local ? json_bytes(found->local) : json_string(""));
	facts_put(s, "remote", json_bytes(found->remote));
	if (found->family == AF_UNIX)
		facts_put(s, "peer_inode", found->peer ? json_number(found->peer) : json_null());
	if (stateful)
		put_queues(s, found);
	if (found->device)
		facts_put(s, "interface",
			if_indextoname(found->device, name) ? json_bytes(name)
							    : json_integer(found->device));
}

void facts_add_socket(const struct subject *s)
{
	char protocol[64];
	const struct diag_socket *found = NULL;
	bool named = protocol_name(s, protocol, sizeof(protocol));
	size_t i = protocol_of(named ? protocol : "");

	if (s->d->flags & O_PATH) /* the inode of a socket in a file system is not a socket */
		return;
	if (protocols[i].cache >= 0)
		found = diag_find(sockets_of(s->facts, protocols[i].cache), s->d->ino);
	int family = found ? found->family : protocols[i].family;
	int type = found ? found->type : protocols[i].type;
	facts_put(s, "family", name_or_null(names_family, family, family != 0));
	facts_put(s, "type", name_or_null(names_socket, type, type != 0));
	facts_put(s, "protocol", named ? json_bytes(protocol) : json_null());
	if (found && family == AF_NETLINK)
		facts_put(s, "netlink", name_or_null(names_netlink, found->protocol, true));
	if (found && family == AF_PACKET)
		facts_put(s, "ethertype", json_opaque((unsigned int)found->protocol));
	if (found)
		put_listed(s, found);
	else
		put_unlisted(s, protocols[i].cache >= 0);
}
