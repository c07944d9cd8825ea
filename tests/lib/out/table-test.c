/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/dl.h"
#include "lib/out/table.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
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

/* A parent and its two children, n times; the last column is empty now and then. */
static const char *forest(int n, const char *text, const struct table_opts *opts)
{
	static const struct table_column tree[] = {
		{"TREE", false, true}, {"N", true, false}, {"MID", false, false}, {"END", false, false}};
	struct test_capture capture = test_capture(stdout, "out");
	struct table *t = table_new(tree, 4, opts);

	for (int i = 0; i < 3 * n; i++) {
		char *cells[] = {strdup("A b"), i % 3 == 2 ? NULL : strdup("1000"), strdup(text),
			i % 3 == 1 ? NULL : strdup("an end")};
		table_row_taken(t, cells, i % 3 > 0, NULL);
	}
	int done = table_print(t);
	test_uncapture(capture);
	CHECK_OK(done);
	return test_contents("out");
}

TEST(many_rows_look_like_few)
{
	static const char *const locales[] = {"C.UTF-8", "C"}, *const texts[] = {"é ↔", "e"};

	for (size_t i = 0; i < 2; i++) {
		setlocale(LC_CTYPE, locales[i]);
		char *few = strdup(forest(2, texts[i], &(struct table_opts){0}));
		const char *many = forest(100, texts[i], &(struct table_opts){0});
		CHECK_INT(strncmp(few, many, strlen(few)), 0);
		CHECK(strlen(many) > strlen(few));
		free(few);
	}
	setlocale(LC_CTYPE, "C");
}

TEST(raw_cells_have_no_blanks)
{
	CHECK_STR(forest(1, "é ↔", &(struct table_opts){.raw = true}),
		"TREE N MID END\n"
		"A\\x20b 1000 é\\x20↔ an\\x20end\n"
		"A\\x20b 1000 é\\x20↔ \n"
		"A\\x20b  é\\x20↔ an\\x20end\n");
}

TEST(groups_are_set_apart_and_line_up)
{
	struct table *t = new_table();

	table_row(t, (const char *const[]){"a", "7", "r"});
	table_group(t, "more");
	table_row(t, (const char *const[]){"longer", "12345", "rw"});
	CHECK_STR(printed(t), "NAME     PID MODE\n"
			      "a          7 r\n"
			      "\nmore:\n"
			      "longer 12345 rw\n");
}

TEST(a_failed_write_is_returned)
{
	FILE *full = fopen("/dev/full", "we");

	CHECK(full);
	for (int raw = 0; raw < 2; raw++) {
		setvbuf(full, NULL, _IONBF, 0);
		struct table *t = table_new(columns, 3, &(struct table_opts){.raw = raw, .out = full});
		for (int i = 0; i < 300; i++)
			table_row(t, (const char *const[]){"a", "7", "r"});
		CHECK_ERR(table_print(t), ENOSPC);
	}
	fclose(full);
}

TEST(the_library_has_a_version)
{
	const char *version = table_library_version();

	CHECK(version && version[0] >= '0' && version[0] <= '9');
}
