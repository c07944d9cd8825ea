/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A snapshot by procfs and kcmp: snapshot_by_proc of share-internal.h. With targets, it first
 * finds the inodes of those that are no inodes, and then the descriptors of all processes that
 * refer to one of all these.
 */
#include "lib/base/inode.h"
#include "lib/look/share-internal.h"

#include <errno.h>

static bool is_among(const void *data, const struct scan_fd *f)
{
	return inode_set_has(data, f->dev, f->ino);
}

static bool is_target(const void *data, const struct scan_fd *f)
{
	const struct share_target *target = data;

	return target->fd == f->fd;
}

static void add_inodes(struct inode_set *set, const struct scan *scan)
{
	for (size_t i = 0; i < scan->n_fds; i++)
		inode_set_add(set, scan->fds[i].dev, scan->fds[i].ino);
}

static struct inode_set inodes_of(
	const struct scan *a, const struct scan *b, const struct share_request *request)
{
	struct inode_set set = inode_set_new(a->n_fds + b->n_fds + request->n_targets);

	add_inodes(&set, a);
	add_inodes(&set, b);
	for (size_t i = 0; i < request->n_targets; i++)
		if (share_is_inode(&request->targets[i]))
			inode_set_add(&set, request->targets[i].dev, request->targets[i].ino);
	inode_set_sort(&set);
	return set;
}

/* Whole processes go into `all`, single descriptors into `some`. */
static int scan_targets(struct scan *all, struct scan *some, const struct share_request *request,
	const struct share_target **fault)
{
	const struct share_target *end = request->targets + request->n_targets;

	for (const struct share_target *t = request->targets; t < end; t++) {
		size_t before = some->n_fds;
		if (share_is_inode(t))
			continue;
		*fault = t;
		if (t->fd < 0) {
			if (!scan_has(all, t->pid) && scan_process(all, t->pid, NULL) < 0)
				return -1;
			continue;
		}
		if (scan_process(some, t->pid, &(struct scan_only){is_target, t}) < 0)
			return -1;
		if (some->n_fds == before) {
			errno = EBADF;
			return -1;
		}
	}
	*fault = NULL;
	return 0;
}

/* All descriptors of these inodes; the processes of the targets come first. */
static int scan_holders(
	struct scan *all, const struct share_request *request, const struct inode_set *inodes)
{
	const struct scan_only only = {is_among, inodes};

	for (size_t i = 0; i < request->n_targets; i++) {
		const struct share_target *t = &request->targets[i];
		if (!share_is_inode(t) && !scan_has(all, t->pid))
			scan_process(all, t->pid, &only);
	}
	return scan_others(all, &only);
}

int snapshot_by_proc(struct snapshot *snapshot, const struct share_request *request,
	const struct share_target **fault)
{
	struct scan *all = &snapshot->scan, some = {0};
	int done = -1;

	if (!request->targets) {
		done = scan_others(all, NULL);
	} else if (scan_targets(all, &some, request, fault) == 0) {
		struct inode_set inodes = inodes_of(all, &some, request);
		done = scan_holders(all, request, &inodes);
		inode_set_free(&inodes);
	}
	scan_free(&some);
	if (done == 0)
		scan_group(all);
	return done;
}
