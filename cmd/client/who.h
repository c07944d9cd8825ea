/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a peer is named to the user. */
#ifndef FDTOOL_CMD_CLIENT_WHO_H
#define FDTOOL_CMD_CLIENT_WHO_H

#include "lib/base/peer.h"

/*
 * "pid 1234 (cat), user games". A peer of a pid namespace that we do not see has no pid here.
 * sock is the connection to it. The text is valid until the next call.
 */
const char *who(int sock, const struct peer *);

#endif
