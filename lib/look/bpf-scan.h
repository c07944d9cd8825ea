/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every descriptor of every process in one pass: the kernel runs a small
 * program for each (BPF iterator task_file, bpf(2)), which tells what it is and
 * which description, by address. For root; for all others there is proc(5), see
 * desc.h. Built where clang and libbpf's headers are; libbpf itself is loaded
 * when the first pass is made.
 *
 * Nothing is touched, and no file's driver or server is asked.
 */
#ifndef FDTOOL_LIB_LOOK_BPF_SCAN_H
#define FDTOOL_LIB_LOOK_BPF_SCAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A descriptor. What it points to is valid until the next. */
struct bpf_fd {
	pid_t pid, tid;     /* all pids as the caller's namespace has them */
	pid_t parent;       /* 0: outside of that namespace, as may be session */
	pid_t session;
	const char *command; /* the task's, 15 bytes at most, unescaped */
	uint64_t table;     /* which descriptor table */
	int fd;
	bool cloexec;       /* with BPF_SCAN_CLOEXEC */
	uint64_t identity;  /* which description */
	uint64_t inode;     /* which inode */
	unsigned int flags; /* as F_GETFL; fdinfo has close-on-exec among them, too */
	int64_t pos;        /* as fdinfo: 0 also for what has no offset */
	dev_t dev;          /* as statx(2); 0, and ino too, where only statx can tell */
	ino_t ino;
	dev_t rdev;
	mode_t perm;        /* st_mode */
	const char *name;   /* with BPF_SCAN_NAME, as the proc link, unescaped; NULL: too long for that */
};

/* What costs extra. */
enum {
	BPF_SCAN_NAME = 1,
	BPF_SCAN_CLOEXEC = 2,
};

/*
 * Calls `each` for every descriptor of every process of the caller's pid
 * namespace, but for the one that all this is read from. They come by pid, then
 * thread, then number; a thread only where its table is not its process's.
 * table, identity and inode are to be compared within one call: afterwards
 * another thing may have the address.
 *
 * overlayfs, btrfs and a few more make up numbers for stat(2) that the kernel does
 * not know of: hence the 0 in dev and ino. `inode` is right for these, too.
 *
 * It is no snapshot: what is opened or closed meanwhile may be in it or not.
 *
 * Returns 0; or what `each` returned where that was not 0, and goes no further; or
 * -1 with errno and *why in words, valid until the next call: ENOSYS built
 * without, ENOENT no libbpf, EPERM no CAP_BPF or CAP_PERFMON, or what bpf(2) said.
 */
int bpf_scan_each(unsigned need, int (*each)(void *data, const struct bpf_fd *), void *data,
	const char **why);

/* libbpf's version, NULL where it is not to be had, "" where this was built without. */
const char *bpf_scan_library_version(void);

#endif
