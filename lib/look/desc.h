/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a descriptor refers to, as the kernel tells without touching it: the links and fdinfo of
 * proc(5), statx(2) without a sync, kcmp(2). None of these calls the file's driver or server,
 * so a hostile descriptor cannot make them hang; none moves, reads or changes anything.
 */
#ifndef FDTOOL_LIB_LOOK_DESC_H
#define FDTOOL_LIB_LOOK_DESC_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Not -1: an offset may be negative (/proc/PID/mem). */
#define DESC_NO_POS INT64_MIN

enum { DESC_TYPE_MAX = 32 };

struct desc {
	int flags;            /* of the description, as F_GETFL: access mode and status flags */
	bool cloexec;         /* of the descriptor */
	int64_t pos;          /* offset, or DESC_NO_POS where there is none (ESPIPE) */
	char type[DESC_TYPE_MAX]; /* see desc_type */
	char path[PATH_MAX];  /* the text of the proc link, unescaped */
	dev_t dev;            /* of the inode; this and the rest are 0 where statx failed */
	dev_t rdev;
	ino_t ino;
	mode_t perm;          /* st_mode, with the type */
	uid_t uid;            /* the owner */
	int64_t waiting, capacity; /* of a pipe, in bytes, from a snapshot; -1: not known */
};

/*
 * Looks at descriptor fd of process pid, 0 for this one. Returns 0, or -1 with errno:
 *   EBADF  no such descriptor
 *   ESRCH  no such process
 *   ENOENT no proc that shows it: see proc_fault
 *   EACCES, EPERM no permission: another user's process, or one that is not dumpable
 */
int desc_look(pid_t pid, int fd, struct desc *);

/* Whether two descriptors are the same description: kcmp(2) KCMP_FILE. */
enum desc_same { DESC_SAME, DESC_DIFFERENT, DESC_UNKNOWN };
enum desc_same desc_same(pid_t pid1, int fd1, pid_t pid2, int fd2);

/*
 * A fresh read-only description of the same file (open(2) of /proc/self/fd/N), with an offset
 * and flags that nobody shares. Returns it, or -1 with errno:
 *   EBADF  it has no read access that could be kept
 *   ENXIO  the kernel does not reopen this type (sockets; for root, also eventfd and the like)
 *   EACCES the file's permissions do not let this process read it
 * The open function of a device runs again.
 */
int desc_reopen_readonly(int fd);

/*
 * lseek(2), which may wait: see moves.h. Puts the new offset, which may be negative, into *at.
 * Returns 0, or -1 with errno.
 */
int desc_seek(int fd, int64_t offset, int whence, int64_t *at);

/*
 * Duplicates a descriptor of another process: pidfd_getfd(2), which requires ptrace
 * permission. Returns it (close-on-exec), or -1 with errno: ESRCH, EBADF, EPERM; EINVAL before
 * Linux 6.9 if the first thread has ended.
 */
int desc_getfd(pid_t pid, int fd);

/*
 * read(2) that never waits, by RWF_NOWAIT, since all holders share the description's
 * O_NONBLOCK. Returns as read does; EAGAIN where it would wait; EOPNOTSUPP where the file does
 * not support that: then see child.h.
 */
ssize_t desc_read_nowait(int fd, void *buf, size_t size);

/* Writes "/proc/PID/NAME/FD" into out, with "self" for pid 0. Returns out. */
char *desc_proc_path(pid_t pid, const char *name, int fd, char *out, size_t size);

/*
 * The type, from the text of the proc link and st_mode (0 if unknown): "regular",
 * "directory", "pipe", "socket", "char", "block", "symlink"; "memfd", "pidfd", "namespace",
 * "dmabuf". For an anonymous inode it is the kernel's name ("eventfd", "timerfd", "signalfd",
 * "inotify", "io_uring", …), which is shortened for "epoll", "perf" and "seccomp", and is "bpf"
 * for all of bpf's objects.
 */
void desc_type(const char *link, mode_t perm, char *out, size_t size);

/*
 * Whether a file of this type, st_mode and device number has an offset: fdinfo shows 0 where
 * there is none.
 */
bool desc_has_offset(const char *type, mode_t perm, dev_t rdev);

/*
 * Parses the fields that fdinfo has for every type: flags, cloexec, pos. Returns 0, or -1 with
 * EINVAL where they are missing.
 */
int desc_parse_fdinfo(const char *text, struct desc *);

#endif
