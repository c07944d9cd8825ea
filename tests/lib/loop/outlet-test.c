/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An outlet never waits, whatever its reader does, and counts what it drops. */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/loop/outlet.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *lost(size_t n)
{
	return must_printf("%zu lines were lost\n", n);
}

/* Reads until nothing is there, and one round of the loop brings nothing. */
static char *read_all(struct loop *l, int fd)
{
	static char all[4 * OUTLET_MAX];
	size_t len = 0;

	while (test_poll(fd, POLLIN, 0) & POLLIN) {
		ssize_t n = read(fd, all + len, sizeof(all) - 1 - len);
		CHECK(n > 0);
		len += (size_t)n;
		CHECK_OK(loop_once(l, 0));
	}
	all[len] = '\0';
	return all;
}

TEST(lines_come_in_order)
{
	int pair[2];
	struct loop *l = loop_new();

	test_pipe(pair);
	struct outlet *o = outlet_new(l, pair[1], lost);
	CHECK_OK(outlet_flush(o));
	outlet_line(o, "one\n");
	outlet_line(o, "two\n");
	CHECK_INT(test_poll(pair[0], POLLIN, 0), 0); /* not before it is flushed */
	CHECK_OK(outlet_flush(o));
	CHECK_STR(read_all(l, pair[0]), "one\ntwo\n");
	outlet_free(o);
	loop_free(l);
	fd_close_all(pair, 2);
}

/* POLLOUT promises one byte of a terminal; a blocking write would wait for the rest. */
TEST(a_terminal_that_nobody_reads_keeps_nobody_waiting)
{
	char name[64], line[1001];
	struct loop *l = loop_new();
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	CHECK(master >= 0);
	CHECK_OK(unlockpt(master));
	CHECK_INT(ptsname_r(master, name, sizeof(name)), 0);
	int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(slave >= 0);
	struct outlet *o = outlet_new(l, slave, lost);
	memset(line, 'x', 999);
	strcpy(line + 999, "\n");
	for (int i = 0; i < 3 * OUTLET_MAX / 1000; i++) {
		outlet_line(o, line);
		CHECK_OK(outlet_flush(o));
	}
	CHECK(!(fcntl(slave, F_GETFL) & O_NONBLOCK));
	outlet_free(o);
	loop_free(l);
	fd_close(&slave);
	fd_close(&master);
}

TEST(a_line_that_is_longer_than_all_that_is_kept_is_counted)
{
	int pair[2];
	struct loop *l = loop_new();
	char *line = must_calloc(OUTLET_MAX + 2, 1);

	test_pipe(pair);
	struct outlet *o = outlet_new(l, pair[1], lost);
	memset(line, 'x', OUTLET_MAX);
	line[OUTLET_MAX] = '\n';
	outlet_line(o, line);
	CHECK_OK(outlet_flush(o));
	outlet_line(o, "next\n");
	CHECK_OK(outlet_flush(o));
	CHECK_STR(read_all(l, pair[0]), "1 lines were lost\nnext\n");
	free(line);
	outlet_free(o);
	loop_free(l);
	fd_close_all(pair, 2);
}

TEST(what_does_not_fit_is_counted_and_said_when_the_reader_reads)
{
	int pair[2], n = 0;
	struct loop *l = loop_new();
	char line[1001];

	test_pipe(pair);
	CHECK_OK(fcntl(pair[1], F_SETPIPE_SZ, 4096));
	struct outlet *o = outlet_new(l, pair[1], lost);
	memset(line, 'x', 999);
	strcpy(line + 999, "\n");
	for (int i = 0; i < 100; i++) { /* 4 in the pipe, 65 in the outlet */
		outlet_line(o, line);
		CHECK_OK(outlet_flush(o));
	}
	outlet_line(o, "last\n");
	char *all = read_all(l, pair[0]);
	for (char *p = all; (p = strstr(p, "x\n")); p++)
		n++;
	CHECK(n >= 60 && n < 80);
	char *said = must_printf("\n%d lines were lost\n", 101 - n);
	CHECK(strstr(all, said));
	free(said);
	outlet_line(o, "again\n");
	CHECK_OK(outlet_flush(o));
	CHECK_STR(read_all(l, pair[0]), "again\n");
	outlet_free(o);
	loop_free(l);
	fd_close_all(pair, 2);
}

TEST(a_reader_that_never_reads_keeps_nobody_from_ending)
{
	int pair[2];
	struct loop *l = loop_new();

	test_pipe(pair);
	struct outlet *o = outlet_new(l, pair[1], lost);
	for (int i = 0; i < 100000; i++) {
		outlet_line(o, "a line that nobody reads\n");
		CHECK_OK(outlet_flush(o));
	}
	outlet_free(o);
	loop_free(l);
	fd_close_all(pair, 2);
}

TEST(a_reader_that_has_gone_is_an_error_for_good)
{
	int pair[2];
	struct loop *l = loop_new();

	signal(SIGPIPE, SIG_IGN);
	test_pipe(pair);
	fd_close(&pair[0]);
	struct outlet *o = outlet_new(l, pair[1], lost);
	outlet_line(o, "x\n");
	CHECK_ERR(outlet_flush(o), EPIPE);
	CHECK_ERR(outlet_flush(o), EPIPE);
	outlet_free(o);
	loop_free(l);
	fd_close(&pair[1]);
}

TEST(a_file_takes_all)
{
	struct loop *l = loop_new();
	int fd = test_file("file", "", O_WRONLY);
	struct outlet *o = outlet_new(l, fd, lost);

	for (int i = 0; i < 10000; i++) {
		outlet_line(o, "ten bytes\n");
		CHECK_OK(outlet_flush(o));
	}
	CHECK_INT(lseek(fd, 0, SEEK_CUR), 100000);
	outlet_free(o);
	loop_free(l);
	fd_close(&fd);
}
