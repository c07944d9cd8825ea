/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has an address: the process whose socket is bound to a port, or to a name of unix(7). */
#ifndef FDTOOL_LIB_LOOK_BOUND_H
#define FDTOOL_LIB_LOOK_BOUND_H

#include <stdbool.h>
#include <sys/types.h>

struct bound {
	pid_t pid; /* of a process that has the socket; 0: of none that may be inspected */
	int fd;    /* its number there */
	uid_t uid; /* of the socket's owner, if uid_known */
	bool uid_known;
	bool listens;
};

/*
 * Finds a socket of that protocol (IPPROTO_TCP, IPPROTO_UDP) with that local port, at whatever
 * address; one that listens goes first. Returns false if the kernel lists none here.
 */
bool bound_port(int protocol, unsigned int port, struct bound *);

/* Finds a socket with that name: "@name", or a path as it was bound. */
bool bound_unix(const char *name, struct bound *);

#endif
