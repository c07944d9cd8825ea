/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a verb answers: the call as strace would write it, then what moved. */
#ifndef FDTOOL_CMD_PROMPT_CALL_H
#define FDTOOL_CMD_PROMPT_CALL_H

#include <stdio.h>

#include "cmd/prompt/session.h"

struct answer {
	struct session *session;
	const char *call; /* "read" */
	struct moves before;
};

/* Notes the offset and flags before the call; call is the name, and stays valid. */
void answer_begin(struct answer *, struct session *, const char *call);

/*
 * After the call, whose text up to the '=' has been printed: its result, or -1
 * and its errno (err, 0 for none), detail or NULL, what moved, a newline. Tells
 * the other side when something moved. Returns STATUS_OK or STATUS_FAIL.
 */
enum status answer_end(struct answer *, long long result, int err, const char *detail);

/* Bytes in quotes, escaped; of more than a few lines only how they begin. The caller frees. */
char *answer_bytes(const char *bytes, size_t len);

#endif
