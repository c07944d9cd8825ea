/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Granting and denying: server-accept.c. */
#include "tests/lib/pass/served.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/msg.h"
#include "lib/pass/protocol.h"

#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- granting ------------------------------------------------------------- */

TEST(a_grant_is_the_same_description)
{
	struct test_server s;
	char text[8] = "";

	served_init(&s);
	served_start(&s);
	struct client c = served_client(&s);
	CHECK_STR(served_event(&s), "granted");
	CHECK_STR(c.name, s.name);
	CHECK_INT(c.server.pid, s.pid);
	CHECK_INT(c.server.uid, geteuid());
	served_check_same(&c, DESC_SAME);
	CHECK(test_same(c.fd, s.fd));
	CHECK(test_is_cloexec(c.fd) && test_is_cloexec(c.sock));
	CHECK_INT(read(c.fd, text, 3), 3);
	CHECK_STR(text, "hel");
	CHECK_INT(lseek(s.fd, 0, SEEK_CUR), 3);
	client_close(&c);
	CHECK_INT(c.fd, -1);
	CHECK_INT(c.sock, -1);
	CHECK_STR(served_event(&s), "left, 0 clients");
	served_stop(&s);
}

TEST(any_program_that_calls_recvmsg_once_has_it)
{
	struct test_server s;
	char text[4096], byte;
	union {
		char room[CMSG_SPACE(8 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {text, sizeof(text)};
	struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
		.msg_controllen = sizeof(control.room)};

	served_init(&s);
	served_start(&s);
	int fd, sock = CHECK_OK(addr_connect(&s.addr, NEVER));
	ssize_t n = recvmsg(sock, &h, 0);
	CHECK(n > 0 && strncmp(text, "FDTOOL/1 OFFER\n", 15) == 0);
	CHECK_INT(CMSG_FIRSTHDR(&h)->cmsg_len, CMSG_LEN(sizeof(int)));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&h)), sizeof(fd));
	CHECK_INT(read(fd, &byte, 1), 1);
	CHECK_INT(byte, 'h');
	fd_close(&fd);
	fd_close(&sock);
	CHECK_STR(served_event(&s), "granted");
	CHECK_STR(served_event(&s), "left, 0 clients");
	served_stop(&s);
}

TEST(the_offer_says_what_it_is)
{
	struct test_server s;
	struct msg m;
	struct protocol_in in;
	char path[4096], want[4200];

	served_init(&s);
	CHECK_OK(fcntl(s.fd, F_SETFL, O_APPEND));
	served_start(&s);
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
	CHECK_STR(served_event(&s), "granted");
	CHECK_STR(served_event(&s), "left, 0 clients");
	served_stop(&s);
}

TEST(a_narrow_grant_is_a_description_of_its_own)
{
	struct test_server s;

	served_init(&s);
	s.narrow = true;
	served_start(&s);
	struct client one = served_client(&s), two = served_client(&s);
	CHECK_STR(served_event(&s), "granted");
	CHECK_STR(served_event(&s), "granted"); /* later than the client has it */
	CHECK_INT(fcntl(one.fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	served_check_same(&one, DESC_DIFFERENT);
	CHECK(!test_same(one.fd, two.fd));
	CHECK_OK(lseek(one.fd, 4, SEEK_SET));
	CHECK_INT(lseek(s.fd, 0, SEEK_CUR), 0);
	CHECK_INT(lseek(two.fd, 0, SEEK_CUR), 0);
	client_close(&one);
	client_close(&two);
	CHECK_STR(served_event(&s), "left, 1 clients");
	CHECK_STR(served_event(&s), "left, 0 clients");
	served_stop(&s);
}

TEST(a_descriptor_outlives_its_server)
{
	struct test_server s;
	char text[8] = "";

	served_init(&s);
	served_start(&s);
	struct client c = served_client(&s);
	CHECK_STR(served_event(&s), "granted");
	served_stop(&s);
	served_check_hangup(&c);
	CHECK_INT(client_same(&c), DESC_UNKNOWN);
	CHECK_INT(read(c.fd, text, 5), 5);
	CHECK_STR(text, "hello");
	client_close(&c);
	CHECK_INT(served_acquire(&s, &c), CLIENT_NOBODY);
}

/* --- denying -------------------------------------------------------------- */

/* Calls fn in a process of that user, with that supplementary group (0: none). */
static void as_user(
	uid_t uid, gid_t group, void (*fn)(const struct test_server *), const struct test_server *s)
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

static void expect_policy(const struct test_server *s)
{
	served_check_denied(s, "policy");
}

TEST(another_user_is_denied)
{
	test_need_root();
	struct test_server s;

	served_init(&s);
	served_start(&s);
	as_user(test_uid(), 0, expect_policy, &s);
	CHECK_STR(served_event(&s), "denied, policy, errno 0");
	served_check_grant(&s);
	served_check_granted_and_left(&s);
	served_stop(&s);
}

TEST(a_user_and_a_group_may_be_allowed)
{
	test_need_root();
	struct test_server s;
	char word[16];
	uid_t uid = test_uid(), member = uid + 1, other = uid + 2;

	served_init(&s);
	snprintf(word, sizeof(word), "%u", uid);
	CHECK(!policy_add_user(&s.rules.policy, word));
	CHECK(!policy_add_group(&s.rules.policy, "1234567"));
	served_start(&s);
	as_user(uid, 0, served_check_grant, &s);
	served_check_granted_and_left(&s);
	as_user(member, 1234567, served_check_grant, &s);
	served_check_granted_and_left(&s);
	as_user(other, 1234568, expect_policy, &s);
	CHECK_STR(served_event(&s), "denied, policy, errno 0");
	served_stop(&s);
}

TEST(one_user_has_so_many_places_and_another_has_them_too)
{
	struct test_server s;

	served_init(&s);
	s.rules.max_clients = 1;
	s.rules.policy.any = true;
	served_start(&s);
	struct client c = served_client(&s);
	CHECK_STR(served_event(&s), "granted");
	served_check_denied(&s, "busy");
	CHECK_STR(served_event(&s), "denied, busy, errno 0");
	if (geteuid() == 0) {
		as_user(test_uid(), 0, served_check_grant, &s);
		CHECK_STR(served_event(&s), "granted");
		CHECK_STR(served_event(&s), "left, 1 clients");
	}
	client_close(&c);
	CHECK_STR(served_event(&s), "left, 0 clients");
	served_check_grant(&s);
	served_check_granted_and_left(&s);
	served_stop(&s);
}

TEST(a_server_whose_table_is_full_says_so)
{
	struct test_server s;
	char want[64];

	served_init(&s);
	s.full = true;
	served_start(&s);
	snprintf(want, sizeof(want), "denied, system, errno %d", EMFILE);
	for (int i = 0; i < 3; i++) { /* the spare descriptor is there again each time */
		served_check_denied(&s, "system");
		CHECK_STR(served_event(&s), want);
	}
	served_stop(&s);
}

/* --- count ---------------------------------------------------------------- */

TEST(after_so_many_grants_the_name_is_free_and_the_end_waits_for_the_clients)
{
	struct test_server s;
	struct client c;

	served_init(&s);
	s.rules.count = 2;
	served_start(&s);
	struct client one = served_client(&s), two = served_client(&s);
	CHECK_STR(served_event(&s), "granted");
	CHECK_STR(served_event(&s), "granted");
	client_close(&one);
	CHECK_STR(served_event(&s), "left, 1 clients");
	CHECK_INT(served_acquire(&s, &c), CLIENT_NOBODY);
	struct addr again = s.addr;
	int sock = CHECK_OK(addr_bind(&again));
	fd_close(&sock);
	client_close(&two);
	CHECK_STR(served_event(&s), "left, 0 clients");
	CHECK_STR(served_event(&s), "finished");
	served_join(&s);
}

TEST(who_is_denied_does_not_count)
{
	struct test_server s;

	served_init(&s);
	s.rules.count = 2;
	s.rules.max_clients = 1;
	served_start(&s);
	struct client c = served_client(&s);
	CHECK_STR(served_event(&s), "granted");
	served_check_denied(&s, "busy");
	CHECK_STR(served_event(&s), "denied, busy, errno 0");
	client_close(&c);
	CHECK_STR(served_event(&s), "left, 0 clients");
	served_check_grant(&s);
	served_check_granted_and_left(&s);
	CHECK_STR(served_event(&s), "finished");
	served_join(&s);
}

TEST(a_path_is_gone_after_the_last_grant)
{
	struct test_server s;

	served_init(&s);
	CHECK(!addr_parse("./sock", &s.addr));
	s.rules.count = 1;
	served_start(&s);
	CHECK_OK(access("sock", F_OK));
	served_check_grant(&s);
	served_check_granted_and_left(&s);
	CHECK_STR(served_event(&s), "finished");
	served_join(&s);
	CHECK_ERR(access("sock", F_OK), ENOENT);
}

TEST(a_client_that_cannot_be_accepted_is_said_once_and_costs_no_time)
{
	static const int errors[] = {ENOMEM, ENOBUFS, EPERM};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct test_server s;
		served_init(&s);
		s.refused = SYS_accept4;
		s.refused_with = errors[i];
		served_start(&s);
		int sock = CHECK_OK(addr_connect(&s.addr, time_after(SOON)));
		char *line = must_printf("stalled, errno %d", errors[i]);
		CHECK_STR(served_event(&s), line);
		free(line);
		time_sleep(300 * NS_PER_MS); /* it is tried again, and nothing is said */
		fd_close(&sock);
		served_stop(&s);
	}
}

TEST(a_client_whose_credentials_cannot_be_had_is_an_event)
{
	struct test_server s;

	served_init(&s);
	s.refused = SYS_getsockopt;
	s.refused_with = ENOMEM;
	served_start(&s);
	int sock = CHECK_OK(addr_connect(&s.addr, time_after(SOON)));
	CHECK_STR(served_event(&s), "denied, system, errno 12");
	fd_close(&sock);
	served_stop(&s);
}

TEST(all_users_together_have_so_many_places)
{
	struct test_server s;

	served_init(&s);
	s.rules.max_total = 2;
	served_start(&s);
	struct client one = served_client(&s), two = served_client(&s);
	CHECK_STR(served_event(&s), "granted");
	CHECK_STR(served_event(&s), "granted");
	served_check_denied(&s, "full");
	CHECK_STR(served_event(&s), "denied, full, errno 0");
	client_close(&one);
	CHECK_STR(served_event(&s), "left, 1 clients");
	one = served_client(&s);
	CHECK_STR(served_event(&s), "granted");
	client_close(&one);
	CHECK_STR(served_event(&s), "left, 1 clients");
	client_close(&two);
	CHECK_STR(served_event(&s), "left, 0 clients");
	served_stop(&s);
}
