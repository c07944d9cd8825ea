/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/pass/msghdr-dump.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *text;
static size_t size;
static FILE *stream;
static struct msg m;

static void print(enum msg_direction direction, int sock, const struct msghdr *h, ssize_t done)
{
	msghdr_dump(stream, direction, sock, h, done);
}

static void begin(void)
{
	CHECK(stream = open_memstream(&text, &size));
	msg_tracer = print;
}

/* The output since begin() must have that line. */
static void check_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void check_line(const char *format, ...)
{
	char line[512], all[4096];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	fflush(stream);
	snprintf(all, sizeof(all), "\n%s", text);
	size_t len = strlen(line);
	for (const char *p = strstr(all, line); p; p = strstr(p + 1, line))
		if (p[-1] == '\n' && p[len] == '\n')
			return;
	test_fail(__FILE__, __LINE__, "no line \"%s\" in: %s", line, all);
}

static void end(void)
{
	msg_tracer = NULL;
	fclose(stream);
	free(text);
}

TEST(what_is_sent_is_taken_apart)
{
	int pair[2], fds[2];

	test_pair(pair);
	test_pipe(fds);
	begin();
	CHECK_OK(msg_send(pair[0], "a\nb", 3, fds, 2, 0));
	check_line("sendmsg(%d) = 3   peer by SO_PEERCRED: pid=%d uid=%u gid=%u", pair[0], getpid(),
		geteuid(), getegid());
	check_line("  msg_iovlen=1");
	check_line("  iov[0] iov_len=3, 3 used \"a\\012b\"");
	check_line("  msg_controllen=%zu", CMSG_SPACE(2 * sizeof(int)));
	check_line("  cmsg cmsg_len=%zu cmsg_level=SOL_SOCKET cmsg_type=SCM_RIGHTS",
		CMSG_LEN(2 * sizeof(int)));
	check_line("    CMSG_LEN(2 * sizeof(int))=%zu CMSG_SPACE=%zu descriptors=[%d %d]",
		CMSG_LEN(2 * sizeof(int)), CMSG_SPACE(2 * sizeof(int)), fds[0], fds[1]);
	CHECK(!strstr(text, "msg_flags"));
	end();
	fd_close_all(pair, 2);
	fd_close_all(fds, 2);
}

TEST(what_is_received_is_taken_apart)
{
	int pair[2], file = test_file("file", "", 0);

	test_pair(pair);
	CHECK_OK(msg_send(pair[0], "hello", 5, &file, 1, 0));
	begin();
	CHECK_INT(msg_recv(pair[1], &m, 1, 0), 5);
	check_line("recvmsg(%d) = 5   peer by SO_PEERCRED: pid=%d uid=%u gid=%u", pair[1], getpid(),
		geteuid(), getegid());
	check_line("  iov[0] iov_len=4095, 5 used \"hello\"");
	check_line("    CMSG_LEN(1 * sizeof(int))=%zu CMSG_SPACE=%zu descriptors=[%d]",
		CMSG_LEN(sizeof(int)), CMSG_SPACE(sizeof(int)), m.fds[0]);
	CHECK(strstr(text, "  msg_flags=") && strstr(text, "MSG_CMSG_CLOEXEC"));
	end();
	msg_close(&m);
	fd_close_all(pair, 2);
	fd_close(&file);
}

TEST(credentials_are_taken_apart)
{
	static const int yes = 1;
	int pair[2];

	test_pair(pair);
	CHECK_OK(setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)));
	CHECK_OK(msg_send(pair[0], "x", 1, NULL, 0, 0));
	begin();
	CHECK_INT(msg_recv(pair[1], &m, 0, 0), 1);
	check_line("  cmsg cmsg_len=%zu cmsg_level=SOL_SOCKET cmsg_type=SCM_CREDENTIALS",
		CMSG_LEN(sizeof(struct ucred)));
	check_line("    CMSG_LEN(sizeof(struct ucred))=%zu CMSG_SPACE=%zu pid=%d uid=%u gid=%u",
		CMSG_LEN(sizeof(struct ucred)), CMSG_SPACE(sizeof(struct ucred)), getpid(),
		geteuid(), getegid());
	end();
	fd_close_all(pair, 2);
}

TEST(a_cmsg_of_another_kind_is_numbers)
{
	union {
		char room[CMSG_SPACE(4)];
		struct cmsghdr align;
	} control = {.align = {CMSG_LEN(4), 41, 77}};
	struct msghdr h = {.msg_control = control.room, .msg_controllen = sizeof(control.room)};

	begin();
	msghdr_dump(stream, MSG_RECEIVED, -1, &h, 0);
	check_line("recvmsg(-1) = 0"); /* no peer either */
	check_line("  cmsg cmsg_len=%zu cmsg_level=41 cmsg_type=77", CMSG_LEN(4));
	check_line("  msg_flags=0");
	end();
}

TEST(a_cmsg_shorter_than_its_header_ends_it)
{
	union {
		char room[CMSG_SPACE(4)];
		struct cmsghdr align;
	} control = {.align = {4, SOL_SOCKET, SCM_RIGHTS}};
	struct msghdr h = {.msg_control = control.room, .msg_controllen = sizeof(control.room)};

	begin();
	msghdr_dump(stream, MSG_SENT, -1, &h, 1);
	fflush(stream);
	CHECK(!strstr(text, "SCM_RIGHTS"));
	end();
}

TEST(a_cmsg_longer_than_the_control_data_is_not_read)
{
	union {
		char room[CMSG_SPACE(4)];
		struct cmsghdr align;
	} control = {.align = {4000, SOL_SOCKET, SCM_RIGHTS}};
	struct msghdr h = {.msg_control = control.room, .msg_controllen = sizeof(control.room)};

	begin();
	msghdr_dump(stream, MSG_SENT, -1, &h, 1);
	check_line("  cmsg cmsg_len=4000, which does not add up");
	CHECK(!strstr(text, "SCM_RIGHTS"));
	end();
}

TEST(a_failure_is_its_errno)
{
	int pair[2];

	test_pair(pair);
	begin();
	CHECK_ERR(msg_recv(pair[1], &m, 0, MSG_DONTWAIT), EAGAIN);
	check_line("recvmsg(%d) = -1 EAGAIN (Resource temporarily unavailable)", pair[1]);
	end();
	fd_close_all(pair, 2);
}

TEST(flags_of_what_was_cut_are_named)
{
	int pair[2];
	char big[MSG_TEXT_MAX + 1];

	memset(big, 'x', sizeof(big));
	test_pair(pair);
	CHECK_INT(send(pair[0], big, sizeof(big), 0), sizeof(big));
	begin();
	CHECK_ERR(msg_recv(pair[1], &m, 0, 0), EMSGSIZE);
	fflush(stream);
	CHECK(strstr(text, "MSG_TRUNC"));
	end();
	fd_close_all(pair, 2);
}

TEST(once_started_it_goes_to_standard_error)
{
	int pair[2];
	struct test_capture capture;

	test_pair(pair);
	msghdr_dump_start();
	capture = test_capture(stderr, "err");
	int sent = msg_send(pair[0], "x", 1, NULL, 0, 0);
	ssize_t got = msg_recv(pair[1], &m, 0, 0);
	test_uncapture(capture);
	CHECK_OK(sent);
	CHECK_INT(got, 1);
	const char *err = test_contents("err");
	CHECK(strncmp(err, "sendmsg(", 8) == 0);
	CHECK(strstr(err, "\nrecvmsg("));
	fd_close_all(pair, 2);
}
