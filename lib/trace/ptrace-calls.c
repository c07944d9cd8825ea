/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls of threads that are traced: see ptrace.c. */
#include "lib/base/memory.h"
#include "lib/base/times.h"
#include "lib/trace/calls.h"
#include "lib/trace/layout.h"
#include "lib/trace/peek.h"
#include "lib/trace/ptrace-internal.h"

#include <errno.h>
#include <limits.h>
#include <linux/audit.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum {
	CLOEXEC_RANGE = 4, /* CLOSE_RANGE_CLOEXEC */
};

/* How AUDIT_ARCH_... names what calls are made by. */
static const struct {
	uint32_t arch;
	enum trace_abi abi;
} abis[] = {
#if defined(__x86_64__)
	{AUDIT_ARCH_X86_64, ABI_NATIVE}, {AUDIT_ARCH_I386, ABI_COMPAT},
#elif defined(__aarch64__)
	{AUDIT_ARCH_AARCH64, ABI_NATIVE}, {AUDIT_ARCH_ARM, ABI_COMPAT},
#elif defined(__i386__)
	{AUDIT_ARCH_I386, ABI_COMPAT},
#elif defined(__arm__)
	{AUDIT_ARCH_ARM, ABI_COMPAT},
#elif defined(__riscv)
	{AUDIT_ARCH_RISCV64, ABI_NATIVE},
#else
	{0, ABI_NATIVE}, /* any */
#endif
};

/* --- a record --------------------------------------------------------------------------------- */

static void choose(struct by_ptrace *t, struct tracee *p, const struct holder *h)
{
	p->of = &t->of[h->of];
	p->r.fd = h->fd;
}

/* A call that reads does not change the size. */
static bool reads(const struct tracee *p)
{
	return p->rule && p->rule->late && (p->rule->memory == MEMORY_BYTES || p->rule->memory == MEMORY_VECTOR);
}

static void set_before(struct by_ptrace *t, struct tracee *p)
{
	traced_look(t, p->of, p->pid, p->r.fd);
	if (!reads(p))
		traced_look_at_inode(p->of, p->pid, p->r.fd);
	p->r.pos_before = p->of->pos;
	p->r.size_before = p->of->size;
	p->r.flags_before = p->of->flags;
}

static void set_after(struct by_ptrace *t, struct tracee *p)
{
	const struct holder *own = holders_find(&t->holders, p->table, p->r.fd);
	const struct holder *h;

	p->r.kept = own && own->of == traced_index(t, p->of);
	h = p->r.kept ? own : holders_any(&t->holders, traced_index(t, p->of));
	if (h) {
		traced_look(t, p->of, h->pid, h->fd);
		traced_look_at_inode(p->of, h->pid, h->fd);
	}
	if (reads(p))
		p->r.size_before = p->of->size;
	p->r.pos_after = p->of->pos;
	p->r.size_after = p->of->size;
	p->r.flags_after = p->of->flags;
}

static void report_record(struct by_ptrace *t, struct tracee *p)
{
	struct trace_record *r = &p->r;

	r->ns = (uint64_t)time_now();
	r->identity = traced_index(t, p->of);
	r->target = p->of->target;
	r->holders = (int32_t)(holders_count(&t->holders, traced_index(t, p->of)) + p->of->in_flight);
	r->wanted = (uint8_t)(r->call == TRACE_ENDED
				      ? (t->request.classes & TRACE_LIFE) != 0
				      : trace_is_wanted(p->rule, r, t->request.classes));
	if ((!r->wanted && r->holders > 0) || !t->each)
		return;
	if (r->call != TRACE_ENDED)
		tracee_read_command(p);
	memcpy(r->command, p->command, sizeof(r->command));
	t->each(t->data, r);
	t->n++;
}

/* --- messages ------------------------------------------------------------------------------------ */

/* The descriptors of messages: the first ones are shown, and the first that is a target is chosen. */
static void take_message(struct by_ptrace *t, struct tracee *p, const int *fds, size_t n)
{
	struct trace_record *r = &p->r;

	r->n_fds = (uint8_t)(n < UINT8_MAX ? n : UINT8_MAX);
	memcpy(r->data, fds, (n < TRACE_FDS ? n : TRACE_FDS) * sizeof(*fds));
	for (size_t i = 0; i < n && !r->passed; i++) {
		const struct holder *h = holders_find(&t->holders, p->table, fds[i]);
		if (!h)
			continue;
		choose(t, p, h);
		r->passed = 1;
	}
}

/* Of one message, or of several. */
static size_t peek_messages(const struct tracee *p, uint64_t messages, int fds[MESSAGE_FDS])
{
	uint64_t at = p->r.args[p->rule->pointer];
	size_t n = 0;

	for (uint64_t i = 0; i < (p->rule->many ? messages : 1) && i < UIO_MAXIOV; i++)
		n += peek_message(p->tid, p->abi, at + i * layout_message_step(p->abi), fds + n, MESSAGE_FDS - n);
	return n;
}

static void begin_message(struct by_ptrace *t, struct tracee *p)
{
	p->n_sent = peek_messages(p, p->r.args[p->rule->pointer + 1], p->sent);
	take_message(t, p, p->sent, p->n_sent);
	if (p->r.passed)
		traced_seize_receivers(t, p->pid, (int)p->r.args[0]);
}

static void end_message(struct by_ptrace *t, const struct tracee *p)
{
	for (size_t i = 0; i < p->n_sent; i++) {
		const struct holder *h = holders_find(&t->holders, p->table, p->sent[i]);
		if (h)
			t->of[h->of].in_flight++;
	}
}

/* What arrives was sent: the end of that call may not have been seen yet. */
static void finish_senders(struct by_ptrace *t)
{
	for (size_t i = t->n_tracees; i-- > 0;)
		if (i < t->n_tracees && t->tracees[i]->rule && t->tracees[i]->r.passed &&
			!t->tracees[i]->rule->late)
			tracee_wait_for_stop(t, t->tracees[i]->tid);
}

static void receive_message(struct by_ptrace *t, struct tracee *p)
{
	int fds[MESSAGE_FDS];
	size_t n = peek_messages(p, (uint64_t)p->r.result, fds);

	if (n > 0)
		finish_senders(t);
	for (size_t i = 0; i < n; i++) {
		struct description *of = traced_identify(t, p->pid, fds[i]);
		if (!of)
			continue;
		holders_add(&t->holders, p->table, fds[i], traced_index(t, of));
		of->in_flight -= of->in_flight > 0;
	}
	take_message(t, p, fds, n);
}

/* --- a call ------------------------------------------------------------------------------------- */

/* Of close_range(2), whose last number may be ~0U. */
static int last_of(const struct trace_record *r)
{
	return r->args[1] > INT_MAX ? INT_MAX : (int)r->args[1];
}

static void find_target(struct by_ptrace *t, struct tracee *p)
{
	const struct trace_record *r = &p->r;
	const struct holder *h = NULL;

	if (p->rule->table == TABLE_RANGE)
		h = holders_lowest(&t->holders, p->table, (int)r->args[0], last_of(r));
	else if (p->rule->table)
		h = holders_lowest(&t->holders, p->table, 0, INT_MAX);
	for (int i = 0; i < TRACE_ARGS && !h; i++)
		if (p->rule->fds >> i & 1)
			h = holders_find(&t->holders, p->table, (int)r->args[i]);
	if (h)
		choose(t, p, h);
}

/* What is written before the call has its length in the next argument. */
static uint64_t length_before(const struct tracee *p)
{
	return p->rule->memory == MEMORY_BYTES ? p->r.args[p->rule->pointer + 1] : UINT32_MAX;
}

/* The rule of the call that is meant where the arguments are in memory, and these; NULL: none. */
static const struct trace_rule *unbox(const struct tracee *p, const struct trace_rule *rule, uint64_t *args)
{
	uint64_t at = args[0];

	if (rule->boxed == BOXED_CALL) {
		at = args[1];
		rule = trace_rule_find(trace_key(ABI_SOCKETCALL, (uint32_t)args[0]));
	}
	return rule && peek_args(p->tid, at, args, rule->n_args) == 0 ? rule : NULL;
}

static void call_begins(struct by_ptrace *t, struct tracee *p, uint64_t number, const uint64_t *args)
{
	const struct trace_rule *rule = trace_rule_find(trace_key(p->abi, (uint32_t)number));

	p->r = (struct trace_record){.pid = p->pid, .tid = p->tid, .abi = (uint8_t)p->abi};
	memcpy(p->r.args, args, sizeof(p->r.args));
	if (rule && rule->boxed)
		rule = unbox(p, rule, p->r.args);
	p->rule = rule;
	if (!rule)
		return;
	p->r.call = rule->call;
	p->of = NULL;
	p->n_sent = 0;
	find_target(t, p);
	if (p->rule->memory == MEMORY_MESSAGE && !p->rule->late)
		begin_message(t, p);
	if (!p->of)
		return;
	if (!p->rule->late)
		peek_memory(&p->r, p->rule, length_before(p));
	set_before(t, p);
}

/* The descriptors that a call has closed. */
static void note_closed(struct by_ptrace *t, const struct tracee *p)
{
	const struct trace_record *r = &p->r;
	int first = (int)r->args[0];

	if (r->call == CALL_close && r->result != -EBADF) /* after another error it is closed, too */
		holders_remove(&t->holders, p->table, first, first);
	else if (r->call == CALL_close_range && r->result == 0 && !(r->args[2] & CLOEXEC_RANGE))
		holders_remove(&t->holders, p->table, first, last_of(r));
}

/* The descriptor that a call has made of another one. */
static void note_duplicate(struct by_ptrace *t, const struct tracee *p)
{
	const struct trace_record *r = &p->r;
	bool makes = p->rule->gives || (p->rule->memory == MEMORY_FCNTL &&
					       trace_class_of_fcntl((unsigned)r->args[1]) == TRACE_LIFE);
	const struct holder *from;

	if (!makes || r->result < 0 || r->call == CALL_pidfd_getfd)
		return;
	from = holders_find(&t->holders, p->table, (int)r->args[0]);
	if (from)
		holders_add(&t->holders, p->table, (int)r->result, from->of);
	else
		holders_remove(&t->holders, p->table, (int)r->result, (int)r->result);
}

/* A call that brings a descriptor: what it refers to is not known before. */
static void note_arrival(struct by_ptrace *t, struct tracee *p)
{
	if (p->r.call == CALL_pidfd_getfd) {
		struct description *of = traced_identify(t, p->pid, (int)p->r.result);
		if (of)
			holders_add(&t->holders, p->table, (int)p->r.result, traced_index(t, of));
		p->of = of;
		p->r.fd = (int)p->r.result;
	} else if (p->rule->memory == MEMORY_MESSAGE && p->rule->late) {
		receive_message(t, p);
	}
	if (p->of)
		set_before(t, p);
}

static void note_result(struct by_ptrace *t, struct tracee *p)
{
	struct trace_record *r = &p->r;

	note_closed(t, p);
	note_duplicate(t, p);
	if (r->result < 0)
		return;
	end_message(t, p);
	if (p->rule->memory == MEMORY_MESSAGE && p->rule->late)
		receive_message(t, p);
	else if (p->rule->late)
		peek_memory(r, p->rule, (uint64_t)r->result);
}

static void call_ends(struct by_ptrace *t, struct tracee *p, int64_t result)
{
	if (!p->rule)
		return;
	p->r.result = trace_result(p->abi, result);
	if (p->of)
		note_result(t, p);
	else if (result >= 0)
		note_arrival(t, p);
	if (p->of) {
		set_after(t, p);
		report_record(t, p);
	}
	p->rule = NULL;
}

/* Returns false for conventions that are not known. */
static bool set_abi(struct tracee *p, const struct __ptrace_syscall_info *info)
{
	for (size_t i = 0; i < ARRAY_SIZE(abis); i++) {
		if (abis[i].arch && abis[i].arch != info->arch)
			continue;
		p->abi = abis[i].abi == ABI_NATIVE && info->entry.nr & X32_BIT ? ABI_X32 : abis[i].abi;
		return true;
	}
	return false;
}

void tracee_call(struct by_ptrace *t, struct tracee *p)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, p->tid, sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
		call_ends(t, p, info.exit.rval);
	} else if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		p->rule = NULL;
		if (set_abi(p, &info))
			call_begins(t, p, info.entry.nr, info.entry.args);
		else
			tracee_is_untraced(t, p->pid, ENOEXEC);
	}
}

void tracee_process_ended(struct by_ptrace *t, struct tracee *p, int status)
{
	const struct holder *h = holders_lowest(&t->holders, p->table, 0, INT_MAX);

	if (!h)
		return;
	p->r = (struct trace_record){
		.call = TRACE_ENDED, .result = status, .pid = p->pid, .tid = p->tid};
	p->rule = NULL;
	choose(t, p, h);
	tracee_leave_table(t, p);
	set_after(t, p);
	p->r.pos_before = p->r.pos_after; /* what moved since the last look, others moved */
	p->r.size_before = p->r.size_after;
	p->r.flags_before = p->r.flags_after;
	report_record(t, p);
}
