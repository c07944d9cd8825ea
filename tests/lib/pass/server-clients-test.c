/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clients after their grant: server-clients.c. */
#include "tests/lib/pass/served.h"
#include "lib/base/fd.h"
#include "lib/base/msg.h"
#include "lib/pass/protocol.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void say(const struct client *c, enum protocol_verb verb, const char *key, const char *value)
{
	struct protocol_out out;

	protocol_begin(&out, verb);
	protocol_add(&out, key, value);
	CHECK_OK(msg_send(c->sock, out.text, out.len, NULL, 0, 0));
}

TEST(a_note_is_told)
{
	struct test_server s;

	served_init(&s);
	served_start(&s);
	struct client c = served_client(&s);
	CHECK_STR(served_event(&s), "granted");
	client_send_taken(&c);
	say(&c, PROTOCOL_NOTE, "op", "lseek");
	CHECK_STR(served_event(&s), "noted, lseek");
	say(&c, PROTOCOL_NOTE, "pos", "7");
	CHECK_STR(served_event(&s), "noted, ?");
	client_close(&c);
	CHECK_STR(served_event(&s), "left, 0 clients");
	served_stop(&s);
}

TEST(who_says_nothing_may_not_stay)
{
	struct test_server s;

	served_init(&s);
	s.rules.client_timeout = 50 * NS_PER_MS;
	served_start(&s);
	struct client stays = served_client(&s);
	client_send_taken(&stays);
	struct client silent = served_client(&s);
	CHECK_STR(served_event(&s), "granted");
	CHECK_STR(served_event(&s), "granted");
	CHECK_STR(served_event(&s), "left, 1 clients");
	served_check_hangup(&silent); /* the other client is still connected */
	CHECK_INT(test_poll(stays.sock, POLLIN, 0), 0);
	client_close(&stays);
	client_close(&silent);
	CHECK_STR(served_event(&s), "left, 0 clients");
	served_stop(&s);
}

TEST(a_note_reaches_the_other_clients)
{
	struct test_server s;

	served_init(&s);
	served_start(&s);
	struct client one = served_client(&s), two = served_client(&s);
	CHECK_INT(client_receive(&two).kind, CLIENT_NO_EVENT);
	CHECK_OK(lseek(one.fd, 2, SEEK_SET));
	client_send_note(&one, "lseek");
	CHECK_INT(test_poll(two.sock, POLLIN, 10000), POLLIN);
	struct client_event news = client_receive(&two);
	CHECK_INT(news.kind, CLIENT_NOTE);
	CHECK_STR(news.op, "lseek");
	CHECK_INT(news.pid, getpid());
	CHECK_INT(client_receive(&one).kind, CLIENT_NO_EVENT); /* not to its sender */
	CHECK_STR(served_event(&s), "granted");
	CHECK_STR(served_event(&s), "granted");
	CHECK_STR(served_event(&s), "noted, lseek");
	served_stop(&s);
	CHECK_INT(client_receive(&one).kind, CLIENT_GONE);
	client_close(&one);
	client_close(&two);
}

TEST(of_a_flood_of_notes_the_first_are_passed_on)
{
	enum { SENT = 200, AT_LEAST = 50, AT_MOST = 150 }; /* two seconds may have begun meanwhile */
	struct test_server s;
	int noted = 0;

	served_init(&s);
	served_start(&s);
	struct client c = served_client(&s);
	CHECK_STR(served_event(&s), "granted");
	for (int i = 0; i < SENT; i++)
		say(&c, PROTOCOL_NOTE, "op", "lseek");
	client_close(&c);
	while (strcmp(served_event(&s), "noted, lseek") == 0)
		noted++;
	CHECK(noted >= AT_LEAST && noted <= AT_MOST);
	served_stop(&s);
}

static void check_dropped(const struct test_server *s, const char *text, size_t len)
{
	struct client c = served_client(s);

	CHECK_STR(served_event(s), "granted");
	CHECK_INT(send(c.sock, text, len, 0), len);
	CHECK_STR(served_event(s), "left, 0 clients");
	served_check_hangup(&c);
	client_close(&c);
}

TEST(who_speaks_no_such_protocol_is_dropped)
{
	struct test_server s;
	char big[MSG_TEXT_MAX + 1];

	served_init(&s);
	served_start(&s);
	check_dropped(&s, "rubbish", 7);
	check_dropped(&s, "FDTOOL/2 TAKEN\n", 15);
	check_dropped(&s, "", 0);
	memset(big, '\n', sizeof(big));
	check_dropped(&s, big, sizeof(big));
	served_stop(&s);
}

TEST(who_has_read_the_grant_but_no_note_is_dropped_at_once)
{
	struct test_server s;

	served_init(&s);
	served_start(&s);
	struct client one = served_client(&s), two = served_client(&s);
	CHECK_STR(served_event(&s), "granted");
	CHECK_STR(served_event(&s), "granted");
	client_send_note(&one, "lseek");
	CHECK_STR(served_event(&s), "noted, lseek");
	CHECK_INT(send(two.sock, "rubbish", 7, 0), 7);
	CHECK_STR(served_event(&s), "left, 1 clients");
	client_close(&two);
	client_close(&one);
	CHECK_STR(served_event(&s), "left, 0 clients");
	served_stop(&s);
}

TEST(a_client_that_sends_descriptors_gets_nowhere)
{
	struct test_server s;

	served_init(&s);
	served_start(&s);
	struct client c = served_client(&s);
	CHECK_STR(served_event(&s), "granted");
	if (test_passrights()) {
		CHECK_ERR(msg_send(c.sock, "FDTOOL/1 TAKEN\n", 15, &c.fd, 1, 0), EPERM);
	} else {
		CHECK_OK(msg_send(c.sock, "FDTOOL/1 TAKEN\n", 15, &c.fd, 1, 0));
		served_check_hangup(&c); /* the server closed the descriptor and the connection */
	}
	client_close(&c);
	CHECK_STR(served_event(&s), "left, 0 clients");
	served_stop(&s);
}

TEST(a_client_that_left_before_it_was_let_in)
{
	struct test_server s;

	served_init(&s);
	served_start(&s);
	CHECK_OK(kill(s.pid, SIGSTOP));
	int sock = CHECK_OK(addr_connect(&s.addr, NEVER));
	fd_close(&sock);
	CHECK_OK(kill(s.pid, SIGCONT));
	served_check_grant(&s); /* and is the first to cause an event */
	served_check_granted_and_left(&s);
	served_stop(&s);
}
