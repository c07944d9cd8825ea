/* SPDX-License-Identifier: GPL-3.0-or-later */
/* eventfd: a counter without a name, shared by passing it; a write wakes the other process. */
#include "cmd/demo/lesson.h"

#include <inttypes.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void add(const struct side *s, int fd, uint64_t count)
{
	ssize_t n = write(fd, &count, sizeof(count));

	must(s, n, "write(%d, [%" PRIu64 "], %zu)", fd, count, sizeof(count));
}

static void opener(struct side *s)
{
	int fd = (int)must(s, eventfd(0, EFD_CLOEXEC), "eventfd(0, EFD_CLOEXEC)");

	call_pass(s, "eventfd", fd);
	turn_take(s);
	add(s, fd, 3);
	turn_give(s, 0);
	turn_take(s);
	add(s, fd, 4);
	add(s, fd, 5);
	turn_give(s, 0);
	turn_take(s);
}

/* read() returns the count, and resets it to 0. */
static uint64_t take_count(const struct side *s, int fd)
{
	uint64_t count = 0;
	ssize_t n = read(fd, &count, sizeof(count));

	must(s, n, "read(%d, [%" PRIu64 "], %zu)", fd, count, sizeof(count));
	return count;
}

static void see_nothing(struct side *s, int epoll, const char *claim)
{
	struct epoll_event e;
	long n = show_call(s, epoll_wait(epoll, &e, 1, 0), "epoll_wait(%d, [], 1, 0)", epoll);

	check(s, n == 0, "%s", claim);
}

static void see_count(struct side *s, int epoll, int fd, uint64_t sum, const char *claim)
{
	struct epoll_event e = call_wait(s, epoll);

	check(s, e.data.fd == fd && e.events == EPOLLIN,
		"the opener's write() made it ready in the worker's epoll: EPOLLIN");
	uint64_t count = take_count(s, fd);
	check(s, count == sum, "%s: %" PRIu64, claim, count);
}

static void worker(struct side *s)
{
	int fd = call_take(s);
	int epoll = call_epoll(s);

	call_watch(s, epoll, fd, EPOLLIN);
	see_nothing(s, epoll, "nothing has been counted: not ready");
	turn_give(s, 0);
	turn_take(s);
	see_count(s, epoll, fd, 3, "and the worker reads what the opener wrote");
	see_nothing(s, epoll, "that read() took the whole count: not ready any more");
	turn_give(s, 0);
	turn_take(s);
	see_count(s, epoll, fd, 4 + 5, "two writes before one read add up, 4 + 5");
	see_nothing(s, epoll, "and there is no second event");
	turn_give(s, 0);
}

const struct lesson lesson_eventfd = {
	.name = "eventfd",
	.summary = "what one process counts up wakes the epoll of the other",
	.watch = "Watch the opener write numbers, and how many of them the worker reads.",
	.learnt =
		"The counter is in the description, so both share it. It has no name to open: a process "
		"inherits it or receives it. It counts events, and does not queue them.",
	.tries = {
		{1, "fdtool serve eventfd:"},
		{2, "fdtool grab eventfd"},
		{1, "trigger 4"},
		{1, "trigger 5"},
		{2, "wait"},
		{2, "read"},
	},
	.opener = opener,
	.worker = worker,
};
