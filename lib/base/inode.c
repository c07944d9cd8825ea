/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inode of a file, without asking its server: see inode.h. */
#include "lib/base/inode.h"
#include "lib/base/memory.h"
#include "lib/base/mounts.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

int inode_look(int dir, const char *path, unsigned int mask, struct statx *sx)
{
	const int itself = *path ? 0 : AT_EMPTY_PATH;

	return statx(dir, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT | itself, mask, sx);
}

int inode_look_fd(pid_t pid, int fd, struct statx *sx)
{
	char path[64];

	if (!pid)
		return inode_look(fd, "", STATX_BASIC_STATS, sx);
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
	return inode_look(AT_FDCWD, path, STATX_BASIC_STATS, sx);
}

struct wanted_mount {
	int id;
	bool in_memory;
};

static bool look_at_type(void *data, const struct mount *m)
{
	static const char *const in_memory[] = {"tmpfs", "ramfs", "rootfs", "devtmpfs"};
	struct wanted_mount *w = data;

	for (size_t i = 0; m->id == w->id && i < ARRAY_SIZE(in_memory); i++)
		w->in_memory = w->in_memory || strcmp(m->type, in_memory[i]) == 0;
	return m->id != w->id;
}

/* A mount of another namespace is not known, and neither is one before Linux 5.8. */
static bool is_in_memory(const struct statx *sx)
{
	struct wanted_mount w = {.id = (int)sx->stx_mnt_id};

	if (sx->stx_mask & STATX_MNT_ID)
		mounts_each(0, look_at_type, &w);
	return w.in_memory;
}

bool inode_may_have_server(int fd)
{
	struct statx sx;

	if (inode_look(fd, "", STATX_TYPE | STATX_MNT_ID, &sx) < 0)
		return true;
	return (S_ISREG(sx.stx_mode) || S_ISDIR(sx.stx_mode)) && sx.stx_dev_major == 0 &&
	       !is_in_memory(&sx);
}

dev_t inode_dev(const struct statx *sx)
{
	return makedev(sx->stx_dev_major, sx->stx_dev_minor);
}

dev_t inode_rdev(const struct statx *sx)
{
	return makedev(sx->stx_rdev_major, sx->stx_rdev_minor);
}

/* --- a set of inodes --------------------------------------------------------------- */

static int by_device_and_number(const void *a, const void *b)
{
	const struct inode_key *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return (x->ino > y->ino) - (x->ino < y->ino);
}

struct inode_set inode_set_new(size_t max)
{
	return (struct inode_set){must_calloc(max + 1, sizeof(struct inode_key)), 0};
}

void inode_set_free(struct inode_set *set)
{
	free(set->v);
	*set = (struct inode_set){0};
}

void inode_set_add(struct inode_set *set, dev_t dev, ino_t ino)
{
	set->v[set->n++] = (struct inode_key){dev, ino};
}

void inode_set_sort(struct inode_set *set)
{
	qsort(set->v, set->n, sizeof(*set->v), by_device_and_number);
}

const struct inode_key *inode_set_find(const struct inode_set *set, dev_t dev, ino_t ino)
{
	const struct inode_key key = {dev, ino};

	return bsearch(&key, set->v, set->n, sizeof(key), by_device_and_number);
}

bool inode_set_has(const struct inode_set *set, dev_t dev, ino_t ino)
{
	return inode_set_find(set, dev, ino) != NULL;
}
