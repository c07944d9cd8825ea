/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grab's prompt: a session on the received descriptor, with the events from its server. */
#ifndef FDTOOL_CMD_GRAB_PROMPT_H
#define FDTOOL_CMD_GRAB_PROMPT_H

#include "cmd/cli/color.h"
#include "cmd/cli/command.h"
#include "cmd/prompt/session.h"
#include "lib/pass/client.h"

struct grab_prompt {
	struct words commands; /* -c */
	bool interactive;      /* -i: also after -c, and where there is no terminal */
	bool keep_going;       /* -k */
	const char *script;    /* --script */
	bool no_trace;
	enum color_when color; /* --color */
};

/*
 * Runs the commands of -c, then those of --script. Without both, or with -i after -c, runs the prompt
 * on a terminal, or the lines of standard input. c has the connection. Borrows it, and the n members. Ends
 * the process where a signal ended the session.
 */
enum status grab_prompt(
	const struct client *c, struct member *members, size_t n, const struct grab_prompt *);

#endif
