/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The readiness protocols of service managers: sd_notify(3), and the newline of s6. */
#ifndef FDTOOL_LIB_PASS_NOTIFY_H
#define FDTOOL_LIB_PASS_NOTIFY_H

/*
 * Sends a state such as "READY=1" to the socket in $NOTIFY_SOCKET, a path or "@abstract".
 * Returns 0, also if the variable is not set, or -1 with errno: EAFNOSUPPORT for other
 * addresses (vsock), and those of sendto(2).
 */
int notify_manager(const char *state);

/* Writes one newline to *fd and closes it (taken). Returns 0, or -1 with errno. */
int notify_ready_fd(int *fd);

#endif
