/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For BPF programs at the beginning and at the end of system calls: the registers, the table of
 * descriptors, and what the memory of a process has.
 */
#ifndef FDTOOL_LIB_TRACE_CALL_BPF_H
#define FDTOOL_LIB_TRACE_CALL_BPF_H

#include <stdbool.h>

#include "lib/look/kernel.bpf.h"
#include "lib/trace/layout.h"

enum {
	TS_COMPAT = 2,
	TIF_32BIT = 22,
};

/* Both layouts are uapi; which of them this kernel has, the loader finds. */
struct pt_regs___x86 {
	unsigned long di, si, dx, r10, r8, r9, orig_ax;
	unsigned long bx, cx, bp;
} KERNEL;

struct pt_regs___arm64 {
	uint64_t regs[31];
	uint64_t orig_x0;
	int syscallno;
} KERNEL;

struct {
	int (*type)[2]; /* BPF_MAP_TYPE_ARRAY */
	int (*max_entries)[TRACE_KEYS];
	uint32_t *key; /* of the call */
	struct trace_rule *value;
} rules SEC(".maps");

/* --- the registers ---------------------------------------------------------------- */

static inline bool is_compat(struct task_struct *task)
{
	struct thread_info___x86 *x86 = (void *)&task->thread_info;

	if (bpf_core_field_exists(x86->status))
		return x86->status & TS_COMPAT;
	return task->thread_info.flags >> TIF_32BIT & 1;
}

/* Only x86-64 has numbers with that bit. */
static inline enum trace_abi abi_of(struct task_struct *task, uint32_t number)
{
	return is_compat(task) ? ABI_COMPAT : number & X32_BIT ? ABI_X32 : ABI_NATIVE;
}

static inline void read_compat_args(struct pt_regs___x86 *x86, uint64_t args[TRACE_ARGS])
{
	args[0] = (uint32_t)x86->bx;
	args[1] = (uint32_t)x86->cx;
	args[2] = (uint32_t)x86->dx;
	args[3] = (uint32_t)x86->si;
	args[4] = (uint32_t)x86->di;
	args[5] = (uint32_t)x86->bp;
}

static inline void read_args(void *regs, enum trace_abi abi, uint64_t args[TRACE_ARGS])
{
	struct pt_regs___x86 *x86 = regs;
	struct pt_regs___arm64 *arm = regs;

	if (bpf_core_field_exists(x86->di)) {
		if (abi == ABI_COMPAT) {
			read_compat_args(x86, args);
			return;
		}
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

/* --- which call it is ----------------------------------------------------------------- */

static inline const struct trace_rule *rule_of(uint32_t key)
{
	const struct trace_rule *rule = bpf_map_lookup_elem(&rules, &key);

	return rule && (rule->fds | rule->table | rule->boxed) ? rule : NULL;
}

/* The arguments in memory, and the key of the call that they are for; TRACE_KEYS: none. */
static inline uint32_t unbox(const struct trace_rule *rule, uint32_t key, uint64_t args[TRACE_ARGS])
{
	uint64_t at = args[0];
	uint32_t words[TRACE_ARGS] = {0}, n;

	if (rule->boxed == BOXED_CALL) {
		key = trace_key(ABI_SOCKETCALL, (uint32_t)args[0]);
		at = args[1];
		rule = rule_of(key);
		if (!rule)
			return TRACE_KEYS;
	}
	n = rule->n_args * sizeof(*words);
	if (n > sizeof(words) || bpf_probe_read_user(words, n, (void *)at))
		return TRACE_KEYS;
	for (int i = 0; i < TRACE_ARGS; i++)
		args[i] = words[i];
	return key;
}

/*
 * Reads the arguments of a call that has this rule and key. Returns the rule of the call that is
 * meant, whose key *key becomes, or NULL.
 */
static inline const struct trace_rule *read_call(void *regs, const struct trace_rule *rule, uint32_t *key,
	uint64_t args[TRACE_ARGS])
{
	read_args(regs, *key / TRACE_NUMBERS, args);
	if (!rule->boxed)
		return rule;
	*key = unbox(rule, *key, args);
	return rule_of(*key);
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

enum { SOL_SOCKET = 1, SCM_RIGHTS = 1 };

enum {
	MESSAGES_MAX = 1024,  /* UIO_MAXIOV */
	MESSAGE_STEPS = 8192,
};

/* A walk over the descriptors of messages, a step at a time. */
struct message_walk {
	uint64_t message;      /* the next struct msghdr */
	uint64_t control, end; /* what is left of the control data of this one */
	uint64_t fds;          /* what is left of this control message */
	uint32_t messages, n_fds;
	uint32_t abi;
};

/*
 * Before Linux 6.7 the verifier looks at the callback of bpf_loop only once, with what the stack has
 * before it, and removes the code that this does not reach. So it must not know these zeros, nor the
 * number of messages.
 */
static __always_inline void message_walk_start(struct message_walk *w, uint32_t abi, uint64_t message,
	uint32_t messages)
{
	bpf_probe_read_kernel(w, sizeof(*w), NULL); /* fails, and writes zeros */
	w->message = message;
	w->messages += messages;
	w->abi += abi;
}

static __always_inline bool next_descriptor(struct message_walk *w, int *fd)
{
	w->n_fds--;
	w->fds += sizeof(*fd);
	return !bpf_probe_read_user(fd, sizeof(*fd), (void *)(w->fds - sizeof(*fd)));
}

static __always_inline bool read_control(const struct message_walk *w, struct user_control *c)
{
	struct user_control_32 small;

	if (!layout_is_32(w->abi))
		return !bpf_probe_read_user(c, sizeof(*c), (void *)w->control);
	if (bpf_probe_read_user(&small, sizeof(small), (void *)w->control))
		return false;
	*c = (struct user_control){small.length, small.level, small.type};
	return true;
}

static __always_inline void next_control(struct message_walk *w)
{
	struct user_control c = {0};
	uint32_t header = layout_control_size(w->abi);

	if (!read_control(w, &c) || c.length < header || c.length > w->end - w->control) {
		w->control = w->end;
		return;
	}
	if (c.level == SOL_SOCKET && c.type == SCM_RIGHTS) {
		w->fds = w->control + header;
		w->n_fds = (uint32_t)((c.length - header) / sizeof(int));
	}
	w->control += layout_control_step(w->abi, c.length);
}

static __always_inline void set_control(struct message_walk *w, uint64_t control, uint64_t length)
{
	if (!control)
		return;
	w->control = control;
	w->end = control + length;
}

static __always_inline void next_message(struct message_walk *w)
{
	struct user_message m;
	struct user_message_32 small;

	w->messages--;
	if (!layout_is_32(w->abi)) {
		if (!bpf_probe_read_user(&m, sizeof(m), (void *)w->message))
			set_control(w, m.control, m.control_length);
	} else if (!bpf_probe_read_user(&small, sizeof(small), (void *)w->message)) {
		set_control(w, small.control, small.control_length);
	}
	w->message += layout_message_step(w->abi);
}

/* One step. Returns 1 with a descriptor in *fd, 0 without, -1 after the last one. */
static __always_inline int message_step(struct message_walk *w, int *fd)
{
	if (w->n_fds)
		return next_descriptor(w, fd);
	if (w->control + layout_control_size(w->abi) <= w->end)
		next_control(w);
	else if (w->messages)
		next_message(w);
	else
		return -1;
	return 0;
}

#endif
