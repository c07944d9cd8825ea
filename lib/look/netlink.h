/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dumps by sock_diag(7): what the kernel answers to one request, as a whole. */
#ifndef FDTOOL_LIB_LOOK_NETLINK_H
#define FDTOOL_LIB_LOOK_NETLINK_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>

/* The messages of a dump, each as long as it says. Starts as {0}; free with netlink_free. */
struct netlink_dump {
	char *bytes;
	size_t len, room;
	int status; /* 1: more will come; 0: this is all; -1: it failed */
	bool interrupted; /* what it lists changed meanwhile: something may be missing, or twice */
};

/*
 * Sends a request (unix_diag_req, inet_diag_req_v2, …) and receives all of its dump; again if
 * that was interrupted, up to ten times. Returns 0, or -1 where the kernel has no such dump or
 * it never was whole.
 */
int netlink_request(struct netlink_dump *, const void *request, size_t size);
void netlink_free(struct netlink_dump *);

/* Adds what one datagram has, until a message that is cut; sets status. For netlink_request. */
void netlink_take(struct netlink_dump *, const char *datagram, size_t len);

/* Calls each for every message of the dump. */
void netlink_each(const struct netlink_dump *,
	void (*each)(void *data, const struct nlmsghdr *), void *data);

/* The fixed part of a message, which has that size; NULL if the message is shorter. */
const void *netlink_payload(const struct nlmsghdr *, size_t size);

/*
 * An attribute of a message whose fixed part has `skip` bytes. Returns its value, which is not
 * aligned, with its length in *len; NULL where there is none of at least min bytes.
 */
const char *netlink_attribute(
	const struct nlmsghdr *, size_t skip, unsigned int type, size_t min, size_t *len);

#endif
