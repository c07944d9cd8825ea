/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An outlet never waits, whatever its reader does, keeps what must be kept, and counts the rest. */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/loop/outlet.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* The loop and the outlet of one test. */
static struct loop *loop;
static struct outlet *outlet;

static void lost(void *data, size_t n)
{
	CHECK(data == &outlet);
	fprintf(outlet_stream(outlet), "%zu lines were lost\n", n);
}

static void begin(int fd)
{
	loop = loop_new();
	CHECK(loop);
	outlet = outlet_new(loop, fd, lost, &outlet);
	CHECK(outlet);
}

static void end(void)
{
	outlet_free(outlet);
	loop_free(loop);
}

/* A pipe of one page, and an outlet on it. */
static void begin_pipe(int pair[2])
{
	test_pipe(pair);
	CHECK_OK(fcntl(pair[1], F_SETPIPE_SZ, getpagesize()));
	begin(pair[1]);
}

static void end_pipe(int pair[2])
{
	end();
	fd_close_all(pair, 2);
}

/* Prints what cannot be spared. */
static void print(const char *text)
{
	fputs(text, outlet_stream(outlet));
	CHECK_OK(outlet_flush(outlet));
}

/* Prints what can be spared. */
static void offer(const char *text)
{
	if (outlet_takes(outlet))
		fputs(text, outlet_stream(outlet));
	CHECK_OK(outlet_flush(outlet));
}

/* A line of len bytes. The caller frees. */
static char *line_of(size_t len)
{
	char *line = must_calloc(len + 1, 1);

	memset(line, 'x', len - 1);
	line[len - 1] = '\n';
	return line;
}

/* A line of n bytes more than the pipe of begin_pipe takes. The caller frees. */
static char *more_than_a_pipe(size_t n)
{
	return line_of((size_t)getpagesize() + n);
}

/* Reads until nothing is there, and one round of the loop brings nothing. */
static char *read_all(int fd)
{
	static char all[8 * OUTLET_MAX];
	size_t len = 0;

	while (test_poll(fd, POLLIN, 0) & POLLIN) {
		ssize_t n = read(fd, all + len, sizeof(all) - 1 - len);
		CHECK(n > 0);
		len += (size_t)n;
		CHECK_OK(loop_once(loop, 0));
	}
	all[len] = '\0';
	return all;
}

static size_t lines_in(const char *text)
{
	size_t n = 0;

	for (; (text = strstr(text, "x\n")); text++)
		n++;
	return n;
}

TEST(lines_come_in_order_and_not_before_a_flush)
{
	int pair[2];

	begin_pipe(pair);
	CHECK_OK(outlet_flush(outlet));
	fputs("one\n", outlet_stream(outlet));
	fputs("two\n", outlet_stream(outlet));
	CHECK_INT(test_poll(pair[0], POLLIN, 0), 0);
	CHECK_OK(outlet_flush(outlet));
	CHECK_STR(read_all(pair[0]), "one\ntwo\n");
	end_pipe(pair);
}

/* POLLOUT promises one byte of a terminal; a blocking write would wait for the rest. */
TEST(a_terminal_that_nobody_reads_keeps_nobody_waiting)
{
	char name[64], *line = line_of(1000);
	int master = CHECK_OK(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));

	CHECK_OK(unlockpt(master));
	CHECK_INT(ptsname_r(master, name, sizeof(name)), 0);
	int slave = CHECK_OK(open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
	begin(slave);
	for (int i = 0; i < 6 * OUTLET_MAX / 1000; i++)
		offer(line);
	CHECK(!(fcntl(slave, F_GETFL) & O_NONBLOCK));
	CHECK(outlet_free(outlet) > OUTLET_MAX / 2); /* at the end the terminal may take some more */
	loop_free(loop);
	free(line);
	fd_close(&slave);
	fd_close(&master);
}

TEST(what_can_be_spared_is_counted_and_said_when_the_reader_reads)
{
	int pair[2];
	size_t in_pipe = (size_t)getpagesize() / 1000, offered = in_pipe + 100;
	char *line = line_of(1000);

	begin_pipe(pair);
	for (size_t i = 0; i < offered; i++) /* 66 in the outlet */
		offer(line);
	offer("last\n");
	char *all = read_all(pair[0]);
	size_t n = lines_in(all);
	CHECK(n >= in_pipe + 56 && n < in_pipe + 76);
	char *said = must_printf("\n%zu lines were lost\n", offered + 1 - n);
	CHECK(strstr(all, said));
	free(said);
	offer("again\n");
	CHECK_STR(read_all(pair[0]), "again\n");
	end_pipe(pair);
	free(line);
}

TEST(what_cannot_be_spared_is_kept_and_read_late)
{
	int pair[2];
	char *line = line_of(1000);

	begin_pipe(pair);
	CHECK(!outlet_is_behind(outlet));
	for (int i = 0; i < 300; i++)
		print(line);
	CHECK(outlet_is_behind(outlet));
	CHECK_INT(lines_in(read_all(pair[0])), 300);
	CHECK(!outlet_is_behind(outlet));
	end_pipe(pair);
	free(line);
}

TEST(what_nobody_read_at_the_end_is_counted)
{
	int pair[2];
	char *line = more_than_a_pipe(5000);

	begin_pipe(pair);
	print(line);
	CHECK_INT(outlet_free(outlet), 5000);
	loop_free(loop);
	fd_close_all(pair, 2);
	free(line);
}

static void read_some(void *data, uint32_t expirations)
{
	char buf[4096];

	(void)expirations;
	CHECK(read(*(int *)data, buf, sizeof(buf)) > 0);
}

static void never(void *data, uint32_t events)
{
	(void)data;
	(void)events;
	CHECK(!"a source ran while the outlet drained");
}

TEST(a_drain_waits_for_the_reader_and_serves_no_input)
{
	int pair[2], input = CHECK_OK(eventfd(1, EFD_CLOEXEC));
	char *line = more_than_a_pipe(5000);

	begin_pipe(pair);
	CHECK(loop_add(loop, input, EPOLLIN, never, NULL));
	CHECK(loop_timer(loop, 1, 1000000, read_some, &pair[0]));
	fputs(line, outlet_stream(outlet));
	CHECK_OK(outlet_drain(outlet));
	CHECK(!outlet_is_behind(outlet));
	end_pipe(pair);
	fd_close(&input);
	free(line);
}

static void stop(void *data, uint32_t what)
{
	(void)data;
	(void)what;
	loop_stop(loop, 7);
}

TEST(a_drain_ends_when_the_loop_is_stopped)
{
	int pair[2];
	char *line = more_than_a_pipe(5000);

	begin_pipe(pair);
	fputs(line, outlet_stream(outlet));
	CHECK(loop_timer(loop, 1, 0, stop, NULL));
	CHECK_OK(outlet_drain(outlet));
	CHECK(outlet_is_behind(outlet) && loop_stopping(loop));
	CHECK_INT(loop_run(loop), 7);
	CHECK(loop_signal(loop, SIGUSR1, stop, NULL));
	raise(SIGUSR1);
	CHECK_OK(outlet_drain(outlet));
	CHECK_INT(loop_run(loop), 7);
	end_pipe(pair);
	free(line);
}

TEST(a_reader_that_never_reads_keeps_nobody_from_ending)
{
	int pair[2];

	begin_pipe(pair);
	for (int i = 0; i < 100000; i++)
		offer("a line that nobody reads\n");
	end_pipe(pair);
}

TEST(a_reader_that_has_gone_is_an_error_for_good)
{
	int pair[2];

	signal(SIGPIPE, SIG_IGN);
	begin_pipe(pair);
	fd_close(&pair[0]);
	fputs("x\n", outlet_stream(outlet));
	CHECK_ERR(outlet_flush(outlet), EPIPE);
	CHECK_ERR(outlet_flush(outlet), EPIPE);
	CHECK_ERR(outlet_drain(outlet), EPIPE);
	end_pipe(pair);
}

TEST(a_reader_that_goes_while_more_is_kept_is_an_error)
{
	int pair[2];
	char *line = more_than_a_pipe(5000);

	signal(SIGPIPE, SIG_IGN);
	begin_pipe(pair);
	print(line);
	fd_close(&pair[0]);
	CHECK_OK(loop_once(loop, -1));
	CHECK_ERR(outlet_flush(outlet), EPIPE);
	end_pipe(pair);
	free(line);
}

TEST(a_file_takes_all)
{
	int fd = test_file("file", "", O_WRONLY);

	begin(fd);
	for (int i = 0; i < 10000; i++)
		offer("ten bytes\n");
	CHECK_INT(lseek(fd, 0, SEEK_CUR), 100000);
	end();
	fd_close(&fd);
}

TEST(a_socket_takes_what_fits)
{
	int pair[2];
	char *line = line_of(1000);

	CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	begin(pair[1]);
	for (int i = 0; i < 400; i++)
		print(line);
	CHECK(outlet_is_behind(outlet));
	CHECK_INT(lines_in(read_all(pair[0])), 400);
	end_pipe(pair);
	free(line);
}
