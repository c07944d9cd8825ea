/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer of a verb: the call as strace would print it, then the changed offset and flags. */
#ifndef FDTOOL_CMD_PROMPT_CALL_H
#define FDTOOL_CMD_PROMPT_CALL_H

#include <stdio.h>

#include "cmd/prompt/session.h"

struct call {
	struct session *session;
	const char *name; /* "read" */
};

/* Notes the offset and flags before the call, in s->before. The name stays valid until call_end. */
void call_begin(struct call *, struct session *, const char *name);

/*
 * Called after the call, when its text up to the '=' has been printed. Prints the result, the
 * errno (err, 0 for none), detail (NULL: none), what changed, and a newline. Announces a change
 * to the other side. Returns STATUS_OK or STATUS_FAIL.
 */
enum status call_end(struct call *, long long result, int err, const char *detail);

/* The bytes in quotes, escaped; of many bytes only the first few lines. The caller frees. */
char *call_quote(const char *bytes, size_t len);

#endif
