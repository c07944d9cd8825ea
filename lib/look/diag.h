/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sockets of this process's network namespace, from the kernel's dumps: sock_diag(7). This
 * touches no socket, and needs no descriptor of one.
 */
#ifndef FDTOOL_LIB_LOOK_DIAG_H
#define FDTOOL_LIB_LOOK_DIAG_H

#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

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
	uid_t uid;                  /* AF_INET and AF_INET6: of its owner */
	unsigned int device;        /* the interface that it is bound to, or 0 */
	struct in6_addr at;         /* AF_INET, AF_INET6: its address, IPv4 as ::ffff:1.2.3.4 */
	uint16_t port;
	dev_t file_dev;             /* AF_UNIX: of its file; 0: it has none */
	uint32_t file_ino;
};

/* What the kernel lists together. */
enum diag_table {
	DIAG_UNIX,
	DIAG_INET,      /* AF_INET and AF_INET6: TCP, UDP, raw */
	DIAG_INET_MORE, /* the same of MPTCP, UDP-Lite, SCTP, DCCP */
	DIAG_NETLINK,
	DIAG_PACKET,
	DIAG_TABLES,
};

/* Starts as {0}; free with diag_free. */
struct diag_sockets {
	struct diag_socket *of; /* by ino */
	size_t n;
	bool done; /* whether diag_read was called */
};

/* Fills the table, unless it is done. A dump that the kernel does not have adds nothing. */
void diag_read(struct diag_sockets *, enum diag_table);
void diag_free(struct diag_sockets *);

/* The sockets of TCP with MPTCP, UDP with UDP-Lite, or SCTP that have the local port. Not sorted. */
void diag_read_port(struct diag_sockets *, int protocol, uint16_t port);

/* Adds the socket of one message of the kernel's, not sorted. For diag_read. */
void diag_add(struct diag_sockets *, enum diag_table, const struct nlmsghdr *);

/* "127.0.0.1:80", "[::1]:80" of the address of that family, the port in host order. */
void diag_inet_name(char out[DIAG_NAME_MAX], int family, const void *address, unsigned int port);

/*
 * "@name" or a path, of a sun_path with that length: an abstract name begins with a NUL there, and
 * a path may end with one.
 */
void diag_unix_name(char out[DIAG_NAME_MAX], const char *name, size_t len);

/*
 * Asks a descriptor of this process for its socket, a struct diag_socket without inode and queues;
 * family 0: it has not answered. Unlike the dumps this calls the socket, which the kernel answers
 * at once.
 */
void diag_query(int fd, void *diag_socket);

/* The socket with that inode, or NULL. */
const struct diag_socket *diag_find(const struct diag_sockets *, ino_t ino);

#endif
