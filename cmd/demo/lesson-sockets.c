/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sockets: which kinds of AF_UNIX socket keep messages apart, and which signal the end. */
#include "cmd/demo/lesson.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct kind {
	int type;
	const char *name;
	bool keeps, ends;
};

static const struct kind kinds[] = {
	{SOCK_STREAM, "SOCK_STREAM", false, true},
	{SOCK_DGRAM, "SOCK_DGRAM", true, false},
	{SOCK_SEQPACKET, "SOCK_SEQPACKET", true, true},
};

enum { KINDS = ARRAY_SIZE(kinds) };

/* Two messages, the second with a descriptor, and one more: all before the worker receives. */
static void send_three(struct side *s, const struct kind *k, int fd)
{
	int sock = call_pass_end(s, k->type, k->name);

	call_send(s, sock, "one", NULL, 0);
	call_send(s, sock, "two", &fd, 1);
	call_send(s, sock, "three", NULL, 0);
	turn_give(s, 0);
	turn_take(s);
	call_close(s, &sock);
	turn_give(s, 0);
	turn_take(s);
}

static void opener(struct side *s)
{
	int fd = call_open(s, s->file, O_RDONLY);

	for (int i = 0; i < KINDS; i++)
		send_three(s, &kinds[i], fd);
}

/* Receives once. Returns whether it was this text with this number of descriptors. */
static bool receives(const struct side *s, int sock, const char *text, size_t nfds)
{
	struct msg m;

	call_recv(s, sock, &m);
	bool right = strcmp(m.text, text) == 0 && m.nfds == nfds;
	for (size_t i = 0; i < m.nfds; i++)
		call_close(s, &m.fds[i]);
	return right;
}

static void see_messages(struct side *s, const struct kind *k, int sock)
{
	if (!k->keeps) {
		check(s, receives(s, sock, "onetwo", 1), "%s merged two sends into one receive",
			k->name);
		check(s, receives(s, sock, "three", 0),
			"but no receive crosses a descriptor: it stays with its bytes");
		return;
	}
	bool one = receives(s, sock, "one", 0);
	bool two = receives(s, sock, "two", 1);
	bool three = receives(s, sock, "three", 0);
	check(s, one && two && three, "%s kept three messages, and the descriptor with its own",
		k->name);
}

/* The other end is closed, and everything has been read. */
static void see_the_end(struct side *s, const struct kind *k, int sock)
{
	char byte;
	long n = show_call(s, recv(sock, &byte, 1, MSG_DONTWAIT), "recv(%d, 1, MSG_DONTWAIT)", sock);

	if (k->ends)
		check(s, n == 0, "%s says that the other end was closed: end of file", k->name);
	else
		check(s, n < 0 && errno == EAGAIN, "%s has no end of file: a receive would wait for ever",
			k->name);
}

static void worker(struct side *s)
{
	for (int i = 0; i < KINDS; i++) {
		int sock = call_take(s);
		turn_give(s, 0);
		turn_take(s);
		see_messages(s, &kinds[i], sock);
		turn_give(s, 0);
		turn_take(s);
		see_the_end(s, &kinds[i], sock);
		call_close(s, &sock);
		turn_give(s, 0);
	}
}

const struct lesson lesson_sockets = {
	.name = "sockets",
	.summary = "STREAM merges messages, DGRAM and SEQPACKET keep them apart",
	.watch =
		"Watch three sends on each kind of socket, and how many receives it takes to get them.",
	.learnt =
		"SOCK_SEQPACKET keeps messages apart, each with its descriptors, and signals the end of the "
		"other side. So it suits commands, and fdtool uses it.",
	.tries = {
		{1, "fdtool serve pair:seqpacket"},
		{2, "fdtool grab pair"},
		{1, "write one"},
		{1, "write two"},
		{2, "read 100"},
		{2, "read 100"},
	},
	.file = true,
	.opener = opener,
	.worker = worker,
};
