/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The signals of a loop. */
#include "tests/lib/loop/calls.h"
#include "tests/unit/test.h"
#include "lib/base/times.h"

#include <signal.h>
#include <unistd.h>

TEST(a_signal_comes_as_an_event)
{
	struct loop *l = new_loop();
	struct calls one = {0}, two = {0};

	CHECK(loop_signal(l, SIGUSR1, count, &one));
	CHECK(loop_signal(l, SIGUSR2, count, &two));
	CHECK_OK(raise(SIGUSR2));
	CHECK_OK(loop_once(l, -1));
	CHECK_INT(one.n, 0);
	CHECK_INT(two.n, 1);
	CHECK_INT(two.events, SIGUSR2);
	CHECK_OK(raise(SIGUSR1));
	CHECK_OK(loop_once(l, -1));
	CHECK_INT(one.n, 1);
	CHECK_INT(two.n, 1);
	loop_free(l);
}

TEST(a_signal_has_its_disposition_back_after_the_loop)
{
	sigset_t mask;
	struct loop *l = new_loop();

	CHECK(loop_signal(l, SIGUSR1, count, NULL));
	CHECK_OK(sigprocmask(SIG_BLOCK, NULL, &mask));
	CHECK_INT(sigismember(&mask, SIGUSR1), 1);
	loop_free(l);
	CHECK_OK(sigprocmask(SIG_BLOCK, NULL, &mask));
	CHECK_INT(sigismember(&mask, SIGUSR1), 0);
}

TEST(every_source_of_a_signal_is_called)
{
	struct loop *l = new_loop();
	struct calls c[3] = {{0}};

	for (int i = 0; i < 3; i++)
		CHECK(loop_signal(l, SIGUSR1, count, &c[i]));
	CHECK_OK(raise(SIGUSR1));
	CHECK_OK(loop_once(l, -1));
	for (int i = 0; i < 3; i++)
		CHECK_INT(c[i].n, 1);
	loop_free(l);
}

static struct loop_source *sources[3];
static int signal_calls;

/* The source that is called first removes the middle one. */
static void remove_middle(void *data, uint32_t signo)
{
	(void)data;
	(void)signo;
	signal_calls++;
	loop_remove(&sources[1]);
}

TEST(removing_one_source_of_a_signal_keeps_it_from_no_other)
{
	struct loop *l = new_loop();

	for (int i = 0; i < 3; i++)
		CHECK(sources[i] = loop_signal(l, SIGUSR1, remove_middle, NULL));
	CHECK_OK(raise(SIGUSR1));
	CHECK_OK(loop_once(l, -1));
	CHECK_INT(signal_calls, 2);
	loop_free(l);
}

static void nothing(int signo)
{
	(void)signo;
}

TEST(a_signal_that_is_not_the_loops_ends_a_wait_without_a_fault)
{
	const struct sigaction act = {.sa_handler = nothing};
	struct loop *l = new_loop();
	int64_t start = time_now();

	CHECK_OK(sigaction(SIGALRM, &act, NULL));
	ualarm(10000, 10000);
	CHECK_OK(loop_once(l, 15000));
	ualarm(0, 0);
	CHECK(time_now() - start < 10 * NS_PER_S);
	loop_free(l);
}
