/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explains why a call on this descriptor failed, by the rules of the kernel. */
#ifndef FDTOOL_CMD_PROMPT_WHY_H
#define FDTOOL_CMD_PROMPT_WHY_H

#include "cmd/prompt/session.h"

/*
 * Prints why the last call failed, or why a call fails with errname ("EBADF"; "": not given).
 * Returns STATUS_OK, or STATUS_USAGE for a name that no errno has.
 */
enum status why_explain(struct session *, const char *errname);

/* Calls each with the name of every errno that has a reason; with some names several times. */
void why_each(void (*each)(void *data, const char *errname), void *data);

#endif
