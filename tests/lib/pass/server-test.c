/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server (server.h) in a process of its own, and real clients (client.h). */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/msg.h"
#include "lib/base/times.h"
#include "lib/pass/client.h"
#include "lib/pass/protocol.h"
#include "lib/pass/server.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SOON (10 * NS_PER_S)

/* --- the server ----------------------------------------------------------- */

struct fixture {
	struct addr addr;
	char name[64];
	struct server_rules rules;
	bool narrow;
	bool full;  /* its table has no room after it listens */
	uid_t user; /* 0: stays who it is */
	int fd;     /* what it offers: the test's own */
	int events; /* what happens, a line each */
	pid_t pid;
};

static struct loop *loop;
static int events_to;

static void tell(void *data, const struct offer_event *e)
{
	(void)data;
	switch (e->kind) {
	case OFFER_GRANTED:
		dprintf(events_to, "granted\n");
		break;
	case OFFER_DENIED:
		dprintf(events_to, "denied, %s, errno %d\n", e->why, e->err);
		break;
	case OFFER_LEFT:
		dprintf(events_to, "left, %zu clients\n", offer_clients(e->offer));
		break;
	case OFFER_NOTED:
		dprintf(events_to, "noted, %s\n", e->why);
		break;
	case OFFER_FINISHED:
		dprintf(events_to, "finished\n");
		loop_stop(loop, 0);
		break;
	}
}

static void on_signal(void *data, uint32_t signo)
{
	(void)data;
	(void)signo;
	loop_stop(loop, 0);
}

static void __attribute__((noreturn)) serve(const struct fixture *s)
{
	int fd = CHECK_OK(fcntl(s->fd, F_DUPFD_CLOEXEC, 3));

	CHECK(loop = loop_new());
	CHECK(loop_signal(loop, SIGTERM, on_signal, NULL));
	struct server *offers = server_new(loop, &s->rules);
	CHECK(offers);
	struct offer *o = server_add(offers, &s->addr, s->name, &fd, s->narrow);
	CHECK(o);
	CHECK_INT(fd, -1);
	CHECK_STR(offer_name(o), s->name);
	CHECK(test_same(offer_fd(o), s->fd));
	if (s->user)
		test_become(s->user);
	CHECK_OK(server_listen(offers));
	if (s->full)
		test_leave_room(0);
	dprintf(events_to, "ready\n");
	CHECK_INT(loop_run(loop), 0);
	if (s->full)
		test_room_again();
	server_free(offers);
	loop_free(loop);
	exit(0);
}

/* The next line of what the server says. Valid until the next call. */
static const char *next_event(const struct fixture *s)
{
	static char line[256];
	size_t n = 0;

	while (n < sizeof(line) - 1 && read(s->events, &line[n], 1) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
	return line;
}

static void new_server(struct fixture *s)
{
	*s = (struct fixture){.rules = {.max_clients = 16, .event = tell},
		.fd = test_file("offered", "hello", O_RDWR)};
	snprintf(s->name, sizeof(s->name), "%s", test_name());
	CHECK(!addr_parse(s->name, &s->addr));
}

static void start(struct fixture *s)
{
	int pair[2];

	test_pipe(pair);
	s->pid = test_fork();
	if (s->pid == 0) {
		fd_close(&pair[0]);
		events_to = pair[1];
		serve(s);
	}
	fd_close(&pair[1]);
	s->events = pair[0];
	CHECK_STR(next_event(s), "ready");
}

/* Waits until it ends; nothing happened that was not looked at. */
static void join(struct fixture *s)
{
	CHECK_STR(next_event(s), "");
	test_join(s->pid);
	fd_close(&s->events);
	fd_close(&s->fd);
	policy_free(&s->rules.policy);
}

static void stop(struct fixture *s)
{
	CHECK_OK(kill(s->pid, SIGTERM));
	join(s);
}

/* --- the client ----------------------------------------------------------- */

static const struct policy nobody_else;

static enum client_fault take(const struct fixture *s, struct client *c)
{
	return client_acquire(&s->addr, &nobody_else, time_after(SOON), c);
}

static struct client taken(const struct fixture *s)
{
	struct client c;

	CHECK_INT(take(s, &c), CLIENT_OK);
	return c;
}

static void check_denied(const struct fixture *s, const char *reason)
{
	struct client c;
	int before = fd_count();

	CHECK_INT(take(s, &c), CLIENT_DENIED);
	CHECK_STR(c.reason, reason);
	CHECK_INT(c.denied_uid, geteuid());
	CHECK_INT(fd_count(), before);
}

/* Runs in a process that is that user, with that one group beside its own (0: none). */
static void as_user(
	uid_t uid, gid_t group, void (*fn)(const struct fixture *), const struct fixture *s)
{
	pid_t pid = test_fork();

	if (pid == 0) {
		CHECK_OK(setgroups(group ? 1 : 0, &group));
		CHECK_OK(setresgid(uid, uid, uid));
		CHECK_OK(setresuid(uid, uid, uid));
		fn(s);
		exit(0);
	}
	test_join(pid);
}

static void check_left(const struct client *c)
{
	char byte;

	CHECK(test_poll(c->sock, POLLIN, 10000) & POLLHUP);
	CHECK_INT(recv(c->sock, &byte, 1, MSG_DONTWAIT), 0);
}

/* --- granting ------------------------------------------------------------- */

TEST(a_grant_is_the_same_description)
{
	struct fixture s;
	char text[8] = "";

	new_server(&s);
	start(&s);
	struct client c = taken(&s);
	CHECK_STR(next_event(&s), "granted");
	CHECK_STR(c.name, s.name);
	CHECK_INT(c.server.pid, s.pid);
	CHECK_INT(c.server.uid, geteuid());
	CHECK_INT(client_same(&c), DESC_SAME);
	CHECK(test_same(c.fd, s.fd));
	CHECK(test_is_cloexec(c.fd) && test_is_cloexec(c.sock));
	CHECK_INT(read(c.fd, text, 3), 3);
	CHECK_STR(text, "hel");
	CHECK_INT(lseek(s.fd, 0, SEEK_CUR), 3);
	client_close(&c);
	CHECK_INT(c.fd, -1);
	CHECK_INT(c.sock, -1);
	CHECK_STR(next_event(&s), "left, 0 clients");
	stop(&s);
}

TEST(any_program_that_calls_recvmsg_once_has_it)
{
	struct fixture s;
	char text[4096], byte;
	union {
		char room[CMSG_SPACE(8 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {text, sizeof(text)};
	struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
		.msg_controllen = sizeof(control.room)};

	new_server(&s);
	start(&s);
	int fd, sock = CHECK_OK(addr_connect(&s.addr, NEVER));
	ssize_t n = recvmsg(sock, &h, 0);
	CHECK(n > 0 && strncmp(text, "FDTOOL/1 OFFER\n", 15) == 0);
	CHECK_INT(CMSG_FIRSTHDR(&h)->cmsg_len, CMSG_LEN(sizeof(int)));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&h)), sizeof(fd));
	CHECK_INT(read(fd, &byte, 1), 1);
	CHECK_INT(byte, 'h');
	fd_close(&fd);
	fd_close(&sock);
	CHECK_STR(next_event(&s), "granted");
	CHECK_STR(next_event(&s), "left, 0 clients");
	stop(&s);
}

TEST(the_offer_says_what_it_is)
{
	struct fixture s;
	struct msg m;
	struct protocol_in in;
	char path[4096], want[4200];

	new_server(&s);
	CHECK_OK(fcntl(s.fd, F_SETFL, O_APPEND));
	start(&s);
	int sock = CHECK_OK(addr_connect(&s.addr, NEVER));
	CHECK(msg_recv(sock, &m, 1, 0) > 0);
	msg_close(&m);
	CHECK_OK(protocol_parse(m.text, m.len, &in));
	CHECK_INT(in.verb, PROTOCOL_OFFER);
	CHECK_STR(protocol_get(&in, "name"), s.name);
	CHECK_STR(protocol_get(&in, "fds"), "1");
	CHECK_STR(protocol_get(&in, "mode"), "rw");
	CHECK_STR(protocol_get(&in, "type"), "regular");
	CHECK(strstr(protocol_get(&in, "flags"), "O_RDWR|O_APPEND"));
	CHECK(getcwd(path, sizeof(path)));
	snprintf(want, sizeof(want), "%s/offered", path);
	CHECK_STR(protocol_get(&in, "path"), want);
	fd_close(&sock);
	CHECK_STR(next_event(&s), "granted");
	CHECK_STR(next_event(&s), "left, 0 clients");
	stop(&s);
}

TEST(a_narrow_grant_is_a_description_of_its_own)
{
	struct fixture s;

	new_server(&s);
	s.narrow = true;
	start(&s);
	struct client one = taken(&s), two = taken(&s);
	CHECK_INT(fcntl(one.fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	CHECK_INT(client_same(&one), DESC_DIFFERENT);
	CHECK(!test_same(one.fd, two.fd));
	CHECK_OK(lseek(one.fd, 4, SEEK_SET));
	CHECK_INT(lseek(s.fd, 0, SEEK_CUR), 0);
	CHECK_INT(lseek(two.fd, 0, SEEK_CUR), 0);
	client_close(&one);
	client_close(&two);
	CHECK_STR(next_event(&s), "granted");
	CHECK_STR(next_event(&s), "granted");
	CHECK_STR(next_event(&s), "left, 1 clients");
	CHECK_STR(next_event(&s), "left, 0 clients");
	stop(&s);
}

TEST(a_descriptor_outlives_its_server)
{
	struct fixture s;
	char text[8] = "";

	new_server(&s);
	start(&s);
	struct client c = taken(&s);
	CHECK_STR(next_event(&s), "granted");
	stop(&s);
	check_left(&c);
	CHECK_INT(client_same(&c), DESC_UNKNOWN);
	CHECK_INT(read(c.fd, text, 5), 5);
	CHECK_STR(text, "hello");
	client_close(&c);
	CHECK_INT(take(&s, &c), CLIENT_NOBODY);
}

/* --- denying -------------------------------------------------------------- */

static void expect_policy(const struct fixture *s)
{
	check_denied(s, "policy");
}

static void expect_grant(const struct fixture *s)
{
	struct client c = taken(s);

	client_close(&c);
}

static void check_granted_and_left(const struct fixture *s)
{
	CHECK_STR(next_event(s), "granted");
	CHECK_STR(next_event(s), "left, 0 clients");
}

TEST(another_user_is_denied)
{
	test_need_root();
	struct fixture s;

	new_server(&s);
	start(&s);
	as_user(test_uid(), 0, expect_policy, &s);
	CHECK_STR(next_event(&s), "denied, policy, errno 0");
	expect_grant(&s);
	check_granted_and_left(&s);
	stop(&s);
}

TEST(a_user_and_a_group_may_be_allowed)
{
	test_need_root();
	struct fixture s;
	char word[16];
	uid_t uid = test_uid(), member = uid + 1, other = uid + 2;

	new_server(&s);
	snprintf(word, sizeof(word), "%u", uid);
	CHECK(!policy_add_user(&s.rules.policy, word));
	CHECK(!policy_add_group(&s.rules.policy, "1234567"));
	start(&s);
	as_user(uid, 0, expect_grant, &s);
	check_granted_and_left(&s);
	as_user(member, 1234567, expect_grant, &s);
	check_granted_and_left(&s);
	as_user(other, 1234568, expect_policy, &s);
	CHECK_STR(next_event(&s), "denied, policy, errno 0");
	stop(&s);
}

TEST(one_user_has_so_many_places_and_another_has_them_too)
{
	struct fixture s;

	new_server(&s);
	s.rules.max_clients = 1;
	s.rules.policy.any = true;
	start(&s);
	struct client c = taken(&s);
	CHECK_STR(next_event(&s), "granted");
	check_denied(&s, "busy");
	CHECK_STR(next_event(&s), "denied, busy, errno 0");
	if (geteuid() == 0) {
		as_user(test_uid(), 0, expect_grant, &s);
		CHECK_STR(next_event(&s), "granted");
		CHECK_STR(next_event(&s), "left, 1 clients");
	}
	client_close(&c);
	CHECK_STR(next_event(&s), "left, 0 clients");
	expect_grant(&s);
	check_granted_and_left(&s);
	stop(&s);
}

TEST(a_server_whose_table_is_full_says_so)
{
	struct fixture s;
	char want[64];

	new_server(&s);
	s.full = true;
	start(&s);
	snprintf(want, sizeof(want), "denied, system, errno %d", EMFILE);
	for (int i = 0; i < 3; i++) { /* and the spare is back each time */
		check_denied(&s, "system");
		CHECK_STR(next_event(&s), want);
	}
	stop(&s);
}

/* --- count ---------------------------------------------------------------- */

TEST(after_so_many_grants_the_name_is_free_and_the_end_waits_for_the_clients)
{
	struct fixture s;
	struct client c;

	new_server(&s);
	s.rules.count = 2;
	start(&s);
	struct client one = taken(&s), two = taken(&s);
	CHECK_STR(next_event(&s), "granted");
	CHECK_STR(next_event(&s), "granted");
	client_close(&one);
	CHECK_STR(next_event(&s), "left, 1 clients");
	CHECK_INT(take(&s, &c), CLIENT_NOBODY);
	struct addr again = s.addr;
	int sock = CHECK_OK(addr_bind(&again));
	fd_close(&sock);
	client_close(&two);
	CHECK_STR(next_event(&s), "left, 0 clients");
	CHECK_STR(next_event(&s), "finished");
	join(&s);
}

TEST(who_is_denied_does_not_count)
{
	struct fixture s;

	new_server(&s);
	s.rules.count = 2;
	s.rules.max_clients = 1;
	start(&s);
	struct client c = taken(&s);
	CHECK_STR(next_event(&s), "granted");
	check_denied(&s, "busy");
	CHECK_STR(next_event(&s), "denied, busy, errno 0");
	client_close(&c);
	CHECK_STR(next_event(&s), "left, 0 clients");
	expect_grant(&s);
	check_granted_and_left(&s);
	CHECK_STR(next_event(&s), "finished");
	join(&s);
}

TEST(a_path_is_gone_after_the_last_grant)
{
	struct fixture s;

	new_server(&s);
	CHECK(!addr_parse("./sock", &s.addr));
	s.rules.count = 1;
	start(&s);
	CHECK_OK(access("sock", F_OK));
	expect_grant(&s);
	check_granted_and_left(&s);
	CHECK_STR(next_event(&s), "finished");
	join(&s);
	CHECK_ERR(access("sock", F_OK), ENOENT);
}

/* --- what clients say ----------------------------------------------------- */

static void say(const struct client *c, enum protocol_verb verb, const char *key, const char *value)
{
	struct protocol_out out;

	protocol_begin(&out, verb);
	protocol_add(&out, key, value);
	CHECK_OK(msg_send(c->sock, out.text, out.len, NULL, 0, 0));
}

TEST(a_note_is_told)
{
	struct fixture s;

	new_server(&s);
	start(&s);
	struct client c = taken(&s);
	CHECK_STR(next_event(&s), "granted");
	client_send_taken(&c);
	say(&c, PROTOCOL_NOTE, "op", "lseek");
	CHECK_STR(next_event(&s), "noted, lseek");
	say(&c, PROTOCOL_NOTE, "pos", "7");
	CHECK_STR(next_event(&s), "noted, ?");
	client_close(&c);
	CHECK_STR(next_event(&s), "left, 0 clients");
	stop(&s);
}

TEST(who_says_nothing_may_not_stay)
{
	struct fixture s;

	new_server(&s);
	s.rules.client_timeout = 50 * NS_PER_MS;
	start(&s);
	struct client stays = taken(&s);
	client_send_taken(&stays);
	struct client silent = taken(&s);
	CHECK_STR(next_event(&s), "granted");
	CHECK_STR(next_event(&s), "granted");
	CHECK_STR(next_event(&s), "left, 1 clients");
	check_left(&silent); /* and the one that came before it is still there */
	CHECK_INT(test_poll(stays.sock, POLLIN, 0), 0);
	client_close(&stays);
	client_close(&silent);
	CHECK_STR(next_event(&s), "left, 0 clients");
	stop(&s);
}

TEST(a_note_reaches_the_other_clients)
{
	struct fixture s;

	new_server(&s);
	start(&s);
	struct client one = taken(&s), two = taken(&s);
	CHECK_INT(client_receive(&two).kind, CLIENT_NO_EVENT);
	CHECK_OK(lseek(one.fd, 2, SEEK_SET));
	client_send_note(&one, "lseek");
	CHECK_INT(test_poll(two.sock, POLLIN, 10000), POLLIN);
	struct client_event news = client_receive(&two);
	CHECK_INT(news.kind, CLIENT_NOTE);
	CHECK_STR(news.op, "lseek");
	CHECK_INT(news.pid, getpid());
	CHECK_INT(client_receive(&one).kind, CLIENT_NO_EVENT); /* it knows */
	CHECK_STR(next_event(&s), "granted");
	CHECK_STR(next_event(&s), "granted");
	CHECK_STR(next_event(&s), "noted, lseek");
	stop(&s);
	CHECK_INT(client_receive(&one).kind, CLIENT_GONE);
	client_close(&one);
	client_close(&two);
}

static void check_dropped(const struct fixture *s, const char *text, size_t len)
{
	struct client c = taken(s);

	CHECK_STR(next_event(s), "granted");
	CHECK_INT(send(c.sock, text, len, 0), len);
	CHECK_STR(next_event(s), "left, 0 clients");
	check_left(&c);
	client_close(&c);
}

TEST(who_speaks_no_such_protocol_is_dropped)
{
	struct fixture s;
	char big[MSG_TEXT_MAX + 1];

	new_server(&s);
	start(&s);
	check_dropped(&s, "rubbish", 7);
	check_dropped(&s, "FDTOOL/2 TAKEN\n", 15);
	check_dropped(&s, "", 0);
	memset(big, '\n', sizeof(big));
	check_dropped(&s, big, sizeof(big));
	stop(&s);
}

TEST(a_client_that_sends_descriptors_gets_nowhere)
{
	struct fixture s;

	new_server(&s);
	start(&s);
	struct client c = taken(&s);
	CHECK_STR(next_event(&s), "granted");
	if (test_passrights()) {
		CHECK_ERR(msg_send(c.sock, "FDTOOL/1 TAKEN\n", 15, &c.fd, 1, 0), EPERM);
	} else {
		CHECK_OK(msg_send(c.sock, "FDTOOL/1 TAKEN\n", 15, &c.fd, 1, 0));
		check_left(&c); /* it arrived, was closed, and cost the connection */
	}
	client_close(&c);
	CHECK_STR(next_event(&s), "left, 0 clients");
	stop(&s);
}

TEST(a_client_that_left_before_it_was_let_in)
{
	struct fixture s;

	new_server(&s);
	start(&s);
	CHECK_OK(kill(s.pid, SIGSTOP));
	int sock = CHECK_OK(addr_connect(&s.addr, NEVER));
	fd_close(&sock);
	CHECK_OK(kill(s.pid, SIGCONT));
	expect_grant(&s); /* the first event is of this one */
	check_granted_and_left(&s);
	stop(&s);
}

/* --- adding and listening ------------------------------------------------- */

static const struct server_rules plain_rules = {.max_clients = 4};

struct setup {
	struct server *offers;
	struct addr addr;
	int before;
};

static struct setup set_up(void)
{
	struct setup u;

	CHECK(loop = loop_new());
	CHECK(u.offers = server_new(loop, &plain_rules));
	CHECK(!addr_parse(test_name(), &u.addr));
	return u;
}

static void tear_down(struct setup *u)
{
	server_free(u->offers);
	loop_free(loop);
}

/* The descriptor is not taken on, but taken. */
static void check_not_added(struct setup *u, int fd, bool narrow, int err)
{
	int before = fd_count();

	CHECK_NULL(server_add(u->offers, &u->addr, "x", &fd, narrow), err);
	CHECK_INT(fd, -1);
	CHECK_INT(fd_count(), before - 1);
}

TEST(nobody_comes_in_before_listen)
{
	struct setup u = set_up();
	struct client c;
	int fd = test_file("file", "", O_RDONLY);
	struct offer *o = server_add(u.offers, &u.addr, "x", &fd, false);

	CHECK(o);
	CHECK_INT(client_acquire(&u.addr, &nobody_else, time_after(SOON), &c), CLIENT_NOBODY);
	CHECK_OK(server_listen(u.offers));
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
	int first = test_file("file", "", O_RDONLY), pair[2];

	test_pair(pair);
	check_not_added(&u, pair[0], true, ENXIO);
	fd_close(&pair[1]);
	check_not_added(&u, test_file("file", "", O_WRONLY), true, EBADF);
	CHECK(server_add(u.offers, &u.addr, "x", &first, false));
	check_not_added(&u, test_file("file", "", O_RDONLY), false, EADDRINUSE);
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
	check_not_added(&u, ring, false, EINVAL);
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

/* An offer of the setup with two clients, both of this process. */
static struct offer *offer_with_two_clients(struct setup *u, int socks[2])
{
	int fd = test_file("file", "hello", O_RDONLY);
	struct offer *o = server_add(u->offers, &u->addr, "x", &fd, false);
	struct msg m;

	CHECK(o);
	CHECK_OK(server_listen(u->offers));
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

	for (int i = 0; i < 5000; i++) /* far more than a socket takes */
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

	CHECK(server_add(u.offers, &u.addr, "x", &fd, false));
	CHECK_OK(fstat(sock, &st));
	CHECK(S_ISSOCK(st.st_mode));
	CHECK_OK(server_chown(u.offers, test_uid(), test_uid() + 1));
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
	struct offer *first = server_add(u.offers, &u.addr, "one", &one, false);

	CHECK(!addr_parse(test_name(), &other));
	struct offer *second = server_add(u.offers, &other, "two", &two, false);
	CHECK(first && second);
	CHECK_OK(server_listen(u.offers));
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
