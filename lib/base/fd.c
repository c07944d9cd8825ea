/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Closing, moving and reopening descriptors: see fd.h. */
#include "lib/base/fd.h"
#include "lib/base/dir.h"
#include "lib/base/uapi.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

void fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd); /* not again after EINTR: Linux has closed it by then */
	*fd = -1;
	errno = saved;
}

void fd_close_all(int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fd_close(&fds[i]);
}

void fd_close_range(int first, int last)
{
	if (first > last || close_range((unsigned)first, (unsigned)last, 0) == 0)
		return;
	for (int fd = first; fd <= last; fd++) /* a kernel or a filter that refuses the call */
		close(fd);
}

struct from {
	int first;
	int done;
};

static bool cloexec(void *data, int fd)
{
	struct from *f = data;

	if (fd >= f->first)
		f->done = fcntl(fd, F_SETFD, FD_CLOEXEC);
	return f->done == 0;
}

/* Where the kernel, or a filter, does not know close_range(2): each that /proc shows. */
static int cloexec_each_from(int first)
{
	struct from f = {.first = first};

	return dir_each_number("/proc/self/fd", cloexec, &f) < 0 ? -1 : f.done;
}

int fd_cloexec_from(int first)
{
	if (close_range((unsigned)first, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return 0;
	return cloexec_each_from(first);
}

void fd_guard_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		/* open(2) takes the lowest free number, and those below fd are open by now */
		int mode = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
		if (open("/dev/null", mode | O_CLOEXEC) < 0)
			return;
	}
}

int fd_inherit(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags < 0 ? -1 : fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC);
}

int fd_move_to(int *fd, int at)
{
	bool there = *fd == at;
	int done = there ? fd_inherit(at) : dup2(*fd, at);

	if (there && done == 0)
		*fd = -1;
	fd_close(fd);
	return done < 0 ? -1 : 0;
}

int fd_reopen(int fd, int flags)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags | O_CLOEXEC);
}

bool fd_is_inherited(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags >= 0 && !(flags & FD_CLOEXEC);
}

static rlim_t soft_limit; /* before fd_raise_limit; 0: it was not raised */

void fd_raise_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur >= r.rlim_max)
		return;
	rlim_t old = r.rlim_cur;
	r.rlim_cur = r.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &r) == 0)
		soft_limit = old;
}

void fd_restore_limit(void)
{
	struct rlimit r;

	if (soft_limit == 0 || getrlimit(RLIMIT_NOFILE, &r) < 0)
		return;
	r.rlim_cur = soft_limit;
	setrlimit(RLIMIT_NOFILE, &r);
}

static bool count_one(void *data, int fd)
{
	(void)fd;
	++*(int *)data;
	return true;
}

int fd_count(void)
{
	int n = -1; /* one of them is that of the directory itself */

	return dir_each_number("/proc/self/fd", count_one, &n) < 0 ? -1 : n;
}
