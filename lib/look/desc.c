/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a descriptor refers to, without touching it: see desc.h. */
#include "lib/look/desc.h"
#include "lib/base/fd.h"
#include "lib/base/inode.h"
#include "lib/base/proc.h"
#include "lib/base/uapi.h"
#include "lib/look/kcmp.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

char *desc_proc_path(pid_t pid, const char *name, int fd, char *out, size_t size)
{
	if (pid)
		snprintf(out, size, "/proc/%d/%s/%d", pid, name, fd);
	else
		snprintf(out, size, "/proc/self/%s/%d", name, fd);
	return out;
}

/* proc fails with ENOENT for a missing descriptor, a missing process, and a missing proc. */
static int missing(pid_t pid, int fd)
{
	char path[32];

	if (errno != ENOENT)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d", pid);
	if (pid && access(path, F_OK) < 0)
		return proc_missing(pid);
	errno = !pid && fcntl(fd, F_GETFD) >= 0 ? ENOENT : EBADF;
	return -1;
}

static bool find_field(const char *text, const char *name, int base, unsigned long long *value)
{
	size_t len = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, len) == 0 && line[len] == ':') {
			char *end;
			line += len + 1;
			line += strspn(line, "\t ");
			*value = strtoull(line, &end, base);
			return end != line && *line != '\n'; /* strtoull skips newlines, too */
		}
	}
	return false;
}

int desc_parse_fdinfo(const char *text, struct desc *d)
{
	unsigned long long pos, flags;

	if (!find_field(text, "pos", 10, &pos) || !find_field(text, "flags", 8, &flags)) {
		errno = EINVAL;
		return -1;
	}
	/* in fdinfo, the description's flags include the descriptor's close-on-exec */
	d->cloexec = (flags & O_CLOEXEC) != 0;
	d->flags = (int)(flags & ~(unsigned long long)O_CLOEXEC);
	d->pos = (int64_t)pos;
	return 0;
}

/* "anon_inode:[eventfd]"; "anon_inode:inotify" in older kernels. */
static bool anon_type(const char *path, char *type, size_t size)
{
	static const char prefix[] = "anon_inode:";
	static const struct {
		const char *kernel, *here;
	} renamed[] = {{"eventpoll", "epoll"}, {"bpf-map", "bpf"}, {"bpf-prog", "bpf"},
		{"bpf-link", "bpf"}, {"bpf_link", "bpf"}, {"bpf_iter", "bpf"},
		{"bpf-token", "bpf"}, {"bpf-stats", "bpf"}, {"btf", "bpf"},
		{"perf_event", "perf"}, {"seccomp notify", "seccomp"}, {NULL, NULL}};

	if (strncmp(path, prefix, sizeof(prefix) - 1) != 0)
		return false;
	path += sizeof(prefix) - 1;
	path += *path == '[';
	snprintf(type, size, "%.*s", (int)strcspn(path, "]"), path);
	for (size_t i = 0; renamed[i].kernel; i++)
		if (strcmp(type, renamed[i].kernel) == 0)
			strlcpy(type, renamed[i].here, size);
	return *type != '\0';
}

static const char *inode_type(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "regular";
	case S_IFDIR:
		return "directory";
	case S_IFIFO:
		return "pipe";
	case S_IFSOCK:
		return "socket";
	case S_IFCHR:
		return "char";
	case S_IFBLK:
		return "block";
	case S_IFLNK:
		return "symlink";
	default:
		return "unknown";
	}
}

/* nsfs: "net:[4026531840]". A path begins with a '/', or with "(unreachable)". */
static bool is_namespace(const char *link)
{
	static const char *const kinds[] = {"cgroup", "ipc", "mnt", "net", "pid",
		"pid_for_children", "time", "time_for_children", "user", "uts", NULL};
	size_t len = strcspn(link, ":");

	for (size_t i = 0; kinds[i]; i++)
		if (strlen(kinds[i]) == len && strncmp(link, kinds[i], len) == 0)
			return strncmp(link + len, ":[", 2) == 0;
	return false;
}

static bool is_memfd(const char *link)
{
	static const char before[] = "/memfd:", after[] = " (deleted)";
	size_t len = strlen(link);

	return strncmp(link, before, sizeof(before) - 1) == 0 && len >= sizeof(after) &&
	       strcmp(link + len - (sizeof(after) - 1), after) == 0;
}

void desc_type(const char *link, mode_t perm, char *out, size_t size)
{
	if (is_memfd(link))
		strlcpy(out, "memfd", size);
	else if (strncmp(link, "/dmabuf:", 8) == 0)
		strlcpy(out, "dmabuf", size);
	else if (strncmp(link, "pidfd:[", 7) == 0) /* Linux 6.9 on: pidfs */
		strlcpy(out, "pidfd", size);
	else if (is_namespace(link))
		strlcpy(out, "namespace", size);
	else if (!anon_type(link, out, size))
		strlcpy(out, inode_type(perm), size);
}

static void add_inode(pid_t pid, int fd, struct desc *d)
{
	struct statx sx;

	if (inode_look_fd(pid, fd, &sx) < 0)
		return;
	d->dev = inode_dev(&sx);
	d->rdev = inode_rdev(&sx);
	d->ino = sx.stx_ino;
	d->perm = sx.stx_mode;
	d->uid = sx.stx_uid;
}

/* By devices.txt of the kernel: terminals, the controlling one, both ends of pseudoterminals. */
static bool is_terminal(dev_t rdev)
{
	unsigned int m = major(rdev);

	return m == 4 || m == 5 || (m >= 128 && m <= 143);
}

bool desc_has_offset(const char *type, mode_t perm, dev_t rdev)
{
	mode_t kind = perm & S_IFMT;

	if (kind == S_IFCHR)
		return !is_terminal(rdev);
	if (strcmp(type, "namespace") == 0) /* statx shows it as a regular file */
		return false;
	return kind == S_IFREG || kind == S_IFDIR || kind == S_IFBLK;
}

/*
 * lseek can tell whether a character device has an offset, but only in this process; for
 * another process fdinfo has the last word, unless it is a terminal. For other types lseek is
 * no test: it succeeds on an eventfd, and moves nothing.
 */
static bool has_offset(pid_t pid, int fd, const struct desc *d)
{
	if ((d->perm & S_IFMT) == S_IFCHR && !pid)
		return lseek(fd, 0, SEEK_CUR) != -1 || errno != ESPIPE;
	return desc_has_offset(d->type, d->perm, d->rdev);
}

int desc_look(pid_t pid, int fd, struct desc *d)
{
	char path[64], text[4096];

	*d = (struct desc){.pos = DESC_NO_POS, .waiting = -1, .capacity = -1};
	desc_proc_path(pid, "fd", fd, path, sizeof(path));
	ssize_t n = readlink(path, d->path, sizeof(d->path) - 1);
	if (n < 0)
		return missing(pid, fd);
	desc_proc_path(pid, "fdinfo", fd, path, sizeof(path));
	if (proc_read(path, text, sizeof(text)) < 0)
		return missing(pid, fd);
	if (desc_parse_fdinfo(text, d) < 0)
		return -1;
	add_inode(pid, fd, d);
	desc_type(d->path, d->perm, d->type, sizeof(d->type));
	if (!has_offset(pid, fd, d))
		d->pos = DESC_NO_POS;
	return 0;
}

/* An offset from -4095 to -1 looks like an errno. */
int desc_seek(int fd, int64_t offset, int whence, int64_t *at)
{
	struct desc d;

	*at = lseek(fd, offset, whence);
	if (*at != -1)
		return 0;
	int err = errno;
	if (desc_look(0, fd, &d) == 0 && d.pos == -err) {
		*at = d.pos;
		return 0;
	}
	errno = err;
	return -1;
}

enum desc_same desc_same(pid_t pid1, int fd1, pid_t pid2, int fd2)
{
	enum kcmp_order order = kcmp_descriptors(pid1, fd1, pid2, fd2);

	if (order == KCMP_ERROR || order == KCMP_UNORDERED)
		return DESC_UNKNOWN;
	return order == KCMP_SAME ? DESC_SAME : DESC_DIFFERENT;
}

int desc_reopen_readonly(int fd)
{
	char path[64];
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -1;
	if ((flags & O_ACCMODE) == O_WRONLY || (flags & O_PATH)) {
		errno = EBADF; /* read access would be more than it has, not less */
		return -1;
	}
	desc_proc_path(0, "fd", fd, path, sizeof(path));
	/* nonblocking only for the open, which would wait for the writer of a pipe */
	int reopened = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (reopened >= 0 && !(flags & O_NONBLOCK))
		fcntl(reopened, F_SETFL, 0); /* nobody shares it yet */
	return reopened;
}

static int getfd_of(pid_t tid, unsigned int flags, int fd)
{
	int pidfd = pidfd_open(tid, flags);

	if (pidfd < 0)
		return -1;
	int got = pidfd_getfd(pidfd, fd, 0);
	fd_close(&pidfd);
	return got;
}

struct getfd {
	int fd, got, err;
};

static bool getfd_of_thread(void *data, pid_t tid)
{
	struct getfd *g = data;

	g->got = getfd_of(tid, PIDFD_THREAD, g->fd);
	g->err = errno;
	return g->got < 0;
}

/* When the first thread has ended, only the others still have the table (PIDFD_THREAD: Linux 6.9). */
int desc_getfd(pid_t pid, int fd)
{
	struct getfd g = {.fd = fd, .got = getfd_of(pid, 0, fd), .err = errno};

	if (g.got < 0 && g.err == ESRCH && !proc_fault())
		proc_each_thread(pid, getfd_of_thread, &g);
	errno = g.err;
	return g.got;
}

ssize_t desc_read_nowait(int fd, void *buf, size_t size)
{
	struct iovec iov = {buf, size};

	return preadv2(fd, &iov, 1, -1, RWF_NOWAIT);
}
