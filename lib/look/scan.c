/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The descriptors of processes, and which are one description: see scan.h. */
#include "lib/look/scan.h"
#include "lib/base/memory.h"
#include "lib/base/proc.h"

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { KERNEL_THREAD = 0x00200000 }; /* PF_KTHREAD of the kernel's sched.h, in the flags of stat */

char *scan_path(pid_t pid, pid_t tid, const char *what, char *out, size_t size)
{
	if (tid == pid)
		snprintf(out, size, "/proc/%d/%s", pid, what);
	else
		snprintf(out, size, "/proc/%d/task/%d/%s", pid, tid, what);
	return out;
}

/* proc says ENOENT for the missing process, and EACCES, too, for one that is ending. */
static int not_there(pid_t pid)
{
	int saved = errno;

	if (saved == ENOENT || (kill(pid, 0) < 0 && errno == ESRCH))
		saved = ESRCH;
	errno = saved == EPERM ? EACCES : saved;
	return -1;
}

/* --- a task ------------------------------------------------------------------ */

/* "1234 (a ) name) S 1 1234 1234 34816 1234 4194560 …" */
static int parse_stat(char *text, struct scan_task *t)
{
	char *open = strchr(text, '('), *close = strrchr(text, ')');
	unsigned int flags;

	if (!open || !close)
		return -1;
	*close = '\0';
	strlcpy(t->command, open + 1, sizeof(t->command));
	if (sscanf(close + 1, " %c %d %*d %d %*d %*d %u", &t->state, &t->parent, &t->session,
		    &flags) != 4)
		return -1;
	t->kernel = (flags & KERNEL_THREAD) != 0;
	return 0;
}

int scan_task(pid_t pid, pid_t tid, struct scan_task *t)
{
	char path[64], text[1024];

	ssize_t n = proc_read(scan_path(pid, tid, "stat", path, sizeof(path)), text, sizeof(text));
	if (n < 0)
		return not_there(pid);
	if (n > 0 && parse_stat(text, t) == 0)
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

/*
 * A file system whose server sleeps is not asked, and one that does not answer us
 * (FUSE of another user) leaves the inode unknown.
 */
int scan_inode(int dir, const char *link, struct scan_fd *f)
{
	const int opts = AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT;
	struct statx sx;
	char byte;

	if (statx(dir, link, opts, STATX_TYPE | STATX_MODE | STATX_INO, &sx) < 0)
		return readlinkat(dir, link, &byte, 1) < 0 ? -1 : 0;
	f->dev = (uint32_t)makedev(sx.stx_dev_major, sx.stx_dev_minor);
	f->rdev = (uint32_t)makedev(sx.stx_rdev_major, sx.stx_rdev_minor);
	f->ino = sx.stx_ino;
	f->perm = sx.stx_mode;
	return 0;
}

static int add_descriptor(struct scan *s, uint32_t table, int dir, const char *number,
	const struct scan_only *only)
{
	const char *fault;
	struct scan_fd f = {.table = table, .certain = true};

	f.fd = (int)strtonum(number, 0, INT_MAX, &fault);
	if (fault)
		return 0; /* "." and ".." */
	if (scan_inode(dir, number, &f) < 0)
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
	int done = 0;
	DIR *dir = opendir(scan_path(pid, tid, "fd", path, sizeof(path)));

	if (!dir)
		return not_there(pid);
	uint32_t table = scan_add_table(s, pid, tid);
	for (struct dirent *e = readdir(dir); e && done == 0; e = readdir(dir))
		done = add_descriptor(s, table, dirfd(dir), e->d_name, only);
	closedir(dir);
	s->tables[table].n = s->n_fds - before;
	if (done < 0) {
		s->n_tables--;
		s->n_fds = before;
		errno = EACCES;
	}
	return done;
}

/* Of /proc/PID/task the link count grows with the threads: 3 for one. */
static bool has_threads(pid_t pid)
{
	char path[64];
	struct stat st;

	return stat(scan_path(pid, pid, "task", path, sizeof(path)), &st) == 0 && st.st_nlink > 3;
}

struct walk {
	struct scan *scan;
	const struct scan_only *only;
	pid_t pid;    /* of threads: their process */
	size_t asked; /* of processes: the tables that were there before */
	bool unseen;
};

static bool add_thread(void *data, pid_t tid)
{
	struct walk *w = data;
	long order = 0;

	if (tid != w->pid)
		order = syscall(SYS_kcmp, w->pid, tid, KCMP_FILES, 0, 0);
	if (order > 0)
		order = add_table(w->scan, w->pid, tid, w->only);
	w->unseen = w->unseen || (order < 0 && errno != ESRCH);
	return true;
}

/* A thread may have left its process's table: unshare(2) with CLONE_FILES. */
static void add_threads(struct scan *s, pid_t pid, const struct scan_only *only)
{
	struct walk w = {.scan = s, .only = only, .pid = pid};

	proc_each_thread(pid, add_thread, &w);
	s->unseen += w.unseen;
}

int scan_process(struct scan *s, pid_t pid, const struct scan_only *only)
{
	if (add_table(s, pid, pid, only) < 0)
		return -1;
	if (has_threads(pid))
		add_threads(s, pid, only);
	return 0;
}

/* Neither a thread of the kernel's nor a dead process has descriptors to hide. */
static bool may_have_descriptors(pid_t pid)
{
	struct scan_task t;

	if (scan_task(pid, pid, &t) < 0)
		return errno != ESRCH;
	return !t.kernel && t.state != 'Z' && t.state != 'X';
}

static bool is_in_first(const struct scan *s, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (s->tables[i].pid == pid)
			return true;
	return false;
}

bool scan_has(const struct scan *s, pid_t pid)
{
	return is_in_first(s, s->n_tables, pid);
}

static bool add_other(void *data, pid_t pid)
{
	struct walk *w = data;

	if (pid == getpid() || is_in_first(w->scan, w->asked, pid))
		return true;
	if (scan_process(w->scan, pid, w->only) < 0 && errno != ESRCH && may_have_descriptors(pid))
		w->scan->unseen++;
	return true;
}

int scan_others(struct scan *s, const struct scan_only *only)
{
	struct walk w = {.scan = s, .only = only, .asked = s->n_tables};

	return proc_each(add_other, &w);
}

void scan_free(struct scan *s)
{
	free(s->tables);
	free(s->fds);
	*s = (struct scan){0};
}

/* --- which are one description ---------------------------------------------------
 *
 * Nothing but dev and ino is equal for certain and cannot change under us; so
 * these make the classes, and within one kcmp says what is the same. It also
 * orders, so a class is searched by halves, in an array of one descriptor for
 * each description found so far, its representative.
 */

struct grouping {
	struct scan *scan;
	struct scan_fd **reps; /* in kcmp's order, for the class at hand */
	size_t n_reps;
	uint32_t *places;       /* a new number for each of the class at hand */
	uint32_t n;             /* descriptions so far */
	struct scan_fd *run;    /* of the class, where the table at hand begins */
	struct scan_fd *before; /* walks along the table before it */
};

/* <0, 0, >0 as kcmp orders; ORDER_FAULT with errno. */
enum { ORDER_FAULT = 2 };

static int compare(const struct scan *s, const struct scan_fd *a, const struct scan_fd *b)
{
	long order = syscall(SYS_kcmp, s->tables[a->table].tid, s->tables[b->table].tid, KCMP_FILE,
		a->fd, b->fd);

	return order == 0 ? 0 : order == 1 ? -1 : order == 2 ? 1 : ORDER_FAULT;
}

/* 0, or the errno of asking about this one alone: EPERM, or it is gone. */
static int askable(const struct scan *s, const struct scan_fd *f)
{
	return compare(s, f, f) == ORDER_FAULT ? errno : 0;
}

static void found_new(struct grouping *g, struct scan_fd *f, size_t at)
{
	memmove(&g->reps[at + 1], &g->reps[at], (g->n_reps++ - at) * sizeof(*g->reps));
	g->reps[at] = f;
	f->description = g->n++;
}

/*
 * A representative went away: another descriptor of its description, seen before
 * f, takes its place. Or it may not be asked, and nothing can be told of it.
 */
static void replace_rep(struct grouping *g, size_t at, struct scan_fd *class, const struct scan_fd *f)
{
	struct scan_fd *rep = g->reps[at];
	uint32_t description = rep->description;

	int fault = askable(g->scan, rep);
	if (fault == 0) /* it was f that was gone, and is there again */
		return;
	if (fault == EPERM)
		rep->certain = false;
	else
		rep->description = SCAN_GONE;
	for (struct scan_fd *other = class; other < f; other++)
		if (other->description == description && other->certain &&
			askable(g->scan, other) == 0) {
			g->reps[at] = other;
			return;
		}
	memmove(&g->reps[at], &g->reps[at + 1], (--g->n_reps - at) * sizeof(*g->reps));
}

/*
 * What was inherited is most likely under the same number in the table before: if
 * so, one question does instead of a search. The class comes by table and number.
 */
static bool is_as_before(struct grouping *g, struct scan_fd *f)
{
	if (f->table != g->run->table) {
		g->before = g->run;
		g->run = f;
	}
	while (g->before < g->run && g->before->fd < f->fd)
		g->before++;
	if (g->before == g->run || g->before->fd != f->fd || g->n_reps < 3 ||
		!g->before->certain || g->before->description == SCAN_GONE ||
		compare(g->scan, f, g->before) != 0)
		return false;
	f->description = g->before->description;
	return true;
}

/*
 * Sorts f in. Returns false if it has to be tried again, since one of those that
 * it is compared with went away.
 */
static bool place(struct grouping *g, struct scan_fd *class, struct scan_fd *f)
{
	size_t low = 0, high = g->n_reps;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(g->scan, f, g->reps[middle]);
		if (order == 0) {
			f->description = g->reps[middle]->description;
			return true;
		}
		if (order == ORDER_FAULT) {
			int fault = askable(g->scan, f);
			if (fault == 0) {
				replace_rep(g, middle, class, f);
				return false;
			}
			f->description = fault == EBADF || fault == ESRCH ? SCAN_GONE : g->n++;
			f->certain = false;
			return true;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	found_new(g, f, low);
	return true;
}

/* What has a doubtful one beside it is doubtful, too. Returns whether there is none. */
static bool spread_doubt(struct scan_fd *class, size_t n)
{
	bool certain = true;

	for (size_t i = 0; i < n; i++)
		certain = certain && (class[i].certain || class[i].description == SCAN_GONE);
	for (size_t i = 0; i < n; i++)
		class[i].certain = certain;
	return certain;
}

/*
 * Numbers the descriptions of a class anew, as kcmp orders them. One that has no
 * representative left is gone.
 */
static void number_in_order(struct grouping *g, struct scan_fd *class, size_t n, uint32_t since)
{
	memset(g->places, 0xff, (g->n - since) * sizeof(*g->places));
	for (uint32_t i = 0; i < g->n_reps; i++)
		g->places[g->reps[i]->description - since] = since + i;
	for (struct scan_fd *f = class; f < class + n; f++)
		if (f->description != SCAN_GONE)
			f->description = g->places[f->description - since];
	g->n = since + (uint32_t)g->n_reps;
}

/* Whether kcmp says of two in a row what their numbers say. */
static bool holds(const struct scan *s, const struct scan_fd *before, const struct scan_fd *f)
{
	return compare(s, before, f) == (before->description == f->description ? 0 : -1);
}

/*
 * Of two that live and do not hold, the one that changed: f, unless that agrees with
 * its other neighbour.
 */
static struct scan_fd *changed(const struct scan *s, struct scan_fd *before, struct scan_fd *f,
	const struct scan_fd *end)
{
	bool f_is_right = f + 1 < end && f[1].description != SCAN_GONE && holds(s, f, f + 1);

	return f_is_right ? before : f;
}

/*
 * While a class was searched, a descriptor may have been closed and its number
 * used again, and what was compared with it gone astray. So all is asked once
 * more, in a row. Returns false where that does not hold; `last`: then the one
 * that was seen to change more often is left out.
 */
static bool ask_again(const struct scan *s, struct scan_fd *class, size_t n, bool last)
{
	struct scan_fd *before = class;

	for (struct scan_fd *f = class + 1; f < class + n && f->description != SCAN_GONE; f++) {
		while (before >= class && f->description != SCAN_GONE && !holds(s, before, f)) {
			struct scan_fd *gone = askable(s, before) ? before : askable(s, f) ? f : NULL;
			if (!gone) {
				changed(s, before, f, class + n)->changes++;
				if (!last)
					return false;
				gone = before->changes > f->changes ? before : f;
			}
			gone->description = SCAN_GONE;
			while (before >= class && before->description == SCAN_GONE)
				before--;
		}
		before = f->description == SCAN_GONE ? before : f;
	}
	return true;
}

/*
 * One that changes all the time may have been the same as a stranger when it was
 * placed and again when it was asked: then it holds together what is two, or
 * apart what is one. So the far ends of two descriptions in a row are asked, too.
 */
static bool ends_hold(const struct scan *s, struct scan_fd *class, size_t n)
{
	struct scan_fd *before = NULL, *first = class, *last;

	for (; first < class + n && first->description != SCAN_GONE; before = first, first = last + 1) {
		for (last = first; last + 1 < class + n && last[1].description == first->description; last++)
			;
		if (before && (last > first || before + 1 < first) && !holds(s, before, last)) {
			before->changes += before + 1 < first;
			first->changes += last > first;
			return false;
		}
		if (last > first + 1 && !holds(s, first, last)) {
			first[1].changes++;
			return false;
		}
	}
	return true;
}

static int by_changes(const void *a, const void *b)
{
	const struct scan_fd *x = a, *y = b;

	return (x->changes > y->changes) - (x->changes < y->changes);
}

static int by_description(const void *a, const void *b)
{
	const struct scan_fd *x = a, *y = b;

	if (x->description != y->description)
		return x->description < y->description ? -1 : 1;
	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

/*
 * Those that were seen to change come last, and mislead none of the others. Returns
 * whether all may be asked.
 */
static bool place_all(struct grouping *g, struct scan_fd *class, size_t n)
{
	const uint32_t since = g->n;

	g->n_reps = 0;
	qsort(class, n, sizeof(*class), by_changes);
	g->run = g->before = class;
	for (size_t i = 0; i < n; i++)
		while (!is_as_before(g, &class[i]) && !place(g, class, &class[i]))
			;
	if (!spread_doubt(class, n))
		return false;
	number_in_order(g, class, n, since);
	return true;
}

static void group_class(struct grouping *g, struct scan_fd *class, size_t n)
{
	enum { TRIES = 8 };
	const uint32_t since = g->n;
	bool done = n == 1;

	if (done)
		class->description = g->n++;
	for (int left = TRIES; !done; left--) {
		g->n = since;
		done = !place_all(g, class, n);
		qsort(class, n, sizeof(*class), by_description);
		done = done || (ask_again(g->scan, class, n, left == 1) &&
				       (left == 1 || ends_hold(g->scan, class, n)));
	}
	if (n > 1) /* those that are gone by now go to the end */
		qsort(class, n, sizeof(*class), by_description);
}

static int by_inode(const void *a, const void *b)
{
	const struct scan_fd *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

static bool one_class(const struct scan_fd *a, const struct scan_fd *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

static void group_descriptors(struct grouping *g)
{
	struct scan *s = g->scan;

	qsort(s->fds, s->n_fds, sizeof(*s->fds), by_inode);
	g->reps = must_calloc(s->n_fds, sizeof(struct scan_fd *));
	g->places = must_calloc(s->n_fds, sizeof(*g->places));
	for (size_t first = 0, n; first < s->n_fds; first += n) {
		for (n = 1; first + n < s->n_fds && one_class(&s->fds[first], &s->fds[first + n]); n++)
			;
		group_class(g, &s->fds[first], n);
	}
	free(g->reps);
	free(g->places);
}

/* --- which are one table -------------------------------------------------------
 *
 * Only tables with the same descriptions at the same numbers can be one. These
 * are found by a sum over what is in them, and then kcmp is asked, as above.
 */

struct content {
	uint64_t sum;
	size_t n;
	uint32_t table;
};

static struct content *sum_up(const struct scan *s)
{
	struct content *all = must_calloc(s->n_tables, sizeof(*all));

	for (uint32_t i = 0; i < s->n_tables; i++)
		all[i].table = i;
	for (const struct scan_fd *f = s->fds; f < s->fds + s->n_fds; f++) {
		uint64_t one = ((uint64_t)f->description << 32 | (uint32_t)f->fd) * 0x9e3779b97f4a7c15u;
		all[f->table].sum += one ^ one >> 29;
		all[f->table].n++;
	}
	return all;
}

static int by_content(const void *a, const void *b)
{
	const struct content *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	if (x->sum != y->sum)
		return x->sum < y->sum ? -1 : 1;
	return (x->table > y->table) - (x->table < y->table);
}

/*
 * Searches the tables that are known to differ, in kcmp's order, and adds it, or names
 * it the same.
 */
static void place_table(struct scan *s, uint32_t *distinct, size_t *n, uint32_t table)
{
	size_t low = 0, high = *n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		long order = syscall(
			SYS_kcmp, s->tables[table].tid, s->tables[distinct[middle]].tid, KCMP_FILES, 0, 0);
		if (order == 0)
			scan_same_table(s, distinct[middle], table);
		if (order <= 0) /* or one of the two may not be asked, or is gone: its own */
			return;
		if (order == 1)
			high = middle;
		else
			low = middle + 1;
	}
	memmove(&distinct[low + 1], &distinct[low], ((*n)++ - low) * sizeof(*distinct));
	distinct[low] = table;
}

static void group_tables(struct scan *s)
{
	struct content *all = sum_up(s);
	uint32_t *distinct = must_calloc(s->n_tables, sizeof(*distinct));
	size_t n = 0;

	qsort(all, s->n_tables, sizeof(*all), by_content);
	for (size_t i = 0; i < s->n_tables; i++) {
		if (i && (all[i].n != all[i - 1].n || all[i].sum != all[i - 1].sum))
			n = 0;
		if (all[i].n)
			place_table(s, distinct, &n, all[i].table);
	}
	free(distinct);
	free(all);
}

uint32_t scan_group(struct scan *s)
{
	struct grouping g = {.scan = s};

	if (s->n_fds == 0)
		return 0;
	group_descriptors(&g);
	group_tables(s);
	return g.n;
}

/*
 * They come by table and number already, so it is enough to count how many each
 * description has, and to lay them where these begin.
 */
void scan_sort(struct scan *s)
{
	struct scan_fd *sorted = must_calloc(s->n_fds + 1, sizeof(*sorted));
	size_t *begin = must_calloc(s->n_fds + 2, sizeof(*begin)), total = 0;

	for (size_t i = 0; i < s->n_fds; i++)
		begin[s->fds[i].description + 1]++;
	for (size_t i = 0; i <= s->n_fds; i++) {
		total += begin[i];
		begin[i] = total;
	}
	for (size_t i = 0; i < s->n_fds; i++)
		sorted[begin[s->fds[i].description]++] = s->fds[i];
	free(begin);
	free(s->fds);
	s->fds = sorted;
}

/* --- epoll --------------------------------------------------------------------- */

int scan_epoll_means(pid_t epoll_pid, int epoll, int number, unsigned int offset, pid_t pid, int fd)
{
	struct kcmp_epoll_slot slot = {(uint32_t)epoll, (uint32_t)number, offset};
	long order = syscall(SYS_kcmp, pid, epoll_pid, KCMP_EPOLL_TFD, fd, &slot);

	return order < 0 ? -1 : order == 0;
}
