/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prints the msghdr of each message: iovec, each cmsg with its length beside
 * CMSG_LEN and CMSG_SPACE, descriptors, credentials, msg_flags. See cmsg(3).
 */
#ifndef FDTOOL_LIB_PASS_MSGHDR_DUMP_H
#define FDTOOL_LIB_PASS_MSGHDR_DUMP_H

#include <stdio.h>

#include "lib/base/msg.h"

/* From now on msg_send and msg_recv print each message on stderr. */
void msghdr_dump_start(void);

/* Prints one message. The parameters after the stream are those of msg_tracer_fn. */
void msghdr_dump(FILE *, enum msg_direction, int sock, const struct msghdr *, ssize_t done);

#endif
