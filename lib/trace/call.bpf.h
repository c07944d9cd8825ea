/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For BPF programs at the beginning and at the end of system calls: the registers, the table of
 * descriptors, and what the memory of a process has.
 */
#ifndef FDTOOL_LIB_TRACE_CALL_BPF_H
#define FDTOOL_LIB_TRACE_CALL_BPF_H

#include <stdbool.h>

#include "lib/look/kernel.bpf.h"
#include "lib/trace/record.h"

enum {
	TS_COMPAT = 2,
	TIF_32BIT = 22,
};

/* Both layouts are uapi; which of them this kernel has, the loader finds. */
struct pt_regs___x86 {
	unsigned long di, si, dx, r10, r8, r9, orig_ax;
} KERNEL;

struct pt_regs___arm64 {
	uint64_t regs[31];
	uint64_t orig_x0;
	int syscallno;
} KERNEL;

/* --- the registers ---------------------------------------------------------------- */

static inline bool is_compat(struct task_struct *task)
{
	struct thread_info___x86 *x86 = (void *)&task->thread_info;

	if (bpf_core_field_exists(x86->status))
		return x86->status & TS_COMPAT;
	return task->thread_info.flags >> TIF_32BIT & 1;
}

static inline void read_args(void *regs, uint64_t args[TRACE_ARGS])
{
	struct pt_regs___x86 *x86 = regs;
	struct pt_regs___arm64 *arm = regs;

	if (bpf_core_field_exists(x86->di)) {
		args[0] = x86->di;
		args[1] = x86->si;
		args[2] = x86->dx;
		args[3] = x86->r10;
		args[4] = x86->r8;
		args[5] = x86->r9;
	} else {
		args[0] = arm->orig_x0;
		args[1] = arm->regs[1];
		args[2] = arm->regs[2];
		args[3] = arm->regs[3];
		args[4] = arm->regs[4];
		args[5] = arm->regs[5];
	}
}

static inline uint32_t number_of(void *regs)
{
	struct pt_regs___x86 *x86 = regs;
	struct pt_regs___arm64 *arm = regs;

	return bpf_core_field_exists(x86->di) ? (uint32_t)x86->orig_ax : (uint32_t)arm->syscallno;
}

static inline struct file *file_of(struct task_struct *task, uint32_t fd)
{
	struct fdtable *table = task->files->fdt;
	struct file *file = NULL;

	if (fd < table->max_fds)
		bpf_probe_read_kernel(&file, sizeof(file), table->fd + fd);
	return file;
}

/* --- struct msghdr, and struct cmsghdr ------------------------------------------------- */

struct user_message {
	uint64_t name;
	uint32_t name_length, pad;
	uint64_t vector, vectors, control, control_length;
	int32_t flags;
};

struct user_control {
	uint64_t length;
	int32_t level, type;
};

enum { SOL_SOCKET = 1, SCM_RIGHTS = 1 };

enum {
	MESSAGE_SIZE = 64,    /* struct mmsghdr */
	MESSAGES_MAX = 1024,  /* UIO_MAXIOV */
	MESSAGE_STEPS = 8192,
};

/* A walk over the descriptors of messages, a step at a time. */
struct message_walk {
	uint64_t message;      /* the next struct msghdr */
	uint64_t control, end; /* what is left of the control data of this one */
	uint64_t fds;          /* what is left of this control message */
	uint32_t messages, n_fds;
};

/*
 * Before Linux 6.7 the verifier looks at the callback of bpf_loop only once, with what the stack has
 * before it, and removes the code that this does not reach. So it must not know these zeros, nor the
 * number of messages.
 */
static __always_inline void message_walk_start(struct message_walk *w, uint64_t message,
	uint32_t messages)
{
	bpf_probe_read_kernel(w, sizeof(*w), NULL); /* fails, and writes zeros */
	w->message = message;
	w->messages += messages;
}

static __always_inline bool next_descriptor(struct message_walk *w, int *fd)
{
	w->n_fds--;
	w->fds += sizeof(*fd);
	return !bpf_probe_read_user(fd, sizeof(*fd), (void *)(w->fds - sizeof(*fd)));
}

static __always_inline void next_control(struct message_walk *w)
{
	struct user_control c;

	if (bpf_probe_read_user(&c, sizeof(c), (void *)w->control) || c.length < sizeof(c) ||
		c.length > w->end - w->control) {
		w->control = w->end;
		return;
	}
	if (c.level == SOL_SOCKET && c.type == SCM_RIGHTS) {
		w->fds = w->control + sizeof(c);
		w->n_fds = (uint32_t)((c.length - sizeof(c)) / sizeof(int));
	}
	w->control += (c.length + 7) & ~7ULL;
}

static __always_inline void next_message(struct message_walk *w)
{
	struct user_message m;

	w->messages--;
	if (!bpf_probe_read_user(&m, sizeof(m), (void *)w->message) && m.control) {
		w->control = m.control;
		w->end = m.control + m.control_length;
	}
	w->message += MESSAGE_SIZE;
}

/* One step. Returns 1 with a descriptor in *fd, 0 without, -1 after the last one. */
static __always_inline int message_step(struct message_walk *w, int *fd)
{
	if (w->n_fds)
		return next_descriptor(w, fd);
	if (w->control + sizeof(struct user_control) <= w->end)
		next_control(w);
	else if (w->messages)
		next_message(w);
	else
		return -1;
	return 0;
}

#endif
