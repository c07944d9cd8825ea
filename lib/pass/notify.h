/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The readiness protocols of service managers: sd_notify(3), and the newline of s6. */
#ifndef FDTOOL_LIB_PASS_NOTIFY_H
#define FDTOOL_LIB_PASS_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Sends a state such as "READY=1" to the socket in $NOTIFY_SOCKET, a path or "@abstract".
 * Returns 0, also if the variable is not set, or -1 with errno: EAFNOSUPPORT for other
 * addresses (vsock), and those of sendto(2).
 */
int notify_manager(const char *state);

/* Whether there is a manager, and at a socket that carries descriptors: vsock carries none. */
bool notify_takes_descriptors(void);

/*
 * Sends a state, with a descriptor (borrowed) unless fd is NULL, and never waits. Only where
 * notify_takes_descriptors. Returns 0, or -1 with errno: EAGAIN while the manager does not read, and
 * those of msg_send.
 */
int notify_try(const char *state, const int *fd);

/*
 * Gives fd (borrowed) to the service manager, which keeps it for the next start of the service, if
 * its unit has FileDescriptorStoreMax=. Returns 0, or -1 with errno: ENOTCONN if the variable is not
 * set, EAFNOSUPPORT for other addresses: vsock carries no descriptors.
 */
int notify_store(const char *name, int fd);

/*
 * Waits until the manager has handled what was sent to it: it finds the service by the sender's
 * pid, so the sender must not have ended by then. Returns 0, or -1 with errno: ETIMEDOUT.
 */
int notify_barrier(int64_t deadline);

/* Writes one newline to *fd and closes it (taken). Returns 0, or -1 with errno. */
int notify_ready_fd(int *fd);

#endif
