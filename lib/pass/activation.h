/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sockets that a service manager has opened for this process: see sd_listen_fds(3). */
#ifndef FDTOOL_LIB_PASS_ACTIVATION_H
#define FDTOOL_LIB_PASS_ACTIVATION_H

#include <stddef.h>

struct activation_socket {
	int fd;     /* -1: taken by the caller */
	char *name; /* by LISTEN_FDNAMES; "" where it has none */
};

struct activation {
	struct activation_socket *of;
	size_t n;
};

/*
 * Lists the descriptors that LISTEN_FDS counts, if LISTEN_PID and LISTEN_PIDFDID mean this process;
 * they are not close-on-exec yet. Removes LISTEN_* from the environment. Free with activation_free.
 */
void activation_take(struct activation *);

/* Why clients of fdtool cannot be accepted there, as the end of a sentence; NULL if they can. */
const char *activation_fault(int fd);

/* Closes those that were not taken. */
void activation_free(struct activation *);

#endif
