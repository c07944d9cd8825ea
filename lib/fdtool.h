/* SPDX-License-Identifier: 0BSD */
/* fdtool_grab(3): takes a descriptor that is on offer. For C and C++; needs this file only. */
#ifndef FDTOOL_H
#define FDTOOL_H
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* for SO_PEERCRED; with -std=c99 this header has to come first */
#endif
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#ifndef FDTOOL_TIMEOUT_MS
#define FDTOOL_TIMEOUT_MS 10000 /* for connecting and the answer together */
#endif

enum { FDTOOL_ANY_USER = 1, FDTOOL_FDS_MAX = 253 /* in one message: the kernel's SCM_MAX_FD */ };

struct fdtool_info {
	struct { pid_t pid; uid_t uid; gid_t gid; } server; /* as struct ucred, which needs _GNU_SOURCE */
	char text[4096]; /* what the server said, an OFFER or a DENY; "": nothing */
};

/* Returns the length of the address, or 0 with errno. */
static inline socklen_t fdtool_address(const char *word, struct sockaddr_un *un)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";
	const int raw = *word == '@', path = !raw && strchr(word, '/'), name = !raw && !path;
	const char *prefix = name ? "fdtool/" : "", *rest = word + raw;
	const size_t n = strlen(rest), start = path ? 0 : 1; /* an abstract name follows a NUL */
	const size_t len = start + strlen(prefix) + n + (size_t)path;

	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	errno = n == 0 || (name && rest[strspn(rest, plain)]) ? EINVAL : ENAMETOOLONG;
	if (errno == EINVAL || len > sizeof(un->sun_path) || (name && n > 99))
		return 0;
	memcpy(un->sun_path + start, prefix, strlen(prefix));
	memcpy(un->sun_path + start + strlen(prefix), rest, n);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

static inline long long fdtool_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* SO_SNDTIMEO: how long connect(2) may wait while the backlog is full; SO_RCVTIMEO: recvmsg(2). */
static inline int fdtool_limit(int sock, int option, long long deadline)
{
	const long long left = deadline - fdtool_now_us(), us = left > 0 ? left : 1; /* 0 would be for ever */
	struct timeval tv;

	tv.tv_sec = (time_t)(us / 1000000);
	tv.tv_usec = (suseconds_t)(us % 1000000);
	return setsockopt(sock, SOL_SOCKET, option, &tv, sizeof(tv));
}

/* Why a text with n descriptors is no offer of one, as an errno; 0: it is one. */
static inline int fdtool_fault(const char *text, size_t len, int n)
{
	const size_t digits = strncmp(text, "FDTOOL/", 7) == 0 ? strspn(text + 7, "0123456789") : 0;

	if (len == 0 && n == 0)
		return ECONNRESET; /* end of file: the server left */
	if (digits && text[7 + digits] == ' ' && strncmp(text + 7, "1 ", 2) != 0)
		return EPROTONOSUPPORT;
	if (strncmp(text, "FDTOOL/1 DENY\n", 14) == 0 && n == 0)
		return strstr(text, "\nreason=busy\n") || strstr(text, "\nreason=full\n") ? EBUSY : EACCES;
	if (strncmp(text, "FDTOOL/1 OFFER\n", 15) != 0 || n == 0 || strlen(text) != len)
		return EBADMSG;
	return n > 1 ? E2BIG : strstr(text, "\nfds=") && !strstr(text, "\nfds=1\n") ? EBADMSG : 0;
}

/* Receives the offer. Returns its descriptor, or -1 with errno: then all that came is closed. */
static inline int fdtool_receive(int sock, long long deadline, char *text, size_t size)
{
	char room[CMSG_SPACE(sizeof(int) * FDTOOL_FDS_MAX)] __attribute__((aligned(sizeof(size_t))));
	struct iovec iov = {text, size - 2};
	struct msghdr h;
	ssize_t len = -1;
	int fd = -1, came, n = 0, fault;

	memset(&h, 0, sizeof(h));
	h.msg_iov = &iov;
	h.msg_iovlen = 1;
	h.msg_control = room; /* for all that can come: what does not fit would look like a full table */
	h.msg_controllen = sizeof(room);
	while (fdtool_limit(sock, SO_RCVTIMEO, deadline) < 0 || (len = recvmsg(sock, &h, MSG_CMSG_CLOEXEC)) < 0)
		if (errno != EINTR)
			return -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&h); c; c = CMSG_NXTHDR(&h, c))
		for (size_t i = CMSG_LEN(0); c->cmsg_type == SCM_RIGHTS && i < c->cmsg_len; i += sizeof(came)) {
			memcpy(&came, (char *)c + i, sizeof(came));
			if (n++ == 0)
				fd = came;
			else
				close(came);
		}
	if (len > 0 && text[len - 1] != '\n')
		text[len++] = '\n'; /* so that a newline ends every word to look for */
	if (h.msg_flags & (MSG_CTRUNC | MSG_TRUNC)) /* CTRUNC: no room for a descriptor, which is no error of recvmsg */
		fault = h.msg_flags & MSG_CTRUNC ? EMFILE : EMSGSIZE;
	else
		fault = fdtool_fault(text, (size_t)len, n);
	if (fault && fd >= 0)
		close(fd);
	errno = fault;
	return fault ? -1 : fd;
}

/* Returns 0, and the descriptor in *fd, close-on-exec; or -1 with errno, and *fd is -1. */
static inline int fdtool_grab(const char *address, unsigned int flags, int *fd, struct fdtool_info *info)
{
	const long long deadline = fdtool_now_us() + FDTOOL_TIMEOUT_MS * 1000LL;
	struct sockaddr_un un;
	socklen_t len = fdtool_address(address, &un);
	const int sock = len ? socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0) : -1;
	int done = -1;

	*fd = -1;
	memset(info, 0, sizeof(*info));
	if (sock < 0)
		return -1;
	while (fdtool_limit(sock, SO_SNDTIMEO, deadline) < 0 || (done = connect(sock, (struct sockaddr *)&un, len)) < 0)
		if (errno != EINTR)
			break;
	len = sizeof(info->server);
	if (done == 0 && getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &info->server, &len) == 0) {
		const uid_t uid = info->server.uid; /* 65534 may be anyone of another user namespace */
		if (flags & FDTOOL_ANY_USER || (uid != 65534 && (uid == 0 || uid == geteuid())))
			*fd = fdtool_receive(sock, deadline, info->text, sizeof(info->text));
		else
			errno = EPERM;
	}
	const int fault = errno == EAGAIN ? ETIMEDOUT : errno;
	close(sock);
	errno = fault;
	return *fd < 0 ? -1 : 0;
}
#endif
