/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scripts: several commands, of -c, of standard input or of a file.
 *
 * All lines of a script are checked before the first runs, if they can be had: those of a pipe are
 * checked one by one, as they come. A script stops at the first command that fails, unless
 * s->keep_going is set. Each function returns STATUS_OK; STATUS_FAIL if a command failed; or
 * STATUS_USAGE if nothing ran, because a line is not a command. All of it is reported.
 */
#ifndef FDTOOL_CMD_PROMPT_SCRIPT_H
#define FDTOOL_CMD_PROMPT_SCRIPT_H

#include "cmd/prompt/session.h"

enum status script_words(struct session *, const struct words *commands);

enum status script_stdin(struct session *);

/* A regular file. */
enum status script_file(struct session *, const char *path);

/* Prints how many expectations held, where there were any and s->keep_going is set. */
void script_grade(const struct session *);

#endif
