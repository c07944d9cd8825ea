/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line at the prompt, or in a script: it is understood as a whole, and then run. */
#ifndef FDTOOL_CMD_PROMPT_COMMAND_H
#define FDTOOL_CMD_PROMPT_COMMAND_H

#include "cmd/prompt/session.h"

/*
 * The verb of a command's first word, len bytes: its name, or a beginning that no other verb has, or
 * one of the words q, exit and ?. NULL if there is none, or several.
 */
const struct verb *command_verb(const struct session *, const char *word, size_t len);

/* The length of the command's word at the beginning of the line. */
size_t command_word(const char *line);

/* Reports that the word is no command here, or the beginning of several. Returns STATUS_USAGE. */
enum status command_unknown(const struct session *, const char *word, size_t len);

/*
 * Runs one line and prints the answer. Returns STATUS_OK; STATUS_FAIL if a call failed or an
 * expectation did not hold, and s->fault says why where the answer does not; STATUS_USAGE, reported,
 * if the line is not a command.
 */
enum status command_do(struct session *, const char *line);

/* Whether the line is a command: STATUS_OK, or STATUS_USAGE, reported. Runs nothing. */
enum status command_check(struct session *, const char *line);

/* Whether the line is `quit`. */
bool command_quits(const struct session *, const char *line);

#endif
