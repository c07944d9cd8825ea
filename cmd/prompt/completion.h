/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the word that is being typed at a prompt may become: for Tab. */
#ifndef FDTOOL_CMD_PROMPT_COMPLETION_H
#define FDTOOL_CMD_PROMPT_COMPLETION_H

#include "cmd/prompt/session.h"

struct prompt_words {
	char **v; /* each, and the array, are for whoever asked to free */
	size_t n;
};

/*
 * The words that begin with `typed` and may follow `before`, the line up to it.
 * Where there is none and the line runs a program, a file may be meant: true.
 */
bool prompt_words(const struct session *, const char *before, const char *typed,
	struct prompt_words *out);

#endif
