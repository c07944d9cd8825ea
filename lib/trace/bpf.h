/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every system call on certain descriptions, by whichever process: the kernel runs a small program
 * at each call (BPF, tracepoints), which reports those on a target. For root. It changes nothing,
 * holds no descriptor, and keeps no description alive.
 *
 * It does not see io_uring's requests, memory that is mapped, and calls of 32-bit processes.
 */
#ifndef FDTOOL_LIB_TRACE_BPF_H
#define FDTOOL_LIB_TRACE_BPF_H

#include "lib/look/share.h"
#include "lib/trace/record.h"

struct trace;

/*
 * Starts to trace calls of these classes (TRACE_MOVE, …) on the descriptions of the targets; a
 * record names one by its index among them. Returns NULL with errno, and with *why in words: ENOSYS
 * built without BPF, ENOENT no libbpf, ENOMEM more descriptions than TRACE_TARGETS, EPERM no
 * CAP_BPF or CAP_PERFMON, or another errno of bpf(2); EBADF where *fault is a target that no
 * process has.
 */
struct trace *trace_open(const struct share_target *, size_t n, unsigned classes,
	const struct share_target **fault, const char **why);

/* Stops. Does nothing for NULL. Keeps errno. */
void trace_close(struct trace *);

/* How many descriptions are traced. */
size_t trace_size(const struct trace *);

/* A descriptor (borrowed) that can be read, as epoll has it, while there are records. */
int trace_fd(const struct trace *);

/*
 * Calls each for every record that is there, in order of time. Returns the number of records, or
 * -1 with errno.
 */
int trace_read(struct trace *, void (*each)(void *data, const struct trace_record *), void *data);

/*
 * Whether some process has a descriptor of a target now, found by a pass over all of them: 1 or 0, or
 * -1 with errno.
 */
int trace_is_held(struct trace *);

/* How many records were lost until now, because nobody read them in time. */
uint64_t trace_lost(const struct trace *);

#endif
