/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Describes what is shown, and lists its descriptors: share_describe of share-internal.h.
 * What the BPF iterator has not told comes from proc.
 */
#include "lib/base/fd.h"
#include "lib/base/inode.h"
#include "lib/base/memory.h"
#include "lib/base/proc.h"
#include "lib/look/desc.h"
#include "lib/look/share-internal.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- proc ---------------------------------------------------------------------------- */

/* The directories of one table, kept open: most queries in a row are about the same one. */
struct proc_dirs {
	const struct scan_table *table;
	int fd, fdinfo; /* -1: not opened yet */
};

static void dirs_close(struct proc_dirs *dirs)
{
	fd_close(&dirs->fd);
	fd_close(&dirs->fdinfo);
}

static void dirs_select(struct proc_dirs *dirs, const struct scan_table *table)
{
	if (dirs->table != table)
		dirs_close(dirs);
	dirs->table = table;
}

/* Opens one when it is first needed; -1 with errno. Then a query relative to it fails, too. */
static int dirs_open(const struct proc_dirs *dirs, int *dir, const char *name)
{
	char path[64];

	if (*dir < 0)
		*dir = open(scan_path(dirs->table->pid, dirs->table->tid, name, path, sizeof(path)),
			O_PATH | O_DIRECTORY | O_CLOEXEC);
	return *dir;
}

static int read_status(struct proc_dirs *dirs, int fd, struct desc *d)
{
	char path[32], text[1024]; /* pos and flags come first, however long it is */

	snprintf(path, sizeof(path), "%d", fd);
	if (proc_read_once(dirs_open(dirs, &dirs->fdinfo, "fdinfo"), path, text, sizeof(text)) < 0)
		return -1;
	return desc_parse_fdinfo(text, d);
}

/* There are few types, so a recent description often has the same one. */
static const char *keep_type(struct share *s, const char *type)
{
	for (size_t i = s->n_descriptions; i-- > 0 && i + 16 > s->n_descriptions;)
		if (s->descriptions[i].type && strcmp(s->descriptions[i].type, type) == 0)
			return s->descriptions[i].type;
	return share_keep_text(s, type);
}

/* A path is longer than the kernel writes it at once; the descriptor is none the worse. */
static ssize_t read_link(int dir, const char *path, char link[PATH_MAX])
{
	ssize_t n = readlinkat(dir, path, link, PATH_MAX - 1);

	if (n < 0 && errno == ENAMETOOLONG)
		n = (ssize_t)strlcpy(link, SHARE_LONG_PATH, PATH_MAX);
	if (n >= 0)
		link[n] = '\0';
	return n;
}

/*
 * The link of what has a path. The number may come to mean another file at any moment, so an
 * O_PATH descriptor holds on to what it means now: inode and name are then of one file. That
 * opens nothing, and no file system's server is called.
 */
static ssize_t read_path(int dir, const char *number, char link[PATH_MAX],
	const struct share_description *d)
{
	char path[40];
	struct statx sx;
	int fd = openat(dir, number, O_PATH | O_CLOEXEC);

	if (fd < 0) /* no permission, or no room: then by its number */
		return errno == ENOENT ? -1 : read_link(dir, number, link);
	bool same = inode_look(fd, "", STATX_INO, &sx) < 0 ||
		    (sx.stx_ino == d->ino && (uint32_t)inode_dev(&sx) == d->dev);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ssize_t n = same ? read_link(AT_FDCWD, path, link) : -1;
	fd_close(&fd);
	return n;
}

static int read_name(struct share *s, struct proc_dirs *dirs, int fd, struct share_description *d)
{
	char number[32], link[PATH_MAX], type[DESC_TYPE_MAX];
	int dir = dirs_open(dirs, &dirs->fd, "fd");

	snprintf(number, sizeof(number), "%d", fd);
	/* a regular file or a directory has a path in any case: one call less for most descriptors */
	bool path = d->ino && (S_ISREG(d->perm) || S_ISDIR(d->perm));
	ssize_t n = path ? read_path(dir, number, link, d) : read_link(dir, number, link);
	if (!path && n >= 0 && *link == '/' && d->ino)
		n = read_path(dir, number, link, d);
	if (n < 0)
		return -1;
	desc_type(link, d->perm, type, sizeof(type));
	d->type = keep_type(s, type);
	d->name = share_keep_text(s, link);
	return 0;
}

static void read_size(struct proc_dirs *dirs, int fd, struct share_description *d)
{
	struct statx sx;
	char path[32];

	snprintf(path, sizeof(path), "%d", fd);
	if (inode_look(dirs_open(dirs, &dirs->fd, "fd"), path,
		    STATX_INO | STATX_NLINK | STATX_BLOCKS, &sx) < 0 ||
		sx.stx_ino != d->ino || (uint32_t)inode_dev(&sx) != d->dev)
		return;
	d->allocated = (int64_t)sx.stx_blocks * 512;
	d->nameless = sx.stx_nlink == 0;
}

/* Queries what is not known yet. */
static int describe(struct share *s, const struct share_request *request, struct proc_dirs *dirs,
	int fd, struct share_description *d)
{
	struct desc status;

	if ((request->need & SHARE_NAME) && !d->name && read_name(s, dirs, fd, d) < 0)
		return -1;
	if ((request->need & SHARE_STATUS) && d->flags < 0) {
		if (read_status(dirs, fd, &status) < 0)
			return -1;
		d->flags = status.flags;
		d->pos = status.pos;
	}
	if ((request->need & SHARE_SIZE) && S_ISREG(d->perm))
		read_size(dirs, fd, d);
	if (!desc_has_offset(d->type ? d->type : "", d->perm, d->rdev))
		d->pos = DESC_NO_POS;
	return 0;
}

/* Any of its descriptors will do; one that fails is gone. Returns false if all of them are. */
static bool describe_by_proc(struct share *s, const struct share_request *request,
	const struct scan *scan, const struct run *r, struct proc_dirs *dirs,
	struct share_description *d)
{
	for (struct scan_fd *one = &scan->fds[r->first]; one < &scan->fds[r->first + r->n]; one++) {
		dirs_select(dirs, &scan->tables[one->table]);
		if (describe(s, request, dirs, one->fd, d) == 0)
			return true;
		one->description = SCAN_GONE;
	}
	return false;
}

/* The BPF iterator cannot see the inode numbers that a file system makes up for statx(2). */
static void find_inode(const struct scan *scan, const struct run *r, struct proc_dirs *dirs,
	struct share_description *d)
{
	struct scan_fd *one = &scan->fds[r->first];
	char path[32];

	snprintf(path, sizeof(path), "%d", one->fd);
	dirs_select(dirs, &scan->tables[one->table]);
	if (scan_inode(dirs_open(dirs, &dirs->fd, "fd"), path, one) == 0) {
		d->dev = one->dev;
		d->ino = one->ino;
	}
}

/* --- the rows ------------------------------------------------------------------------- */

static bool add_description(struct share *s, const struct share_request *request,
	const struct snapshot *snapshot, const struct run *r, struct proc_dirs *dirs)
{
	const struct scan_fd *head = &snapshot->scan.fds[r->first];
	struct share_description *d = &s->descriptions[s->n_descriptions];

	*d = (struct share_description){.first = (uint32_t)s->n_fds,
		.flags = -1, .pos = DESC_NO_POS, .allocated = -1, .waiting = -1, .capacity = -1,
		.dev = head->dev, .ino = head->ino, .rdev = head->rdev, .perm = head->perm,
		.requested = r->requested, .group = r->group, .certain = head->certain};
	if (snapshot->status) {
		const struct bpf_status *status = &snapshot->status[head->description];
		d->name = status->name;
		d->type = status->type;
		d->flags = status->flags;
		d->pos = status->pos;
		d->waiting = status->waiting;
		d->capacity = status->capacity;
	}
	if (snapshot->status && !share_inode_known(d) && (request->need & SHARE_INODE))
		find_inode(&snapshot->scan, r, dirs, d);
	return describe_by_proc(s, request, &snapshot->scan, r, dirs, d);
}

static void add_descriptors(struct share *s, const struct share_request *request,
	const struct snapshot *snapshot, const struct run *r, struct proc_dirs *dirs)
{
	struct share_description *d = &s->descriptions[s->n_descriptions];
	const struct scan *scan = &snapshot->scan;
	bool query_cloexec = (request->need & SHARE_CLOEXEC) && !snapshot->status;
	struct desc status = {0};

	for (size_t i = r->first; i < r->first + r->n; i++) {
		const struct scan_fd *one = &scan->fds[i];
		if (one->description == SCAN_GONE || !in_first_table(scan, one))
			continue;
		dirs_select(dirs, &scan->tables[one->table]);
		if (query_cloexec && read_status(dirs, one->fd, &status) < 0)
			continue;
		s->fds[s->n_fds++] = (struct share_fd){.table = one->table, .fd = one->fd,
			.description = (uint32_t)s->n_descriptions,
			.cloexec = query_cloexec ? status.cloexec : one->cloexec};
	}
	d->n = (uint32_t)s->n_fds - d->first;
}

void share_describe(struct share *s, const struct share_request *request,
	const struct snapshot *snapshot, const struct runs *shown)
{
	struct proc_dirs dirs = {NULL, -1, -1};
	size_t n = 0;

	for (size_t i = 0; i < shown->n; i++)
		n += shown->v[i].n;
	s->fds = must_calloc(n + 1, sizeof(*s->fds));
	s->descriptions = must_calloc(shown->n + 1, sizeof(*s->descriptions));
	for (size_t i = 0; i < shown->n; i++) {
		if (!add_description(s, request, snapshot, &shown->v[i], &dirs))
			continue;
		add_descriptors(s, request, snapshot, &shown->v[i], &dirs);
		if (s->descriptions[s->n_descriptions].n > (request->only_shared ? 1 : 0))
			s->n_descriptions++;
		else
			s->n_fds = s->descriptions[s->n_descriptions].first;
	}
	dirs_close(&dirs);
}
