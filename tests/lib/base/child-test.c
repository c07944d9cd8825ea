/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/child.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char buf[READER_MAX + 1];

/* Waits for what the child has to say. */
static ssize_t next(struct reader *r)
{
	CHECK(test_poll(r->sock, POLLIN, 10000) & POLLIN);
	return reader_get(r, buf, sizeof(buf));
}

static void check_stopped(struct reader *r)
{
	pid_t child = r->child;

	errno = ENOTTY;
	reader_stop(r);
	CHECK_INT(errno, ENOTTY);
	CHECK_INT(r->sock, -1);
	CHECK_ERR(kill(child, 0), ESRCH);
	CHECK_ERR(waitpid(-1, NULL, WNOHANG), ECHILD); /* no zombie */
	reader_stop(r);
}

TEST(what_is_read_comes_through)
{
	int pair[2];
	struct reader r;

	test_pipe(pair);
	CHECK_OK(reader_start(&r, pair[0], READER_MAX, false));
	CHECK(test_is_cloexec(r.sock));
	CHECK_ERR(reader_get(&r, buf, sizeof(buf)), EAGAIN);
	CHECK_INT(write(pair[1], "one", 3), 3);
	CHECK_INT(next(&r), 3);
	CHECK(memcmp(buf, "one", 3) == 0);
	CHECK_INT(write(pair[1], "\0two", 4), 4);
	CHECK_INT(next(&r), 4);
	CHECK(memcmp(buf, "\0two", 4) == 0);
	check_stopped(&r);
	fd_close_all(pair, 2);
}

TEST(end_of_file_comes_through_though_the_writer_was_ours)
{
	int pair[2];
	struct reader r;

	test_pipe(pair);
	CHECK_OK(reader_start(&r, pair[0], READER_MAX, false));
	CHECK_INT(write(pair[1], "last", 4), 4);
	fd_close(&pair[1]); /* the child has not kept it, or there would be no end */
	CHECK_INT(next(&r), 4);
	CHECK_INT(next(&r), 0);
	check_stopped(&r);
	fd_close(&pair[0]);
}

TEST(an_errno_comes_through)
{
	int dir = CHECK_OK(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	int written = test_file("file", "", O_WRONLY);
	struct reader r;

	CHECK_OK(reader_start(&r, dir, READER_MAX, false));
	CHECK_ERR(next(&r), EISDIR);
	check_stopped(&r);
	CHECK_OK(reader_start(&r, written, READER_MAX, false));
	CHECK_ERR(next(&r), EBADF);
	check_stopped(&r);
	fd_close(&dir);
	fd_close(&written);
}

TEST(the_most_that_one_read_gives)
{
	char *text = must_calloc(1, READER_MAX + 11);
	struct reader r;

	memset(text, 'x', READER_MAX + 10);
	text[READER_MAX - 1] = 'L';
	int fd = test_file("big", text, O_RDONLY);
	CHECK_OK(reader_start(&r, fd, READER_MAX, false));
	CHECK_INT(next(&r), READER_MAX);
	CHECK_INT(buf[READER_MAX - 1], 'L');
	CHECK_INT(next(&r), 10);
	CHECK_INT(next(&r), 0);
	check_stopped(&r);
	free(text);
	fd_close(&fd);
}

TEST(once_is_one_read_of_so_many_bytes)
{
	int pair[2];
	struct reader r;

	test_pipe(pair);
	CHECK_INT(write(pair[1], "abcdef", 6), 6);
	CHECK_OK(reader_start(&r, pair[0], 4, true));
	CHECK_INT(next(&r), 4);
	CHECK(memcmp(buf, "abcd", 4) == 0);
	CHECK_INT(next(&r), 0); /* the child has ended */
	check_stopped(&r);
	CHECK_INT(read(pair[0], buf, sizeof(buf)), 2); /* what nobody asked for is still there */
	fd_close_all(pair, 2);
}

TEST(a_read_that_hangs_is_ended)
{
	int pair[2];
	struct reader r;

	test_pipe(pair);
	CHECK_OK(reader_start(&r, pair[0], READER_MAX, false));
	CHECK_INT(test_poll(r.sock, POLLIN, 20), 0);
	check_stopped(&r);
	fd_close_all(pair, 2);
}

TEST(the_child_ends_though_every_signal_is_blocked)
{
	int pair[2];
	struct reader r;
	sigset_t all;

	sigfillset(&all);
	CHECK_OK(sigprocmask(SIG_BLOCK, &all, NULL));
	test_pipe(pair);
	CHECK_OK(reader_start(&r, pair[0], READER_MAX, false));
	CHECK_OK(kill(r.child, SIGTERM)); /* blocked here, not there */
	CHECK_INT(test_poll(r.sock, POLLIN | POLLHUP, 10000) & POLLHUP, POLLHUP);
	check_stopped(&r);
	sigemptyset(&all);
	CHECK_OK(sigprocmask(SIG_SETMASK, &all, NULL));
	fd_close_all(pair, 2);
}

TEST(standard_output_can_be_read_from)
{
	int pair[2], saved = CHECK_OK(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
	struct reader r;

	test_pipe(pair);
	CHECK_OK(dup2(pair[0], STDOUT_FILENO)); /* the number that the child's own socket gets */
	CHECK_OK(reader_start(&r, STDOUT_FILENO, READER_MAX, false));
	CHECK_INT(write(pair[1], "x", 1), 1);
	CHECK_INT(next(&r), 1);
	check_stopped(&r);
	CHECK_OK(dup2(saved, STDOUT_FILENO));
	fd_close(&saved);
	fd_close_all(pair, 2);
}

TEST(a_reader_that_cannot_start)
{
	int pair[2], before;
	struct reader r;

	test_pipe(pair);
	before = fd_count();
	test_leave_room(1);
	CHECK_ERR(reader_start(&r, pair[0], READER_MAX, false), EMFILE);
	test_room_again();
	CHECK_INT(fd_count(), before);
	fd_close_all(pair, 2);
}
