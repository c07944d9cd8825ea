/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Giving: client_connect and client_give at one end, client_accept and client_take at the other. */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/msg.h"
#include "lib/base/times.h"
#include "lib/pass/client.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOON (10 * NS_PER_S)

static const struct policy nobody_else;

/* A receiver that listens; the sender is a child. */
static struct addr addr;
static int listener;

static void receiver_start(void)
{
	CHECK(!addr_parse(test_name(), &addr));
	listener = CHECK_OK(addr_bind(&addr));
	CHECK_OK(listen(listener, 1));
}

static struct client receiver_accept(void)
{
	struct client c;
	int sock = CHECK_OK(accept4(listener, NULL, NULL, SOCK_CLOEXEC));

	CHECK_INT(client_accept(&sock, false, &nobody_else, &c), CLIENT_OK);
	CHECK_INT(sock, -1);
	CHECK_INT(c.server.uid, geteuid());
	return c;
}

static struct client sender_connect(void)
{
	struct client c;

	CHECK_INT(client_connect(&addr, SOCK_SEQPACKET, &nobody_else, time_after(SOON), &c), CLIENT_OK);
	CHECK_INT(c.server.uid, geteuid());
	return c;
}

TEST(two_are_given_and_each_is_taken)
{
	int fd = test_file("given", "hello", O_RDONLY);

	receiver_start();
	pid_t pid = test_fork();
	if (pid == 0) {
		struct client s = sender_connect();
		CHECK_INT(client_give(&s, "one", fd, 1, time_after(SOON)), CLIENT_OK);
		CHECK_INT(client_give(&s, "two", fd, 0, time_after(SOON)), CLIENT_OK);
		client_close(&s);
		exit(0);
	}
	struct client c = receiver_accept();
	CHECK_INT(client_take(&c, time_after(SOON), 40), CLIENT_OK);
	CHECK_INT(c.fd, 40);
	CHECK_INT(c.more, 1);
	CHECK_STR(c.name, "one");
	CHECK(test_same(c.fd, fd) && test_is_cloexec(c.fd));
	client_send_taken(&c);

	struct client next = {.fd = -1, .sock = c.sock};
	c.sock = -1;
	CHECK_INT(client_take(&next, time_after(SOON), 41), CLIENT_OK);
	CHECK_INT(next.more, 0);
	CHECK_STR(next.name, "two");
	client_send_taken(&next);
	test_join(pid);
	client_close(&c);
	client_close(&next);
	fd_close(&listener);
	close(fd);
}

/* What the sender learns when the receiver, which has or has not read, answers DENY and closes. */
static void check_denied(bool reads)
{
	int fd = test_file("given", "hello", O_RDONLY);

	receiver_start();
	pid_t pid = test_fork();
	if (pid == 0) {
		struct client s = sender_connect();
		CHECK_INT(client_give(&s, "one", fd, 0, time_after(SOON)), CLIENT_DENIED);
		CHECK_STR(s.reason, "system");
		CHECK_INT(s.denied_errno, EMFILE);
		client_close(&s);
		exit(0);
	}
	struct client c = receiver_accept();
	if (reads)
		CHECK_INT(client_take(&c, time_after(SOON), -1), CLIENT_OK);
	else
		CHECK_INT(test_poll(c.sock, POLLIN, 10000) & POLLIN, POLLIN);
	client_deny(&c, "system", EMFILE);
	client_close(&c);
	test_join(pid);
	fd_close(&listener);
	close(fd);
}

TEST(the_reason_of_a_denial_arrives)
{
	check_denied(true);
}

/* The kernel tells of the unread message first: ECONNRESET. */
TEST(the_reason_arrives_also_where_the_receiver_closes_without_reading)
{
	check_denied(false);
}

TEST(a_receiver_that_is_silent_is_given_up)
{
	int fd = test_file("given", "hello", O_RDONLY);

	receiver_start();
	struct client s = sender_connect();
	CHECK_INT(client_give(&s, "one", fd, 0, time_after(50 * NS_PER_MS)), CLIENT_TIMEOUT);
	client_close(&s);
	fd_close(&listener);
	close(fd);
}

static void send_to(const struct addr *to, const char *text, const int *fds, size_t n)
{
	int sock = CHECK_OK(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	CHECK_OK(connect(sock, (const struct sockaddr *)&to->un, to->len));
	CHECK_OK(msg_send(sock, text, strlen(text), fds, n, 0));
	fd_close(&sock);
}

TEST(a_datagram_is_looked_at_without_its_descriptors)
{
	static const int yes = 1;
	int fd = test_file("given", "hello", O_RDONLY);
	struct client c;

	CHECK(!addr_parse(test_name(), &addr));
	int sock = CHECK_OK(addr_bind_as(&addr, SOCK_DGRAM));
	CHECK_OK(setsockopt(sock, SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)));
	CHECK_INT(client_datagram(sock, &nobody_else, &c), CLIENT_NOBODY);

	send_to(&addr, "data", NULL, 0);
	send_to(&addr, "x", &fd, 1);
	int before = fd_count();
	CHECK_INT(client_datagram(sock, &nobody_else, &c), CLIENT_OK);
	CHECK_INT(c.server.uid, geteuid());
	CHECK_INT(fd_count(), before + 1); /* c.sock */
	CHECK_INT(client_take(&c, time_after(SOON), -1), CLIENT_OK);
	CHECK(test_same(c.fd, fd));
	client_close(&c);
	fd_close(&sock);
	close(fd);
}
