/* SPDX-License-Identifier: GPL-3.0-or-later */
/* anatomy: a message taken apart at both ends, and the room for its control data. */
#include "cmd/demo/lesson.h"
#include "lib/base/peer.h"
#include "lib/pass/msghdr-dump.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Control data must be aligned like its header. */
union both {
	char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
	struct cmsghdr align;
};

union small {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

/* The descriptors that fit: on 64 bit the padding after the first has room for a second. */
enum { FITS = (CMSG_SPACE(sizeof(int)) - CMSG_LEN(0)) / sizeof(int) };

/* Shows msghdr_dump, each line with the side in front. Ends this side if the call failed. */
static void take_apart(
	const struct side *s, enum msg_direction direction, const struct msghdr *h, ssize_t done)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		give_up();
	msghdr_dump(f, direction, s->sock, h, done);
	if (fclose(f) != 0)
		give_up();
	char *rest = text;
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
		if (*line)
			say(s, "%s", line);
	free(text);
	if (done < 0)
		give_up();
}

static void fill_in(struct cmsghdr *c, int type, const void *data, size_t len)
{
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
}

static void send_both(const struct side *s, int fd)
{
	struct iovec iov[] = {{(char *)"notes", 5}, {(char *)".txt", 4}};
	union both room = {{0}};
	struct msghdr h = {.msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = room.bytes,
		.msg_controllen = sizeof(room.bytes)};
	struct ucred cred = {s->self, geteuid(), getegid()};

	struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	fill_in(c, SCM_RIGHTS, &fd, sizeof(fd));
	fill_in(CMSG_NXTHDR(&h, c), SCM_CREDENTIALS, &cred, sizeof(cred));
	take_apart(s, MSG_SENT, &h, sendmsg(s->sock, &h, MSG_NOSIGNAL));
}

static void opener(struct side *s)
{
	turn_take(s); /* the worker enables SO_PASSCRED before anything is sent */
	int fd = call_open(s, s->file, O_RDONLY);
	const int fds[] = {fd, fd, fd};
	send_both(s, fd);
	turn_give(s, 0);
	turn_take(s);
	call_send(s, s->sock, "as many as fit", fds, FITS);
	turn_give(s, 0);
	turn_take(s);
	call_send(s, s->sock, "one too many", fds, FITS + 1);
	turn_give(s, 0);
}

static void pass_credentials(const struct side *s, int on)
{
	must(s, setsockopt(s->sock, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)),
		"setsockopt(%d, SOL_SOCKET, SO_PASSCRED, [%d], %zu)", s->sock, on, sizeof(on));
}

/* The first cmsg of a type, or NULL. */
static const struct cmsghdr *find(struct msghdr *h, int type)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == type)
			return c;
	return NULL;
}

static size_t close_received(const struct side *s, struct msghdr *h)
{
	const struct cmsghdr *c = find(h, SCM_RIGHTS);
	int fds[FITS];
	size_t n = c ? (c->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;

	if (n > FITS)
		give_up();
	if (n)
		memcpy(fds, CMSG_DATA(c), n * sizeof(int));
	for (size_t i = 0; i < n; i++)
		call_close(s, &fds[i]);
	return n;
}

static void check_lengths(struct side *s, const struct cmsghdr *rights)
{
	check(s, rights && rights->cmsg_len == CMSG_LEN(sizeof(int)),
		"cmsg_len is CMSG_LEN(sizeof(int)), %zu: header and data; CMSG_SPACE, %zu, adds the padding",
		CMSG_LEN(sizeof(int)), CMSG_SPACE(sizeof(int)));
}

static void check_sender(struct side *s, const struct cmsghdr *c)
{
	struct ucred cred = {0};
	struct peer p = {0};

	if (c)
		memcpy(&cred, CMSG_DATA(c), sizeof(cred));
	check(s, cred.pid == s->other, "SCM_CREDENTIALS says who sent it: %d", cred.pid);
	bool made = peer_of(s->sock, &p) == 0 && p.pid == getppid();
	check(s, made, "SO_PEERCRED says who made the socket pair: %d, which forked both",
		p.pid);
}

static void receive_both(struct side *s)
{
	char head[4], tail[28];
	struct iovec iov[] = {{head, sizeof(head)}, {tail, sizeof(tail)}};
	union both room;
	struct msghdr h = {.msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = room.bytes,
		.msg_controllen = sizeof(room.bytes)};

	ssize_t n = recvmsg(s->sock, &h, MSG_CMSG_CLOEXEC);
	take_apart(s, MSG_RECEIVED, &h, n);
	check(s, n == 9 && memcmp(head, "note", 4) == 0 && memcmp(tail, "s.txt", 5) == 0,
		"the bytes were divided differently: sent as 5 + 4, received as 4 + 5");
	check_lengths(s, find(&h, SCM_RIGHTS));
	check_sender(s, find(&h, SCM_CREDENTIALS));
	close_received(s, &h);
}

/* Receives with CMSG_SPACE for one descriptor. */
static void receive_small(struct side *s, size_t sent)
{
	char text[32];
	struct iovec iov = {text, sizeof(text)};
	union small room;
	struct msghdr h = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = room.bytes,
		.msg_controllen = sizeof(room.bytes)};

	take_apart(s, MSG_RECEIVED, &h, recvmsg(s->sock, &h, MSG_CMSG_CLOEXEC));
	size_t got = close_received(s, &h);
	bool cut = h.msg_flags & MSG_CTRUNC;
	check(s, got == FITS && cut == (sent > FITS),
		"CMSG_SPACE(sizeof(int)) is %zu bytes: %zu sent, %zu received, %s",
		sizeof(room.bytes), sent, got,
		cut ? "MSG_CTRUNC, the rest is lost" : "no MSG_CTRUNC");
}

static void worker(struct side *s)
{
	pass_credentials(s, 1);
	turn_give(s, 0);
	turn_take(s);
	receive_both(s);
	pass_credentials(s, 0); /* they would need room too */
	turn_give(s, 0);
	turn_take(s);
	receive_small(s, FITS);
	turn_give(s, 0);
	turn_take(s);
	receive_small(s, FITS + 1);
}

const struct lesson lesson_anatomy = {
	.name = "anatomy",
	.summary = "a message with a descriptor and credentials, taken apart at both ends",
	.watch =
		"Compare cmsg_len with CMSG_LEN and CMSG_SPACE, and watch msg_flags when room is short.",
	.learnt =
		"Bytes and control data travel together, but have separate lengths. Count what arrived: "
		"padding may hold more descriptors than expected, and only a flag tells of lost ones.",
	.tries = {
		{1, "fdtool serve -v /etc/passwd"},
		{2, "fdtool grab -v passwd"},
	},
	.file = true,
	.opener = opener,
	.worker = worker,
};
