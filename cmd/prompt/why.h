/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a call on this descriptor failed, in a sentence that the kernel's rules bear out. */
#ifndef FDTOOL_CMD_PROMPT_WHY_H
#define FDTOOL_CMD_PROMPT_WHY_H

#include "cmd/prompt/session.h"

/*
 * Explains the last failure, or the errno of that name ("EBADF") where one is
 * given. Returns STATUS_OK, STATUS_USAGE for a name that is none.
 */
enum status why_tell(struct session *, const char *errname);

/* Calls each with the name of every errno that a reason is known for, maybe several times. */
void why_each(void (*each)(void *data, const char *errname), void *data);

#endif
