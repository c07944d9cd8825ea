/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grab's prompt: a session on what was received, with the server's news. */
#ifndef FDTOOL_CMD_GRAB_PROMPT_H
#define FDTOOL_CMD_GRAB_PROMPT_H

#include "cmd/cli/color.h"
#include "cmd/cli/command.h"
#include "lib/pass/client.h"

struct grab_prompt {
	struct words commands; /* -c */
	bool interactive;      /* -i: also after -c, and where there is no terminal */
	bool keep_going;       /* -k */
	enum color_when color; /* --color */
};

/*
 * Runs -c's commands; without them, or with -i after them, the prompt on a
 * terminal, or the lines of standard input. c is borrowed. Ends by the signal
 * that ended it.
 */
enum status grab_prompt(struct client *c, const char *name, const struct grab_prompt *);

#endif
