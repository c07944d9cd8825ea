/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of tracing by ptrace(2). For lib/trace/ptrace*.c only. */
#ifndef FDTOOL_LIB_TRACE_PTRACE_INTERNAL_H
#define FDTOOL_LIB_TRACE_PTRACE_INTERNAL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/trace/holders.h"
#include "lib/trace/way.h"

enum { MESSAGE_FDS = 1024 }; /* of one call; a message has 253 at most */

struct description {
	uint32_t target;
	unsigned in_flight; /* in messages that nobody received yet */
	dev_t dev;
	ino_t ino;
	int64_t pos, size; /* when it was last looked at */
	uint32_t flags;
};

struct tracee {
	pid_t tid, pid;
	pid_t table; /* the process by which its table of descriptors is known (CLONE_FILES) */
	char command[16];
	int64_t command_at; /* when it was read */
	enum trace_abi abi;            /* of its last call */
	const struct trace_rule *rule; /* of the call under way; NULL: none that is of interest */
	struct description *of;        /* on which it acts; NULL: none */
	struct trace_record r;
	int sent[MESSAGE_FDS]; /* by the message under way */
	size_t n_sent;
};

struct by_ptrace {
	struct trace trace;
	struct trace_request request;
	struct description *of;
	size_t n_of;
	struct holders holders;
	struct tracee **tracees;
	size_t n_tracees;
	pid_t *untraced; /* the caller has been told of these */
	size_t n_untraced;
	int refusal; /* the errno of the first thread that may not be traced */
	int epoll, signals, timer;
	int fdinfo;      /* of the descriptor that was looked at last; -1: none */
	pid_t fdinfo_pid;
	int fdinfo_fd;
	sigset_t mask;
	bool ended; /* request.program */
	int status;
	/* of trace_read */
	void (*each)(void *data, const struct trace_record *);
	void *data;
	int n;
};

/* --- the threads: ptrace-threads.c -------------------------------------------------------- */

struct tracee *tracee_find(const struct by_ptrace *, pid_t tid);

/* Begins to trace all threads of a process, those that they start later, too. */
void tracee_seize(struct by_ptrace *, pid_t);

/* A thread that one of the traced has started. */
struct tracee *tracee_begin(struct by_ptrace *, pid_t tid);

/* Waits a short time until it stops, and looks at that. */
void tracee_wait_for_stop(struct by_ptrace *, pid_t tid);

/* The process has no table of descriptors any longer, or one of its own. */
void tracee_leave_table(struct by_ptrace *, struct tracee *);

/* exec(2) was called by the thread that was `former`. */
void tracee_exec(struct by_ptrace *, struct tracee *, pid_t former);

/* It is traced no more. */
void tracee_let_go(const struct tracee *);

void tracee_remove(struct by_ptrace *, pid_t tid);

/* Its command, which it may change by itself. */
void tracee_read_command(struct tracee *);

/* Tells the caller that calls of the process are not seen, once. */
void tracee_is_untraced(struct by_ptrace *, pid_t, int err);

/* --- the descriptions: ptrace-holders.c ----------------------------------------------------- */

uint32_t traced_index(const struct by_ptrace *, const struct description *);

/* Finds the descriptions of the targets, and begins to trace who has them. As trace_open. */
int traced_find(struct by_ptrace *, const struct share_target **fault);

/* The same for who has got them since, by a way that was not seen. */
void traced_look_again(struct by_ptrace *);

/*
 * Offset and flags of the descriptor's description now, and its inode with the size; what they
 * were, where that cannot be seen.
 */
void traced_look(struct by_ptrace *, struct description *, pid_t, int fd);
void traced_look_at_inode(struct description *, pid_t, int fd);

/* The description of a descriptor that has arrived, or NULL. */
struct description *traced_identify(struct by_ptrace *, pid_t, int fd);

/* What a process has inherited, under the same numbers. */
void traced_inherit(struct by_ptrace *, pid_t);

/* Traces who may receive from a socket: before the message is sent, so that its receipt is seen. */
void traced_seize_receivers(struct by_ptrace *, pid_t, int sock);

/* --- the calls: ptrace-calls.c ---------------------------------------------------------------- */

/* The thread has stopped at the beginning or at the end of a call. */
void tracee_call(struct by_ptrace *, struct tracee *);

/* The first thread of a process has ended, and so has the process. */
void tracee_process_ended(struct by_ptrace *, struct tracee *, int status);

/* --- ptrace.c ----------------------------------------------------------------------------------- */

/* The signal that is delivered to a thread that has stopped with this status; 0: none. */
int tracee_signal(int status);

/* What waitpid(2) said of a thread. */
void tracee_status(struct by_ptrace *, pid_t tid, int status);

#endif
