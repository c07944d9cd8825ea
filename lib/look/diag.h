/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sockets of this process's network namespace, from the kernel's dumps: sock_diag(7). This
 * touches no socket, and needs no descriptor of one.
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
 * Sends a request (unix_diag_req, inet_diag_req_v2, …) and calls each for every message of the
 * dump with at least min bytes of payload. Returns 0, or -1 where the kernel has no such dump,
 * or it ends early; each may have been called before.
 */
int diag_dump(const void *request, size_t size, size_t min,
	void (*each)(void *data, const struct nlmsghdr *), void *data);

/*
 * An attribute of a message whose fixed part has `skip` bytes. Returns its value, which is not
 * aligned, with its length in *len; NULL where there is none of at least min bytes.
 */
const char *diag_attribute(
	const struct nlmsghdr *, size_t skip, unsigned int type, size_t min, size_t *len);

/* --- a table of them -------------------------------------------------------------- */

enum { DIAG_NAME_MAX = 128 };

struct diag_socket {
	ino_t ino;
	int family, type, protocol;
	int state;                  /* TCP_ESTABLISHED, … (netinet/tcp.h), also for AF_UNIX */
	/* "127.0.0.1:80", "[::1]:80", a path, "@name" (a '@' for each NUL in it), or "" */
	char local[DIAG_NAME_MAX];
	char remote[DIAG_NAME_MAX]; /* AF_UNIX: the name of its peer */
	ino_t peer;                 /* AF_UNIX: the inode of its peer, or 0 */
	bool queues;                /* whether receive and send are known */
	uint32_t receive;           /* bytes to read; of a listener: connections to accept */
	uint32_t send;              /* bytes not received by the peer; of a listener: its backlog */
	unsigned int device;        /* the interface that it is bound to, or 0 */
};

struct diag_sockets {
	struct diag_socket *of; /* by ino */
	size_t n;
	bool known; /* whether the kernel has such a dump */
};

/*
 * All sockets of AF_UNIX; of AF_INET and AF_INET6 (TCP, UDP, raw); of AF_NETLINK; of AF_PACKET.
 * Free with diag_free.
 */
void diag_unix(struct diag_sockets *);
void diag_inet(struct diag_sockets *);
void diag_netlink(struct diag_sockets *);
void diag_packet(struct diag_sockets *);
void diag_free(struct diag_sockets *);

/* The socket with that inode, or NULL. */
const struct diag_socket *diag_find(const struct diag_sockets *, ino_t ino);

#endif
