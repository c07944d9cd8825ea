/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The prompt: readline in fdtool's own loop. The only user of readline.
 */
#ifndef FDTOOL_CMD_PROMPT_PROMPT_H
#define FDTOOL_CMD_PROMPT_PROMPT_H

#include "cmd/prompt/session.h"

/*
 * Reads and runs commands from the terminal until the session quits, the input
 * ends, or loop_stop. Returns what loop_stop was given, or STATUS_OK. The
 * terminal is as it was, whichever way it ends.
 */
enum status prompt_run(struct session *);

/*
 * True where a prompt can be: input and output are a terminal, and it is ours,
 * not that of the shell that started us with "&" (SIGTTOU would stop us).
 */
bool prompt_possible(void);

/*
 * Prints a line of what happens elsewhere. While a prompt is up, above the line
 * that is being typed, which stays as it is; not in the middle of a search or a
 * verb's answer, but right after it. Without a prompt: on stdout.
 */
void prompt_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Ctrl-C: ends a verb's wait, or clears the line. Returns false where no prompt
 * is up, for the caller to end by the signal.
 */
bool prompt_interrupt(void);

/* The offset or the flags moved: the prompt shows them. */
void prompt_refresh(void);

#endif
