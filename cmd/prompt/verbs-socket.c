/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of the prompt for sockets: messages with their boundaries and what comes beside the data. */
#include "cmd/prompt/call.h"
#include "cmd/prompt/interruptible.h"
#include "cmd/prompt/verbs.h"
#include "lib/base/memory.h"
#include "lib/base/msg.h"
#include "lib/base/names.h"
#include "lib/base/release.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { RECV_DEFAULT = 64 };

/* The call would have to wait, and may. */
static bool may_wait(const struct session *s)
{
	int flags = fcntl(s->fd, F_GETFL);

	return flags >= 0 && !(flags & O_NONBLOCK);
}

/*
 * recvmsg(2) or sendmsg(2) with MSG_DONTWAIT, again and again while it has to wait. A call on a socket
 * does nothing else that could hang, and of another file it says ENOTSOCK.
 */
static ssize_t call_patiently(struct session *s, struct msghdr *h, bool send)
{
	const struct msghdr fresh = *h;

	for (;;) {
		*h = fresh;
		ssize_t n = send ? sendmsg(s->fd, h, MSG_DONTWAIT | MSG_NOSIGNAL)
				 : recvmsg(s->fd, h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		if (n >= 0 || errno != EAGAIN)
			return n;
		if (!may_wait(s)) {
			errno = EAGAIN;
			return n;
		}
		if (interruptible_wait(s, s->fd, send ? EPOLLOUT : EPOLLIN, NEVER) <= 0)
			return -1;
	}
}

/* --- recv ------------------------------------------------------------------------ */

static void show_descriptor(int fd)
{
	struct desc d;
	char flags[NAMES_MAX];

	if (desc_look(0, fd, &d) == 0)
		printf("  %d: %s, %s, %s\n", fd, text_show(d.path), d.type,
			names_flags(d.flags, flags, sizeof(flags)));
	else
		printf("  %d: ?\n", fd);
}

/* Shows the descriptors that came, and closes them: they may be of anything. */
static void show_descriptors(struct msghdr *h)
{
	static struct msg m;
	bool valid = msg_collect(&m, h);

	if (m.nfds)
		printf("  SCM_RIGHTS: %zu descriptor%s, closed again\n", m.nfds, m.nfds == 1 ? "" : "s");
	for (size_t i = 0; i < m.nfds; i++) {
		show_descriptor(m.fds[i]);
		release_fd(&m.fds[i]);
	}
	if (!valid)
		puts("  a control message has a length that cannot be");
}

static void show_others(struct msghdr *h)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		struct ucred peer;
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
			continue;
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS &&
			c->cmsg_len == CMSG_LEN(sizeof(peer))) {
			memcpy(&peer, CMSG_DATA(c), sizeof(peer));
			printf("  SCM_CREDENTIALS: pid %d, user %u, group %u\n", peer.pid, peer.uid, peer.gid);
		} else {
			printf("  control message: level %d, type %d, %zu bytes\n", c->cmsg_level,
				c->cmsg_type, (size_t)c->cmsg_len - CMSG_LEN(0));
		}
	}
}

/* 0 is the end, except where a message may be empty. */
static const char *why_nothing(int fd, long long requested)
{
	int type = SOCK_STREAM;
	socklen_t len = sizeof(type);

	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len);
	if (requested == 0)
		return "(nothing was requested)";
	return type == SOCK_STREAM      ? "(end of file)"
	       : type == SOCK_SEQPACKET ? "(end of file, or an empty message)"
					: "(an empty message)";
}

static enum status show_message(struct call *call, struct msghdr *h, long long requested, ssize_t n)
{
	const char *buf = h->msg_iov->iov_base;
	char flags[NAMES_MAX];

	names_bits(names_msg, (unsigned int)h->msg_flags & ~(unsigned int)MSG_CMSG_CLOEXEC, flags,
		sizeof(flags));
	session_keep(call->session, buf, (size_t)n);
	char *bytes = call_quote(buf, (size_t)n);
	char *detail = must_printf("%s%s%s", n ? bytes : why_nothing(call->session->fd, requested),
		*flags ? " " : "", flags);
	enum status st = call_end(call, n, 0, detail);
	free(detail);
	free(bytes);
	if (h->msg_flags & MSG_TRUNC)
		puts("  MSG_TRUNC: the message was longer, and its rest is lost");
	if (h->msg_flags & MSG_CTRUNC)
		puts("  MSG_CTRUNC: descriptors were dropped: no room in the table, or a security module");
	show_descriptors(h);
	show_others(h);
	return st;
}

enum status verb_recv(struct session *s, const struct operands *o)
{
	static char buf[READ_MAX];
	static union {
		char room[CMSG_SPACE(MSG_FDS_MAX * sizeof(int)) + 1024];
		struct cmsghdr align;
	} control;
	long long size = o->n_numbers ? o->number[0] : RECV_DEFAULT;
	struct iovec iov = {buf, (size_t)size};
	struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
		.msg_controllen = sizeof(control.room)};
	struct call call;

	call_begin(&call, s, "recvmsg");
	ssize_t n = call_patiently(s, &h, false);
	int err = n < 0 ? errno : 0;
	printf("recvmsg(%d, %lld)", s->fd, size);
	return err ? call_end(&call, n, err, NULL) : show_message(&call, &h, size, n);
}

/* --- send ------------------------------------------------------------------------ */

/* With `fd`, the message bears this very descriptor. */
static void bear(struct msghdr *h, void *room, size_t size, int fd)
{
	h->msg_control = memset(room, 0, size);
	h->msg_controllen = CMSG_SPACE(sizeof(fd));
	struct cmsghdr *c = CMSG_FIRSTHDR(h);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
}

enum status verb_send(struct session *s, const struct operands *o)
{
	struct iovec iov = {o->text, o->len};
	struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1};
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct call call;

	if (o->option)
		bear(&h, control.room, sizeof(control.room), s->fd);
	call_begin(&call, s, "sendmsg");
	ssize_t n = call_patiently(s, &h, true);
	int err = n < 0 ? errno : 0;
	char *bytes = call_quote(o->text, o->len);
	printf("sendmsg(%d, %s, %zu", s->fd, bytes, o->len);
	if (o->option)
		printf(", SCM_RIGHTS [%d]", s->fd);
	putchar(')');
	free(bytes);
	return call_end(&call, n, err, NULL);
}
