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
 * Finds a socket of this network namespace that has the port, or the name of unix(7), of a word
 * such as tcp:8080 (port.h); one that listens goes first. Returns false if the kernel lists none.
 */
bool bound_find(const char *word, struct bound *);

#endif
