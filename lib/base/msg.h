/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages with descriptors, on an AF_UNIX SOCK_SEQPACKET socket. See unix(7), cmsg(3).
 *
 * All descriptors that arrive are counted and close-on-exec. They are closed again if
 * the message is not as expected.
 */
#ifndef FDTOOL_LIB_BASE_MSG_H
#define FDTOOL_LIB_BASE_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

enum {
	MSG_FDS_MAX = 253,   /* SCM_MAX_FD: the kernel refuses more in one message */
	MSG_TEXT_MAX = 4095, /* bytes of text; a buffer of 4096 holds it and a NUL */
};

struct msg {
	char text[MSG_TEXT_MAX + 1]; /* len bytes and a NUL */
	size_t len;
	int fds[MSG_FDS_MAX];
	size_t nfds;
};

/*
 * Sends len bytes with nfds descriptors (borrowed) in one SCM_RIGHTS. flags are
 * those of sendmsg(2); MSG_NOSIGNAL is added. Returns 0, or -1 with errno:
 *   EINVAL        an empty text (it would read as end of file), more than MSG_FDS_MAX
 *                 descriptors, or a descriptor that the kernel does not pass
 *   EAGAIN        the peer does not read; with MSG_DONTWAIT, or after SO_SNDTIMEO
 *   ETOOMANYREFS  this user has more descriptors in flight than RLIMIT_NOFILE allows
 *   EPIPE, ECONNRESET  the peer has gone
 */
int msg_send(int sock, const char *text, size_t len, const int *fds, size_t nfds, int flags);

/*
 * Receives one message with at most `max` descriptors. Returns its length, and *m owns
 * the descriptors in m->fds; 0 at end of file; or -1 with errno, and *m has none:
 *   E2BIG     more descriptors than max
 *   EMSGSIZE  longer than MSG_TEXT_MAX
 *   EMFILE    the descriptor table was full (the kernel installs what fits, and
 *             drops the rest without an errno)
 *   EACCES    there was room, but a security module refused a descriptor (the same)
 *   EBADMSG   an empty message with descriptors, or a malformed cmsg
 *   and those of recvmsg(2).
 */
ssize_t msg_recv(int sock, struct msg *m, size_t max, int flags);

/*
 * Lists the descriptors of all SCM_RIGHTS in the control data, as recvmsg(2) left it. Returns
 * false at a cmsg of a length that is not plausible; *m has those before it then. For msg_recv.
 */
bool msg_collect(struct msg *m, struct msghdr *);

/*
 * Makes the kernel refuse descriptors that are sent to this socket and to the sockets
 * that accept(2) returns for it (SO_PASSRIGHTS, Linux 6.16; the sender gets EPERM). An
 * older kernel delivers them, and msg_recv closes them. errno stays.
 */
void msg_refuse_rights(int sock);

/* Closes the descriptors in m->fds. Whoever takes one out before sets it to -1 there. */
void msg_close(struct msg *m);

/*
 * If msg_tracer is set, it is called after each sendmsg(2) and recvmsg(2) with the msghdr
 * as the kernel left it. done is the return value; if that is -1, errno is set.
 */
enum msg_direction { MSG_SENT, MSG_RECEIVED };
typedef void msg_tracer_fn(enum msg_direction, int sock, const struct msghdr *, ssize_t done);
extern msg_tracer_fn *msg_tracer;

/* Calls the tracer for a message that a child process sent in our place. */
void msg_trace_sent(int sock, const char *text, size_t len, const int *fds, size_t nfds);

#endif
