/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "cmd/prompt/unescape.h"

#include <stdlib.h>
#include <string.h>

static void check(const char *text, const char *bytes, size_t size)
{
	size_t len;
	char *got = unescape_text(text, &len);

	if (!got || len != size || memcmp(got, bytes, size) != 0)
		test_fail(__FILE__, __LINE__, "'%s' does not become the %zu bytes '%s'", text, size, bytes);
	free(got);
}

#define CHECK_BYTES(text, bytes) check(text, bytes, sizeof(bytes) - 1)

static void check_none(const char *text)
{
	size_t len;
	char *got = unescape_text(text, &len);

	if (got)
		test_fail(__FILE__, __LINE__, "'%s' is taken", text);
	free(got);
}

TEST(each_escape)
{
	CHECK_BYTES("\\a\\b\\e\\f\\n\\r\\t\\v\\\\\\\"\\'", "\a\b\033\f\n\r\t\v\\\"'");
	CHECK_BYTES("\\x0\\x41\\xfF\\xAg", "\0\x41\xff\x0ag");
	CHECK_BYTES("\\0\\12\\377\\1018", "\0\n\xff\x41" "8");
}

TEST(quotes_around_all)
{
	CHECK_BYTES("\" a \"", " a ");
	CHECK_BYTES("\"\"", "");
	CHECK_BYTES("\"", "\"");
	CHECK_BYTES("a\"b\"", "a\"b\"");
	CHECK_BYTES("\"\\\\\"", "\\");
}

TEST(what_is_no_escape)
{
	check_none("\\q");
	check_none("\\8");
	check_none("a\\");
	check_none("\\x");
	check_none("\\xg");
	check_none("\\x\x10"); /* as the digit 0, but for one bit */
	check_none("\"\\\"");  /* the closing quote is not its own escape */
}
