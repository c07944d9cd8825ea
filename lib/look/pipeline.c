/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the pipeline that this process runs in: see pipeline.h. */
#include "lib/look/pipeline.h"
#include "lib/base/inode.h"
#include "lib/base/memory.h"
#include "lib/look/scan.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe, and in which direction it leads away from this process. */
struct pipe_of {
	dev_t dev;
	ino_t ino;
	bool forward; /* this process's output is written to it, on a way of any length */
};

struct pipeline {
	pid_t family[64], sessions[64]; /* this process and its ancestors */
	size_t n_family;
	struct pipe_of *pipes;
	size_t n_pipes;
};

/* --- the ancestors -------------------------------------------------------------------------- */

static void find_family(struct pipeline *p)
{
	struct scan_task task;

	for (pid_t pid = getpid(); pid > 1 && p->n_family < ARRAY_SIZE(p->family); pid = task.parent) {
		if (scan_task(pid, pid, &task) < 0)
			return;
		p->family[p->n_family] = pid;
		p->sessions[p->n_family++] = task.session;
	}
}

static bool has(const pid_t *v, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == pid)
			return true;
	return false;
}

static bool may_belong(const struct pipeline *p, const struct share_table *t)
{
	return t->own == SHARE_NOT_OWN && has(p->sessions, p->n_family, t->session) &&
	       !has(p->family, p->n_family, t->pid);
}

/* --- pipes ---------------------------------------------------------------------------------- */

/* Whether standard descriptor fd of the task is a pipe. */
static bool find_pipe(pid_t pid, pid_t tid, int fd, struct pipe_of *to)
{
	char name[16], path[64];
	struct statx sx;

	snprintf(name, sizeof(name), "fd/%d", fd);
	if (inode_look(AT_FDCWD, scan_path(pid, tid, name, path, sizeof(path)),
		    STATX_TYPE | STATX_INO, &sx) < 0 ||
		!S_ISFIFO(sx.stx_mode))
		return false;
	*to = (struct pipe_of){inode_dev(&sx), sx.stx_ino, fd != STDIN_FILENO};
	return true;
}

static bool is_known(const struct pipeline *p, const struct pipe_of *one, bool forward)
{
	for (size_t i = 0; i < p->n_pipes; i++)
		if (p->pipes[i].dev == one->dev && p->pipes[i].ino == one->ino &&
			p->pipes[i].forward == forward)
			return true;
	return false;
}

/* Adds the pipes that a task has on the side that leads on. */
static void add_pipes(struct pipeline *p, pid_t pid, pid_t tid, bool forward)
{
	struct pipe_of one;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (!find_pipe(pid, tid, fd, &one) || one.forward != forward || is_known(p, &one, forward))
			continue;
		p->pipes = must_grow(p->pipes, p->n_pipes, sizeof(*p->pipes));
		p->pipes[p->n_pipes++] = one;
	}
}

/* Whether the task is at the far end of a pipe of the pipeline, which then leads on from there. */
static bool is_joined(struct pipeline *p, const struct share_table *t)
{
	struct pipe_of one;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (find_pipe(t->pid, t->tid, fd, &one) && is_known(p, &one, !one.forward)) {
			add_pipes(p, t->pid, t->tid, !one.forward);
			return true;
		}
	return false;
}

static bool mark_next(struct pipeline *p, struct share *s)
{
	bool any = false;

	for (size_t i = 0; i < s->n_tables; i++)
		if (may_belong(p, &s->tables[i]) && is_joined(p, &s->tables[i])) {
			s->tables[i].own = SHARE_PIPELINE;
			any = true;
		}
	return any;
}

void share_mark_own(struct share *s)
{
	struct pipeline p = {0};

	for (size_t i = 0; i < s->n_tables; i++)
		if (s->tables[i].pid == getpid())
			s->tables[i].own = SHARE_ITSELF;
	add_pipes(&p, getpid(), getpid(), true);
	add_pipes(&p, getpid(), getpid(), false);
	if (p.n_pipes)
		find_family(&p);
	while (p.n_pipes && mark_next(&p, s))
		;
	free(p.pipes);
}

const char *share_own_word(const struct share_table *t)
{
	static const char *const words[] = {
		[SHARE_NOT_OWN] = NULL, [SHARE_ITSELF] = "itself", [SHARE_PIPELINE] = "this pipe"};

	return words[t->own];
}
