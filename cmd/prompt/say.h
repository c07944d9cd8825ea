/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is printed above the line that is being typed: the words about events. */
#ifndef FDTOOL_CMD_PROMPT_SAY_H
#define FDTOOL_CMD_PROMPT_SAY_H

#include <stddef.h>
#include <sys/types.h>

#include "lib/look/moves.h"

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

/* Draws the prompt again, with the offset and the flags that the description has now. */
void prompt_refresh(void);

/* Prints what prompt_say has held back, unless a search still has the line. */
void say_held(void);

#endif
