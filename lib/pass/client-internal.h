/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What client-receive.c and client-give.c have in common: a connection, and what can come over it. */
#ifndef FDTOOL_LIB_PASS_CLIENT_INTERNAL_H
#define FDTOOL_LIB_PASS_CLIENT_INTERNAL_H

#include "lib/base/msg.h"
#include "lib/pass/client.h"
#include "lib/pass/protocol.h"

/* Waits until the peer has sent something, or gone. CLIENT_OK, CLIENT_TIMEOUT, CLIENT_SYSTEM. */
enum client_fault client_wait(struct client *, int64_t deadline);

/* What an errno of msg_recv means. */
enum client_fault client_receive_fault(void);

/* Keeps what a DENY says. Returns CLIENT_DENIED. */
enum client_fault client_read_denial(const struct protocol_in *, struct client *);

/* Moves the descriptors after the first from the message, an OFFER of a group, into c. */
void client_take_rest(struct msg *, const struct protocol_in *, struct client *);

#endif
