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

static bool differs(enum kcmp_order order)
{
	return order != KCMP_ERROR && order != KCMP_SAME;
}

TEST(what_an_epoll_entry_means)
{
	int epoll = CHECK_OK(epoll_create1(EPOLL_CLOEXEC)), a = eventfd(0, 0), b = eventfd(0, 0);
	int copy = dup(a);
	struct epoll_event e = {.events = EPOLLIN};
	pid_t me = getpid();

	CHECK_OK(epoll_ctl(epoll, EPOLL_CTL_ADD, a, &e));
	CHECK_INT(kcmp_epoll_entry(me, a, me, epoll, a, 0), KCMP_SAME);
	CHECK_INT(kcmp_epoll_entry(me, copy, me, epoll, a, 0), KCMP_SAME);
	CHECK(differs(kcmp_epoll_entry(me, b, me, epoll, a, 0)));
	CHECK_ERR(kcmp_epoll_entry(me, b, me, epoll, b, 0), ENOENT);
	CHECK_ERR(kcmp_epoll_entry(me, a, me, epoll, a, 1), ENOENT);
	CHECK_ERR(kcmp_epoll_entry(me, a, me, b, a, 0), EINVAL);
	/* closed, used again, and added again: two entries have the number */
	CHECK_OK(dup2(b, a));
	CHECK_INT(kcmp_epoll_entry(me, copy, me, epoll, a, 0), KCMP_SAME);
	CHECK(differs(kcmp_epoll_entry(me, a, me, epoll, a, 0)));
	CHECK_OK(epoll_ctl(epoll, EPOLL_CTL_ADD, a, &e));
	enum kcmp_order first = kcmp_epoll_entry(me, copy, me, epoll, a, 0);
	enum kcmp_order second = kcmp_epoll_entry(me, copy, me, epoll, a, 1);
	CHECK_INT((first == KCMP_SAME) + (second == KCMP_SAME), 1);
	int fds[] = {epoll, a, b, copy};
	fd_close_all(fds, 4);
}
