/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls that may wait, with the prompt alive meanwhile: events are shown, and Ctrl-C ends the call.
 *
 * None of them sets O_NONBLOCK, since that flag applies to all holders. They make the call with
 * RWF_NOWAIT, and wait in the loop; where a file has no RWF_NOWAIT, a child
 * reads it. A write to such a file stops the loop until it returns or Ctrl-C ends it.
 */
#ifndef FDTOOL_CMD_PROMPT_INTERRUPTIBLE_H
#define FDTOOL_CMD_PROMPT_INTERRUPTIBLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cmd/prompt/session.h"

/*
 * Waits for epoll events on fd, at most ns; NEVER: without a limit. Returns the events, 0 after
 * ns, or -1 with errno: EINTR after Ctrl-C, EPERM for a file that epoll does not take. Notes the
 * offset and flags after the wait in s->before: other holders may have moved them.
 */
int64_t interruptible_wait(struct session *, int fd, uint32_t events, int64_t ns);

/* read(2) and write(2) on the session's description, with the same results. */
ssize_t interruptible_read(struct session *, char *buf, size_t size);
ssize_t interruptible_write(struct session *, const char *bytes, size_t len);

/*
 * Makes a call on the session's description by a child. call returns 0, or -1 with errno, and so does
 * this function; ECHILD: the child has ended without an answer.
 */
int interruptible_call(struct session *, int (*call)(int fd, long long arg), long long arg);

/*
 * Call with true before a call that may block in the kernel, and with false after it: between
 * them Ctrl-C, which otherwise comes by the loop, makes the call fail with EINTR.
 */
void interruptible_signals(bool on);

#endif
