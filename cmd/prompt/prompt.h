/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The prompt: readline in fdtool's own loop. Only this folder uses readline.
 */
#ifndef FDTOOL_CMD_PROMPT_PROMPT_H
#define FDTOOL_CMD_PROMPT_PROMPT_H

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
 * Prints a line about an event. While a prompt is up it goes above the line that is being typed,
 * which stays as it is; during a search or a verb's answer, right after that. Without a prompt
 * it goes to stdout. Where the reader of stdout is far behind, it is counted instead.
 */
void prompt_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Says that the description moved, and refreshes the prompt. op is the call that pid announced
 * it with; NULL: nobody announced it.
 */
void prompt_say_moved(const char *name, const struct moves *was, const struct moves *is, pid_t pid,
	const char *op);

/* Says that n events were counted instead of said: for output_begin. */
void prompt_say_lost(void *unused, size_t n);

/*
 * Ctrl-C: ends the wait of the session's verb, or clears the line. Returns false where neither a
 * verb waits nor a prompt is up; then the signal should end the caller.
 */
bool prompt_interrupt(struct session *);

/* Draws the prompt again, with the offset and the flags that the description has now. */
void prompt_refresh(void);

#endif
