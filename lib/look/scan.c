/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks the processes, their threads and descriptors: see scan.h. */
#include "lib/look/scan.h"
#include "lib/base/dir.h"
#include "lib/base/inode.h"
#include "lib/base/memory.h"
#include "lib/base/proc.h"
#include "lib/look/kcmp.h"

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel's PF_KTHREAD and PF_EXITING, in the flags of stat. */
enum { KERNEL_THREAD = 0x00200000, EXITING = 0x4 };

char *scan_path(pid_t pid, pid_t tid, const char *name, char *out, size_t size)
{
	if (tid == pid)
		snprintf(out, size, "/proc/%d/%s", pid, name);
	else
		snprintf(out, size, "/proc/%d/task/%d/%s", pid, tid, name);
	return out;
}

/* proc fails with ENOENT for a missing process, and with EACCES for one that is ending. */
static int task_error(pid_t pid)
{
	if (errno == ENOENT)
		return proc_missing(pid);
	int saved = errno;
	if (kill(pid, 0) < 0 && errno == ESRCH)
		saved = ESRCH;
	errno = saved == EPERM ? EACCES : saved;
	return -1;
}

/* --- a task ------------------------------------------------------------------ */

/* "1234 (a ) name) S 1 1234 1234 34816 1234 4194560 …" */
int scan_parse_stat(char *text, struct scan_task *t)
{
	char *open = strchr(text, '('), *close = strrchr(text, ')');
	unsigned int flags;

	if (!open || !close || close < open)
		return -1;
	*close = '\0';
	strlcpy(t->command, open + 1, sizeof(t->command));
	if (sscanf(close + 1, " %c %d %d %d %d %d %u", &t->state, &t->parent, &t->group, &t->session,
		    &t->tty, &t->foreground, &flags) != 7)
		return -1;
	t->kernel = (flags & KERNEL_THREAD) != 0;
	t->exiting = (flags & EXITING) != 0;
	return 0;
}

int scan_task(pid_t pid, pid_t tid, struct scan_task *t)
{
	char path[64], text[1024];

	ssize_t n = proc_read(scan_path(pid, tid, "stat", path, sizeof(path)), text, sizeof(text));
	if (n < 0)
		return task_error(pid);
	if (n > 0 && scan_parse_stat(text, t) == 0)
		return 0;
	errno = ESRCH;
	return -1;
}

/* --- the descriptors ------------------------------------------------------------ */

struct scan_fd *scan_add(struct scan *s)
{
	s->fds = must_grow(s->fds, s->n_fds, sizeof(*s->fds));
	return &s->fds[s->n_fds++];
}

/* Where statx is refused (another user's FUSE), the inode stays unknown. */
int scan_inode(int dir, const char *link, struct scan_fd *f)
{
	struct statx sx;
	char byte;

	if (inode_look(dir, link, STATX_TYPE | STATX_MODE | STATX_INO, &sx) < 0)
		return readlinkat(dir, link, &byte, 1) < 0 ? -1 : 0;
	f->dev = (uint32_t)inode_dev(&sx);
	f->rdev = (uint32_t)inode_rdev(&sx);
	f->ino = sx.stx_ino;
	f->perm = sx.stx_mode;
	return 0;
}

static int add_descriptor(struct scan *s, uint32_t table, int dir, const char *link, int fd,
	const struct scan_only *only)
{
	struct scan_fd f = {.table = table, .fd = fd, .certain = true};

	if (scan_inode(dir, link, &f) < 0)
		return errno == EACCES ? -1 : 0;
	if (!only || only->keep(only->data, &f))
		*scan_add(s) = f;
	return 0;
}

uint32_t scan_add_table(struct scan *s, pid_t pid, pid_t tid)
{
	uint32_t n = (uint32_t)s->n_tables++;

	s->tables = must_grow(s->tables, n, sizeof(*s->tables));
	s->tables[n] = (struct scan_table){.pid = pid, .tid = tid, .same_as = n};
	return n;
}

void scan_same_table(struct scan *s, uint32_t first, uint32_t table)
{
	if (first == table)
		return;
	s->tables[table].same_as = first;
	s->tables[table].next = s->tables[first].next;
	s->tables[first].next = table;
}

static int add_table(struct scan *s, pid_t pid, pid_t tid, const struct scan_only *only)
{
	char path[64];
	size_t before = s->n_fds;
	const char *link;
	int fd, done = 0;
	DIR *dir = opendir(scan_path(pid, tid, "fd", path, sizeof(path)));

	if (!dir)
		return task_error(pid);
	uint32_t table = scan_add_table(s, pid, tid);
	while (done == 0 && (link = dir_next_number(dir, &fd)))
		done = add_descriptor(s, table, dirfd(dir), link, fd, only);
	int err = done < 0 ? EACCES : errno;
	closedir(dir);
	if (err == 0)
		return 0;
	s->n_tables--;
	s->n_fds = before;
	errno = err;
	return task_error(pid);
}

/* The link count of /proc/PID/task is the number of threads plus 2. */
static bool has_threads(pid_t pid)
{
	char path[64];
	struct stat st;

	return stat(scan_path(pid, pid, "task", path, sizeof(path)), &st) == 0 && st.st_nlink > 3;
}

struct scan_walk {
	struct scan *scan;
	const struct scan_only *only;
	pid_t pid;     /* of threads: their process */
	size_t before; /* of processes: the tables that were in the scan before */
	int error;     /* of threads: why one of them is a gap; 0: none is */
};

static void add_gap(struct scan *s, pid_t pid, int error)
{
	s->gaps = must_grow(s->gaps, s->unseen, sizeof(*s->gaps));
	s->gaps[s->unseen++] = (struct scan_gap){pid, error};
}

static bool add_thread(void *data, pid_t tid)
{
	struct scan_walk *w = data;
	enum kcmp_order order = tid == w->pid ? KCMP_SAME : kcmp_tables(w->pid, tid);
	bool failed = order == KCMP_ERROR;

	if (order > KCMP_SAME)
		failed = add_table(w->scan, w->pid, tid, w->only) < 0;
	if (failed && errno != ESRCH)
		w->error = errno;
	return true;
}

/* A thread may have a table of its own since unshare(2) with CLONE_FILES. */
static void add_threads(struct scan *s, pid_t pid, const struct scan_only *only)
{
	struct scan_walk w = {.scan = s, .only = only, .pid = pid};

	proc_each_thread(pid, add_thread, &w);
	if (w.error)
		add_gap(s, pid, w.error);
}

int scan_process(struct scan *s, pid_t pid, const struct scan_only *only)
{
	if (add_table(s, pid, pid, only) < 0)
		return -1;
	if (has_threads(pid))
		add_threads(s, pid, only);
	return 0;
}

/* Kernel threads and zombies have no descriptors. */
static bool may_have_descriptors(pid_t pid)
{
	struct scan_task t = {0};
	int saved = errno;
	bool gone = scan_task(pid, pid, &t) < 0 && errno == ESRCH;

	errno = saved;
	return !gone && !t.kernel && t.state != 'Z' && t.state != 'X';
}

static bool is_among_first(const struct scan *s, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (s->tables[i].pid == pid)
			return true;
	return false;
}

bool scan_has(const struct scan *s, pid_t pid)
{
	return is_among_first(s, s->n_tables, pid);
}

static bool add_other(void *data, pid_t pid)
{
	struct scan_walk *w = data;

	if (pid == getpid() || is_among_first(w->scan, w->before, pid))
		return true;
	if (scan_process(w->scan, pid, w->only) < 0 && errno != ESRCH && may_have_descriptors(pid))
		add_gap(w->scan, pid, errno);
	return true;
}

int scan_others(struct scan *s, const struct scan_only *only)
{
	struct scan_walk w = {.scan = s, .only = only, .before = s->n_tables};

	return proc_each(add_other, &w);
}

void scan_free(struct scan *s)
{
	free(s->tables);
	free(s->fds);
	free(s->gaps);
	*s = (struct scan){0};
}
