/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of "fdtool trace", and its parts. */
#ifndef FDTOOL_CMD_TRACE_TRACE_H
#define FDTOOL_CMD_TRACE_TRACE_H

#include "cmd/cli/command.h"
#include "cmd/client/find.h"
#include "lib/loop/loop.h"
#include "lib/trace/passed.h"
#include "lib/trace/trace.h"

enum { STAMP_TIME, STAMP_NONE, STAMP_ISO, STAMP_DELTA };

struct sender {
	char command[16];
	int pid, fd; /* pid 0: nobody was seen to */
};

struct tally;

struct trace_state {
	struct targets targets;
	uint32_t classes;
	unsigned stamp, by; /* by: 0, or 1 + enum trace_by */
	long limit;
	int64_t timeout;
	bool json, quiet, verbose, count, all_passed;
	struct loop *loop;
	struct trace *trace;
	struct passed *passed; /* --passed */
	char *why_not_bpf; /* NULL: it was not tried, or it works */
	pid_t program; /* 0: none */
	int program_fd; /* pidfd; can be read when it has ended */
	int go;         /* to write to, so that it begins */
	long seen;
	uint64_t last, lost; /* ns of the last line; losses that were said */
	int64_t epoch;       /* CLOCK_REALTIME where CLOCK_MONOTONIC is 0, when it began */
	struct sender *senders; /* of each target, who last sent it */
	struct tally *tallies;  /* -c */
	size_t n_tallies;
	struct loop_source *again; /* perhaps nobody holds it any longer: look soon, so many times */
	int looks;
	int signo;
};

/* Whether one more line may be printed; the COUNT lines of -n are then one less. */
bool trace_may_print(struct trace_state *);

/* --- a call: print.c ------------------------------------------------------------------ */

/* Prints the time, as --timestamp has it. */
void trace_stamp(struct trace_state *, uint64_t ns);

/* Prints it, as a line or as JSON. */
void trace_line(struct trace_state *, const struct trace_record *);
void trace_json(struct trace_state *, const struct trace_record *);

/* Remembers who sends a description, for the line of its receipt. */
void trace_note_sender(struct trace_state *, const struct trace_record *);

/* --- -c: count.c ------------------------------------------------------------------------ */

void trace_tally(struct trace_state *, const struct trace_record *);

/* Prints the table. */
enum status trace_print_tallies(struct trace_state *);

/* --- unseen.c ------------------------------------------------------------------------------ */

/* Prints what cannot be seen of those that hold a target. */
void trace_print_unseen(const struct trace_state *);

/* --- --passed: passed.c ------------------------------------------------------------------- */

/* Prints a descriptor that was passed. */
void trace_on_passed(void *state, const struct passed_record *);

/* --- PROGRAM: program.c ----------------------------------------------------------------- */

/* Starts the program, which waits for trace_program_go before exec(3). */
enum status trace_program_start(struct trace_state *, char **program);
void trace_program_go(struct trace_state *);

/* Kills it, where it has not begun. */
void trace_program_cancel(struct trace_state *);

#endif
