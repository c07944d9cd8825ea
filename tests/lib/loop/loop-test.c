/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sources of a loop: watching, removing, stopping. */
#include "tests/lib/loop/calls.h"
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/times.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* A descriptor that is always readable. */
static int readable(void)
{
	return CHECK_OK(eventfd(1, EFD_CLOEXEC));
}

static void stop(void *data, uint32_t events)
{
	(void)events;
	loop_stop(loop, *(int *)data);
}

/* --- watching ------------------------------------------------------------- */

TEST(a_source_is_called_with_its_events)
{
	struct loop *l = new_loop();
	struct calls c = {0};
	int pair[2];

	test_pair(pair);
	CHECK(loop_add(l, pair[0], EPOLLIN | EPOLLRDHUP, count, &c));
	CHECK_OK(loop_once(l, 0));
	CHECK_INT(c.n, 0);
	CHECK_INT(send(pair[1], "x", 1, 0), 1);
	CHECK_OK(loop_once(l, -1));
	CHECK_INT(c.n, 1);
	CHECK_INT(c.events, EPOLLIN);
	fd_close(&pair[1]);
	CHECK_OK(loop_once(l, -1));
	CHECK_INT(c.events, EPOLLIN | EPOLLRDHUP | EPOLLHUP);
	loop_free(l);
	CHECK_OK(fcntl(pair[0], F_GETFD)); /* still open */
	fd_close(&pair[0]);
}

TEST(what_cannot_be_waited_for)
{
	struct loop *l = new_loop();
	int file = test_file("file", "", O_RDONLY), event = readable();
	int dir = CHECK_OK(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	int before = fd_count();

	CHECK_NULL(loop_add(l, file, EPOLLIN, count, NULL), EPERM);
	CHECK_NULL(loop_add(l, dir, EPOLLIN, count, NULL), EPERM);
	CHECK_NULL(loop_add(l, -1, EPOLLIN, count, NULL), EBADF);
	CHECK(loop_add(l, event, EPOLLPRI, count, NULL));
	CHECK_NULL(loop_add(l, event, EPOLLIN, count, NULL), EEXIST);
	CHECK_INT(fd_count(), before);
	loop_free(l);
	fd_close(&file);
	fd_close(&dir);
	fd_close(&event);
}

TEST(a_loop_is_close_on_exec_and_leaves_nothing)
{
	int lowest = readable(), before;

	fd_close(&lowest);
	lowest = readable();
	int next = lowest + 1;
	before = fd_count();
	struct loop *l = new_loop();
	CHECK(test_is_cloexec(next));
	CHECK(loop_timer(l, NS_PER_S, 0, count, NULL));
	CHECK(loop_signal(l, SIGUSR1, count, NULL));
	for (int fd = next; fd < next + fd_count() - before; fd++)
		CHECK(test_is_cloexec(fd));
	loop_free(l);
	CHECK_INT(fd_count(), before);
	loop_free(NULL);
	fd_close(&lowest);
}

TEST(a_loop_that_cannot_be_made)
{
	test_leave_room(0);
	CHECK_NULL(loop_new(), EMFILE);
	test_room_again();
	test_leave_room(1);
	struct loop *l = new_loop();
	CHECK_NULL(loop_timer(l, NS_PER_S, 0, count, NULL), EMFILE);
	CHECK_NULL(loop_signal(l, SIGUSR1, count, NULL), EMFILE);
	loop_free(l);
	test_room_again();
}

/* --- removing ------------------------------------------------------------- */

struct pair {
	struct loop_source *source[2];
	int fd[2];
	int calls[2];
};

static void remove_both(void *data, uint32_t events)
{
	struct pair *p = data;

	(void)events;
	p->calls[0]++;
	loop_remove(&p->source[0]);
	loop_remove(&p->source[1]);
}

TEST(the_first_of_a_round_may_remove_itself_and_the_second)
{
	struct loop *l = new_loop();
	struct pair p = {.fd = {readable(), readable()}};

	for (int i = 0; i < 2; i++)
		CHECK(p.source[i] = loop_add(l, p.fd[i], EPOLLIN, remove_both, &p));
	CHECK_OK(loop_once(l, -1));
	CHECK_INT(p.calls[0], 1);
	CHECK(!p.source[0] && !p.source[1]);
	CHECK_OK(loop_once(l, 0));
	CHECK_INT(p.calls[0], 1);
	loop_free(l);
	fd_close_all(p.fd, 2);
}

static struct calls newcomer;

/*
 * The source that is called first replaces the other with a new source on a new
 * descriptor with the same number.
 */
static void replace_other(struct pair *p, int other)
{
	p->calls[0]++;
	loop_remove(&p->source[other]);
	fd_close(&p->fd[other]);
	p->fd[other] = CHECK_OK(eventfd(0, EFD_CLOEXEC));
	CHECK(p->source[other] = loop_add(loop, p->fd[other], EPOLLIN, count, &newcomer));
}

static void replace_second(void *data, uint32_t events)
{
	(void)events;
	replace_other(data, 1);
	loop_remove(&((struct pair *)data)->source[0]);
}

static void replace_first(void *data, uint32_t events)
{
	(void)events;
	replace_other(data, 0);
	loop_remove(&((struct pair *)data)->source[1]);
}

TEST(an_event_of_a_removed_source_is_not_its_successors)
{
	struct loop *l = new_loop();
	struct pair p = {.fd = {readable(), readable()}};

	CHECK(p.source[0] = loop_add(l, p.fd[0], EPOLLIN, replace_second, &p));
	CHECK(p.source[1] = loop_add(l, p.fd[1], EPOLLIN, replace_first, &p));
	CHECK_OK(loop_once(l, -1));
	CHECK_INT(p.calls[0], 1);
	CHECK_INT(newcomer.n, 0);
	CHECK_OK(loop_once(l, 0));
	CHECK_INT(newcomer.n, 0);
	loop_free(l);
	fd_close_all(p.fd, 2);
}

TEST(a_removed_source_is_not_reported_though_a_duplicate_lives)
{
	struct loop *l = new_loop();
	struct calls c = {0};
	int fd = readable(), copy = CHECK_OK(dup(fd));
	struct loop_source *s = loop_add(l, fd, EPOLLIN, count, &c);

	errno = ENOTTY;
	loop_remove(&s);
	CHECK_INT(errno, ENOTTY);
	CHECK(!s);
	loop_remove(&s);
	fd_close(&fd);
	CHECK_OK(loop_once(l, 0));
	int64_t start = time_now();
	CHECK_OK(loop_once(l, 30));
	CHECK(time_now() - start >= 30 * NS_PER_MS); /* epoll reports nothing */
	CHECK_INT(c.n, 0);
	loop_free(l);
	fd_close(&copy);
}

TEST(a_source_can_be_changed_and_armed_again)
{
	struct loop *l = new_loop();
	struct calls c = {0};
	int fd = readable();
	struct loop_source *s = loop_add(l, fd, EPOLLIN | EPOLLONESHOT, count, &c);

	CHECK(s);
	CHECK_OK(loop_once(l, 0));
	CHECK_OK(loop_once(l, 0));
	CHECK_INT(c.n, 1);
	CHECK_OK(loop_change(s, EPOLLIN | EPOLLONESHOT));
	CHECK_OK(loop_once(l, 0));
	CHECK_INT(c.n, 2);
	CHECK_OK(loop_change(s, EPOLLOUT));
	CHECK_OK(loop_once(l, 0));
	CHECK_INT(c.events, EPOLLOUT);
	fd_close(&fd);
	CHECK_ERR(loop_change(s, EPOLLIN), EBADF);
	loop_free(l);
}

/* Two sources: the function of the outer one runs a round, in which the inner one removes it. */
struct nested {
	struct loop_source *outer, *inner;
	int outer_calls, inner_calls;
};

static void on_inner(void *data, uint32_t events)
{
	struct nested *n = data;

	(void)events;
	n->inner_calls++;
	loop_remove(&n->outer);
	loop_remove(&n->inner);
}

static void on_outer(void *data, uint32_t events)
{
	struct nested *n = data;

	(void)events;
	n->outer_calls++;
	while (n->inner)
		CHECK_OK(loop_once(loop, -1));
}

TEST(a_function_may_run_a_round_in_which_it_is_removed)
{
	struct loop *l = new_loop();
	struct nested n = {0};
	int fd = readable();

	CHECK(n.outer = loop_add(l, fd, EPOLLIN | EPOLLONESHOT, on_outer, &n));
	CHECK(n.inner = loop_timer(l, 10 * NS_PER_MS, 0, on_inner, &n));
	CHECK_OK(loop_once(l, -1));
	CHECK_INT(n.outer_calls, 1);
	CHECK_INT(n.inner_calls, 1);
	CHECK_OK(loop_once(l, 0));
	CHECK_INT(n.outer_calls, 1);
	loop_free(l);
	fd_close(&fd);
}

/* Two sources: the one called first runs another round, in which a timer removes both. */
struct nested_pair {
	struct loop_source *source[2], *timer;
	int calls;
};

static void remove_pair(void *data, uint32_t expirations)
{
	struct nested_pair *n = data;

	(void)expirations;
	loop_remove(&n->source[0]);
	loop_remove(&n->source[1]);
	loop_remove(&n->timer);
}

static void run_a_round(void *data, uint32_t events)
{
	struct nested_pair *n = data;

	(void)events;
	n->calls++;
	while (n->timer)
		CHECK_OK(loop_once(loop, -1));
}

TEST(what_an_inner_round_removed_is_not_called_in_the_outer)
{
	struct loop *l = new_loop();
	struct nested_pair n = {0};
	int fds[2] = {readable(), readable()};

	for (int i = 0; i < 2; i++)
		CHECK(n.source[i] = loop_add(l, fds[i], EPOLLIN | EPOLLONESHOT, run_a_round, &n));
	CHECK(n.timer = loop_timer(l, 10 * NS_PER_MS, 0, remove_pair, &n));
	CHECK_OK(loop_once(l, 0)); /* the timer expires in a later round */
	CHECK_INT(n.calls, 1);
	loop_free(l);
	fd_close_all(fds, 2);
}

/* --- stopping ------------------------------------------------------------- */

TEST(run_returns_what_stop_was_given_and_can_run_again)
{
	struct loop *l = new_loop();
	int fd = readable(), status = 42;

	CHECK(loop_add(l, fd, EPOLLIN, stop, &status));
	CHECK_INT(loop_run(l), 42);
	status = 7;
	CHECK_INT(loop_run(l), 7);
	loop_free(l);
	fd_close(&fd);
}

static void count_and_stop(void *data, uint32_t events)
{
	count(data, events);
	loop_stop(loop, 0);
}

static void stop_and_wait(void *data, uint32_t events)
{
	(void)data;
	(void)events;
	CHECK(!loop_stopping(loop));
	loop_stop(loop, 5);
	CHECK(loop_stopping(loop));
	CHECK_OK(loop_once(loop, -1)); /* does not wait */
}

TEST(who_waits_in_the_middle_is_told_of_a_stop)
{
	struct loop *l = new_loop();
	int fd = readable();

	CHECK(loop_add(l, fd, EPOLLIN, stop_and_wait, NULL));
	CHECK_INT(loop_run(l), 5);
	CHECK(!loop_stopping(l));
	loop_free(l);
	fd_close(&fd);
}

TEST(after_stop_nobody_of_the_round_is_called)
{
	struct loop *l = new_loop();
	struct calls c = {0};
	int fds[2] = {readable(), readable()};

	for (int i = 0; i < 2; i++)
		CHECK(loop_add(l, fds[i], EPOLLIN, count_and_stop, &c));
	CHECK_INT(loop_run(l), 0);
	CHECK_INT(c.n, 1);
	loop_free(l);
	fd_close_all(fds, 2);
}

static void stop_on_third(void *data)
{
	if (++*(int *)data == 3)
		loop_stop(loop, 3);
}

TEST(before_wait_is_called_each_round_and_may_stop)
{
	struct loop *l = new_loop();
	struct calls c = {0};
	int rounds = 0, fd = readable();

	CHECK(loop_add(l, fd, EPOLLIN, count, &c));
	loop_before_wait(l, stop_on_third, &rounds);
	CHECK_INT(loop_run(l), 3);
	CHECK_INT(rounds, 3);
	CHECK_INT(c.n, 2);
	loop_free(l);
	fd_close(&fd);
}
