/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words such as tcp:8080, and the sockets of this network namespace: see port.h. */
#include "lib/look/port.h"
#include "lib/base/fd.h"
#include "lib/base/inode.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/look/port-internal.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const struct {
	const char *word;
	int protocol, type;
	const char *service; /* the protocol of services(5) */
} kinds[] = {
	{"tcp:", IPPROTO_TCP, SOCK_STREAM, "tcp"},
	{"udp:", IPPROTO_UDP, SOCK_DGRAM, "udp"},
	{"sctp:", IPPROTO_SCTP, SOCK_STREAM, "sctp"},
	{"unix:", 0, 0, NULL},
};

/* --- parsing ---------------------------------------------------------------------------- */

static const char *parse_number(const char *text, const char *service, struct port *p)
{
	const char *fault;

	p->number = (uint16_t)strtonum(text, 1, UINT16_MAX, &fault);
	if (!fault)
		return NULL;
	const struct servent *s = getservbyname(text, service);
	if (s)
		p->number = ntohs((uint16_t)s->s_port);
	return s ? NULL : "needs a port from 1 to 65535, or the name of a service, at its end";
}

static void add_host(struct port *p, const struct sockaddr *at)
{
	struct in6_addr *to = &p->hosts[p->n_hosts];

	if (p->n_hosts == PORT_HOSTS_MAX)
		return;
	if (at->sa_family == AF_INET)
		*to = port_mapped(&((const struct sockaddr_in *)(const void *)at)->sin_addr);
	else if (at->sa_family == AF_INET6)
		*to = ((const struct sockaddr_in6 *)(const void *)at)->sin6_addr;
	else
		return;
	p->n_hosts++;
}

/* "127.0.0.1", "[::1]", "localhost", "*" */
static const char *parse_host(const char *text, size_t len, int type, struct port *p)
{
	const struct addrinfo hints = {.ai_socktype = type};
	bool brackets = len > 2 && text[0] == '[' && text[len - 1] == ']';
	struct addrinfo *all;

	if (len == 1 && *text == '*')
		return NULL;
	char *host = must_printf("%.*s", (int)(brackets ? len - 2 : len), text + brackets);
	int failed = *host ? getaddrinfo(host, NULL, &hints, &all) : EAI_NONAME;
	free(host);
	if (failed)
		return "has an unknown host before its port";
	for (const struct addrinfo *one = all; one; one = one->ai_next)
		add_host(p, one->ai_addr);
	freeaddrinfo(all);
	return NULL;
}

static size_t kind_of(const char *word)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(kinds) && !text_begins(word, kinds[i].word))
		i++;
	return i;
}

bool port_is(const char *word)
{
	return kind_of(word) < ARRAY_SIZE(kinds);
}

const char *port_parse(const char *word, struct port *p)
{
	size_t i = kind_of(word);
	const char *rest = word + strlen(kinds[i].word), *colon = strrchr(rest, ':'), *fault;

	*p = (struct port){.protocol = kinds[i].protocol};
	if (!p->protocol) {
		p->name = rest;
		return *rest && strcmp(rest, "@") != 0 ? NULL : "needs a path, or @NAME, after the colon";
	}
	fault = parse_number(colon ? colon + 1 : rest, kinds[i].service, p);
	if (!fault && colon)
		fault = parse_host(rest, (size_t)(colon - rest), kinds[i].type, p);
	return fault;
}

/* --- finding ------------------------------------------------------------------------------ */

struct in6_addr port_mapped(const struct in_addr *in)
{
	struct in6_addr out = {.s6_addr = {[10] = 0xff, [11] = 0xff}};

	memcpy(&out.s6_addr[12], in, sizeof(*in));
	return out;
}

static bool is_any(const struct in6_addr *a)
{
	static const struct in_addr any;
	const struct in6_addr mapped = port_mapped(&any);

	return IN6_IS_ADDR_UNSPECIFIED(a) || memcmp(a, &mapped, sizeof(mapped)) == 0;
}

/* What is bound to no address has the port of each. */
bool port_matches(const struct port *p, uint16_t number, const struct in6_addr *at)
{
	bool found = p->n_hosts == 0 || is_any(at);

	if (number != p->number)
		return false;
	for (size_t i = 0; i < p->n_hosts && !found; i++)
		found = memcmp(&p->hosts[i], at, sizeof(*at)) == 0;
	return found;
}

bool port_listens(const struct diag_socket *s)
{
	return s->state == TCP_LISTEN || s->state == TCP_CLOSE;
}

void port_add(struct diag_sockets *s, const struct diag_socket *one)
{
	for (size_t i = 0; i < s->n && one->ino; i++) /* an MPTCP listener is among those of TCP, too */
		if (s->of[i].ino == one->ino)
			return;
	s->of = must_grow(s->of, s->n, sizeof(*s->of));
	s->of[s->n++] = *one;
}

static void keep_inet(const struct port *p, const struct diag_sockets *from, struct diag_sockets *to)
{
	for (size_t i = 0; i < from->n; i++)
		if (port_matches(p, from->of[i].port, &from->of[i].at))
			port_add(to, &from->of[i]);
}

static void find_inet(const struct port *p, struct diag_sockets *out)
{
	struct diag_sockets all = {0};

	diag_read_port(&all, p->protocol, p->number);
	keep_inet(p, &all, out);
	diag_free(&all);
}

/*
 * A socket has the name under which it was bound, relative to a directory of then, and the inode
 * of its file.
 */
static bool is_named(const struct port *p, const struct statx *file, const struct diag_socket *s)
{
	if (strcmp(s->local, p->name) == 0)
		return true;
	return file->stx_ino && s->file_ino == (uint32_t)file->stx_ino && s->file_dev == inode_dev(file);
}

static int find_unix(const struct port *p, struct diag_sockets *out)
{
	struct diag_sockets all = {0};
	struct statx file = {0};
	bool is_path = *p->name != '@';
	int missing = is_path ? inode_look(AT_FDCWD, p->name, STATX_TYPE | STATX_INO, &file) : 0;
	int err = errno;

	diag_read(&all, DIAG_UNIX);
	for (size_t i = 0; i < all.n; i++)
		if (is_named(p, &file, &all.of[i]))
			port_add(out, &all.of[i]);
	diag_free(&all);
	errno = err;
	return missing;
}

static int listeners_first(const void *a, const void *b)
{
	const struct diag_socket *x = a, *y = b;

	if (port_listens(x) != port_listens(y))
		return port_listens(x) ? -1 : 1;
	return (x->ino > y->ino) - (x->ino < y->ino);
}

static void sort(struct diag_sockets *s)
{
	if (s->n)
		qsort(s->of, s->n, sizeof(*s->of), listeners_first);
}

int port_find_here(const struct port *p, struct diag_sockets *out)
{
	int done = 0;

	*out = (struct diag_sockets){0};
	if (p->protocol)
		find_inet(p, out);
	else
		done = find_unix(p, out);
	sort(out);
	return out->n ? 0 : done;
}

int port_find(const struct port *p, struct diag_sockets *out)
{
	int done = port_find_here(p, out), saved = errno;

	port_find_elsewhere(p, out);
	sort(out);
	errno = saved;
	return out->n ? 0 : done;
}

dev_t port_device(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct statx sx = {0};

	if (fd >= 0)
		inode_look_fd(0, fd, &sx);
	fd_close(&fd);
	return inode_dev(&sx);
}
