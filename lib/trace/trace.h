/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every system call on certain descriptions, by whichever process. It changes nothing, holds no
 * descriptor, and keeps no description alive.
 *
 * There are two ways. By BPF the kernel runs a small program at each call, of all processes: for
 * root. By ptrace(2) the processes that hold the descriptions, those that they start, and those
 * to which they pass them, are stopped at each call, and go on when it was looked at: for the
 * user's own processes. Neither sees memory that is mapped, and by ptrace io_uring's requests
 * are not seen.
 */
#ifndef FDTOOL_LIB_TRACE_TRACE_H
#define FDTOOL_LIB_TRACE_TRACE_H

#include <stdbool.h>

#include "lib/look/share.h"
#include "lib/trace/record.h"

struct trace;

enum trace_by { TRACE_BY_BPF, TRACE_BY_PTRACE };

struct trace_request {
	const struct share_target *targets;
	size_t n_targets;
	unsigned classes; /* TRACE_MOVE, … */
	pid_t program;    /* a child of this process, which is traced whatever it holds; 0: none */
	/*
	 * By ptrace: a process of which some calls are not seen, once for each. err is an errno:
	 * EPERM it may not be traced, ENOEXEC its calls are of an unknown architecture.
	 */
	void (*untraced)(void *data, pid_t pid, int err);
	void *data;
};

/*
 * Starts to trace; a record names its target by the index. Returns NULL with errno, and with *why
 * in words. By BPF: ENOSYS built without it, ENOENT no libbpf, ENOMEM more descriptions than
 * TRACE_TARGETS, EPERM no CAP_BPF or CAP_PERFMON, or another errno of bpf(2). By ptrace: EPERM no
 * holder may be traced. ESRCH, EBADF or EACCES where *fault is a target that
 * no process has, or that may not be looked at.
 *
 * By ptrace: trace_close lets the processes go, and so does the end of this one, however it ends;
 * until then SIGCHLD is blocked, and no other part of this process may wait for children.
 */
struct trace *trace_open(enum trace_by, const struct trace_request *,
	const struct share_target **fault, const char **why);

/* Stops. Does nothing for NULL. Keeps errno. */
void trace_close(struct trace *);

/* How many descriptions are traced. */
size_t trace_size(const struct trace *);

/* Whether requests to io_uring(7) are seen. */
bool trace_sees_requests(const struct trace *);

/* A descriptor (borrowed) that can be read, as epoll has it, while there are records. */
int trace_fd(const struct trace *);

/*
 * Calls each for every record that is there, in order of time. Returns the number of records, or
 * -1 with errno.
 */
int trace_read(struct trace *, void (*each)(void *data, const struct trace_record *), void *data);

/*
 * Whether some process has a descriptor of a target now, found by a pass over all of them: 1 or 0, or
 * -1 with errno. By ptrace, who has got one unseen is traced from then on.
 */
int trace_is_held(struct trace *);

/* How many records were lost until now, because nobody read them in time. */
uint64_t trace_lost(const struct trace *);

/* Whether request.program has ended; then its status as wait(2) has it, once. */
bool trace_program_ended(struct trace *, int *status);

#endif
