/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/memory.h"
#include "lib/loop/record.h"

#include <string.h>

static bool parse(const char *line, struct record *r)
{
	return record_parse(line, strlen(line), r);
}

TEST(a_record_is_one_line)
{
	struct record r = {21, "timer", INT64_C(81230001122)};
	char text[RECORD_MAX];
	size_t len = record_format(&r, text);

	CHECK_STR(text, "event=21 source=timer mono_ns=81230001122\n");
	CHECK_INT(len, strlen(text));
}

TEST(the_longest_record_comes_back)
{
	struct record r = {UINT64_MAX, "abcdefghijklmno", INT64_MAX}, back;
	char text[RECORD_MAX];
	size_t len = record_format(&r, text);

	CHECK(len < RECORD_MAX);
	CHECK(record_parse(text, len - 1, &back));
	CHECK(back.event == UINT64_MAX);
	CHECK_STR(back.source, "abcdefghijklmno");
	CHECK_INT(back.mono_ns, INT64_MAX);
}

TEST(the_older_form_has_no_time)
{
	struct record r;

	CHECK(parse("event=21, source=timer", &r));
	CHECK_INT(r.event, 21);
	CHECK_STR(r.source, "timer");
	CHECK_INT(r.mono_ns, -1);
	CHECK(parse("event=0 source=manual", &r));
	CHECK_INT(r.mono_ns, -1);
}

TEST(only_so_many_bytes_are_looked_at)
{
	static const char line[] = "event=7 source=timer mono_ns=123";
	struct record r;

	CHECK(record_parse(line, strlen("event=7 source=timer"), &r));
	CHECK_INT(r.mono_ns, -1);
	CHECK(record_parse(line, strlen("event=7 source=tim"), &r));
	CHECK_STR(r.source, "tim");
	for (size_t len = 0; len < strlen("event=7 source=t"); len++)
		CHECK(!record_parse(line, len, &r));
}

TEST(anything_else_is_no_record)
{
	static const char *const lines[] = {
		"", "event=", "event= source=timer", "event=x source=timer",
		"event=-1 source=timer", " event=1 source=timer", "event=1", "event=1 ",
		"event=1,source=timer", "event=1  source=timer", "event=1 source=",
		"event=1 source=Timer", "event=1 source=t1", "event=1 source=timer ",
		"event=1 source=timer\n", "event=1 source=timer mono_ns=",
		"event=1 source=timer mono_ns=5x", "event=1 source=timer mono_ns=-5",
		"event=1 source=timer mono_ns=5 more=1",
		"event=18446744073709551616 source=timer",
		"event=1 source=timer mono_ns=9223372036854775808",
		"event=1 source=timer mono_ns=99999999999999999999",
		"event=1 source=abcdefghijklmnop",
	};
	struct record r;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (parse(lines[i], &r))
			test_fail(__FILE__, __LINE__, "\"%s\" is taken for a record", lines[i]);
}

TEST(a_nul_byte_is_no_part_of_a_record)
{
	static const char line[] = "event=1 source=ti\0mer";
	struct record r;

	CHECK(!record_parse(line, sizeof(line) - 1, &r));
}

TEST(a_record_is_taken_from_the_bytes_that_begin_with_it)
{
	static const char two[] = "event=7 source=timer mono_ns=123\nevent=8 source=manual mono_ns=9\nev";
	const char *end = two + strlen(two), *at = two;
	struct record r;

	at += record_take(at, (size_t)(end - at), &r);
	CHECK_INT(at - two, strlen("event=7 source=timer mono_ns=123\n"));
	CHECK_INT(r.event, 7);
	CHECK_STR(r.source, "timer");
	CHECK_INT(r.mono_ns, 123);
	at += record_take(at, (size_t)(end - at), &r);
	CHECK_STR(at, "ev");
	CHECK_INT(r.event, 8);
	CHECK_STR(r.source, "manual");
	CHECK_INT(record_take(at, (size_t)(end - at), &r), 0);
}

TEST(what_is_not_whole_or_not_as_it_would_be_made_is_not_taken)
{
	static const char *const bytes[] = {
		"", "event=1 source=timer\n", "event=1, source=timer mono_ns=5\n",
		"event=1 source=timer mono_ns=5 \n", "event=1 source=timer mono_ns=9223372036854775808\n",
		"event=x source=timer mono_ns=5\n", "\nevent=1 source=timer mono_ns=5\n",
	};
	static const char whole[] = "event=1 source=timer mono_ns=5\n";
	struct record r;

	for (size_t i = 0; i < ARRAY_SIZE(bytes); i++)
		if (record_take(bytes[i], strlen(bytes[i]), &r))
			test_fail(__FILE__, __LINE__, "\"%s\" is taken", bytes[i]);
	for (size_t len = 0; len < strlen(whole); len++)
		CHECK_INT(record_take(whole, len, &r), 0);
	CHECK_INT(record_take(whole, strlen(whole), &r), strlen(whole));
}
