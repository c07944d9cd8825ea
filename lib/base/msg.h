/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages with descriptors, on an AF_UNIX SOCK_SEQPACKET socket.
 *
 * Whatever arrives is counted, close-on-exec from birth, and closed again when
 * it is not what was to come: see unix(7), cmsg(3).
 */
#ifndef FDTOOL_LIB_BASE_MSG_H
#define FDTOOL_LIB_BASE_MSG_H

#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

enum {
	MSG_FDS_MAX = 253,   /* SCM_MAX_FD: the kernel refuses more in one message */
	MSG_TEXT_MAX = 4095, /* bytes of payload; a plain client does well with 4096 */
};

struct msg {
	char text[MSG_TEXT_MAX + 1]; /* NUL after len bytes */
	size_t len;
	int fds[MSG_FDS_MAX];
	size_t nfds;
};

/*
 * Sends len bytes with nfds descriptors (borrowed) in one SCM_RIGHTS. flags are
 * those of sendmsg(2); MSG_NOSIGNAL is added. Returns 0, or -1 with errno:
 *   EINVAL        an empty text (it would read as end of file), more than
 *                 MSG_FDS_MAX, or a descriptor that the kernel does not pass
 *   EAGAIN        the peer does not read; with MSG_DONTWAIT, or after SO_SNDTIMEO
 *   ETOOMANYREFS  this user has more descriptors in flight than RLIMIT_NOFILE
 *   EPIPE, ECONNRESET  the peer has gone
 */
int msg_send(int sock, const char *text, size_t len, const int *fds, size_t nfds, int flags);

/*
 * Receives one message. Returns its length and owns the descriptors in m->fds
 * (m->nfds of them); 0 at end of file; or -1 with errno, then m has none:
 *   E2BIG     more descriptors than `most`
 *   EMSGSIZE  longer than MSG_TEXT_MAX
 *   EMFILE    the descriptor table was full (the kernel installs what fits and
 *             drops the rest without an errno)
 *   EBADMSG   an empty message that carried descriptors, or a malformed cmsg
 *   and those of recvmsg(2).
 */
ssize_t msg_recv(int sock, struct msg *m, size_t max, int flags);

/*
 * Makes the kernel refuse descriptors that are sent to this socket, and to those
 * that it accepts (SO_PASSRIGHTS, Linux 6.16; the sender gets EPERM). An older
 * kernel lets them in, and msg_recv closes them. errno stays.
 */
void msg_refuse_rights(int sock);

/* Closes what m still holds. A descriptor taken out of m->fds is left as -1. */
void msg_close(struct msg *m);

/*
 * Called after each sendmsg and recvmsg with the header as the kernel left it,
 * for -v. done is what the call returned, errno is set where that is -1.
 */
enum msg_direction { MSG_SENT, MSG_RECEIVED };
typedef void msg_tracer_fn(enum msg_direction, int sock, const struct msghdr *, ssize_t done);
extern msg_tracer_fn *msg_tracer;

#endif
