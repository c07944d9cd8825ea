/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/release.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(what_has_no_server_is_closed)
{
	int pair[2];

	test_pipe(pair);
	int ends[] = {pair[0], pair[1]};
	errno = ENOTTY;
	release_fd(&ends[0]);
	release_fd(&ends[1]);
	release_fd(&ends[1]);
	CHECK_INT(errno, ENOTTY);
	CHECK(ends[0] == -1 && ends[1] == -1);
	CHECK_ERR(fcntl(pair[0], F_GETFD), EBADF);
	CHECK_ERR(fcntl(pair[1], F_GETFD), EBADF);
}

TEST(what_may_have_one_stays_open_and_at_the_end_a_child_closes_all)
{
	int pair[2];

	CHECK_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	test_pipe(pair);
	pid_t pid = test_fork();
	if (pid == 0) {
		int fd = CHECK_OK(open("/proc/self/status", O_RDONLY | O_CLOEXEC)), number = fd;
		fd_close(&pair[0]);
		release_fd(&fd);
		CHECK_INT(fd, -1);
		CHECK_OK(fcntl(number, F_GETFD));
		release_rest();
		_exit(0);
	}
	fd_close(&pair[1]);
	CHECK(test_poll(pair[0], 0, 10000) & POLLHUP);
	test_join(pid);
	CHECK_OK(waitpid(-1, NULL, 0)); /* the child that closed it */
	fd_close(&pair[0]);
}

static bool is_closed(int fd)
{
	for (int i = 0; i < 1000 && fcntl(fd, F_GETFD) >= 0; i++)
		poll(NULL, 0, 10);
	return fcntl(fd, F_GETFD) < 0;
}

TEST(in_the_background_a_child_closes_it)
{
	int fds[] = {CHECK_OK(open("/proc/self/status", O_RDONLY | O_CLOEXEC)), -1,
		CHECK_OK(open("/dev/null", O_RDONLY | O_CLOEXEC)),
		CHECK_OK(open("/proc/self/status", O_RDONLY | O_CLOEXEC))};
	int first = fds[0], null = fds[2], last = fds[3];

	release_in_background(true);
	errno = ENOTTY;
	release_fd(&fds[0]);
	CHECK_INT(errno, ENOTTY);
	CHECK_INT(fds[0], -1);
	CHECK(is_closed(first));
	errno = ENOTTY;
	release_uninvited(fds, 4);
	CHECK_INT(errno, ENOTTY);
	CHECK(fds[2] == -1 && fds[3] == -1);
	CHECK_ERR(fcntl(null, F_GETFD), EBADF);
	CHECK(is_closed(last));
	release_in_background(false);
	while (waitpid(-1, NULL, 0) > 0)
		continue;
}
