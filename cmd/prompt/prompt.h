/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The prompt: readline in fdtool's own loop. Only this folder uses readline.
 */
#ifndef FDTOOL_CMD_PROMPT_PROMPT_H
#define FDTOOL_CMD_PROMPT_PROMPT_H

#include "cmd/prompt/say.h"
#include "cmd/prompt/session.h"

/*
 * Reads commands from the terminal and runs them until the session quits, the input ends, or
 * loop_stop. Returns the value given to loop_stop, or STATUS_OK. Restores the terminal in every
 * case.
 */
enum status prompt_run(struct session *);

/*
 * Whether a prompt is possible: stdin and stdout are a terminal, and we are in its foreground.
 * In the background, after "&" in a shell, SIGTTOU would stop us.
 */
bool prompt_possible(void);

/*
 * Ctrl-C: ends the wait of the session's verb, or clears the line. Returns false where neither a
 * verb waits nor a prompt is up; then the signal should end the caller.
 */
bool prompt_interrupt(struct session *);

#endif
