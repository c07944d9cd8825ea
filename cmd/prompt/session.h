/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session: the description that the verbs act on, and the state between two commands. The
 * prompts and the scripts of serve and grab share it.
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

/* The functions that serve and grab provide; any of them may be NULL. */
struct session_ops {
	void (*note)(struct session *, const char *op); /* announces a change to the other side */
	enum status (*clients)(struct session *);       /* lists serve's clients */
	enum status (*kick)(struct session *, pid_t pid);
	bool (*trigger)(struct session *); /* makes an event of a mypoll: source; false: not one */
};

struct session {
	int fd;           /* borrowed */
	const char *name; /* of the offer */
	struct loop *loop;
	const struct session_ops *ops;
	void *ops_data;

	char failed[16]; /* the call that failed last, "" before the first */
	int err;
	bool expecting; /* in `expect`: a second one inside has no meaning */
	int signo;      /* the signal that ended the prompt; 0: none */
	bool quits;
	bool waiting;     /* in a verb that waits: Ctrl-C ends the wait and leaves the line */
	bool interrupted; /* by that Ctrl-C */
	struct moves known; /* the last known offset and flags */
};

struct verb {
	const char *name;
	const char *operands; /* "" for none */
	const char *summary;
	bool (*here)(const struct session *); /* whether this session has it; NULL: all have it */
	/* rest: the line after the verb, without leading blanks */
	enum status (*run)(struct session *, const char *rest);
};

extern const struct verb verb_table[]; /* ends with a row whose name is NULL */

/* The verb "expect"; in session.c, because it runs a command. */
enum status verb_expect(struct session *, const char *rest);

/*
 * Flushes stdout, and runs the loop until the reader has taken all, or it stops, or Ctrl-C ends the
 * wait of a verb. Returns as output_flush does.
 */
enum status session_flush(struct session *);

/*
 * Runs one line and prints the answer. Returns STATUS_OK; STATUS_FAIL if a call failed or an
 * expectation did not hold; STATUS_USAGE, reported, if the line is not a command.
 */
enum status session_do(struct session *, const char *line);

/* Reports that the word is no command here. Returns STATUS_USAGE. */
enum status session_unknown(const struct session *, const char *word, size_t len);

/* Begins a session on fd (borrowed), with its present offset and flags as the known ones. */
void session_begin(struct session *, int fd, const char *name, struct loop *);

/*
 * Runs the commands in order until one fails; with keep_going runs all of them. Returns STATUS_OK,
 * or STATUS_FAIL if a command failed, was misused, or is unknown.
 */
enum status session_script(struct session *, const struct words *commands, bool keep_going);

/* Does the same with the lines of standard input. */
enum status session_stdin(struct session *, bool keep_going);

#endif
