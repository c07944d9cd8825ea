/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/look/kcmp.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

TEST(descriptors_in_order)
{
	int a = CHECK_OK(eventfd(0, 0)), b = CHECK_OK(eventfd(0, 0)), copy = CHECK_OK(dup(a));
	pid_t me = getpid();

	CHECK_INT(kcmp_descriptors(me, a, me, copy), KCMP_SAME);
	enum kcmp_order order = kcmp_descriptors(me, a, me, b);
	CHECK(order == KCMP_BEFORE || order == KCMP_AFTER);
	CHECK_INT(kcmp_descriptors(me, copy, me, b), order);
	CHECK_INT(kcmp_descriptors(me, b, me, a), order == KCMP_BEFORE ? KCMP_AFTER : KCMP_BEFORE);
	int fds[] = {a, b, copy};
	fd_close_all(fds, 3);
}

TEST(errors)
{
	int fd = CHECK_OK(eventfd(0, 0)), epoll = CHECK_OK(epoll_create1(EPOLL_CLOEXEC));
	pid_t me = getpid(), dead = test_dead_pid();

	CHECK_ERR(kcmp_descriptors(me, fd, me, 12345), EBADF);
	CHECK_ERR(kcmp_descriptors(me, fd, dead, fd), ESRCH);
	CHECK_ERR(kcmp_tables(me, dead), ESRCH);
	CHECK_ERR(kcmp_epoll_entry(me, fd, me, epoll, fd, 0), ENOENT);
	fd_close(&fd);
	fd_close(&epoll);
}

TEST(tables)
{
	int ready[2];

	test_pipe(ready);
	pid_t pid = test_fork();
	if (pid == 0) {
		char c;
		close(ready[1]);
		CHECK_INT(read(ready[0], &c, 1), 0);
		_exit(0);
	}
	CHECK_INT(kcmp_tables(getpid(), getpid()), KCMP_SAME);
	enum kcmp_order order = kcmp_tables(getpid(), pid);
	CHECK(order == KCMP_BEFORE || order == KCMP_AFTER);
	CHECK_INT(kcmp_descriptors(getpid(), ready[0], pid, ready[0]), KCMP_SAME);
	fd_close_all(ready, 2);
	test_join(pid);
}
