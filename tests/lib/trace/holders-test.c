/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/trace/holders.h"

#include <limits.h>

static struct holders some(void)
{
	struct holders h = {0};

	holders_add(&h, 100, 9, 0);
	holders_add(&h, 100, 3, 1);
	holders_add(&h, 200, 3, 0);
	holders_add(&h, 100, 5, 0);
	return h;
}

TEST(a_descriptor_is_found_by_its_process_and_number)
{
	struct holders h = some();

	CHECK_INT(holders_find(&h, 100, 3)->of, 1);
	CHECK_INT(holders_find(&h, 200, 3)->of, 0);
	CHECK(!holders_find(&h, 200, 9));
	CHECK(!holders_find(&h, 300, 3));
	holders_free(&h);
	CHECK(!holders_find(&h, 100, 3));
}

TEST(the_lowest_in_a_range)
{
	struct holders h = some();

	CHECK_INT(holders_lowest(&h, 100, 0, INT_MAX)->fd, 3);
	CHECK_INT(holders_lowest(&h, 100, 4, INT_MAX)->fd, 5);
	CHECK_INT(holders_lowest(&h, 100, 9, 9)->fd, 9);
	CHECK(!holders_lowest(&h, 100, 6, 8));
	CHECK(!holders_lowest(&h, 200, 4, INT_MAX));
	holders_free(&h);
}

TEST(those_of_a_description_are_counted)
{
	struct holders h = some();

	CHECK_INT(holders_count(&h, 0), 3);
	CHECK_INT(holders_count(&h, 1), 1);
	CHECK_INT(holders_count(&h, 2), 0);
	CHECK_INT(holders_any(&h, 1)->fd, 3);
	CHECK(!holders_any(&h, 2));
	holders_free(&h);
}

TEST(a_number_that_is_used_again_is_of_the_new_description)
{
	struct holders h = some();

	holders_add(&h, 100, 3, 0);
	CHECK_INT(h.n, 4);
	CHECK_INT(holders_count(&h, 1), 0);
	CHECK_INT(holders_count(&h, 0), 4);
	holders_free(&h);
}

TEST(a_range_of_one_process_is_removed)
{
	struct holders h = some();

	holders_remove(&h, 100, 4, INT_MAX);
	CHECK_INT(h.n, 2);
	CHECK(holders_find(&h, 100, 3) && holders_find(&h, 200, 3));
	holders_remove(&h, 100, 4, INT_MAX);
	CHECK_INT(h.n, 2);
	holders_free(&h);
}
