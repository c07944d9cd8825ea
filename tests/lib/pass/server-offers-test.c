/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Offers, in a server that runs in this process: server-offers.c. */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/msg.h"
#include "lib/base/times.h"
#include "lib/pass/client.h"
#include "lib/pass/server.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct loop *loop;

static const struct server_rules plain_rules = {.max_clients = 4};

struct setup {
	struct server *server;
	struct addr addr;
	int before;
};

static struct setup set_up(void)
{
	struct setup u;

	CHECK(loop = loop_new());
	CHECK(u.server = server_new(loop, &plain_rules));
	CHECK(!addr_parse(test_name(), &u.addr));
	return u;
}

static void tear_down(struct setup *u)
{
	server_free(u->server);
	loop_free(loop);
}

/* server_add fails with err, but takes the descriptor. */
static void check_not_added(struct setup *u, int fd, int err)
{
	int before = fd_count();

	CHECK_NULL(server_add(u->server, &u->addr, "x", &fd, false), err);
	CHECK_INT(fd, -1);
	CHECK_INT(fd_count(), before - 1);
}

TEST(nobody_comes_in_before_listen)
{
	struct setup u = set_up();
	struct client c;
	int fd = test_file("file", "", O_RDONLY);
	struct offer *o = server_add(u.server, &u.addr, "x", &fd, false);

	CHECK(o);
	CHECK_INT(client_acquire(&u.addr, &(struct policy){0}, time_after(10 * NS_PER_S), -1, &c),
		CLIENT_NOBODY);
	CHECK_OK(server_listen(u.server));
	int sock = CHECK_OK(addr_connect(&u.addr, NEVER));
	CHECK_INT(offer_clients(o), 0);
	CHECK_OK(loop_once(loop, 5000));
	CHECK_INT(offer_clients(o), 1);
	tear_down(&u);
	CHECK(test_poll(sock, POLLIN, 0) & POLLHUP);
	fd_close(&sock);
}

TEST(what_cannot_be_offered)
{
	struct setup u = set_up();
	int first = test_file("file", "", O_RDONLY), writable = test_file("other", "", O_WRONLY);
	int pair[2];

	test_pair(pair);
	CHECK_ERR(server_try_narrow(pair[0]), ENXIO);
	fd_close_all(pair, 2);
	CHECK_ERR(server_try_narrow(writable), EBADF);
	CHECK_OK(server_try_narrow(first));
	fd_close(&writable);
	CHECK(server_add(u.server, &u.addr, "x", &first, false));
	check_not_added(&u, test_file("file", "", O_RDONLY), EADDRINUSE);
	tear_down(&u);
	server_free(NULL);
}

TEST(an_io_uring_cannot_be_offered)
{
	struct io_uring_params params = {0};
	int ring = (int)syscall(SYS_io_uring_setup, 1, &params);

	if (ring < 0)
		test_skip("this kernel has no io_uring");
	struct setup u = set_up();
	check_not_added(&u, ring, EINVAL);
	tear_down(&u);
}

TEST(a_server_that_cannot_be_made)
{
	CHECK(loop = loop_new());
	test_leave_room(0);
	CHECK_NULL(server_new(loop, &plain_rules), EMFILE);
	test_room_again();
	loop_free(loop);
}

static void remember_client(void *data, const struct peer *p, int sock)
{
	pid_t *pid = data;

	CHECK_OK(fcntl(sock, F_GETFD));
	pid[0]++;
	pid[1] = p->pid;
}

/* An offer with two clients, both in this process. */
static struct offer *offer_with_two_clients(struct setup *u, int socks[2])
{
	int fd = test_file("file", "hello", O_RDONLY);
	struct offer *o = server_add(u->server, &u->addr, "x", &fd, false);
	struct msg m;

	CHECK(o);
	CHECK_OK(server_listen(u->server));
	for (int i = 0; i < 2; i++) {
		socks[i] = CHECK_OK(addr_connect(&u->addr, NEVER));
		CHECK_OK(loop_once(loop, 5000));
		CHECK(msg_recv(socks[i], &m, 1, MSG_DONTWAIT) > 0);
		msg_close(&m);
	}
	return o;
}

TEST(every_client_is_named_and_told)
{
	struct setup u = set_up();
	int socks[2];
	struct offer *o = offer_with_two_clients(&u, socks);
	pid_t seen[2] = {0, 0};

	offer_each_client(o, remember_client, seen);
	CHECK_INT(seen[0], 2);
	CHECK_INT(seen[1], getpid());
	CHECK_OK(lseek(offer_fd(o), 3, SEEK_SET));
	offer_note(o, "read", 77);
	for (int i = 0; i < 2; i++) {
		struct msg m;
		CHECK(msg_recv(socks[i], &m, 0, MSG_DONTWAIT) > 0);
		CHECK_STR(m.text, "FDTOOL/1 NOTE\nop=read\npid=77\npos=3\n");
	}
	tear_down(&u);
	fd_close_all(socks, 2);
}

TEST(a_client_that_does_not_read_its_notes_holds_up_nobody)
{
	struct setup u = set_up();
	int socks[2];
	struct offer *o = offer_with_two_clients(&u, socks);

	for (int i = 0; i < 5000; i++) /* far more than the socket buffer holds */
		offer_note(o, "read", 77);
	CHECK_INT(offer_clients(o), 2);
	tear_down(&u);
	fd_close_all(socks, 2);
}

TEST(a_process_can_be_kicked)
{
	struct setup u = set_up();
	int socks[2];
	struct offer *o = offer_with_two_clients(&u, socks);

	CHECK_INT(offer_kick(o, getpid() + 1), 0);
	CHECK_INT(offer_clients(o), 2);
	CHECK_INT(offer_kick(o, getpid()), 2);
	CHECK_INT(offer_clients(o), 0);
	for (int i = 0; i < 2; i++)
		CHECK(test_poll(socks[i], POLLIN, 0) & POLLHUP);
	tear_down(&u);
	fd_close_all(socks, 2);
}

TEST(the_sockets_can_be_given_away)
{
	test_need_root();
	struct setup u = set_up();
	struct stat st;
	int fd = test_file("file", "", O_RDONLY), sock = fd + 1;

	CHECK(server_add(u.server, &u.addr, "x", &fd, false));
	CHECK_OK(fstat(sock, &st));
	CHECK(S_ISSOCK(st.st_mode));
	CHECK_OK(server_chown(u.server, test_uid(), test_uid() + 1));
	CHECK_OK(fstat(sock, &st));
	CHECK_INT(st.st_uid, test_uid());
	CHECK_INT(st.st_gid, test_uid() + 1);
	tear_down(&u);
}

TEST(several_offers_are_each_under_a_name)
{
	struct setup u = set_up();
	struct addr other;
	int one = test_file("file", "", O_RDONLY), two = CHECK_OK(eventfd(0, EFD_CLOEXEC));
	struct offer *first = server_add(u.server, &u.addr, "one", &one, false);

	CHECK(!addr_parse(test_name(), &other));
	struct offer *second = server_add(u.server, &other, "two", &two, false);
	CHECK(first && second);
	CHECK_OK(server_listen(u.server));
	int sock = CHECK_OK(addr_connect(&other, NEVER));
	CHECK_OK(loop_once(loop, 5000));
	CHECK_INT(offer_clients(first), 0);
	CHECK_INT(offer_clients(second), 1);
	CHECK_STR(offer_name(second), "two");
	struct msg m;
	CHECK(msg_recv(sock, &m, 1, MSG_DONTWAIT) > 0);
	CHECK(test_same(m.fds[0], offer_fd(second)));
	msg_close(&m);
	fd_close(&sock);
	tear_down(&u);
}

static void check_granted(struct setup *u, int fd)
{
	int sock = CHECK_OK(addr_connect(&u->addr, NEVER));
	struct msg m;

	CHECK_OK(loop_once(loop, 5000));
	CHECK(msg_recv(sock, &m, 1, MSG_DONTWAIT) > 0);
	CHECK(test_same(m.fds[0], fd));
	msg_close(&m);
	fd_close(&sock);
}

TEST(a_replaced_offer_grants_the_new_one_and_its_clients_are_gone)
{
	struct setup u = set_up();
	int socks[2], fd = test_file("new", "", O_RDONLY), number = fd, none = -1;
	struct offer *o = offer_with_two_clients(&u, socks);
	int before = fd_count();

	CHECK_OK(offer_replace(o, &fd));
	CHECK_INT(fd, -1);
	CHECK_INT(offer_fd(o), number);
	CHECK_INT(offer_clients(o), 0);
	CHECK_INT(fd_count(), before - 3); /* the old one, and two connections */
	CHECK(test_poll(socks[0], POLLIN, 0) & POLLHUP);
	check_granted(&u, number);
	CHECK_ERR(offer_replace(o, &none), EBADF);
	check_granted(&u, number);
	fd_close_all(socks, 2);
	tear_down(&u);
}

TEST(a_removed_offer_leaves_the_address_but_waits_for_a_grant_that_is_unread)
{
	struct setup u = set_up();
	int before = fd_count(), fd = test_file("file", "", O_RDONLY);
	struct offer *o = server_add(u.server, &u.addr, "x", &fd, false);
	struct msg m;

	CHECK(o);
	CHECK_OK(offer_listen(o));
	int sock = CHECK_OK(addr_connect(&u.addr, NEVER));
	CHECK_OK(loop_once(loop, 5000));
	server_remove(o);
	CHECK_ERR(addr_connect(&u.addr, NEVER), ECONNREFUSED);
	CHECK_INT(fd_count(), before + 3); /* both ends of the connection, and its timer */
	fd = test_file("file", "", O_RDONLY);
	CHECK(server_add(u.server, &u.addr, "x", &fd, false));
	CHECK(msg_recv(sock, &m, 1, MSG_DONTWAIT) > 0);
	msg_close(&m);
	CHECK_OK(loop_once(loop, 5000));
	CHECK(test_poll(sock, POLLIN, 0) & POLLHUP);
	fd_close(&sock);
	CHECK_INT(fd_count(), before + 2);
	tear_down(&u);
}
