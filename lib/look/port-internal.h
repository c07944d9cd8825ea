/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of port.h have in common. */
#ifndef FDTOOL_LIB_LOOK_PORT_INTERNAL_H
#define FDTOOL_LIB_LOOK_PORT_INTERNAL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/look/diag.h"

struct port;

/* Adds a socket, unless one with its inode is there. */
void port_add(struct diag_sockets *, const struct diag_socket *);

/* Whether a socket of that port and address, in the form of port.hosts, is meant. */
bool port_matches(const struct port *, uint16_t number, const struct in6_addr *);

struct in6_addr port_mapped(const struct in_addr *);

/*
 * Adds those of other network namespaces, by /proc/PID/net of one process of each that may be
 * inspected.
 */
void port_find_elsewhere(const struct port *, struct diag_sockets *);

/* Adds the socket of a line of /proc/net/tcp and the like, or of /proc/net/unix. */
void port_add_line(const struct port *, struct diag_sockets *, char *line);

#endif
