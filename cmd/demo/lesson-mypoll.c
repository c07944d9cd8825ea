/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mypoll: events of a device on a received descriptor, and the server's end on the socket. */
#include "cmd/demo/lesson.h"
#include "lib/base/fd.h"
#include "lib/base/times.h"
#include "lib/loop/loop.h"
#include "lib/loop/record.h"
#include "lib/loop/standin.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define PERIOD (100 * NS_PER_MS)

enum { EVENTS_MAX = 20 };

/* --- the server ------------------------------------------------------------------- */

static void on_baton(void *loop, uint32_t events)
{
	(void)events;
	loop_stop(loop, 0);
}

/* The device makes its events in the loop, until the worker has seen enough of them. */
static void serve(const struct side *s, struct loop *loop)
{
	struct loop_source *baton = loop_add(loop, s->baton, EPOLLIN, on_baton, loop);

	if (!baton || loop_run(loop) < 0)
		give_up();
	loop_remove(&baton);
	turn_take(s);
}

static void opener(struct side *s)
{
	struct loop *loop = loop_new();
	struct standin *device = loop ? standin_new(loop, PERIOD) : NULL;
	int fd = device ? standin_open(device, O_RDWR, false) : -1;

	must(s, fd, "mypoll_open(timer of %d ms, O_RDWR)", (int)(PERIOD / NS_PER_MS));
	call_pass(s, "mypoll", fd);
	serve(s, loop);
	call_close(s, &s->sock);
	turn_give(s, 0); /* after the close was shown, the worker shows its effect */
	turn_take(s);
	standin_free(device);
	loop_free(loop);
	fd_close(&fd);
}

/* --- its client -------------------------------------------------------------------- */

/* The next event of the device; its source is "" if something else came. */
static struct record next_event(const struct side *s, int epoll, int device)
{
	struct record r = {0};
	char line[RECORD_MAX + 1];

	if (call_wait(s, epoll).data.fd != device)
		return r;
	ssize_t n = call_read(s, device, line, sizeof(line));
	if (n < 1 || !record_parse(line, (size_t)n - 1, &r))
		r.source[0] = '\0';
	return r;
}

/* Leaves out the timer events that came while the user was asked: they may be many. */
static void skip_old(const struct side *s, int device)
{
	struct pollfd p = {.fd = device, .events = POLLIN};
	char line[RECORD_MAX + 1];
	int n = 0;

	while (s->paused && poll(&p, 1, 0) == 1 && read(device, line, sizeof(line)) > 0)
		n++;
	if (n)
		say(s, "reads what came meanwhile: %d event%s", n, n == 1 ? "" : "s");
}

static void see_timer(struct side *s, int epoll, int device)
{
	struct record a = next_event(s, epoll, device);
	struct record b = next_event(s, epoll, device);

	check(s,
		strcmp(a.source, "timer") == 0 && strcmp(b.source, "timer") == 0 &&
			b.event == a.event + 1,
		"timer events came through the received descriptor: event=%llu, event=%llu",
		(unsigned long long)a.event, (unsigned long long)b.event);
	skip_old(s, device);
}

static void see_manual(struct side *s, int epoll, int device)
{
	static const char word[] = "trigger\n";
	struct record r = {0};

	must(s, write(device, word, sizeof(word) - 1), "write(%d, \"trigger\\n\", %zu)", device,
		sizeof(word) - 1);
	/* a timer event may come first */
	for (int i = 0; i < EVENTS_MAX && strcmp(r.source, "manual") != 0; i++)
		r = next_event(s, epoll, device);
	check(s, strcmp(r.source, "manual") == 0,
		"and so did the one triggered by hand: event=%llu", (unsigned long long)r.event);
	skip_old(s, device);
}

static void see_hangup(struct side *s, int epoll, int device)
{
	const uint32_t gone = EPOLLHUP | EPOLLRDHUP;
	struct epoll_event e = call_wait(s, epoll);
	char byte, line[RECORD_MAX + 1];

	for (int i = 0; i < EVENTS_MAX && e.data.fd == device; i++) {
		call_read(s, device, line, sizeof(line));
		e = call_wait(s, epoll);
	}
	check(s, e.data.fd == s->sock && (e.events & gone) == gone,
		"the socket told that the server hung up: EPOLLHUP and EPOLLRDHUP");
	long n = show_call(s, recv(s->sock, &byte, 1, 0), "recv(%d, 1, 0)", s->sock);
	check(s, n == 0, "and a read of it returns end of file");
}

static void worker(struct side *s)
{
	int device = call_take(s);
	int epoll = call_epoll(s);

	call_watch(s, epoll, device, EPOLLIN);
	call_watch(s, epoll, s->sock, EPOLLIN | EPOLLRDHUP);
	see_timer(s, epoll, device);
	see_manual(s, epoll, device);
	turn_give(s, 0);
	turn_take(s);
	see_hangup(s, epoll, device);
	turn_give(s, 0);
}

const struct lesson lesson_mypoll = {
	.name = "mypoll",
	.summary = "epoll on a received device, and on the socket that tells when its server left",
	.watch =
		"Watch what each epoll_wait() names: the device, or the socket that it came through.",
	.learnt =
		"epoll works on a received descriptor as on any other. Events come from the device; the "
		"socket tells when the server has gone.",
	.tries = {
		{1, "fdtool serve mypoll:"},
		{2, "fdtool mypoll-tail mypoll"},
		{1, "trigger"},
		{1, "quit"},
	},
	.opener = opener,
	.worker = worker,
};
