/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inode of a file, without asking its server: see inode.h. */
#include "lib/look/inode.h"

#include <fcntl.h>
#include <stdio.h>
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

dev_t inode_dev(const struct statx *sx)
{
	return makedev(sx->stx_dev_major, sx->stx_dev_minor);
}

dev_t inode_rdev(const struct statx *sx)
{
	return makedev(sx->stx_rdev_major, sx->stx_rdev_minor);
}
