/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completes the word that is being typed at a prompt. */
#ifndef FDTOOL_CMD_PROMPT_COMPLETION_H
#define FDTOOL_CMD_PROMPT_COMPLETION_H

#include "cmd/prompt/session.h"

/*
 * Completes the words of that session's prompt from now on; the session outlives the prompt. To be
 * called after readline_open.
 */
void completion_of(const struct session *);

#endif
