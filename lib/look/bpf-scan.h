/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every descriptor of every process in one pass: the kernel runs a small program for each (BPF
 * iterator task_file, bpf(2)), which reports the descriptor and the address of its description.
 * For root; other users have proc(5), see scan.h. Built where clang and libbpf's headers are
 * installed; libbpf itself is loaded for the first pass.
 *
 * It touches nothing, and calls no file's driver or server.
 */
#ifndef FDTOOL_LIB_LOOK_BPF_SCAN_H
#define FDTOOL_LIB_LOOK_BPF_SCAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A descriptor. Its strings are valid until the next one. */
struct bpf_fd {
	pid_t pid, tid;     /* all pids are those of the caller's namespace */
	pid_t parent;       /* 0: outside of that namespace */
	pid_t session;      /* the same */
	const char *command; /* of the task, 15 bytes at most, unescaped */
	uint64_t table;     /* the address of the descriptor table */
	unsigned level;     /* of the caller's pid namespace: 0 for the first, 1 for one below */
	int fd;
	bool cloexec;       /* with BPF_SCAN_CLOEXEC */
	uint64_t identity;  /* the address of the description */
	uint64_t inode;     /* the address of the inode */
	unsigned int flags; /* as F_GETFL: without close-on-exec, unlike fdinfo */
	int64_t pos;        /* as fdinfo: 0 also where there is no offset */
	dev_t dev;          /* as statx(2); dev and ino are 0 where only statx can tell */
	ino_t ino;
	dev_t rdev;
	mode_t perm;        /* st_mode */
	int64_t waiting;    /* bytes in a pipe, with BPF_SCAN_PIPE; -1: not known, or no pipe */
	int64_t capacity;   /* of it; the same */
	const char *name;   /* with BPF_SCAN_NAME: as the proc link, unescaped; NULL: too long */
};

/* What costs extra. */
enum {
	BPF_SCAN_NAME = 1,
	BPF_SCAN_CLOEXEC = 2,
	BPF_SCAN_PIPE = 4,
};

/*
 * Calls each for every descriptor of every process in the caller's pid namespace, except the
 * descriptor of the iterator itself. They come by pid, then thread, then number; a thread comes
 * only if it does not share its process's table. Compare table, identity and inode within one
 * call only: afterwards another object may have the address.
 *
 * overlayfs, btrfs and a few others make up numbers for stat(2), which the BPF program cannot
 * see: there dev and ino are 0. `inode` identifies these inodes, too.
 *
 * The pass is not atomic: a descriptor that is opened or closed meanwhile may come or not.
 *
 * If each returns another value than 0, stops and returns that. Returns 0 at the end, or -1
 * with errno, and with *why in words, valid until the next call: ENOSYS built without BPF,
 * ENOENT no libbpf, EPERM no CAP_BPF or CAP_PERFMON, or the errno of bpf(2).
 */
int bpf_scan_each(unsigned need, int (*each)(void *data, const struct bpf_fd *), void *data,
	const char **why);

/* The version of libbpf; NULL where it is not installed, "" where this was built without BPF. */
const char *bpf_scan_library_version(void);

#endif
