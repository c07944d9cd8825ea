/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Of a pass of the BPF iterator, what processes that were requested have to do with: bpf_relate of
 * share-internal.h. What their descriptors refer to is known only after the pass.
 */
#include "lib/base/memory.h"
#include "lib/look/share-internal.h"

#include <errno.h>
#include <stdlib.h>

/* --- the inodes ----------------------------------------------------------------------------- */

static bool is_of(const struct share_target *t, const struct scan *s, const struct scan_fd *f)
{
	return s->tables[f->table].pid == t->pid && (t->fd < 0 || t->fd == f->fd);
}

static bool is_of_any(
	const struct share_request *request, const struct scan *s, const struct scan_fd *f)
{
	for (size_t i = 0; i < request->n_targets; i++)
		if (is_of(&request->targets[i], s, f))
			return true;
	return false;
}

/* By the addresses, since of some file systems only statx(2) knows the number of an inode. */
static struct inode_set requested_inodes(
	const struct scan *s, const struct share_request *request, const uint64_t *inodes)
{
	struct inode_set set = inode_set_new(s->n_fds);

	for (size_t i = 0; i < s->n_fds; i++)
		if (is_of_any(request, s, &s->fds[i]))
			inode_set_add(&set, 0, inodes[i]);
	inode_set_sort(&set);
	return set;
}

static void keep_related(struct scan *s, const struct share_request *request, const uint64_t *inodes)
{
	struct inode_set requested = requested_inodes(s, request, inodes), named = target_inodes(request);
	size_t kept = 0;

	for (size_t i = 0; i < s->n_fds; i++)
		if (inode_set_has(&requested, 0, inodes[i]) ||
			inode_set_has(&named, s->fds[i].dev, s->fds[i].ino))
			s->fds[kept++] = s->fds[i];
	s->n_fds = kept;
	inode_set_free(&requested);
	inode_set_free(&named);
}

/* --- the tables ----------------------------------------------------------------------------- */

static size_t rank_of(const struct share_request *request, pid_t pid)
{
	size_t i = 0;

	while (i < request->n_targets && request->targets[i].pid != pid)
		i++;
	return i;
}

struct ranked {
	size_t rank;
	uint32_t table;
};

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return (x->table > y->table) - (x->table < y->table);
}

/* Those of the targets come first, as in a snapshot by proc; then it is found which are the same one. */
static void order_tables(struct snapshot *snapshot, const struct share_request *request)
{
	struct scan *s = &snapshot->scan;
	struct ranked *order = must_calloc(s->n_tables + 1, sizeof(*order));
	struct scan_table *tables = must_calloc(s->n_tables + 1, sizeof(*tables));
	struct share_table *described = must_calloc(s->n_tables + 1, sizeof(*described));
	uint32_t *place = must_calloc(s->n_tables + 1, sizeof(*place));

	for (uint32_t i = 0; i < s->n_tables; i++)
		order[i] = (struct ranked){rank_of(request, s->tables[i].pid), i};
	qsort(order, s->n_tables, sizeof(*order), by_rank);
	for (uint32_t i = 0; i < s->n_tables; i++) {
		tables[i] = (struct scan_table){.pid = s->tables[order[i].table].pid,
			.tid = s->tables[order[i].table].tid, .same_as = i};
		described[i] = snapshot->tables[order[i].table];
		place[order[i].table] = i;
	}
	for (size_t i = 0; i < s->n_fds; i++)
		s->fds[i].table = place[s->fds[i].table];
	free(place);
	free(order);
	free(s->tables);
	free(snapshot->tables);
	s->tables = tables;
	snapshot->tables = described;
	scan_group_tables(s);
}

/* scan_sort counts, but here the numbers of the descriptions have gaps. */
static int by_description(const void *a, const void *b)
{
	const struct scan_fd *x = a, *y = b;

	if (x->description != y->description)
		return x->description < y->description ? -1 : 1;
	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

void bpf_relate(struct snapshot *snapshot, const struct share_request *request, const uint64_t *inodes)
{
	keep_related(&snapshot->scan, request, inodes);
	order_tables(snapshot, request);
	qsort(snapshot->scan.fds, snapshot->scan.n_fds, sizeof(*snapshot->scan.fds), by_description);
}

/* --- what is missing ------------------------------------------------------------------------ */

static bool has_target(const struct scan *s, const struct share_target *t)
{
	for (size_t i = 0; i < s->n_fds; i++)
		if (is_of(t, s, &s->fds[i]))
			return true;
	return false;
}

static bool keep_none(const void *data, const struct scan_fd *f)
{
	(void)data;
	(void)f;
	return false;
}

/* A process may have no descriptors: proc knows whether that is so, or there is no such process. */
static int look_by_proc(pid_t pid)
{
	struct scan s = {0};
	int done = scan_process(&s, pid, &(struct scan_only){keep_none, NULL}), saved = errno;

	scan_free(&s);
	errno = saved;
	return done;
}

int bpf_find_missing(const struct snapshot *snapshot, const struct share_request *request,
	const struct share_target **fault)
{
	for (size_t i = 0; i < request->n_targets; i++) {
		const struct share_target *t = &request->targets[i];
		if (share_is_inode(t) || has_target(&snapshot->scan, t))
			continue;
		*fault = t;
		if (look_by_proc(t->pid) < 0)
			return -1;
		if (t->fd >= 0) {
			errno = EBADF;
			return -1;
		}
	}
	*fault = NULL;
	return 0;
}
