/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/fd.h"

#include <asm/unistd.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_null(int flags)
{
	return CHECK_OK(open("/dev/null", flags));
}

TEST(close_keeps_errno_and_forgets_the_number)
{
	int fd = open_null(O_RDONLY);
	int was = fd;

	errno = ENOTTY;
	fd_close(&fd);
	CHECK_INT(errno, ENOTTY);
	CHECK_INT(fd, -1);
	CHECK_ERR(fcntl(was, F_GETFD), EBADF);
	errno = EXDEV;
	fd_close(&fd); /* -1: does nothing */
	CHECK_INT(errno, EXDEV);
}

TEST(close_of_a_number_that_is_closed_keeps_errno)
{
	int fd = open_null(O_RDONLY);

	close(fd);
	errno = 0;
	fd_close(&fd);
	CHECK_INT(errno, 0);
	CHECK_INT(fd, -1);
}

TEST(close_all_skips_those_that_are_gone)
{
	int fds[] = {open_null(O_RDONLY), -1, open_null(O_RDONLY)};
	int before = fd_count();

	fd_close_all(fds, 3);
	CHECK_INT(fd_count(), before - 2);
	for (int i = 0; i < 3; i++)
		CHECK_INT(fds[i], -1);
}

TEST(count_follows_open_and_close)
{
	int before = fd_count();
	int fd = open_null(O_RDONLY);

	CHECK(before >= 3);
	CHECK_INT(fd_count(), before + 1);
	fd_close(&fd);
	CHECK_INT(fd_count(), before);
}

TEST(count_says_why_it_cannot)
{
	test_leave_room(0);
	CHECK_ERR(fd_count(), EMFILE);
	test_room_again();
}

static void check_guard(int fd, int mode)
{
	char c;

	CHECK_INT(CHECK_OK(fcntl(fd, F_GETFL)) & O_ACCMODE, mode);
	CHECK(test_is_cloexec(fd));
	if (mode == O_WRONLY)
		CHECK_ERR(read(fd, &c, 1), EBADF);
	else
		CHECK_ERR(write(fd, "x", 1), EBADF);
}

TEST(guard_fills_all_three)
{
	pid_t pid = test_fork();

	if (pid == 0) {
		for (int fd = 0; fd <= 2; fd++)
			close(fd);
		fd_guard_standard();
		check_guard(0, O_WRONLY);
		check_guard(1, O_RDONLY);
		check_guard(2, O_RDONLY);
		CHECK(open_null(O_RDONLY) > 2);
		exit(0);
	}
	test_join(pid);
}

TEST(guard_leaves_those_that_exist)
{
	pid_t pid = test_fork();

	if (pid == 0) {
		int mine = test_file("mine", "", O_RDWR);
		CHECK_OK(dup2(mine, 0));
		close(1);
		fd_guard_standard();
		CHECK(test_same(mine, 0));
		CHECK(!test_is_cloexec(0));
		check_guard(1, O_RDONLY);
		exit(0);
	}
	test_join(pid);
}

TEST(what_came_through_an_exec_is_inherited)
{
	int fd = open_null(O_RDONLY), ours = open_null(O_RDONLY | O_CLOEXEC);

	CHECK(fd_is_inherited(fd));
	CHECK(!fd_is_inherited(ours));
	CHECK(!fd_is_inherited(9999));
	CHECK(!fd_is_inherited(-1));
	fd_close(&fd);
	fd_close(&ours);
}

TEST(hand_on_puts_it_at_the_number_and_takes_it)
{
	int fd = test_file("a", "", O_RDONLY);
	int at = open_null(O_RDONLY | O_CLOEXEC);
	int before = fd_count(), copy = dup(fd), was = fd;

	CHECK_OK(fd_move_to(&fd, at));
	CHECK_INT(fd, -1);
	CHECK(test_same(at, copy));
	CHECK(!test_is_cloexec(at));
	CHECK_ERR(fcntl(was, F_GETFD), EBADF);
	close(copy);
	CHECK_INT(fd_count(), before - 1);
	close(at);
}

TEST(hand_on_to_its_own_number_clears_close_on_exec)
{
	int fd = open_null(O_RDONLY | O_CLOEXEC);
	int at = fd;

	CHECK_OK(fd_move_to(&fd, at));
	CHECK_INT(fd, -1);
	CHECK(!test_is_cloexec(at));
	close(at);
}

TEST(hand_on_takes_it_also_when_it_fails)
{
	int fd = open_null(O_RDONLY);
	int before = fd_count();

	CHECK_ERR(fd_move_to(&fd, -2), EBADF);
	CHECK_INT(fd, -1);
	CHECK_INT(fd_count(), before - 1);

	int closed = open_null(O_RDONLY);
	close(closed);
	int at = closed;
	CHECK_ERR(fd_move_to(&closed, at), EBADF);
	CHECK_INT(closed, -1);
}

/* Three that are not close-on-exec, the last with a high number. */
static void open_three(int fds[3])
{
	fds[0] = CHECK_OK(open("/dev/null", O_RDONLY));
	fds[1] = CHECK_OK(dup(fds[0]));
	fds[2] = CHECK_OK(fcntl(fds[0], F_DUPFD, 900));
}

static void check_cloexec_from_second(void)
{
	int fds[3];

	open_three(fds);
	CHECK_OK(fd_cloexec_from(fds[1]));
	CHECK(!test_is_cloexec(fds[0]));
	CHECK(test_is_cloexec(fds[1]));
	CHECK(test_is_cloexec(fds[2]));
	fd_close_all(fds, 3);
}

TEST(what_no_program_is_to_have_is_close_on_exec)
{
	check_cloexec_from_second();
}

TEST(also_where_close_range_is_refused)
{
	test_forbid(__NR_close_range, EPERM);
	check_cloexec_from_second();
}

TEST(where_nothing_can_promise_it_that_fails)
{
	int fds[3];

	open_three(fds);
	test_forbid(__NR_close_range, EPERM);
	test_forbid(__NR_openat, EACCES);
	CHECK_ERR(fd_cloexec_from(fds[1]), EACCES);
	fd_close_all(fds, 3);
	_exit(0); /* nobody can count the descriptors any more */
}

TEST(a_range_is_closed_also_where_close_range_is_refused)
{
	for (int refused = 0; refused < 2; refused++) {
		int first = open_null(O_RDONLY | O_CLOEXEC), last = open_null(O_RDONLY | O_CLOEXEC);
		int after = open_null(O_RDONLY | O_CLOEXEC);
		CHECK_INT(last, first + 1);
		if (refused)
			test_forbid(__NR_close_range, ENOSYS);
		fd_close_range(first, last);
		CHECK_ERR(fcntl(first, F_GETFD), EBADF);
		CHECK_ERR(fcntl(last, F_GETFD), EBADF);
		CHECK(fcntl(after, F_GETFD) >= 0);
		fd_close(&after);
	}
	fd_close_range(5, 4);
}
