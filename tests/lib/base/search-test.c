/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/search.h"
#include "tests/unit/test.h"

static int by_value(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static size_t first(int key, size_t n)
{
	static const int sorted[] = {1, 3, 3, 3, 7};

	return search_first(&key, sorted, n, sizeof(*sorted), by_value);
}

TEST(the_first_of_several_that_are_equal)
{
	CHECK_INT(first(3, 5), 1);
	CHECK_INT(first(1, 5), 0);
	CHECK_INT(first(7, 5), 4);
}

TEST(of_what_is_not_there_the_place)
{
	CHECK_INT(first(0, 5), 0);
	CHECK_INT(first(2, 5), 1);
	CHECK_INT(first(8, 5), 5);
	CHECK_INT(first(3, 0), 0);
}
