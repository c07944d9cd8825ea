/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A child that makes calls which may hang: reading, being stopped, being stuck. */
#include "tests/unit/test.h"
#include "lib/base/child.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/times.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static char buf[CHILD_READ_MAX + 1];

/* Waits for what the child has to say. */
static ssize_t next(struct child *r)
{
	CHECK(test_poll(r->sock, POLLIN, 10000) & POLLIN);
	return child_read(r, buf, sizeof(buf));
}

static void check_stopped(struct child *r)
{
	pid_t child = r->pid;

	errno = ENOTTY;
	child_stop(r, -1);
	CHECK_INT(errno, ENOTTY);
	CHECK_INT(r->sock, -1);
	CHECK_ERR(kill(child, 0), ESRCH);
	CHECK_ERR(waitpid(-1, NULL, WNOHANG), ECHILD); /* no zombie */
	child_stop(r, -1);
}

TEST(what_is_read_comes_through)
{
	int pair[2];
	struct child r;

	test_pipe(pair);
	CHECK_OK(child_read_start(&r, pair[0], CHILD_READ_MAX, false));
	CHECK(test_is_cloexec(r.sock));
	CHECK_ERR(child_read(&r, buf, sizeof(buf)), EAGAIN);
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
	struct child r;

	test_pipe(pair);
	CHECK_OK(child_read_start(&r, pair[0], CHILD_READ_MAX, false));
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
	struct child r;

	CHECK_OK(child_read_start(&r, dir, CHILD_READ_MAX, false));
	CHECK_ERR(next(&r), EISDIR);
	check_stopped(&r);
	CHECK_OK(child_read_start(&r, written, CHILD_READ_MAX, false));
	CHECK_ERR(next(&r), EBADF);
	check_stopped(&r);
	fd_close(&dir);
	fd_close(&written);
}

TEST(the_most_that_one_read_gives)
{
	char *text = must_calloc(1, CHILD_READ_MAX + 11);
	struct child r;

	memset(text, 'x', CHILD_READ_MAX + 10);
	text[CHILD_READ_MAX - 1] = 'L';
	int fd = test_file("big", text, O_RDONLY);
	CHECK_OK(child_read_start(&r, fd, CHILD_READ_MAX, false));
	CHECK_INT(next(&r), CHILD_READ_MAX);
	CHECK_INT(buf[CHILD_READ_MAX - 1], 'L');
	CHECK_INT(next(&r), 10);
	CHECK_INT(next(&r), 0);
	check_stopped(&r);
	free(text);
	fd_close(&fd);
}

TEST(once_is_one_read_of_so_many_bytes)
{
	int pair[2];
	struct child r;

	test_pipe(pair);
	CHECK_INT(write(pair[1], "abcdef", 6), 6);
	CHECK_OK(child_read_start(&r, pair[0], 4, true));
	CHECK_INT(next(&r), 4);
	CHECK(memcmp(buf, "abcd", 4) == 0);
	CHECK_ERR(next(&r), ECHILD); /* it has ended */
	check_stopped(&r);
	CHECK_INT(read(pair[0], buf, sizeof(buf)), 2); /* what nobody asked for is still there */
	fd_close_all(pair, 2);
}

TEST(a_read_that_hangs_is_ended)
{
	int pair[2];
	struct child r;

	test_pipe(pair);
	CHECK_OK(child_read_start(&r, pair[0], CHILD_READ_MAX, false));
	CHECK_INT(test_poll(r.sock, POLLIN, 20), 0);
	check_stopped(&r);
	fd_close_all(pair, 2);
}

TEST(the_child_ends_though_every_signal_is_blocked)
{
	int pair[2];
	struct child r;
	sigset_t all;

	sigfillset(&all);
	CHECK_OK(sigprocmask(SIG_BLOCK, &all, NULL));
	test_pipe(pair);
	CHECK_OK(child_read_start(&r, pair[0], CHILD_READ_MAX, false));
	CHECK_OK(kill(r.pid, SIGTERM)); /* blocked here, not there */
	CHECK_INT(test_poll(r.sock, POLLIN | POLLHUP, 10000) & POLLHUP, POLLHUP);
	check_stopped(&r);
	sigemptyset(&all);
	CHECK_OK(sigprocmask(SIG_SETMASK, &all, NULL));
	fd_close_all(pair, 2);
}

TEST(standard_output_can_be_read_from)
{
	int pair[2], saved = CHECK_OK(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
	struct child r;

	test_pipe(pair);
	CHECK_OK(dup2(pair[0], STDOUT_FILENO)); /* the number that the child's own socket gets */
	CHECK_OK(child_read_start(&r, STDOUT_FILENO, CHILD_READ_MAX, false));
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
	struct child r;

	test_pipe(pair);
	before = fd_count();
	test_leave_room(1);
	CHECK_ERR(child_read_start(&r, pair[0], CHILD_READ_MAX, false), EMFILE);
	test_room_again();
	CHECK_INT(fd_count(), before);
	fd_close_all(pair, 2);
}

TEST(a_child_that_is_killed_is_no_end_of_file)
{
	int pair[2];
	struct child c;

	test_pipe(pair);
	CHECK_OK(child_read_start(&c, pair[0], CHILD_READ_MAX, false));
	CHECK_OK(kill(c.pid, SIGKILL));
	CHECK_ERR(next(&c), ECHILD);
	check_stopped(&c);
	fd_close_all(pair, 2);
}

/* --- any question ------------------------------------------------------------------ */

/* Answers with how many descriptors it has, and whether those are the two that it may have. */
static void count_descriptors(int sock, int fd, const void *data)
{
	int answer[2] = {0, fcntl(fd, F_GETFD) >= 0};

	for (int i = 0; i < 4096; i++)
		answer[0] += fcntl(i, F_GETFD) >= 0;
	CHECK_STR(data, "what it was given");
	CHECK_INT(send(sock, answer, sizeof(answer), 0), sizeof(answer));
}

TEST(it_has_two_descriptors_and_no_more)
{
	int pair[2], answer[2];
	struct child c;

	test_pipe(pair);
	CHECK_OK(child_start(&c, pair[1], count_descriptors, "what it was given"));
	CHECK(child_wait(&c, time_after(10 * NS_PER_S)));
	CHECK_INT(recv(c.sock, answer, sizeof(answer), 0), sizeof(answer));
	CHECK_INT(answer[0], 2);
	CHECK_INT(answer[1], 1);
	check_stopped(&c);
	fd_close_all(pair, 2);
}

/* Of a pipe that is held it never returns, and no signal ends it. */
static void ask_size(int sock, int fd, const void *data)
{
	int size = fcntl(fd, F_GETPIPE_SZ);

	(void)data;
	CHECK_INT(send(sock, &size, sizeof(size), 0), sizeof(size));
}

/* Returns whether it answered in time. */
static bool answers(int fd)
{
	struct child c;

	CHECK_OK(child_start(&c, fd, ask_size, NULL));
	bool answered = child_wait(&c, time_after(NS_PER_S / 5));
	child_stop(&c, fd);
	return answered;
}

TEST(one_that_is_stuck_is_not_waited_for_and_has_no_second)
{
	int held[2], other[2];
	struct child c;

	test_need_root();
	test_pipe(held);
	test_pipe(other);
	CHECK_INT(write(held[1], "hello", 5), 5);
	pid_t holder = test_hold_pipe(held[0]);
	CHECK(!answers(held[0]));
	CHECK_ERR(child_start(&c, held[0], ask_size, NULL), EBUSY);
	CHECK_ERR(child_start(&c, held[1], ask_size, NULL), EBUSY); /* the same inode */
	CHECK_INT(c.sock, -1);
	CHECK(answers(other[0]));
	CHECK_OK(kill(holder, SIGKILL)); /* then the one that asked ends, too */
	CHECK_INT(waitpid(holder, NULL, 0), holder);
	int64_t deadline = time_after(10 * NS_PER_S);
	while (child_start(&c, held[0], ask_size, NULL) < 0 && time_now() < deadline)
		time_sleep(NS_PER_MS);
	CHECK(child_wait(&c, deadline));
	check_stopped(&c);
	fd_close_all(held, 2);
	fd_close_all(other, 2);
}

TEST(two_that_are_stuck_are_enough)
{
	int pipes[3][2];
	pid_t holders[2];
	struct child c;

	test_need_root();
	for (int i = 0; i < 3; i++) {
		test_pipe(pipes[i]);
		CHECK_INT(write(pipes[i][1], "hello", 5), 5);
	}
	for (int i = 0; i < 2; i++) {
		holders[i] = test_hold_pipe(pipes[i][0]);
		CHECK(!answers(pipes[i][0]));
	}
	CHECK_ERR(child_start(&c, pipes[2][0], ask_size, NULL), EBUSY);
	for (int i = 0; i < 2; i++) {
		CHECK_OK(kill(holders[i], SIGKILL));
		CHECK_INT(waitpid(holders[i], NULL, 0), holders[i]);
		CHECK_OK(waitpid(-1, NULL, 0)); /* the one that asked */
		fd_close_all(pipes[i], 2);
	}
	CHECK(answers(pipes[2][0]));
	fd_close_all(pipes[2], 2);
}

static void answer_by_letter(int sock, int fd, const void *data)
{
	const char *letter = data;

	(void)fd;
	if (*letter != '-')
		send(sock, letter, 1, MSG_NOSIGNAL);
	while (*letter == '!')
		pause();
}

TEST(one_answer)
{
	char a = 0;

	CHECK_OK(child_ask(-1, answer_by_letter, "a", &a, 1, NEVER));
	CHECK_INT(a, 'a');
	CHECK_OK(child_ask(-1, answer_by_letter, "!", &a, 1, NEVER)); /* it goes on, and is killed */
	CHECK_ERR(child_ask(-1, answer_by_letter, "-", &a, 1, NEVER), ECHILD);
	CHECK_ERR(child_ask(-1, answer_by_letter, "a", &a, 2, NEVER), ECHILD); /* too short */
	CHECK_ERR(waitpid(-1, NULL, WNOHANG), ECHILD);
}

static void say_nothing(int sock, int fd, const void *data)
{
	(void)sock;
	(void)fd;
	(void)data;
	for (;;)
		pause();
}

TEST(no_answer_in_time)
{
	char a;

	CHECK_ERR(child_ask(-1, say_nothing, NULL, &a, 1, time_after(NS_PER_MS)), ETIMEDOUT);
	CHECK_ERR(waitpid(-1, NULL, WNOHANG), ECHILD);
}

TEST(what_answers_can_be_polled)
{
	int pair[2], proc = CHECK_OK(open("/proc/self/status", O_RDONLY | O_CLOEXEC));

	test_pipe(pair);
	CHECK_OK(child_try_poll(pair[0], NEVER));
	CHECK_OK(child_try_poll(proc, NEVER));
	fd_close(&proc);
	fd_close_all(pair, 2);
}
