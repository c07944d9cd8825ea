/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/pass/notify.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A datagram socket bound to a path, or to an abstract name, which begins with a NUL. */
static int manager(const char *path, size_t len)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int sock = CHECK_OK(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	memcpy(un.sun_path, path, len);
	CHECK_OK(bind(sock, (const struct sockaddr *)&un,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)));
	return sock;
}

static void check_told(int sock, const char *state)
{
	char text[64];
	ssize_t n = recv(sock, text, sizeof(text) - 1, MSG_DONTWAIT);

	CHECK(n >= 0);
	text[n] = '\0';
	CHECK_STR(text, state);
}

TEST(without_a_manager_nobody_is_told)
{
	CHECK_OK(unsetenv("NOTIFY_SOCKET"));
	CHECK_OK(notify_manager("READY=1"));
	CHECK_OK(setenv("NOTIFY_SOCKET", "", 1));
	CHECK_OK(notify_manager("READY=1"));
}

TEST(a_manager_at_a_path)
{
	char here[PATH_MAX], path[PATH_MAX + 8];

	CHECK(getcwd(here, sizeof(here)));
	snprintf(path, sizeof(path), "%s/sock", here);
	int sock = manager(path, strlen(path) + 1);
	CHECK_OK(setenv("NOTIFY_SOCKET", path, 1));
	CHECK_OK(notify_manager("READY=1"));
	check_told(sock, "READY=1");
	CHECK_OK(notify_manager("STOPPING=1\nSTATUS=done"));
	check_told(sock, "STOPPING=1\nSTATUS=done");
	fd_close(&sock);
	CHECK_ERR(notify_manager("READY=1"), ECONNREFUSED);
	CHECK_OK(unlink(path));
	CHECK_ERR(notify_manager("READY=1"), ENOENT);
}

TEST(a_manager_with_an_abstract_name)
{
	char name[108];
	int len = snprintf(name, sizeof(name), "@%s", test_name());

	CHECK_OK(setenv("NOTIFY_SOCKET", name, 1));
	name[0] = '\0';
	int sock = manager(name, (size_t)len);
	CHECK_OK(notify_manager("READY=1"));
	check_told(sock, "READY=1");
	fd_close(&sock);
	CHECK_ERR(notify_manager("READY=1"), ECONNREFUSED);
}

TEST(a_manager_that_is_no_unix_socket)
{
	char longer[200] = "/";

	memset(longer + 1, 'x', sizeof(longer) - 2);
	const char *const values[] = {"vsock:2:1234", "relative", longer};
	for (size_t i = 0; i < 3; i++) {
		CHECK_OK(setenv("NOTIFY_SOCKET", values[i], 1));
		CHECK_ERR(notify_manager("READY=1"), EAFNOSUPPORT);
	}
}

TEST(ready_is_one_newline_and_then_the_end)
{
	int pair[2];
	char text[4];

	test_pipe(pair);
	CHECK_OK(notify_ready_fd(&pair[1]));
	CHECK_INT(pair[1], -1);
	CHECK_INT(read(pair[0], text, sizeof(text)), 1);
	CHECK_INT(text[0], '\n');
	CHECK_INT(read(pair[0], text, sizeof(text)), 0);
	fd_close(&pair[0]);
}

TEST(ready_to_nobody_is_a_fault_and_no_signal)
{
	int pair[2];
	int fd = 9999;

	test_pipe(pair);
	fd_close(&pair[0]);
	CHECK_ERR(notify_ready_fd(&pair[1]), EPIPE);
	CHECK_INT(pair[1], -1);
	CHECK_ERR(notify_ready_fd(&fd), EBADF);
	CHECK_INT(fd, -1);
}
