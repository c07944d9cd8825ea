/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/number.h"

#include <limits.h>

static void check(const char *text, long long want)
{
	long long n;

	if (number_parse(text, LLONG_MIN, LLONG_MAX, &n) < 0 || n != want)
		test_fail(__FILE__, __LINE__, "'%s' is not %lld", text, want);
}

TEST(as_c_writes_them)
{
	check("0", 0);
	check("16", 16);
	check("0x10", 16);
	check("0XfF", 255);
	check("010", 8);
	check("-3", -3);
	check("+5", 5);
	check("-0x10", -16);
	check("9223372036854775807", LLONG_MAX);
	check("-9223372036854775808", LLONG_MIN);
}

TEST(suffixes)
{
	check("1k", 1024);
	check("1K", 1024);
	check("3M", 3 << 20);
	check("-2G", -(2LL << 30));
	check("0x10T", 16LL << 40);
}

TEST(what_is_no_number)
{
	static const char *const words[] = {"", "-", "+", " 5", "5 ", "x", "0x", "08", "1e3", "1.5",
		"5kB", "5b", "--5", "- 5", "\t5", "five", "0xg", "kM"};
	long long n;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (number_parse(words[i], LLONG_MIN, LLONG_MAX, &n) == 0)
			test_fail(__FILE__, __LINE__, "'%s' is taken", words[i]);
	CHECK_ERR(number_parse("5x", 0, 9, &n), EINVAL);
}

TEST(bounds)
{
	long long n;

	CHECK_ERR(number_parse("-1", 0, 10, &n), ERANGE);
	CHECK_ERR(number_parse("11", 0, 10, &n), ERANGE);
	CHECK_OK(number_parse("10", 0, 10, &n));
	CHECK_ERR(number_parse("9223372036854775808", 0, LLONG_MAX, &n), ERANGE);
	CHECK_ERR(number_parse("8388608T", 0, LLONG_MAX, &n), ERANGE);
	CHECK_ERR(number_parse("99999999999999999999x", 0, LLONG_MAX, &n), EINVAL);
}
