/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A snapshot by the BPF iterator, in one pass over all processes: snapshot_by_bpf of
 * share-internal.h.
 *
 * The kernel identifies descriptions and tables by address. They are numbered in the order in
 * which they come, and the addresses do not leave this file. A freed address may be used again
 * before the pass ends, so what has one address is shared only if kcmp(2) says so, too.
 */
#include "lib/base/fd.h"
#include "lib/base/inode.h"
#include "lib/base/memory.h"
#include "lib/look/bpf-scan.h"
#include "lib/look/desc.h"
#include "lib/look/kcmp.h"
#include "lib/look/share-internal.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A hash table with open addressing: its size is a power of two, at least half of it free. */
struct address_map {
	uint64_t *keys; /* 0: free */
	uint32_t *values;
	size_t room, n;
};

struct collector {
	const struct share_request *request;
	struct share *share;
	struct snapshot *snapshot;
	unsigned need;           /* of BPF_SCAN_NAME and so on */
	struct inode_set inodes; /* of targets that are inodes */
	bool has_process;        /* a process is a target: what its descriptors refer to is not known yet */
	uint64_t *addresses;     /* then: of the inodes, by descriptor of the scan */
	struct address_map descriptions, tables;
};

static size_t map_slot(const struct address_map *m, uint64_t key)
{
	size_t i = (size_t)(key * 0x9e3779b97f4a7c15u >> 32) & (m->room - 1);

	while (m->keys[i] && m->keys[i] != key)
		i = (i + 1) & (m->room - 1);
	return i;
}

static void map_free(struct address_map *m)
{
	free(m->keys);
	free(m->values);
}

static void map_grow(struct address_map *m)
{
	struct address_map old = *m;

	m->room = old.room ? 2 * old.room : 1024;
	m->keys = must_calloc(m->room, sizeof(*m->keys));
	m->values = must_calloc(m->room, sizeof(*m->values));
	for (size_t i = 0; i < old.room; i++)
		if (old.keys[i]) {
			size_t at = map_slot(m, old.keys[i]);
			m->keys[at] = old.keys[i];
			m->values[at] = old.values[i];
		}
	map_free(&old);
}

/* The number of the key, which is `next` if the key is new. */
static uint32_t map_intern(struct address_map *m, uint64_t key, uint32_t next)
{
	if (2 * m->n >= m->room)
		map_grow(m);
	size_t at = map_slot(m, key);
	if (!m->keys[at]) {
		m->keys[at] = key;
		m->values[at] = next;
		m->n++;
	}
	return m->values[at];
}

static void add_status(struct collector *c, uint32_t number, const struct bpf_fd *k)
{
	char type[DESC_TYPE_MAX];

	c->snapshot->status = must_grow(c->snapshot->status, number, sizeof(*c->snapshot->status));
	struct bpf_status *status = &c->snapshot->status[number];
	*status = (struct bpf_status){.flags = (int)k->flags,
		.pos = k->pos,
		.waiting = k->waiting,
		.capacity = k->capacity};
	if (c->need & BPF_SCAN_NAME) {
		status->name = share_keep_text(c->share, k->name ? k->name : SHARE_LONG_PATH);
		desc_type(status->name, k->perm, type, sizeof(type));
		status->type = share_keep_text(c->share, type);
	}
}

static uint32_t table_of(struct collector *c, const struct bpf_fd *k)
{
	struct snapshot *snapshot = c->snapshot;
	struct scan *s = &snapshot->scan;

	if (s->n_tables && s->tables[s->n_tables - 1].tid == k->tid)
		return (uint32_t)s->n_tables - 1;
	uint32_t n = scan_add_table(s, k->pid, k->tid);
	snapshot->tables = must_grow(snapshot->tables, n, sizeof(*snapshot->tables));
	struct share_table *t = &snapshot->tables[n];
	*t = (struct share_table){
		.pid = k->pid, .tid = k->tid, .parent = k->parent, .session = k->session};
	strlcpy(t->command, k->command, sizeof(t->command));
	uint32_t first = map_intern(&c->tables, k->table, n);
	if (first != n && kcmp_tables(s->tables[first].tid, k->tid) == KCMP_SAME)
		scan_same_table(s, first, n);
	return n;
}

/* One address with two inodes, or two access modes, was two descriptions one after the other. */
static uint64_t identity_of(const struct bpf_fd *k)
{
	uint64_t mode = k->flags & O_ACCMODE;

	return k->identity ^ k->inode * 0xc2b2ae3d27d4eb4fu ^ (k->ino + mode) * 0x9e3779b97f4a7c15u;
}

/* Only statx knows the inode numbers that a file system makes up. */
static void find_inode(const struct bpf_fd *k, struct scan_fd *f)
{
	char path[64], number[16];
	int dir = open(scan_path(k->pid, k->tid, "fd", path, sizeof(path)),
		O_PATH | O_DIRECTORY | O_CLOEXEC);

	snprintf(number, sizeof(number), "%d", k->fd);
	if (dir >= 0)
		scan_inode(dir, number, f);
	fd_close(&dir);
}

static bool is_wanted(const struct collector *c, const struct bpf_fd *k, struct scan_fd *f)
{
	if (c->inodes.n && !f->dev && !f->ino)
		find_inode(k, f);
	return !c->request->targets || c->has_process || inode_set_has(&c->inodes, f->dev, f->ino);
}

/* Only what was requested of this process: it has descriptors for the look. */
static bool is_own_wanted(const struct share_request *request)
{
	for (size_t i = 0; i < request->n_targets; i++)
		if (request->targets[i].pid == getpid())
			return true;
	return false;
}

static int add_descriptor(void *data, const struct bpf_fd *k)
{
	struct collector *c = data;
	uint32_t next = (uint32_t)c->descriptions.n;
	struct scan_fd f = {.dev = k->dev, .ino = k->ino, .rdev = k->rdev, .perm = k->perm,
		.fd = k->fd, .certain = true, .cloexec = k->cloexec};

	if ((k->pid == getpid() && !is_own_wanted(c->request)) || !is_wanted(c, k, &f))
		return 0;
	f.description = map_intern(&c->descriptions, identity_of(k), next);
	if (f.description == next)
		add_status(c, next, k);
	f.table = table_of(c, k);
	if (c->has_process) {
		c->addresses = must_grow(c->addresses, c->snapshot->scan.n_fds, sizeof(*c->addresses));
		c->addresses[c->snapshot->scan.n_fds] = k->inode;
	}
	*scan_add(&c->snapshot->scan) = f;
	return 0;
}

/* --- confirming by kcmp -------------------------------------------------------------- */

static enum kcmp_order compare(const struct scan *s, const struct scan_fd *a, const struct scan_fd *b)
{
	return kcmp_descriptors(s->tables[a->table].tid, a->fd, s->tables[b->table].tid, b->fd);
}

/* Whether it cannot even be compared with itself, for another reason than a lack of permission. */
static bool is_gone(const struct scan *s, const struct scan_fd *f)
{
	return compare(s, f, f) == KCMP_ERROR && errno != EPERM;
}

/*
 * Of the first two, which differ or cannot be compared, one is left out: the first, if it is
 * gone, or if the second agrees with the one after it.
 */
static bool first_is_wrong(const struct scan *s, const struct scan_fd *first,
	const struct scan_fd *second, const struct scan_fd *end)
{
	return is_gone(s, first) ||
	       (second + 1 < end && compare(s, second, second + 1) == KCMP_SAME);
}

/* Keeps those of a run that are one description, at `to`. Returns the end of what was kept. */
static struct scan_fd *keep_confirmed(const struct scan *s, const struct scan_fd *run,
	const struct scan_fd *end, struct scan_fd *to)
{
	struct scan_fd *kept = to;

	*to++ = *run;
	for (const struct scan_fd *f = run + 1; f < end; f++) {
		enum kcmp_order order = compare(s, to - 1, f);
		bool forbidden = order == KCMP_ERROR && errno == EPERM;
		if (order == KCMP_SAME || forbidden) {
			*to = *f;
			to++->certain = !forbidden;
			kept->certain = kept->certain && !forbidden;
		} else if (to == kept + 1 && first_is_wrong(s, kept, f, end)) {
			*kept = *f;
		}
	}
	return to;
}

/* A descriptor that was closed, or whose number was used again since, is left out. */
static void confirm_shared(struct scan *s)
{
	struct scan_fd *end = s->fds + s->n_fds, *to = s->fds;

	for (struct scan_fd *run = s->fds, *next; run < end; run = next) {
		for (next = run + 1; next < end && next->description == run->description; next++)
			;
		if (next == run + 1)
			*to++ = *run;
		else
			to = keep_confirmed(s, run, next, to);
	}
	s->n_fds = (size_t)(to - s->fds);
}

/*
 * Of a few among many, proc has the names for less; but not of a process that only the BPF iterator
 * may look at.
 */
static unsigned needed(const struct share_request *request)
{
	bool name = (request->need & SHARE_NAME) && (!request->targets || share_has_process(request));

	return (name ? BPF_SCAN_NAME : 0) |
	       (request->need & SHARE_CLOEXEC ? BPF_SCAN_CLOEXEC : 0) |
	       (request->need & SHARE_PIPE ? BPF_SCAN_PIPE : 0);
}

int snapshot_by_bpf(struct snapshot *snapshot, const struct share_request *request, struct share *s)
{
	struct collector c = {.request = request, .share = s, .snapshot = snapshot,
		.need = needed(request), .inodes = target_inodes(request),
		.has_process = share_has_process(request)};
	int done = bpf_scan_each(c.need, add_descriptor, &c, &s->method_reason);

	inode_set_free(&c.inodes);
	map_free(&c.descriptions);
	map_free(&c.tables);
	if (done == 0 && c.has_process)
		bpf_relate(snapshot, request, c.addresses);
	else if (done == 0)
		scan_sort(&snapshot->scan);
	free(c.addresses);
	if (done == 0)
		confirm_shared(&snapshot->scan);
	return done;
}
