/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inode of a file, by statx(2) without a sync and without an automount: a file system whose
 * server sleeps (NFS, FUSE) is not called, and what the kernel has in memory counts.
 */
#ifndef FDTOOL_LIB_BASE_INODE_H
#define FDTOOL_LIB_BASE_INODE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * Looks up a path relative to the directory descriptor dir, as openat(2) does; an empty path
 * is dir itself. mask says which fields are wanted (STATX_INO, ...). Returns 0, or -1 with the
 * errno of statx: EACCES for another user's FUSE.
 */
int inode_look(int dir, const char *path, unsigned int mask, struct statx *);

/* The same for a descriptor of process pid, 0 for this one; wants STATX_BASIC_STATS. */
int inode_look_fd(pid_t pid, int fd, struct statx *);

/*
 * Whether calls on fd, even close(2), may wait for a server that answers for the file: true for
 * a regular file or a directory without a block device, unless it is in memory (so for NFS, SMB, FUSE;
 * and btrfs and a memfd, which have no server, too), and where nothing is known.
 */
bool inode_may_have_server(int fd);

/* The inode's device, and the device that it is the node of, as stat(2) has them. */
dev_t inode_dev(const struct statx *);
dev_t inode_rdev(const struct statx *);

/* --- a set of inodes --------------------------------------------------------------- */

struct inode_key {
	dev_t dev;
	ino_t ino;
};

struct inode_set {
	struct inode_key *v;
	size_t n;
};

/* Has room for that many. Free with inode_set_free. */
struct inode_set inode_set_new(size_t max);
void inode_set_free(struct inode_set *);

void inode_set_add(struct inode_set *, dev_t dev, ino_t ino);

/* After the last one was added, and before inode_set_has. */
void inode_set_sort(struct inode_set *);
bool inode_set_has(const struct inode_set *, dev_t dev, ino_t ino);

/* The member, or NULL. */
const struct inode_key *inode_set_find(const struct inode_set *, dev_t dev, ino_t ino);

#endif
