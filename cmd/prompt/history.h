/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history of the prompts: readline's list of lines, and the file that all prompts append to. */
#ifndef FDTOOL_CMD_PROMPT_HISTORY_H
#define FDTOOL_CMD_PROMPT_HISTORY_H

/* Reads the last lines of the file, where there is one. After readline_open. */
void history_load(void);

/*
 * Adds a line to the list and to the file, unless it is the same as the last. Returns 0, or -1
 * with errno when it cannot be written to the file; a file that cannot be opened is no error.
 */
int history_append(const char *line);

#endif
