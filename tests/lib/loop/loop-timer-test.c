/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The timers of a loop. */
#include "tests/lib/loop/calls.h"
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/times.h"

TEST(a_timer_without_a_repetition_fires_once)
{
	struct loop *l = new_loop();
	struct calls c = {0};
	int64_t start = time_now();

	CHECK(loop_timer(l, 10 * NS_PER_MS, 0, count, &c));
	CHECK_OK(loop_once(l, -1));
	CHECK(time_now() - start >= 10 * NS_PER_MS);
	CHECK_INT(c.n, 1);
	CHECK_INT(c.events, 1);
	CHECK_OK(loop_once(l, 30));
	CHECK_INT(c.n, 1);
	loop_free(l);
}

TEST(a_late_round_is_told_how_many_expirations_it_missed)
{
	struct loop *l = new_loop();
	struct calls c = {0};

	CHECK(loop_timer(l, NS_PER_MS, NS_PER_MS, count, &c));
	time_sleep(20 * NS_PER_MS);
	CHECK_OK(loop_once(l, -1));
	CHECK_INT(c.n, 1);
	CHECK(c.events >= 20);
	CHECK_OK(loop_once(l, -1));
	CHECK_INT(c.n, 2);
	loop_free(l);
}

TEST(a_timer_can_be_stopped_and_moved)
{
	struct loop *l = new_loop();
	struct calls c = {0};
	struct loop_source *s = loop_timer(l, 0, 0, count, &c);

	CHECK(s);
	CHECK_OK(loop_once(l, 20));
	CHECK_INT(c.n, 0); /* 0 means never, not at once */
	CHECK_OK(loop_timer_set(s, NS_PER_MS, 0));
	CHECK_OK(loop_once(l, -1));
	CHECK_INT(c.n, 1);
	CHECK_OK(loop_timer_set(s, NS_PER_MS, NS_PER_MS));
	CHECK_OK(loop_timer_set(s, 0, 0));
	CHECK_OK(loop_once(l, 20));
	CHECK_INT(c.n, 1);
	CHECK_ERR(loop_timer_set(s, -1, 0), EINVAL);
	loop_free(l);
}

TEST(a_timer_that_cannot_be_set_is_none)
{
	struct loop *l = new_loop();
	int before = fd_count();

	CHECK_NULL(loop_timer(l, -NS_PER_S, 0, count, NULL), EINVAL);
	CHECK_INT(fd_count(), before);
	loop_free(l);
}

struct two_timers {
	struct loop_source *timer[2];
	int calls;
};

static void stop_other(struct two_timers *t, int other)
{
	t->calls++;
	CHECK_OK(loop_timer_set(t->timer[other], 0, 0));
}

static void stop_second(void *data, uint32_t expirations)
{
	(void)expirations;
	stop_other(data, 1);
}

static void stop_first(void *data, uint32_t expirations)
{
	(void)expirations;
	stop_other(data, 0);
}

TEST(a_timer_stopped_in_the_round_that_it_expired_in_does_not_fire)
{
	struct loop *l = new_loop();
	struct two_timers t = {0};

	CHECK(t.timer[0] = loop_timer(l, NS_PER_MS, 0, stop_second, &t));
	CHECK(t.timer[1] = loop_timer(l, NS_PER_MS, 0, stop_first, &t));
	time_sleep(5 * NS_PER_MS);
	CHECK_OK(loop_once(l, -1));
	CHECK_OK(loop_once(l, 20));
	CHECK_INT(t.calls, 1);
	loop_free(l);
}

static void remove_own(void *data, uint32_t events)
{
	(void)events;
	loop_remove(data);
}

TEST(a_timer_may_remove_itself)
{
	struct loop *l = new_loop();
	int before = fd_count();
	struct loop_source *s;

	CHECK(s = loop_timer(l, NS_PER_MS, NS_PER_MS, remove_own, &s));
	CHECK_OK(loop_once(l, -1));
	CHECK(!s);
	CHECK_INT(fd_count(), before);
	loop_free(l);
}
