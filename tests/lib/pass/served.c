/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server in a child process, and real clients: see served.h. */
#include "tests/lib/pass/served.h"
#include "lib/base/fd.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- the server ----------------------------------------------------------- */

static struct loop *loop;
static int events_to;

static void report(void *data, const struct offer_event *e)
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
	case OFFER_STALLED:
		dprintf(events_to, "stalled, errno %d\n", e->err);
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

static void __attribute__((noreturn)) serve(const struct test_server *s)
{
	int fd = CHECK_OK(fcntl(s->fd, F_DUPFD_CLOEXEC, 3));

	CHECK(loop = loop_new());
	CHECK(loop_signal(loop, SIGTERM, on_signal, NULL));
	struct server *server = server_new(loop, &s->rules);
	CHECK(server);
	struct offer *o = server_add(server, &s->addr, s->name, &fd, s->narrow);
	CHECK(o);
	CHECK_INT(fd, -1);
	CHECK_STR(offer_name(o), s->name);
	CHECK(test_same(offer_fd(o), s->fd));
	if (s->user)
		test_become(s->user);
	CHECK_OK(server_listen(server));
	if (s->full)
		test_leave_room(0);
	if (s->refused)
		test_forbid(s->refused, s->refused_with);
	dprintf(events_to, "ready\n");
	CHECK_INT(loop_run(loop), 0);
	if (s->full)
		test_room_again();
	server_free(server);
	loop_free(loop);
	exit(0);
}

const char *served_event(const struct test_server *s)
{
	static char line[256];
	size_t n = 0;

	while (n < sizeof(line) - 1 && read(s->events, &line[n], 1) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
	return line;
}

void served_init(struct test_server *s)
{
	*s = (struct test_server){.rules = {.max_clients = 16, .event = report},
		.fd = test_file("offered", "hello", O_RDWR)};
	snprintf(s->name, sizeof(s->name), "%s", test_name());
	CHECK(!addr_parse(s->name, &s->addr));
}

void served_start(struct test_server *s)
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
	CHECK_STR(served_event(s), "ready");
}

void served_join(struct test_server *s)
{
	CHECK_STR(served_event(s), "");
	test_join(s->pid);
	fd_close(&s->events);
	fd_close(&s->fd);
	policy_free(&s->rules.policy);
}

void served_stop(struct test_server *s)
{
	CHECK_OK(kill(s->pid, SIGTERM));
	served_join(s);
}

/* --- the client ----------------------------------------------------------- */

static const struct policy nobody_else;

enum client_fault served_acquire(const struct test_server *s, struct client *c)
{
	struct addr addr = s->addr;

	return client_acquire(&addr, &nobody_else, time_after(SOON), -1, c);
}

struct client served_client(const struct test_server *s)
{
	struct client c;

	CHECK_INT(served_acquire(s, &c), CLIENT_OK);
	return c;
}

void served_check_same(const struct client *c, enum desc_same same)
{
	int pidfd = peer_pidfd(c->sock);

	CHECK_INT(client_same(c), pidfd < 0 ? DESC_UNKNOWN : same);
	fd_close(&pidfd);
}

void served_check_denied(const struct test_server *s, const char *reason)
{
	struct client c;
	int before = fd_count();

	CHECK_INT(served_acquire(s, &c), CLIENT_DENIED);
	CHECK_STR(c.reason, reason);
	CHECK_INT(c.denied_uid, geteuid());
	CHECK_INT(fd_count(), before);
}

void served_check_hangup(const struct client *c)
{
	char byte;

	CHECK(test_poll(c->sock, POLLIN, 10000) & POLLHUP);
	CHECK_INT(recv(c->sock, &byte, 1, MSG_DONTWAIT), 0);
}

void served_check_grant(const struct test_server *s)
{
	struct client c = served_client(s);

	client_close(&c);
}

void served_check_granted_and_left(const struct test_server *s)
{
	CHECK_STR(served_event(s), "granted");
	CHECK_STR(served_event(s), "left, 0 clients");
}
