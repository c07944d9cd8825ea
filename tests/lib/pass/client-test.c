/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client with servers that break the protocol, or use it in other ways than ours. Each
 * is a child with one answer. The file is long because there are many such answers.
 */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/msg.h"
#include "lib/base/times.h"
#include "lib/pass/client.h"
#include "tests/lib/pass/served.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOON (10 * NS_PER_S)

/* What the server does with an accepted connection. fd is the descriptor on offer. */
typedef void answer_fn(int sock, int fd);

struct rogue {
	struct addr addr;
	pid_t pid;
	int listener; /* kept open, so that a connection is possible before the child accepts */
};

static void __attribute__((noreturn)) answer_one(int listener, answer_fn *answer)
{
	char byte;
	int fd = test_file("offered", "hello", O_RDONLY);
	int sock = CHECK_OK(accept4(listener, NULL, NULL, SOCK_CLOEXEC));

	answer(sock, fd);
	while (recv(sock, &byte, 1, 0) > 0)
		; /* until the client closes */
	fd_close(&sock);
	fd_close(&fd);
	fd_close(&listener);
	exit(0);
}

static struct rogue start(answer_fn *answer, uid_t uid)
{
	struct rogue r;
	char c;
	int ready[2];

	CHECK(!addr_parse(test_name(), &r.addr));
	r.listener = CHECK_OK(addr_bind(&r.addr));
	test_pipe(ready);
	r.pid = test_fork();
	if (r.pid == 0) {
		close(test_file("offered", "", O_RDONLY));
		CHECK_OK(chown("offered", uid, uid));
		if (uid != geteuid())
			test_become(uid);
		CHECK_OK(listen(r.listener, 1)); /* clients see the uid of this moment */
		CHECK_INT(write(ready[1], "r", 1), 1);
		fd_close_all(ready, 2);
		answer_one(r.listener, answer);
	}
	CHECK_INT(read(ready[0], &c, 1), 1);
	fd_close_all(ready, 2);
	return r;
}

static void end(struct rogue *r)
{
	test_join(r->pid);
	fd_close(&r->listener);
}

static const struct policy nobody_else;
static struct client c;

/* The answer must lead to that fault and errno (0: any), and leave no descriptor open. */
static void check_fault(answer_fn *answer, enum client_fault fault, int err)
{
	struct rogue r = start(answer, geteuid());
	int before = fd_count();

	errno = 0;
	CHECK_INT(client_acquire(&r.addr, &nobody_else, time_after(SOON), -1, &c), fault);
	if (err)
		CHECK_INT(errno, err);
	CHECK_INT(fd_count(), before);
	CHECK_INT(c.fd, -1);
	CHECK_INT(c.sock, -1);
	end(&r);
}

static void send_text(int sock, const char *text, const int *fds, size_t nfds)
{
	CHECK_OK(msg_send(sock, text, strlen(text), fds, nfds, 0));
}

/* --- no offer ------------------------------------------------------------- */

static void say_rubbish(int sock, int fd)
{
	send_text(sock, "220 smtp ready\r\n", &fd, 1);
}

static void say_rubbish_alone(int sock, int fd)
{
	(void)fd;
	send_text(sock, "hello", NULL, 0);
}

static void say_version_2(int sock, int fd)
{
	send_text(sock, "FDTOOL/2 OFFER\nname=x\nfds=1\n", &fd, 1);
}

static void say_another_verb(int sock, int fd)
{
	send_text(sock, "FDTOOL/1 TAKEN\nfd=3\n", &fd, 1);
}

static void say_unknown_verb(int sock, int fd)
{
	send_text(sock, "FDTOOL/1 GIFT\n", &fd, 1);
}

TEST(what_is_no_offer_is_refused)
{
	check_fault(say_rubbish, CLIENT_PROTOCOL, EBADMSG);
	check_fault(say_rubbish_alone, CLIENT_PROTOCOL, EBADMSG);
	check_fault(say_version_2, CLIENT_PROTOCOL, EPROTONOSUPPORT);
	check_fault(say_another_verb, CLIENT_PROTOCOL, EBADMSG);
	check_fault(say_unknown_verb, CLIENT_PROTOCOL, EBADMSG);
}

static void give_none(int sock, int fd)
{
	(void)fd;
	send_text(sock, "FDTOOL/1 OFFER\nname=x\nfds=1\n", NULL, 0);
}

static void give_two(int sock, int fd)
{
	send_text(sock, "FDTOOL/1 OFFER\nname=x\nfds=1\n", (const int[]){fd, fd}, 2);
}

static void give_two_as_announced(int sock, int fd)
{
	send_text(sock, "FDTOOL/1 OFFER\nname=x\nfds=2\n", (const int[]){fd, fd}, 2);
}

static void announce_two(int sock, int fd)
{
	send_text(sock, "FDTOOL/1 OFFER\nname=x\nfds=2\n", &fd, 1);
}

static void announce_none(int sock, int fd)
{
	send_text(sock, "FDTOOL/1 OFFER\nname=x\nfds=0\n", &fd, 1);
}

TEST(one_descriptor_and_no_other_number)
{
	check_fault(give_none, CLIENT_PROTOCOL, EBADMSG);
	check_fault(give_two, CLIENT_PROTOCOL, E2BIG);
	check_fault(give_two_as_announced, CLIENT_PROTOCOL, E2BIG);
	check_fault(announce_two, CLIENT_PROTOCOL, EBADMSG);
	check_fault(announce_none, CLIENT_PROTOCOL, EBADMSG);
}

static void say_too_much(int sock, int fd)
{
	char text[MSG_TEXT_MAX + 2] = "FDTOOL/1 OFFER\nname=";

	memset(text + 20, 'x', sizeof(text) - 21);
	text[sizeof(text) - 1] = '\0';
	send_text(sock, text, &fd, 1);
}

static void say_nul(int sock, int fd)
{
	static const char text[] = "FDTOOL/1 OFFER\nname=x\0y\n";

	CHECK_OK(msg_send(sock, text, sizeof(text) - 1, &fd, 1, 0));
}

static void say_nothing_with_a_descriptor(int sock, int fd)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {.align = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	struct msghdr h = {.msg_control = control.room, .msg_controllen = sizeof(control.room)};

	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&h)), &fd, sizeof(fd));
	CHECK_OK((int)sendmsg(sock, &h, 0));
}

TEST(a_message_that_was_cut_or_is_empty_is_refused)
{
	check_fault(say_too_much, CLIENT_PROTOCOL, EMSGSIZE);
	check_fault(say_nul, CLIENT_PROTOCOL, EBADMSG);
	check_fault(say_nothing_with_a_descriptor, CLIENT_PROTOCOL, EBADMSG);
}

/* --- no answer ------------------------------------------------------------ */

static void say_nothing(int sock, int fd)
{
	(void)sock;
	(void)fd;
}

TEST(a_server_that_says_nothing_costs_the_deadline)
{
	struct rogue r = start(say_nothing, geteuid());
	int before = fd_count();
	int64_t begin = time_now();

	CHECK_INT(client_acquire(&r.addr, &nobody_else, time_after(50 * NS_PER_MS), -1, &c),
		CLIENT_TIMEOUT);
	CHECK(time_now() - begin >= 50 * NS_PER_MS);
	CHECK(time_now() - begin < SOON);
	CHECK_INT(errno, ETIMEDOUT);
	CHECK_INT(fd_count(), before);
	end(&r);
}

static void leave(int sock, int fd)
{
	(void)fd;
	CHECK_OK(shutdown(sock, SHUT_RDWR));
}

TEST(a_server_that_leaves_without_a_word)
{
	check_fault(leave, CLIENT_NOBODY, ECONNRESET);
}

TEST(a_server_that_ends_with_the_client_in_its_backlog)
{
	struct addr a;

	CHECK(!addr_parse(test_name(), &a));
	int listener = CHECK_OK(addr_bind(&a));
	CHECK_OK(listen(listener, 1));
	pid_t pid = test_fork();
	if (pid == 0) {
		fd_close(&listener);
		CHECK_INT(client_acquire(&a, &nobody_else, time_after(SOON), -1, &c), CLIENT_NOBODY);
		CHECK_INT(errno, ECONNRESET);
		exit(0);
	}
	CHECK_INT(test_poll(listener, POLLIN, 10000), POLLIN);
	fd_close(&listener);
	test_join(pid);
}

TEST(nobody_offers_it)
{
	struct addr name, path;
	int before = fd_count();

	CHECK(!addr_parse(test_name(), &name));
	CHECK(!addr_parse("./nothing", &path));
	CHECK_INT(client_acquire(&name, &nobody_else, time_after(SOON), -1, &c), CLIENT_NOBODY);
	CHECK_INT(client_acquire(&path, &nobody_else, time_after(SOON), -1, &c), CLIENT_NOBODY);
	CHECK_INT(fd_count(), before);
}

TEST(no_room_for_what_would_come)
{
	struct addr a;

	CHECK(!addr_parse(test_name(), &a));
	test_leave_room(0);
	CHECK_INT(client_acquire(&a, &nobody_else, time_after(SOON), -1, &c), CLIENT_SYSTEM);
	CHECK_INT(errno, EMFILE);
	test_room_again();
}

static void give(int sock, int fd)
{
	char text[256];

	snprintf(text, sizeof(text), "FDTOOL/1 OFFER\nname=notes\nfds=1\nfd=%d\nnew=key\n", fd);
	send_text(sock, text, &fd, 1);
}

TEST(no_room_for_the_descriptor)
{
	struct rogue r = start(give, geteuid());
	int before = fd_count();

	test_leave_room(1); /* the socket */
	CHECK_INT(client_acquire(&r.addr, &nobody_else, time_after(SOON), -1, &c), CLIENT_SYSTEM);
	CHECK_INT(errno, EMFILE);
	test_room_again();
	CHECK_INT(fd_count(), before);
	end(&r);
}

/* --- refusals ------------------------------------------------------------- */

static void deny(int sock, int fd)
{
	(void)fd;
	send_text(sock, "FDTOOL/1 DENY\nreason=policy\nuid=4711\n", NULL, 0);
}

static void deny_without_a_reason(int sock, int fd)
{
	(void)fd;
	send_text(sock, "FDTOOL/1 DENY\nuid=-3\n", NULL, 0);
}

static void deny_with_a_long_reason(int sock, int fd)
{
	char text[600] = "FDTOOL/1 DENY\nreason=";

	(void)fd;
	memset(text + 21, 'x', sizeof(text) - 22);
	text[sizeof(text) - 1] = '\0';
	send_text(sock, text, NULL, 0);
}

static void deny_and_give(int sock, int fd)
{
	send_text(sock, "FDTOOL/1 DENY\nreason=policy\n", &fd, 1);
}

TEST(a_refusal_has_its_reason)
{
	check_fault(deny, CLIENT_DENIED, 0);
	CHECK_STR(c.reason, "policy");
	CHECK_INT(c.denied_uid, 4711);
	check_fault(deny_without_a_reason, CLIENT_DENIED, 0);
	CHECK_STR(c.reason, "no reason given");
	CHECK_INT(c.denied_uid, geteuid());
	check_fault(deny_with_a_long_reason, CLIENT_DENIED, 0);
	CHECK_INT(strlen(c.reason), sizeof(c.reason) - 1);
}

TEST(a_refusal_with_a_descriptor_is_none)
{
	check_fault(deny_and_give, CLIENT_PROTOCOL, EBADMSG);
}

/* --- offers --------------------------------------------------------------- */

static void give_bad_name(int sock, int fd)
{
	send_text(sock, "FDTOOL/1 OFFER\nname=../\\033[m\nfd=-4\n", &fd, 1);
}

static void give_without_a_word(int sock, int fd)
{
	send_text(sock, "FDTOOL/1 OFFER\n", &fd, 1);
}

static void give_another_number(int sock, int fd)
{
	(void)fd;
	send_text(sock, "FDTOOL/1 OFFER\nfd=0\n", &fd, 1);
}

static void take_from(answer_fn *answer, enum desc_same same)
{
	struct rogue r = start(answer, geteuid());

	CHECK_INT(client_acquire(&r.addr, &nobody_else, time_after(SOON), -1, &c), CLIENT_OK);
	served_check_same(&c, same);
	CHECK(test_is_cloexec(c.fd));
	client_close(&c);
	end(&r);
}

TEST(what_the_server_says_of_its_descriptor_is_checked)
{
	take_from(give, DESC_SAME);
	CHECK_STR(c.name, "notes");
	take_from(give_another_number, DESC_DIFFERENT);
	CHECK_INT(c.server_fd, 0);
}

TEST(what_the_server_does_not_say_is_not_known)
{
	take_from(give_without_a_word, DESC_UNKNOWN);
	CHECK_STR(c.name, "");
	CHECK_INT(c.server_fd, -1);
	take_from(give_bad_name, DESC_UNKNOWN);
	CHECK_STR(c.name, "");
	CHECK_INT(c.server_fd, -1);
}

TEST(a_dead_server_has_no_descriptor_that_could_be_the_same)
{
	struct rogue r = start(give, geteuid());

	CHECK_INT(client_acquire(&r.addr, &nobody_else, time_after(SOON), -1, &c), CLIENT_OK);
	CHECK_OK(shutdown(c.sock, SHUT_WR)); /* at which the server ends */
	end(&r);
	CHECK_INT(client_same(&c), DESC_UNKNOWN);
	client_close(&c);
}

/* --- news ----------------------------------------------------------------- */

static struct client_event heard(const char *text, size_t len)
{
	int pair[2];

	test_pair(pair);
	if (text)
		CHECK_INT(send(pair[0], text, len, 0), len);
	struct client_event news = client_receive(&(struct client){.fd = -1, .sock = pair[1]});
	fd_close_all(pair, 2);
	return news;
}

static struct client_event heard_text(const char *text)
{
	return heard(text, strlen(text));
}

TEST(a_note_is_heard)
{
	struct client_event news = heard_text("FDTOOL/1 NOTE\nop=lseek\npid=12\npos=4\n");

	CHECK_INT(news.kind, CLIENT_NOTE);
	CHECK_STR(news.op, "lseek");
	CHECK_INT(news.pid, 12);
	news = heard_text("FDTOOL/1 NOTE\npid=-12\n");
	CHECK_INT(news.kind, CLIENT_NOTE);
	CHECK_STR(news.op, "?");
	CHECK_INT(news.pid, 0);
	news = heard_text("FDTOOL/1 NOTE\nop=a-word-that-is-far-too-long-for-an-operation\n");
	CHECK_INT(strlen(news.op), sizeof(news.op) - 1);
	CHECK_INT(heard(NULL, 0).kind, CLIENT_NO_EVENT);
	CHECK_INT(heard_text("FDTOOL/1 SOMETHING\nnew=1\n").kind, CLIENT_NO_EVENT);
}

TEST(what_is_no_message_is_the_end)
{
	CHECK_INT(heard_text("rubbish").kind, CLIENT_GONE);
	CHECK_INT(heard_text("FDTOOL/2 NOTE\n").kind, CLIENT_GONE);
	CHECK_INT(heard("", 0).kind, CLIENT_GONE);
}

TEST(descriptors_that_come_with_news_are_closed)
{
	int pair[2], before, fd = test_file("file", "", O_RDONLY);

	test_pair(pair);
	send_text(pair[0], "FDTOOL/1 NOTE\nop=gift\n", &fd, 1);
	before = fd_count();
	CHECK_INT(client_receive(&(struct client){.fd = -1, .sock = pair[1]}).kind, CLIENT_GONE);
	CHECK_INT(fd_count(), before);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

/* --- trust ---------------------------------------------------------------- */

TEST(nothing_is_received_from_a_stranger)
{
	test_need_root();
	uid_t uid = test_uid();
	struct rogue r = start(say_nothing, uid);
	int before = fd_count();

	/* the server sends nothing, so the connection alone decides */
	CHECK_INT(client_acquire(&r.addr, &nobody_else, time_after(SOON), -1, &c), CLIENT_UNTRUSTED);
	CHECK_INT(c.server.uid, uid);
	CHECK_INT(fd_count(), before);
	end(&r);
}

TEST(a_server_of_a_trusted_user)
{
	test_need_root();
	struct policy trust = {0};
	char word[16];
	uid_t uid = test_uid();
	struct rogue r = start(give, uid);

	snprintf(word, sizeof(word), "%u", uid);
	CHECK(!policy_add_user(&trust, word));
	CHECK_INT(client_acquire(&r.addr, &trust, time_after(SOON), -1, &c), CLIENT_OK);
	CHECK_INT(c.server.uid, uid);
	CHECK_INT(c.server.pid, r.pid);
	client_close(&c);
	policy_free(&trust);
	end(&r);
}
