/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sources that are sockets, listening or bound: tcp:, udp:, unix:; and the pairs, pair: and pipe:. */
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/pass/source-forms.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- [HOST:]PORT ------------------------------------------------------------- */

struct place {
	char host[NI_MAXHOST]; /* "": every address of this machine */
	const char *port;
	bool numeric; /* the port */
};

static const char *check_port(struct place *p)
{
	p->numeric = p->port[strspn(p->port, "0123456789")] == '\0';
	if (!*p->port)
		return "needs a port, such as 8080 or 127.0.0.1:8080";
	if (p->numeric && (strlen(p->port) > 5 || atoi(p->port) > USHRT_MAX))
		return "has a port above 65535";
	return NULL;
}

static const char *split_brackets(const char *word, struct place *p)
{
	const char *end = strchr(word, ']');

	if (!end || end[1] != ':' || end == word + 1)
		return "needs an address in the brackets and a port after them, such as [::1]:8080";
	if ((size_t)(end - word) > sizeof(p->host))
		return "has a host that is too long";
	strlcpy(p->host, word + 1, (size_t)(end - word));
	p->port = end + 2;
	return check_port(p);
}

static const char *split(const char *word, struct place *p)
{
	const char *colon = strchr(word, ':');

	*p = (struct place){.port = word};
	if (*word == '[')
		return split_brackets(word, p);
	if (!colon)
		return check_port(p);
	if (strchr(colon + 1, ':'))
		return "needs brackets around an IPv6 address, such as [::1]:8080";
	if ((size_t)(colon - word) >= sizeof(p->host))
		return "has a host that is too long";
	strlcpy(p->host, word, (size_t)(colon - word) + 1);
	p->port = colon + 1;
	return check_port(p);
}

const char *source_parse_inet(const char *rest, struct source *s)
{
	struct place p;

	s->path = rest;
	return split(rest, &p);
}

/* --- tcp: and udp: ------------------------------------------------------------ */

/*
 * For UDP it would let a second process bind the same port and get the packets; and there is no
 * TIME_WAIT for which it would be needed.
 */
static int set_options(int fd, const struct addrinfo *ai, const struct place *p, bool reuseport)
{
	static const int yes = 1, no = 0;

	if (ai->ai_socktype == SOCK_STREAM &&
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0)
		return -1;
	/* without a HOST also IPv4, whatever net.ipv6.bindv6only says */
	if (!*p->host && ai->ai_family == AF_INET6 &&
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no)) < 0)
		return -1;
	return reuseport ? setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes)) : 0;
}

static int backlog_of(const struct source_opts *opts)
{
	return opts->backlog ? opts->backlog : SOMAXCONN; /* the kernel cuts it to somaxconn */
}

static int open_at(struct source *s, const struct addrinfo *ai, const struct place *p,
	const struct source_opts *opts)
{
	s->failed = "socket";
	int fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC | (opts->flags & O_NONBLOCK),
		ai->ai_protocol);
	if (fd < 0)
		return -1;
	s->failed = "setsockopt";
	int done = set_options(fd, ai, p, opts->reuseport);
	if (done == 0) {
		s->failed = "bind";
		done = bind(fd, ai->ai_addr, ai->ai_addrlen);
	}
	if (done == 0 && ai->ai_socktype == SOCK_STREAM) {
		s->failed = "listen";
		done = listen(fd, backlog_of(opts));
	}
	if (done < 0)
		fd_close(&fd);
	return fd;
}

/* A name may have addresses that are not this machine's, or of a family that it does not have. */
static bool is_elsewhere(int err)
{
	return err == EADDRNOTAVAIL || err == EAFNOSUPPORT;
}

static int open_first(struct source *s, const struct addrinfo *all, const struct place *p,
	const struct source_opts *opts)
{
	int fd = -1;

	for (const struct addrinfo *ai = all; ai && fd < 0; ai = ai->ai_next) {
		fd = open_at(s, ai, p, opts);
		if (fd < 0 && !is_elsewhere(errno))
			break;
	}
	return fd;
}

static int open_in(struct source *s, int family, const struct place *p, const struct source_opts *opts)
{
	const struct addrinfo hints = {
		.ai_flags = AI_PASSIVE | (p->numeric ? AI_NUMERICSERV : 0),
		.ai_family = family,
		.ai_socktype = s->kind == SOURCE_TCP ? SOCK_STREAM : SOCK_DGRAM,
	};
	struct addrinfo *all;

	s->failed = "getaddrinfo";
	s->unresolved = getaddrinfo(*p->host ? p->host : NULL, p->port, &hints, &all);
	if (s->unresolved) {
		errno = s->unresolved == EAI_SYSTEM ? errno : EADDRNOTAVAIL;
		return -1;
	}
	int fd = open_first(s, all, p, opts);
	int err = errno;
	freeaddrinfo(all);
	errno = err;
	return fd;
}

/* Without a HOST: one socket for IPv6 and IPv4 where the machine has both. */
int source_open_inet(struct source *s, const struct source_opts *opts)
{
	struct place p;

	split(s->path, &p); /* which source_parse_inet has checked */
	int fd = open_in(s, *p.host ? AF_UNSPEC : AF_INET6, &p, opts);
	if (fd < 0 && !*p.host && !s->unresolved && is_elsewhere(errno))
		fd = open_in(s, AF_INET, &p, opts);
	return source_require_mode(fd, opts);
}

/* --- unix: --------------------------------------------------------------------- */

const char *source_parse_unix(const char *rest, struct source *s)
{
	return *rest ? addr_parse_unix(rest, &s->addr) : "needs a path or @NAME after the colon";
}

int source_open_unix(struct source *s, const struct source_opts *opts)
{
	int fd = addr_bind_as(&s->addr, SOCK_STREAM | (opts->flags & O_NONBLOCK));

	s->failed = s->addr.failed;
	if (fd < 0)
		return -1;
	s->failed = "listen";
	if (listen(fd, backlog_of(opts)) < 0)
		fd_close(&fd);
	else
		fd = source_require_mode(fd, opts);
	if (fd < 0)
		addr_unbind(&s->addr);
	return fd;
}

/* --- pair: and pipe: -------------------------------------------------------------- */

const char *source_parse_pair(const char *rest, struct source *s)
{
	static const struct {
		const char *word;
		int type;
	} types[] = {{"", SOCK_SEQPACKET}, {"seqpacket", SOCK_SEQPACKET}, {"stream", SOCK_STREAM},
		{"dgram", SOCK_DGRAM}};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(rest, types[i].word) == 0) {
			s->type = types[i].type;
			return NULL;
		}
	return "needs seqpacket, stream or dgram after the colon, or nothing";
}

const char *source_parse_pipe(const char *rest, struct source *s)
{
	(void)s;
	return *rest ? "has something after the colon; -m w offers the end to write to" : NULL;
}

int source_open_pair(struct source *s, const struct source_opts *opts)
{
	int ends[2];

	s->failed = "socketpair";
	if (socketpair(AF_UNIX, s->type | SOCK_CLOEXEC | (opts->flags & O_NONBLOCK), 0, ends) < 0)
		return -1;
	s->kept = ends[1];
	int fd = source_require_mode(ends[0], opts);
	if (fd < 0)
		fd_close(&s->kept);
	return fd;
}

int source_open_pipe(struct source *s, const struct source_opts *opts)
{
	int ends[2], offered = opts->mode == O_WRONLY;

	s->failed = "pipe";
	if (opts->mode == O_RDWR) {
		errno = EINVAL;
		return -1;
	}
	if (pipe2(ends, O_CLOEXEC | (opts->flags & O_NONBLOCK)) < 0)
		return -1;
	s->kept = ends[!offered];
	return ends[offered];
}
