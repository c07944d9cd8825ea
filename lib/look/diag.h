/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sockets of this process's network namespace, as the kernel dumps them:
 * sock_diag(7). No socket is touched, and none has to be in our hands.
 */
#ifndef FDTOOL_LIB_LOOK_DIAG_H
#define FDTOOL_LIB_LOOK_DIAG_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* --- any dump ------------------------------------------------------------------- */

/*
 * Sends a request (unix_diag_req, inet_diag_req_v2, …) and calls each for every
 * answer of at least `least` bytes of payload. Returns 0, or -1 where the kernel
 * has no such dump; some answers may have come before.
 */
int diag_dump(const void *request, size_t size, size_t min,
	void (*each)(void *data, const struct nlmsghdr *), void *data);

/*
 * An attribute of an answer whose fixed part has `skip` bytes: its value and
 * length, not aligned; NULL where it has none, or one shorter than least.
 */
const char *diag_attribute(
	const struct nlmsghdr *, size_t skip, unsigned int type, size_t min, size_t *len);

/* --- a table of them -------------------------------------------------------------- */

enum { DIAG_NAME_MAX = 128 };

struct diag_socket {
	ino_t ino;
	int family, type, protocol;
	int state;                  /* TCP_ESTABLISHED, …, of netinet/tcp.h; unix(7) uses them, too */
	char local[DIAG_NAME_MAX];  /* "127.0.0.1:80", "[::1]:80", a path, "@name" (a NUL in it is a '@'), or "" */
	char remote[DIAG_NAME_MAX]; /* of AF_UNIX: its peer's name */
	ino_t peer;                 /* AF_UNIX: the inode of the socket that it is connected to, or 0 */
	bool queues;                /* whether these two are known */
	uint32_t receive;           /* bytes to be read; of a listener: connections to be accepted */
	uint32_t send;              /* bytes not yet taken; of a listener: its backlog */
	unsigned int device;        /* the interface that it is bound to, or 0 */
};

struct diag_sockets {
	struct diag_socket *of; /* by ino */
	size_t n;
	bool known; /* whether the kernel could be asked at all */
};

/*
 * All of AF_UNIX, AF_INET and AF_INET6 (TCP, UDP, raw), AF_NETLINK or AF_PACKET. Free
 * with diag_free.
 */
void diag_unix(struct diag_sockets *);
void diag_inet(struct diag_sockets *);
void diag_netlink(struct diag_sockets *);
void diag_packet(struct diag_sockets *);
void diag_free(struct diag_sockets *);

/* The socket with that inode, or NULL. */
const struct diag_socket *diag_find(const struct diag_sockets *, ino_t ino);

#endif
