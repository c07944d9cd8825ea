/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sockets of a port in other network namespaces: see port-internal.h. sock_diag answers for
 * its caller's namespace only, and /proc/PID/net shows that of the process.
 */
#include "lib/look/port-internal.h"
#include "lib/base/memory.h"
#include "lib/base/proc.h"
#include "lib/look/port.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- lines ------------------------------------------------------------------------------ */

/* 8 or 32 digits: words of 32 bits, each in the byte order of this machine. */
static bool parse_address(const char *hex, struct in6_addr *out, int *family)
{
	uint32_t words[4];
	size_t n = strlen(hex) / 8;

	if (strlen(hex) % 8 || (n != 1 && n != 4))
		return false;
	for (size_t i = 0; i < n; i++)
		if (sscanf(hex + 8 * i, "%8x", &words[i]) != 1)
			return false;
	*family = n == 1 ? AF_INET : AF_INET6;
	if (n == 1)
		*out = port_mapped((const struct in_addr *)&words[0]);
	else
		memcpy(out, words, sizeof(*out));
	return true;
}

static void name(char out[DIAG_NAME_MAX], int family, const struct in6_addr *at, unsigned int port)
{
	diag_inet_name(out, family, family == AF_INET ? &at->s6_addr[12] : at->s6_addr, port);
}

/* "  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 12345 …" */
static void add_inet_line(const struct port *p, struct diag_sockets *s, const char *line)
{
	struct diag_socket one = {.protocol = p->protocol, .queues = true};
	char local[33], remote[33];
	unsigned int port, remote_port, state;
	unsigned long ino;
	struct in6_addr to;

	if (sscanf(line, " %*u: %32[0-9A-F]:%x %32[0-9A-F]:%x %x %x:%x %*x:%*x %*x %u %*d %lu", local,
		    &port, remote, &remote_port, &state, &one.send, &one.receive, &one.uid, &ino) != 9 ||
		!parse_address(local, &one.at, &one.family) ||
		!parse_address(remote, &to, &one.family) || port > UINT16_MAX ||
		!port_matches(p, (uint16_t)port, &one.at))
		return;
	one.ino = ino;
	one.port = (uint16_t)port;
	one.state = (int)state;
	one.type = p->protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
	name(one.local, one.family, &one.at, port);
	if (remote_port)
		name(one.remote, one.family, &to, remote_port);
	port_add(s, &one);
}

/* "0000…: 00000002 00000000 00010000 0005 01 12345 @name"; of the state only whether it listens. */
static void add_unix_line(const struct port *p, struct diag_sockets *s, char *line)
{
	enum { FLAG_ACCEPTCON = 0x10000, CONNECTED = 3 };
	struct diag_socket one = {.family = AF_UNIX};
	unsigned int flags, type, state;
	unsigned long ino;
	int at = 0;

	if (sscanf(line, "%*x: %*x %*x %x %x %x %lu %n", &flags, &type, &state, &ino, &at) != 4 || !at ||
		strcmp(line + at, p->name) != 0)
		return;
	one.ino = ino;
	one.type = (int)type;
	one.state = flags & FLAG_ACCEPTCON ? TCP_LISTEN
		    : state == CONNECTED   ? TCP_ESTABLISHED
					   : TCP_CLOSE;
	snprintf(one.local, sizeof(one.local), "%s", p->name);
	port_add(s, &one);
}

void port_add_line(const struct port *p, struct diag_sockets *s, char *line)
{
	if (p->protocol)
		add_inet_line(p, s, line);
	else
		add_unix_line(p, s, line);
}

/* --- namespaces ---------------------------------------------------------------------------- */

struct search {
	const struct port *port;
	struct diag_sockets *out;
	char (*seen)[32]; /* the links of the namespaces */
	size_t n;
};

/* Notes a namespace. Returns false if it is known already. */
static bool is_new(struct search *s, const char *link)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->seen[i], link) == 0)
			return false;
	s->seen = must_grow(s->seen, s->n, sizeof(*s->seen));
	snprintf(s->seen[s->n++], sizeof(*s->seen), "%s", link);
	return true;
}

static void read_table(const struct search *s, pid_t pid, const char *table)
{
	char path[64], *text, *save;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d/net/%s", pid, table);
	text = proc_read_all(path, &len);
	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
		line = strtok_r(NULL, "\n", &save))
		port_add_line(s->port, s->out, line);
	free(text);
}

static void read_tables(const struct search *s, pid_t pid)
{
	switch (s->port->protocol) {
	case IPPROTO_TCP:
		read_table(s, pid, "tcp");
		read_table(s, pid, "tcp6");
		break;
	case IPPROTO_UDP:
		read_table(s, pid, "udp");
		read_table(s, pid, "udp6");
		break;
	case 0:
		read_table(s, pid, "unix");
		break;
	}
}

static bool look_into(void *data, pid_t pid)
{
	struct search *s = data;
	char path[64], link[32];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	ssize_t n = readlink(path, link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = '\0';
	if (n > 0 && is_new(s, link))
		read_tables(s, pid);
	return true;
}

void port_find_elsewhere(const struct port *p, struct diag_sockets *out)
{
	struct search s = {.port = p, .out = out};
	char ours[32];
	ssize_t n = readlink("/proc/self/ns/net", ours, sizeof(ours) - 1);

	if (n <= 0)
		return;
	ours[n] = '\0';
	is_new(&s, ours);
	proc_each(look_into, &s);
	free(s.seen);
}
