/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/out/json.h"

#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* The value as text. Drops the reference. */
static void check_json(json_t *value, const char *want)
{
	CHECK(value);
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	CHECK_STR(text, want);
	free(text);
	json_decref(value);
}

TEST(bytes_that_are_utf_8_stay)
{
	check_json(json_bytes("plain"), "\"plain\"");
	check_json(json_bytes("\303\244\n\""), "\"\303\244\\n\\\"\"");
	check_json(json_bytes(""), "\"\"");
}

static void check_other_bytes(void)
{
	check_json(json_bytes("a\377b"), "\"a\\\\377b\"");
	check_json(json_bytes("\303"), "\"\\\\303\"");
	check_json(json_bytes("\300\257\n"), "\"\\\\300\\\\257\\\\012\"");
}

TEST(other_bytes_are_escaped_in_any_locale)
{
	check_other_bytes();
	CHECK(setlocale(LC_ALL, "C.UTF-8"));
	check_other_bytes();
}

TEST(flags_are_names_without_the_access_mode)
{
	check_json(json_flags(O_WRONLY | O_APPEND | O_NONBLOCK), "[\"O_APPEND\",\"O_NONBLOCK\"]");
	check_json(json_flags(O_RDWR), "[]");
	check_json(json_flags(O_APPEND | 0x40000000), "[\"O_APPEND\",\"0x40000000\"]");
}

TEST(a_number_that_is_not_there_is_null)
{
	check_json(json_maybe(-1, -1), "null");
	check_json(json_maybe(-2, -1), "-2");
	check_json(json_maybe(INT64_MAX, -1), "9223372036854775807");
}

TEST(a_peer_may_be_in_another_pid_namespace)
{
	const struct peer here = {12, 4294967294U, 7}, elsewhere = {0, 5, 7};

	check_json(json_peer(&here), "{\"pid\":12,\"uid\":4294967294}");
	check_json(json_peer(&elsewhere), "{\"pid\":null,\"uid\":5}");
}

TEST(a_nul_cuts_nothing)
{
	check_json(json_bytes_of("a\0b", 3), "\"a\\u0000b\"");
	check_json(json_bytes_of("a\0\377", 3), "\"a\\\\000\\\\377\"");
	check_json(json_bytes_of("", 0), "\"\"");
}

/* U+009B begins a control sequence, U+202E turns the direction of writing. */
TEST(a_line_steers_no_terminal)
{
	struct test_capture capture = test_capture(stdout, "out");
	int done = json_line(json_pack("{s:s}", "a", "\302\23331m \342\200\256 \303\244"));

	test_uncapture(capture);
	CHECK_INT(done, 0);
	CHECK_STR(test_contents("out"), "{\"a\":\"\\u009B31m \\u202E \\u00E4\"}\n");
}

TEST(an_object_is_one_line)
{
	struct test_capture capture = test_capture(stdout, "out");
	int first = json_line(json_pack("{s:s, s:i}", "a", "two\nlines", "b", 1));
	int second = json_line(json_object());

	test_uncapture(capture);
	CHECK_OK(first);
	CHECK_OK(second);
	CHECK_STR(test_contents("out"), "{\"a\":\"two\\nlines\",\"b\":1}\n{}\n");
}
