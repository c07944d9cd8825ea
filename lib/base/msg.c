/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages with descriptors: see msg.h. */
#include "lib/base/msg.h"
#include "lib/base/fd.h"
#include "lib/base/release.h"
#include "lib/base/uapi.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Aligned for the CMSG macros, with room for the descriptors that one message can carry. */
union control {
	char room[CMSG_SPACE(sizeof(int) * MSG_FDS_MAX)];
	struct cmsghdr align;
};

msg_tracer_fn *msg_tracer;

static void trace(enum msg_direction direction, int sock, const struct msghdr *h, ssize_t done)
{
	int saved = errno;

	if (msg_tracer)
		msg_tracer(direction, sock, h, done);
	errno = saved;
}

static void attach(struct msghdr *h, union control *c, const int *fds, size_t nfds)
{
	h->msg_control = c->room;
	h->msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
	memset(c->room, 0, h->msg_controllen); /* the kernel gets the padding, too */

	struct cmsghdr *cmsg = CMSG_FIRSTHDR(h);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
	memcpy(CMSG_DATA(cmsg), fds, sizeof(int) * nfds);
}

int msg_send(int sock, const char *text, size_t len, const int *fds, size_t nfds, int flags)
{
	struct iovec iov = {(char *)text, len};
	struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1};
	union control c;
	ssize_t done;

	if (len == 0 || nfds > MSG_FDS_MAX) {
		errno = EINVAL;
		return -1;
	}
	if (nfds > 0)
		attach(&h, &c, fds, nfds);
	do {
		done = sendmsg(sock, &h, flags | MSG_NOSIGNAL);
	} while (done < 0 && errno == EINTR);
	trace(MSG_SENT, sock, &h, done);
	return done < 0 ? -1 : 0; /* SEQPACKET sends all or nothing */
}

void msg_trace_sent(int sock, const char *text, size_t len, const int *fds, size_t nfds)
{
	struct iovec iov = {(char *)text, len};
	struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1};
	union control c;

	attach(&h, &c, fds, nfds);
	trace(MSG_SENT, sock, &h, (ssize_t)len);
}

/* Moves the descriptors of one cmsg into m. Returns false if its length is not plausible. */
static bool collect(struct msg *m, const struct msghdr *h, const struct cmsghdr *cmsg)
{
	const char *end = (const char *)h->msg_control + h->msg_controllen;
	size_t left = (size_t)(end - (const char *)cmsg);

	if (cmsg->cmsg_len < CMSG_LEN(0) || cmsg->cmsg_len > left)
		return false;
	if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
		return true; /* it has no descriptors */

	size_t n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	if (n > MSG_FDS_MAX - m->nfds)
		return false;
	memcpy(m->fds + m->nfds, CMSG_DATA(cmsg), n * sizeof(int));
	m->nfds += n;
	return true;
}

bool msg_collect(struct msg *m, struct msghdr *h)
{
	bool valid = true;

	m->nfds = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c && valid; c = CMSG_NXTHDR(h, c))
		valid = collect(m, h, c);
	return valid;
}

static ssize_t refuse(struct msg *m, int err)
{
	msg_close(m);
	errno = err;
	return -1;
}

/*
 * Why the kernel kept descriptors back, which it does not say. The buffer has room for every
 * message, so the table is full, or a security module refused one. To be asked before those that
 * came are closed.
 */
static int why_truncated(int sock)
{
	int probe = fcntl(sock, F_DUPFD_CLOEXEC, 0);

	if (probe < 0)
		return EMFILE;
	fd_close(&probe);
	return EACCES;
}

ssize_t msg_recv(int sock, struct msg *m, size_t max, int flags)
{
	struct iovec iov = {m->text, MSG_TEXT_MAX};
	union control c;
	struct msghdr h = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = c.room,
		.msg_controllen = sizeof(c.room)};
	ssize_t got;

	m->len = m->nfds = 0;
	do {
		got = recvmsg(sock, &h, flags | MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	trace(MSG_RECEIVED, sock, &h, got);
	if (got < 0)
		return -1;

	bool valid = msg_collect(m, &h);
	m->len = (size_t)got;
	m->text[got] = '\0';
	if (!valid)
		return refuse(m, EBADMSG);
	if (h.msg_flags & MSG_CTRUNC)
		return refuse(m, why_truncated(sock));
	if (h.msg_flags & MSG_TRUNC)
		return refuse(m, EMSGSIZE);
	if (m->nfds > max)
		return refuse(m, E2BIG);
	if (got == 0 && m->nfds > 0)
		return refuse(m, EBADMSG);
	return got;
}

void msg_refuse_rights(int sock)
{
	static const int no = 0;
	int saved = errno;

	setsockopt(sock, SOL_SOCKET, SO_PASSRIGHTS, &no, sizeof(no));
	errno = saved;
}

void msg_close(struct msg *m)
{
	release_uninvited(m->fds, m->nfds);
	m->nfds = 0;
}
