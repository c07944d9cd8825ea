/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/memory.h"
#include "lib/base/times.h"

#include <limits.h>
#include <signal.h>
#include <sys/time.h>

TEST(times_in_every_unit)
{
	static const struct {
		const char *text;
		int64_t ns;
	} rows[] = {
		{"0", 0}, {"2", 2 * NS_PER_S}, {"2s", 2 * NS_PER_S}, {"250ms", 250 * NS_PER_MS},
		{"7us", 7000}, {"9ns", 9}, {"1m", 60 * NS_PER_S}, {"1h", 3600 * NS_PER_S},
		{"0.5", NS_PER_S / 2}, {".5", NS_PER_S / 2}, {"1.5m", 90 * NS_PER_S},
		{"0.25ms", 250000}, {"007", 7 * NS_PER_S}, {"1.000000001", NS_PER_S + 1},
		{"0.12345678999999", 123456789}, {"1.9ns", 1}, {"0ms", 0},
		{"878400h", INT64_C(878400) * 3600 * NS_PER_S},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t ns = -1;
		if (time_parse(rows[i].text, &ns) < 0 || ns != rows[i].ns)
			test_fail(__FILE__, __LINE__, "\"%s\" is %jd ns", rows[i].text,
				(intmax_t)ns);
	}
}

TEST(what_is_no_time)
{
	static const char *const words[] = {"", " ", "s", "ms", "-1", "+1", " 1", "1 ", "1 s", "1x",
		"1S", "1sec", "1.5.5", "1,5", ".", ".s", "inf", "nan", "0x1p3", "1e3", "1ms2"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		int64_t ns;
		errno = 0;
		if (time_parse(words[i], &ns) != -1 || errno != EINVAL)
			test_fail(__FILE__, __LINE__, "\"%s\" is taken for a time", words[i]);
	}
}

TEST(more_than_a_hundred_years_is_out_of_range)
{
	static const char *const words[] = {"878401h", "3162240001", "9223372036854775807",
		"9223372036854775808", "18446744073709551617", "30000000000000000000ns",
		"99999999999999999999999999999999999999h"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		int64_t ns;
		errno = 0;
		if (time_parse(words[i], &ns) != -1 || errno != ERANGE)
			test_fail(__FILE__, __LINE__, "\"%s\" is in range", words[i]);
	}
}

TEST(a_deadline_is_now_and_so_long)
{
	int64_t before = time_now();
	int64_t deadline = time_after(5 * NS_PER_S);
	int64_t after = time_now();

	CHECK(deadline >= before + 5 * NS_PER_S && deadline <= after + 5 * NS_PER_S);
	CHECK(time_after(NEVER) == NEVER);
}

TEST(poll_waits_as_long_as_is_left)
{
	CHECK_INT(time_poll_ms(NEVER), -1);
	CHECK_INT(time_poll_ms(time_now() - NS_PER_S), 0);
	CHECK_INT(time_poll_ms(0), 0);
	CHECK_INT(time_poll_ms(NEVER - 1), INT_MAX);

	int ms = time_poll_ms(time_after(3600 * NS_PER_S));
	CHECK(ms > 3590 * 1000 && ms <= 3600 * 1000);
}

TEST(poll_does_not_wake_before_the_deadline)
{
	int64_t deadline = time_after(3 * NS_PER_MS / 2);

	for (int ms; (ms = time_poll_ms(deadline)) > 0;)
		test_poll(-1, 0, ms);
	CHECK(time_now() >= deadline);
}

TEST(sleep_is_as_long_as_it_says)
{
	int64_t before = time_now();

	time_sleep(20 * NS_PER_MS);
	CHECK(time_now() - before >= 20 * NS_PER_MS);
}

static void on_alarm(int signo)
{
	(void)signo;
}

TEST(a_signal_ends_a_sleep)
{
	const struct sigaction act = {.sa_handler = on_alarm};
	/* repeated, because the first may come before the sleep has begun */
	const struct itimerval every = {{0, 10000}, {0, 10000}};
	int64_t before = time_now();

	CHECK_OK(sigaction(SIGALRM, &act, NULL));
	CHECK_OK(setitimer(ITIMER_REAL, &every, NULL));
	time_sleep(3600 * NS_PER_S);
	CHECK(time_now() - before < 15 * NS_PER_S);
}
