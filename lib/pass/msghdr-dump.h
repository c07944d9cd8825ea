/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every message taken apart: msghdr, iovec, each cmsg with its length
 * against CMSG_LEN and CMSG_SPACE, descriptors, credentials, msg_flags. See
 * cmsg(3).
 */
#ifndef FDTOOL_LIB_PASS_MSGHDR_DUMP_H
#define FDTOOL_LIB_PASS_MSGHDR_DUMP_H

#include <stdio.h>

#include "lib/base/msg.h"

/* From here on msg_send and msg_recv tell of each message on stderr. */
void msghdr_dump_start(void);

/* Prints one message; as msg_tracer_fn, to any stream. */
void msghdr_dump(FILE *, enum msg_direction, int sock, const struct msghdr *, ssize_t done);

#endif
