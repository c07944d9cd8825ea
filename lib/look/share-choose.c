/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses the descriptions of a snapshot that are shown: runs_choose of share-internal.h. */
#include "lib/base/inode.h"
#include "lib/base/memory.h"
#include "lib/look/share-internal.h"

#include <stdlib.h>

static bool is_requested(const struct share_request *request, pid_t pid, int fd)
{
	for (size_t i = 0; i < request->n_targets; i++) {
		const struct share_target *t = &request->targets[i];
		if (t->pid == pid && (t->fd < 0 || t->fd == fd))
			return true;
	}
	return false;
}

/* The targets that are inodes, sorted. */
struct inodes {
	struct share_target *v;
	size_t n;
};

static int by_inode(const void *a, const void *b)
{
	const struct share_target *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return (x->ino > y->ino) - (x->ino < y->ino);
}

static struct inodes inodes_of(const struct share_request *request)
{
	struct inodes all = {must_calloc(request->n_targets + 1, sizeof(*all.v)), 0};

	for (size_t i = 0; i < request->n_targets; i++)
		if (share_is_inode(&request->targets[i]))
			all.v[all.n++] = request->targets[i];
	qsort(all.v, all.n, sizeof(*all.v), by_inode);
	return all;
}

static const struct share_target *target_of(const struct inodes *all, const struct scan_fd *f)
{
	const struct share_target key = {.dev = f->dev, .ino = f->ino};

	return bsearch(&key, all->v, all->n, sizeof(key), by_inode);
}

static struct run run_at(const struct scan *s, const struct share_request *request,
	const struct inodes *inodes, uint32_t first)
{
	const struct scan_fd *head = &s->fds[first];
	const struct share_target *inode = target_of(inodes, head);
	struct run r = {.first = first, .table = UINT32_MAX,
		.requested = !request->targets || inode, .group = inode ? inode->group : 0};

	for (; first + r.n < s->n_fds; r.n++) {
		const struct scan_fd *one = head + r.n;
		if (one->description != head->description)
			break;
		pid_t pid = s->tables[one->table].pid;
		r.requested = r.requested || is_requested(request, pid, one->fd);
		if (in_first_table(s, one) && r.table == UINT32_MAX) {
			r.table = one->table;
			r.fd = one->fd;
		}
	}
	return r;
}

static size_t count_descriptors(const struct scan *s, const struct run *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += in_first_table(s, &s->fds[r->first + i]);
	return n;
}

static int by_first_descriptor(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	if (x->requested != y->requested)
		return x->requested ? -1 : 1;
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

/* Not the one inode of all anonymous files, which has no type: these are not related by it. */
static struct inode_set requested_inodes(const struct scan *s, const struct runs *all)
{
	struct inode_set set = inode_set_new(all->n);

	for (const struct run *r = all->v; r < all->v + all->n; r++) {
		const struct scan_fd *head = &s->fds[r->first];
		if (r->requested && (head->perm & S_IFMT))
			inode_set_add(&set, head->dev, head->ino);
	}
	inode_set_sort(&set);
	return set;
}

static bool is_shown(const struct scan *s, const struct share_request *request,
	const struct inode_set *requested, const struct run *r)
{
	const struct scan_fd *head = &s->fds[r->first];

	if (head->description == SCAN_GONE || (request->only_shared && count_descriptors(s, r) < 2))
		return false;
	return r->requested || (request->related && inode_set_has(requested, head->dev, head->ino));
}

struct runs runs_choose(const struct scan *s, const struct share_request *request)
{
	struct runs all = {must_calloc(s->n_fds + 1, sizeof(struct run)), 0};
	struct inodes inodes = inodes_of(request);
	size_t kept = 0;

	for (uint32_t i = 0; i < s->n_fds; i += all.v[all.n++].n)
		all.v[all.n] = run_at(s, request, &inodes, i);
	free(inodes.v);
	struct inode_set requested = requested_inodes(s, &all);
	for (size_t i = 0; i < all.n; i++)
		if (is_shown(s, request, &requested, &all.v[i]))
			all.v[kept++] = all.v[i];
	inode_set_free(&requested);
	all.n = kept;
	qsort(all.v, all.n, sizeof(*all.v), by_first_descriptor);
	return all;
}
