/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The completions of the word that is being typed at a prompt. */
#ifndef FDTOOL_CMD_PROMPT_COMPLETION_H
#define FDTOOL_CMD_PROMPT_COMPLETION_H

#include "cmd/prompt/session.h"

struct prompt_words {
	char **v; /* the caller frees each, and the array */
	size_t n;
};

/*
 * Finds the words that begin with typed and may follow before, the line up to it. Returns true if
 * there are none and the line runs a program: then file names may follow.
 */
bool prompt_words(const struct session *, const char *before, const char *typed,
	struct prompt_words *out);

#endif
