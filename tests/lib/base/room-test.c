/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Room at a number. */
#include "lib/base/fd.h"
#include "lib/base/room.h"
#include "tests/unit/shapes.h"
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

static int next_number(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

TEST(the_next_descriptor_gets_the_number)
{
	int fd = test_file("a", "", O_RDONLY | O_CLOEXEC);
	int before = fd_count(), got;
	struct room room;

	for (int at = fd + 1; at < fd + 60; at += 17) {
		CHECK_OK(room_make(&room, at, fd));
		got = next_number(fd);
		CHECK_INT(got, at);
		room_end(&room, true);
		CHECK(test_same(fd, at));
		fd_close(&got);
		CHECK_INT(fd_count(), before);
	}
	fd_close(&fd);
}

TEST(what_was_at_the_number_is_replaced)
{
	int fd = test_file("a", "", O_RDONLY | O_CLOEXEC);
	int old = test_file("b", "", O_RDONLY), at = old;
	int before = fd_count();
	struct room room;

	CHECK_OK(room_make(&room, at, fd));
	CHECK_INT(next_number(fd), at);
	room_end(&room, true);
	CHECK(test_same(fd, at));
	CHECK_INT(fd_count(), before);
	fd_close(&old);
	fd_close(&fd);
}

TEST(what_was_at_the_number_comes_back_where_nothing_took_it)
{
	int fd = test_file("a", "", O_RDONLY | O_CLOEXEC);
	int old = test_file("b", "", O_RDONLY), copy = fcntl(old, F_DUPFD_CLOEXEC, 0);
	int before = fd_count();
	struct room room;

	CHECK_OK(room_make(&room, old, fd));
	CHECK_ERR(fcntl(old, F_GETFD), EBADF);
	errno = EPROTO;
	room_end(&room, false);
	CHECK_INT(errno, EPROTO);
	CHECK(test_same(copy, old));
	CHECK(!test_is_cloexec(old));
	CHECK_INT(fd_count(), before);
	fd_close(&copy);
	fd_close(&old);
	fd_close(&fd);
}

/* Runs with a table of so few descriptors that it is full but for some. */
static void with_limit(int limit, int fd, int at, int err)
{
	struct rlimit old, few;
	struct room room;
	int before = fd_count();

	CHECK_OK(getrlimit(RLIMIT_NOFILE, &old));
	few = old;
	few.rlim_cur = (rlim_t)limit;
	CHECK_OK(setrlimit(RLIMIT_NOFILE, &few));
	CHECK_ERR(room_make(&room, at, fd), err);
	CHECK_OK(setrlimit(RLIMIT_NOFILE, &old));
	CHECK_INT(fd_count(), before);
}

TEST(a_number_beyond_the_limit_and_a_full_table_are_errors_and_leave_nothing)
{
	int fd = test_file("a", "", O_RDONLY | O_CLOEXEC);
	int old = test_file("b", "", O_RDONLY);

	with_limit(fd + 20, fd, fd + 20, EINVAL);
	with_limit(fd + 20, fd, 2147483646, EINVAL);
	with_limit(old + 1, fd, old, EMFILE); /* nowhere to move what is there */
	CHECK_OK(fcntl(old, F_GETFD));
	fd_close(&old);
	fd_close(&fd);
}
