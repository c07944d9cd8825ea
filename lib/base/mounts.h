/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mounts that a process sees: /proc/PID/mountinfo, which asks no file system. */
#ifndef FDTOOL_LIB_BASE_MOUNTS_H
#define FDTOOL_LIB_BASE_MOUNTS_H

#include <stdbool.h>
#include <sys/types.h>

struct mount {
	int id;           /* as in fdinfo */
	dev_t dev;        /* the kernel's own; stat(2) may have another (btrfs, overlayfs) */
	const char *at;   /* in the process's root; blanks and backslashes are escaped */
	const char *type; /* "ext4" */
};

/*
 * Calls each for every mount of process pid, 0 for this one, until it returns false: the upper
 * after what it covers. For none where they cannot be read.
 */
void mounts_each(pid_t pid, bool (*each)(void *data, const struct mount *), void *data);

/* The same for the text of a mountinfo, which it changes; NULL has none. For mounts_each. */
void mounts_parse(char *text, bool (*each)(void *data, const struct mount *), void *data);

#endif
