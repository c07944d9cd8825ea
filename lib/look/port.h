/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sockets that have a port, or an address of unix(7), of this network namespace and of those of
 * other processes that this one may inspect: from sock_diag(7) and /proc/PID/net. Nothing is
 * connected to, and no namespace is entered.
 */
#ifndef FDTOOL_LIB_LOOK_PORT_H
#define FDTOOL_LIB_LOOK_PORT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/look/diag.h"

enum { PORT_HOSTS_MAX = 8 };

/* tcp:[HOST:]PORT, udp:, sctp:; unix:PATH, unix:@NAME */
struct port {
	int protocol;     /* IPPROTO_TCP, …; 0 for unix: */
	uint16_t number;
	size_t n_hosts;   /* 0: any address */
	struct in6_addr hosts[PORT_HOSTS_MAX]; /* IPv4 as ::ffff:1.2.3.4 */
	const char *name; /* unix: the path, or @NAME; borrowed */
};

/* How the words begin. */
#define PORT_WORDS "tcp: udp: sctp: unix:"

/* Whether a word begins so. */
bool port_is(const char *word);

/*
 * Parses such a word. A name of a host or a service is looked up, which may ask the network.
 * Returns NULL, or the fault as the end of a sentence.
 */
const char *port_parse(const char *word, struct port *);

/*
 * Its sockets, those that listen, or are bound and not connected, first. A socket of ino 0 has no
 * descriptor any more, such as one in TIME_WAIT. Free them with diag_free. Returns 0, or -1 with the
 * errno of looking up the path of unix:PATH, where no socket has that name either.
 */
int port_find(const struct port *, struct diag_sockets *);

/* The same of this network namespace only. */
int port_find_here(const struct port *, struct diag_sockets *);

/* Whether it listens, or is bound and not connected. */
bool port_listens(const struct diag_socket *);

/* The device of all sockets, as in stat(2); 0 where it cannot be found out. */
dev_t port_device(void);

#endif
