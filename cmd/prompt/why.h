/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explains why a call on this descriptor failed, by the rules of the kernel. */
#ifndef FDTOOL_CMD_PROMPT_WHY_H
#define FDTOOL_CMD_PROMPT_WHY_H

#include "cmd/prompt/session.h"

/* Prints why the last call failed, or, if err is not 0, why a call fails with that. */
enum status why_explain(struct session *, int err);

/* Calls each with the name of every errno that has a reason; with some names several times. */
void why_each(void (*each)(void *data, const char *errname), void *data);

#endif
