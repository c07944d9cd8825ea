/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a descriptor refers to, as the kernel tells without touching it:
 * proc(5) link and fdinfo, statx(2) without a sync, kcmp(2). None of these asks
 * the file's driver or server, so a hostile descriptor cannot make them hang;
 * none moves, reads or changes anything.
 */
#ifndef FDTOOL_LIB_LOOK_DESC_H
#define FDTOOL_LIB_LOOK_DESC_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define DESC_NO_POS INT64_C(-1)

enum { DESC_TYPE_MAX = 32 };

struct desc {
	int flags;            /* the description's, as F_GETFL: access mode and status flags */
	bool cloexec;         /* the descriptor's own */
	int64_t pos;          /* offset, or DESC_NO_POS where there is none (ESPIPE) */
	char type[DESC_TYPE_MAX]; /* see desc_type */
	char path[PATH_MAX];  /* what the proc link says, unescaped */
	dev_t dev;            /* of the inode; 0 where statx could not tell */
	dev_t rdev;
	ino_t ino;
	mode_t perm;          /* st_mode */
	uid_t uid;            /* the owner */
};

/*
 * Looks at descriptor fd of process pid, 0 for this one. Returns 0, or -1 with
 * errno: EBADF no such descriptor, ESRCH no such process, EACCES or EPERM it may
 * not be read (a process of another user, or one that is not dumpable).
 */
int desc_look(pid_t pid, int fd, struct desc *);

/* Whether two descriptors are the same description: kcmp(2) KCMP_FILE. */
enum desc_same { DESC_SAME, DESC_DIFFERENT, DESC_UNKNOWN };
enum desc_same desc_same(pid_t pid1, int fd1, pid_t pid2, int fd2);

/*
 * A fresh read-only description of the same file (open(2) of /proc/self/fd/N),
 * with its own offset and flags. Returns it, or -1 with errno:
 *   EBADF  it has no read access that could be kept
 *   ENXIO  the kernel does not reopen this type (sockets; eventfd and its like, for root)
 *   EACCES the file's permissions do not let this process read it
 * A device's open runs again.
 */
int desc_reopen_readonly(int fd);

/*
 * Takes a descriptor of another process: pidfd_getfd(2), which asks for ptrace
 * permission. Returns it (close-on-exec), or -1 with errno: ESRCH, EBADF, EPERM.
 */
int desc_getfd(pid_t pid, int fd);

/*
 * read(2) that never waits, on a description whose O_NONBLOCK belongs to
 * everybody: RWF_NOWAIT. Returns as read does; EAGAIN where it would wait;
 * EOPNOTSUPP where the file cannot say, then see child.h.
 */
ssize_t desc_read_nowait(int fd, void *buf, size_t size);

/*
 * The type, from what the proc link says and st_mode (0 where that is not
 * known): "regular", "directory", "pipe", "socket", "char", "block", "symlink";
 * "memfd", "pidfd", "namespace", "dmabuf"; of an anonymous inode what the kernel
 * calls it ("eventfd", "timerfd", "signalfd", "inotify", "io_uring", …), shortened
 * for "epoll", "perf", "seccomp", and "bpf" for all of bpf's objects.
 */
void desc_type(const char *link, mode_t perm, char *out, size_t size);

/*
 * Whether what fdinfo says of an offset can mean anything for this type, st_mode and
 * device number: it says 0 where there is none.
 */
bool desc_has_offset(const char *type, mode_t perm, dev_t rdev);

/*
 * The fields of an fdinfo file's text that every type has. Returns 0, or -1 where they
 * are not there.
 */
int desc_parse_fdinfo(const char *text, struct desc *);

#endif
