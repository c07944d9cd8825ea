/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session: the description that the verbs act on, and the state between two commands. The
 * prompts and the scripts of serve and grab share it.
 */
#ifndef FDTOOL_CMD_PROMPT_SESSION_H
#define FDTOOL_CMD_PROMPT_SESSION_H

#include <stdbool.h>
#include <stddef.h>
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

/* One of several descriptors that a prompt has. */
struct member {
	int fd;             /* borrowed */
	const char *name;   /* borrowed */
	struct moves known; /* while it is not the one in use */
};

struct session {
	int fd;           /* borrowed */
	const char *name; /* of the offer; in a group, of the one in use */
	struct member *members; /* borrowed; NULL: fd is the only one */
	size_t n_members, used;
	struct loop *loop;
	const struct session_ops *ops;
	void *ops_data;

	const char *where; /* "line 6: " in a script, for what is wrong there; otherwise "" */
	unsigned depth;    /* of commands in commands */
	char failed[16];   /* the call that failed last, "" before the first */
	int err;           /* with this errno: for `why` */
	int command_err;   /* the errno of the command under way; 0: none */
	char fault[256];   /* why the command failed, if it has not printed that; otherwise "" */
	char *data;        /* what the last read got; NULL before the first */
	size_t data_len;
	size_t held, graded; /* of the expectations */
	bool keep_going;     /* scripts go on after a failure */
	int signo; /* the signal that ended the prompt; 0: none */
	bool quits;
	bool waiting;     /* in a verb that waits: Ctrl-C ends the wait and leaves the line */
	bool interrupted; /* by Ctrl-C, in a verb */
	struct moves known;  /* the last known offset and flags */
	struct moves before; /* those before the call under way, or since it last waited */
};

struct operands;

struct verb {
	const char *name;
	const char *form;    /* of its operands: see operands.h; "" for none */
	const char *shown;   /* the same for a person, a line each; NULL: as the form */
	const char *summary; /* half a line */
	const char *more;    /* what else `help NAME` says; NULL: nothing */
	const char *example; /* a line, without the verb if it begins with a blank */
	enum status (*run)(struct session *, const struct operands *);
	/* what the form does not check; reports; NULL: nothing */
	enum status (*check)(struct session *, const struct verb *, const struct operands *);
	bool (*here)(const struct session *); /* whether this session has it; NULL: all have it */
	long long min, max;                   /* of N; max 0: no limit */
};

extern const struct verb verb_table[]; /* ends with a row whose name is NULL */

/*
 * Flushes stdout, and runs the loop until the reader has taken all, or it stops, or Ctrl-C ends the
 * wait of a verb. Returns as output_flush does.
 */
enum status session_flush(struct session *);

/* Sets s->fault. Returns STATUS_FAIL. */
enum status session_fail(struct session *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Between two commands, lets the loop run. Returns false when it ends, or Ctrl-C was pressed since
 * s->interrupted was cleared.
 */
bool session_turn(struct session *);

/* Keeps what was read, for `expect data=`. */
void session_keep(struct session *, const char *bytes, size_t len);

/* Begins a session on fd (borrowed), with its present offset and flags as the known ones. */
void session_begin(struct session *, int fd, const char *name, struct loop *);

/* The same on several; the first is in use. Borrows the array. */
void session_begin_on(struct session *, struct member *, size_t n, struct loop *);

/* Changes to another member. What failed on the one before is forgotten. */
void session_use(struct session *, size_t which);

/* The last known offset and flags of a member. */
struct moves *session_known(struct session *, size_t which);

/* Frees what the session has collected. */
void session_end(struct session *);

#endif
