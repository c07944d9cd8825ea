/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A description under somebody's hands: what the verbs work on. The prompts of
 * serve and grab, their scripts, and the commands of one verb share it.
 */
#ifndef FDTOOL_CMD_PROMPT_SESSION_H
#define FDTOOL_CMD_PROMPT_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cmd/cli/command.h"
#include "lib/look/moves.h"
#include "lib/loop/loop.h"

struct session;

/* What the side does that the prompt belongs to; any of them may be NULL. */
struct session_ops {
	void (*note)(struct session *, const char *op); /* tells the others what was done here */
	enum status (*clients)(struct session *);       /* prints them */
	enum status (*kick)(struct session *, pid_t pid);
	bool (*trigger)(struct session *);              /* an event of a stand-in; false: it is none */
};

struct session {
	int fd;           /* borrowed */
	const char *name; /* of the offer */
	struct loop *loop;
	const struct session_ops *ops;
	void *ops_data;

	char failed[16]; /* the call that failed last, "" before the first */
	int err;
	bool quits;
	bool waiting; /* in a verb that waits: its Ctrl-C ends the wait, not the line */
	bool interrupted;
	struct moves known; /* to tell what moved */
};

struct verb {
	const char *name;
	const char *operands; /* "" for none */
	const char *summary;
	bool (*here)(const struct session *); /* NULL: everywhere */
	/* rest is the line after the verb, without leading blanks */
	enum status (*run)(struct session *, const char *rest);
};

extern const struct verb verb_table[]; /* ends with a row whose name is NULL */

/* The words of `flags`, after a + or a -; ends with a row whose word is NULL. */
extern const struct flag_word {
	const char *word;
	int flag;
} flag_words[];

/* In session.c, since it runs a line itself. */
enum status verb_expect(struct session *, const char *rest);

/*
 * Runs one line and prints the answer. STATUS_OK; STATUS_FAIL for a call that
 * failed or an expectation that did not hold, which the answer says; STATUS_USAGE
 * for what is no command, which was reported.
 */
enum status session_do(struct session *, const char *line);

/* Begins a session on fd (borrowed): what it has now is what is known. */
void session_begin(struct session *, int fd, const char *name, struct loop *);

/*
 * Runs the commands in order until one fails, or past failures with keep_going.
 * Returns STATUS_OK, or STATUS_FAIL when one failed, was misused, or is none.
 */
enum status session_script(struct session *, const struct words *commands, bool keep_going);

/* The same for the lines of standard input. */
enum status session_stdin(struct session *, bool keep_going);

#endif
