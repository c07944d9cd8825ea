/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For BPF programs at the beginning and at the end of system calls: the registers, the table of
 * descriptors, and what the memory of a process has.
 */
#ifndef FDTOOL_LIB_TRACE_CALL_BPF_H
#define FDTOOL_LIB_TRACE_CALL_BPF_H

#include <stdbool.h>

#include "lib/look/kernel.bpf.h"

enum {
	TS_COMPAT = 2,
	TIF_32BIT = 22,
	CALL_ARGS = 6,
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

static inline void read_args(void *regs, uint64_t args[CALL_ARGS])
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

#endif
