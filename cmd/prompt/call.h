/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a verb answers: the call as strace would write it, then what moved. */
#ifndef FDTOOL_CMD_PROMPT_CALL_H
#define FDTOOL_CMD_PROMPT_CALL_H

#include <stdio.h>

#include "cmd/prompt/session.h"

struct call {
	struct session *session;
	const char *call; /* "read" */
	struct moves before;
};

/* Notes the offset and flags before the call; call is the name, and stays valid. */
void call_begin(struct call *, struct session *, const char *call);

/*
 * After the call, whose text up to the '=' has been printed: its result, or -1
 * and its errno (err, 0 for none), detail or NULL, what moved, a newline. Tells
 * the other side when something moved. Returns STATUS_OK or STATUS_FAIL.
 */
enum status call_end(struct call *, long long result, int err, const char *detail);

/* Bytes in quotes, escaped; of more than a few lines only how they begin. The caller frees. */
char *call_quote(const char *bytes, size_t len);

#endif
