/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls that may wait, while the prompt lives on: events come, Ctrl-C ends them.
 *
 * None of them sets O_NONBLOCK to keep from waiting: the flag is everybody's.
 * They ask not to wait for this one call (RWF_NOWAIT), wait in the loop, and
 * have a child read what cannot be asked so.
 */
#ifndef FDTOOL_CMD_PROMPT_INTERRUPTIBLE_H
#define FDTOOL_CMD_PROMPT_INTERRUPTIBLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cmd/prompt/session.h"

/*
 * Waits for epoll events on fd. Returns them, 0 when the time (NEVER: none) is
 * up, or -1 with errno: EINTR after Ctrl-C, EPERM for what epoll does not take.
 */
int64_t interruptible_wait(struct session *, int fd, uint32_t events, int64_t ns);

/* read(2) and write(2) of the session's description, as their caller would see them. */
ssize_t interruptible_read(struct session *, char *buf, size_t size);
ssize_t interruptible_write(struct session *, const char *bytes, size_t len);

/*
 * Around a call of which the kernel cannot be asked not to wait: Ctrl-C, which
 * otherwise comes by the loop, makes it fail with EINTR.
 */
void interruptible_signals(bool on);

#endif
