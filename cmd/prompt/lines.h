/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of a script: where each is, whether it is a command, and how it runs. */
#ifndef FDTOOL_CMD_PROMPT_LINES_H
#define FDTOOL_CMD_PROMPT_LINES_H

#include "cmd/prompt/session.h"

/* Where a line is: "line 6: ", or "lesson: line 6: ". */
struct script_place {
	const char *file; /* NULL: standard input, or -c */
	size_t line;
	char text[512];
	const char *outer; /* s->where of the script that this one is in */
};

/* Begins before the first line of a file, or with NULL of -c or standard input. */
struct script_place script_place_begin(struct session *, const char *file);

/* The next line: what is wrong from here on is reported with it. */
void script_place_next(struct session *, struct script_place *);
void script_place_end(struct session *, const struct script_place *);

/* Reports a line that is not a command. */
enum status script_check_line(struct session *, const char *line, size_t len);

/* Runs the line; reports a failure, and sets *result. Returns whether to go on. */
bool script_step(struct session *, const char *line, enum status *result);

/* --- a whole text --- */

struct script_text {
	char *bytes; /* has room for one more */
	size_t len;
};

/* Reads all of fd. Returns 0, or -1 with errno. The caller frees the bytes in either case. */
int script_read(int fd, struct script_text *);

/* Reports every line that is not a command. */
enum status script_check_text(struct session *, struct script_text *, const char *file);

/* Runs one line after the other, which have been checked. The text is spoilt. */
enum status script_run_text(struct session *, struct script_text *, const char *file);

#endif
