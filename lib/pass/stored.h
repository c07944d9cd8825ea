/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An offer in flight: a socket whose only message has the descriptor of an offer, its name, who gave
 * it, and until when it stays. Whoever keeps this socket keeps the offer, and has not its descriptor.
 */
#ifndef FDTOOL_LIB_PASS_STORED_H
#define FDTOOL_LIB_PASS_STORED_H

#include "lib/pass/client.h"
#include "lib/pass/server.h"

/*
 * Returns the socket, or -1 with errno: ETOOMANYREFS where this user has as many in flight as
 * RLIMIT_NOFILE allows. until: on the clock of time_now; NEVER.
 */
int stored_put(const struct offer *, uid_t giver, int64_t until);

/*
 * Looks at the message, and leaves it there: fills in the name, the descriptor, and as server.uid the
 * giver. Returns 0, or -1 with errno: EBADMSG for a socket that is none of stored_put, and those of
 * msg_recv. Close with client_close.
 */
int stored_look(int sock, struct client *, int64_t *until);

#endif
