/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/look/fold.h"

#include <stdlib.h>
#include <string.h>

enum { TABLES = 6 };

/* One description; each process has descriptor 3 of it. */
struct model {
	struct share share;
	struct share_table tables[TABLES];
	struct share_description descriptions[2];
	struct share_fd fds[4 * TABLES];
};

static struct model *processes_with_one(size_t n)
{
	static struct model m;

	m = (struct model){.share = {.tables = m.tables, .n_tables = n, .fds = m.fds, .n_fds = n,
				   .descriptions = m.descriptions, .n_descriptions = 1}};
	for (size_t i = 0; i < n; i++) {
		m.tables[i] = (struct share_table){
			.pid = 10 + (pid_t)i, .tid = 10 + (pid_t)i, .command = "sleep"};
		m.fds[i] = (struct share_fd){.table = (uint32_t)i, .fd = 3};
	}
	m.descriptions[0].n = (uint32_t)n;
	return &m;
}

/* The rows as "first+n×alike". */
static const char *rows_of(const struct model *m, bool each)
{
	static char text[256];
	struct fold f = fold_new(&m->share, each);
	size_t len = 0;

	*text = '\0';
	for (size_t i = 0; i < f.n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u+%ux%u", i ? " " : "",
			f.rows[i].first, f.rows[i].n, f.rows[i].alike);
	fold_free(&f);
	return text;
}

TEST(many_that_are_alike_are_one_row)
{
	CHECK_STR(rows_of(processes_with_one(6), false), "0+1x6");
	CHECK_STR(rows_of(processes_with_one(4), false), "0+1x4");
}

TEST(few_are_a_row_each)
{
	CHECK_STR(rows_of(processes_with_one(3), false), "0+1x1 1+1x1 2+1x1");
	CHECK_STR(rows_of(processes_with_one(0), false), "");
}

TEST(each_unfolds)
{
	CHECK_STR(rows_of(processes_with_one(4), true), "0+1x1 1+1x1 2+1x1 3+1x1");
}

TEST(the_others_are_found_from_the_first)
{
	struct model *m = processes_with_one(5);
	strcpy(m->tables[2].command, "cat");
	struct fold f = fold_new(&m->share, false);

	CHECK_INT(f.next[0], 1);
	CHECK_INT(f.next[1], 3);
	CHECK_INT(f.next[3], 4);
	CHECK(f.next[4] == FOLD_LAST);
	CHECK(f.next[2] == FOLD_LAST);
	fold_free(&f);
}

TEST(another_command_number_or_close_on_exec_is_not_alike)
{
	struct model *m = processes_with_one(6);

	strcpy(m->tables[1].command, "cat");
	m->fds[3].fd = 4;
	CHECK_STR(rows_of(m, false), "0+1x4 1+1x1 3+1x1");
	m->fds[5].cloexec = true;
	CHECK_STR(rows_of(m, false), "0+1x1 1+1x1 2+1x1 3+1x1 4+1x1 5+1x1");
}

TEST(nor_is_one_that_has_another_description_too)
{
	struct model *m = processes_with_one(5);

	m->share.n_descriptions = 2;
	m->descriptions[1] = (struct share_description){.first = 5, .n = 1};
	m->fds[m->share.n_fds++] = (struct share_fd){.table = 4, .fd = 5, .description = 1};
	CHECK_STR(rows_of(m, false), "0+1x4 4+1x1 5+1x1");
}

TEST(a_server_or_a_thread_with_a_table_is_like_no_other)
{
	struct model *m = processes_with_one(6);

	m->tables[0].offers = "notes.txt=3";
	m->tables[1].tid = 99;
	CHECK_STR(rows_of(m, false), "0+1x1 1+1x1 2+1x4");
	m->tables[2].n_others = 1;
	CHECK_STR(rows_of(m, false), "0+1x1 1+1x1 2+1x1 3+1x1 4+1x1 5+1x1");
}

static const char *numbers_of(const int *fds, size_t n, size_t row)
{
	static char text[64];
	struct model *m = processes_with_one(1);

	for (size_t i = 0; i < n; i++)
		m->fds[i] = (struct share_fd){.fd = fds[i]};
	m->share.n_fds = m->descriptions[0].n = n;
	struct fold f = fold_new(&m->share, false);
	char *numbers = fold_numbers(&m->share, &f.rows[row]);
	snprintf(text, sizeof(text), "%s", numbers);
	free(numbers);
	fold_free(&f);
	return text;
}

TEST(numbers_are_ranges)
{
	CHECK_STR(numbers_of((int[]){7}, 1, 0), "7");
	CHECK_STR(numbers_of((int[]){0, 1, 2, 7}, 4, 0), "0-2,7");
	CHECK_STR(numbers_of((int[]){3, 5, 2147483646, 2147483647}, 4, 0), "3,5,2147483646-2147483647");
}

TEST(close_on_exec_parts_the_descriptors_of_a_process)
{
	struct model *m = processes_with_one(1);

	for (int i = 0; i < 4; i++)
		m->fds[i] = (struct share_fd){.fd = i, .cloexec = i == 3};
	m->share.n_fds = m->descriptions[0].n = 4;
	CHECK_STR(rows_of(m, false), "0+3x1 3+1x1");
}
