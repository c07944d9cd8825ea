/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The threads that are traced, and their processes and tables: see ptrace.c. */
#include "lib/base/inode.h"
#include "lib/base/memory.h"
#include "lib/base/proc.h"
#include "lib/base/times.h"
#include "lib/look/kcmp.h"
#include "lib/trace/ptrace-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		  PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC,
};

#define COMMAND_KEPT (100 * NS_PER_MS)
#define STOP_WAIT (100 * NS_PER_MS) /* for a thread that is asked to stop; in state D it does not */

/* --- the threads ------------------------------------------------------------------------ */

struct tracee *tracee_find(const struct by_ptrace *t, pid_t tid)
{
	for (size_t i = 0; i < t->n_tracees; i++)
		if (t->tracees[i]->tid == tid)
			return t->tracees[i];
	return NULL;
}

void tracee_read_command(struct tracee *p)
{
	int64_t now = time_now();

	if (p->command_at && now - p->command_at < COMMAND_KEPT)
		return;
	p->command_at = now;
	proc_command(p->tid, p->command);
}

static struct tracee *add_tracee(struct by_ptrace *t, pid_t tid, pid_t pid)
{
	struct tracee *p = must_calloc(1, sizeof(*p));

	p->tid = tid;
	p->pid = p->table = pid;
	tracee_read_command(p);
	t->tracees = must_grow(t->tracees, t->n_tracees, sizeof(struct tracee *));
	t->tracees[t->n_tracees++] = p;
	return p;
}

/* Removes those for which leaves is true. */
static void remove_tracees(struct by_ptrace *t, bool (*leaves)(const struct tracee *, pid_t),
	pid_t id)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->n_tracees; i++)
		if (leaves(t->tracees[i], id))
			free(t->tracees[i]);
		else
			t->tracees[kept++] = t->tracees[i];
	t->n_tracees = kept;
}

static bool is_thread(const struct tracee *p, pid_t tid)
{
	return p->tid == tid;
}

void tracee_remove(struct by_ptrace *t, pid_t tid)
{
	remove_tracees(t, is_thread, tid);
}

static bool is_other_thread_of(const struct tracee *p, pid_t pid)
{
	return p->pid == pid && p->tid != pid;
}

/* --- beginning to trace ------------------------------------------------------------------- */

struct seizing {
	struct by_ptrace *t;
	pid_t pid;
	size_t n; /* of its threads that were seized now */
	int err;
};

static bool seize_thread(void *data, pid_t tid)
{
	struct seizing *s = data;

	if (tracee_find(s->t, tid))
		return true;
	if (ptrace(PTRACE_SEIZE, tid, NULL, OPTIONS) < 0) {
		s->err = errno;
		return true;
	}
	add_tracee(s->t, tid, s->pid);
	ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
	s->n++;
	return true;
}

/* Whether it stops or ends within a short time; then its status as waitpid(2) has it. */
static bool stops(pid_t tid, int *status)
{
	int64_t deadline = time_after(STOP_WAIT);
	pid_t got;

	while ((got = waitpid(tid, status, __WALL | WNOHANG)) == 0 && time_now() < deadline)
		time_sleep(NS_PER_MS / 20);
	return got > 0;
}

/* Until it has stopped once, a thread goes from call to call unseen. */
void tracee_wait_for_stop(struct by_ptrace *t, pid_t tid)
{
	int status;

	if (stops(tid, &status))
		tracee_status(t, tid, status);
}

/* If it does not stop, the kernel lets it go when this process ends. */
void tracee_let_go(const struct tracee *p)
{
	int status;

	if (ptrace(PTRACE_DETACH, p->tid, NULL, NULL) == 0)
		return;
	ptrace(PTRACE_INTERRUPT, p->tid, NULL, NULL);
	if (stops(p->tid, &status) && WIFSTOPPED(status)) /* a signal on its way is delivered */
		ptrace(PTRACE_DETACH, p->tid, NULL, tracee_signal(status));
}

static bool has_process(const struct by_ptrace *t, pid_t pid)
{
	for (size_t i = 0; i < t->n_tracees; i++)
		if (t->tracees[i]->pid == pid)
			return true;
	return false;
}

static bool was_told(const struct by_ptrace *t, pid_t pid)
{
	for (size_t i = 0; i < t->n_untraced; i++)
		if (t->untraced[i] == pid)
			return true;
	return false;
}

void tracee_is_untraced(struct by_ptrace *t, pid_t pid, int err)
{
	if (was_told(t, pid))
		return;
	t->untraced = must_grow(t->untraced, t->n_untraced, sizeof(*t->untraced));
	t->untraced[t->n_untraced++] = pid;
	t->request.untraced(t->request.data, pid, err);
}

/* All its threads; those that they start meanwhile are traced by themselves. */
void tracee_seize(struct by_ptrace *t, pid_t pid)
{
	struct seizing s = {.t = t, .pid = pid};
	size_t before;

	if (pid == getpid() || has_process(t, pid) || was_told(t, pid))
		return;
	do {
		before = s.n;
		proc_each_thread(pid, seize_thread, &s);
	} while (s.n > before);
	if (s.n == 0 && s.err != ESRCH && s.err != 0) {
		if (!t->refusal)
			t->refusal = s.err;
		tracee_is_untraced(t, pid, s.err);
	}
	for (size_t i = t->n_tracees; i-- > 0;)
		if (i < t->n_tracees && t->tracees[i]->pid == pid)
			tracee_wait_for_stop(t, t->tracees[i]->tid);
}

/* --- tables of descriptors ------------------------------------------------------------- */

/* Whether it is, right after exec(2), which may have closed it. */
static bool is_open(pid_t pid, int fd)
{
	struct statx sx;

	return inode_look_fd(pid, fd, &sx) == 0 || errno != ENOENT;
}

/* Another process with the same table, or NULL. */
static struct tracee *sharer_of(const struct by_ptrace *t, const struct tracee *p)
{
	for (size_t i = 0; i < t->n_tracees; i++)
		if (t->tracees[i]->table == p->table && t->tracees[i]->pid != p->pid)
			return t->tracees[i];
	return NULL;
}

/* What is known of the table is from now on known by another of its processes. */
static void rename_table(struct by_ptrace *t, pid_t from, pid_t to)
{
	for (size_t i = 0; i < t->n_tracees; i++)
		if (t->tracees[i]->table == from)
			t->tracees[i]->table = to;
	for (size_t i = 0; i < t->holders.n; i++)
		if (t->holders.v[i].pid == from)
			t->holders.v[i].pid = to;
}

/* The process has no table any longer, or one of its own. */
void tracee_leave_table(struct by_ptrace *t, struct tracee *p)
{
	const struct tracee *sharer = sharer_of(t, p);

	if (!sharer)
		holders_remove(&t->holders, p->table, 0, INT_MAX);
	else if (p->table == p->pid)
		rename_table(t, p->pid, sharer->pid);
	p->table = p->pid;
}

static void find_table(struct by_ptrace *t, struct tracee *p)
{
	for (size_t i = 0; i < t->n_tracees; i++) {
		const struct tracee *other = t->tracees[i];
		if (other->pid != p->pid && kcmp_tables(p->tid, other->tid) == KCMP_SAME) {
			p->table = other->table;
			return;
		}
	}
	traced_inherit(t, p->pid);
}

struct tracee *tracee_begin(struct by_ptrace *t, pid_t tid)
{
	long process = proc_status(tid, "Tgid");
	pid_t pid = process > 0 ? (pid_t)process : tid;
	const struct tracee *first = tracee_find(t, pid);
	struct tracee *p = add_tracee(t, tid, pid);

	if (pid == tid)
		find_table(t, p);
	else if (first)
		p->table = first->table;
	return p;
}

/*
 * The thread that called exec(2) has the number of the process now, and is the only one. What
 * was close-on-exec is closed.
 */
void tracee_exec(struct by_ptrace *t, struct tracee *p, pid_t former)
{
	const struct tracee *caller = tracee_find(t, former);
	struct holders before = {0};

	if (caller && caller != p) {
		p->rule = caller->rule;
		p->of = caller->of;
		p->r = caller->r;
		p->r.tid = p->tid;
	}
	p->command_at = 0;
	remove_tracees(t, is_other_thread_of, p->pid);
	for (size_t i = 0; i < t->holders.n; i++)
		if (t->holders.v[i].pid == p->table)
			holders_add(&before, p->pid, t->holders.v[i].fd, t->holders.v[i].of);
	tracee_leave_table(t, p);
	for (size_t i = 0; i < before.n; i++)
		if (is_open(p->pid, before.v[i].fd))
			holders_add(&t->holders, p->pid, before.v[i].fd, before.v[i].of);
	holders_free(&before);
}
