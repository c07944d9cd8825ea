/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/dl.h"
#include "lib/out/table.h"

#include <string.h>

static const struct table_column columns[] = {{"NAME", false}, {"PID", true}, {"MODE", false}};

static struct table *new_table(void)
{
	struct table *t = table_new(columns, 3, &(struct table_opts){0});

	if (!t)
		test_fail(__FILE__, __LINE__, "no table: %s", dl_fault());
	return t;
}

static const char *printed(struct table *t)
{
	struct test_capture capture = test_capture(stdout, "out");
	int done = table_print(t);

	test_uncapture(capture);
	CHECK_OK(done);
	return test_contents("out");
}

TEST(columns_are_as_wide_as_what_is_in_them)
{
	struct table *t = new_table();

	table_row(t, (const char *const[]){"a", "7", "r"});
	table_row(t, (const char *const[]){"longer", "12345", "rw"});
	CHECK_STR(printed(t), "NAME     PID MODE\n"
			      "a          7 r\n"
			      "longer 12345 rw\n");
}

TEST(a_cell_is_copied_and_may_be_missing)
{
	struct table *t = new_table();
	char name[] = "kept";

	table_row(t, (const char *const[]){name, NULL, "r"});
	memset(name, 'x', sizeof(name) - 1);
	const char *text = printed(t);
	CHECK(strstr(text, "kept "));
	CHECK(!strstr(text, "xxxx"));
	CHECK(!strstr(text, "null"));
}

TEST(two_tables_one_after_the_other)
{
	struct table *t = new_table();

	table_row(t, (const char *const[]){"one", "1", "r"});
	CHECK(strstr(printed(t), "one"));
	t = new_table();
	table_row(t, (const char *const[]){"two", "2", "r"});
	CHECK(!strstr(printed(t), "one"));
}

TEST(the_library_has_a_version)
{
	const char *version = table_library_version();

	CHECK(version && version[0] >= '0' && version[0] <= '9');
}
