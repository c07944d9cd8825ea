/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The word that a mistyped one is nearest to. */
#include "tests/unit/test.h"
#include "lib/base/nearest.h"

#include <string.h>

/* The distance of two words, or SIZE_MAX if they are not near. */
static size_t distance(const char *typed, const char *word)
{
	struct nearest n = nearest_to(typed);

	nearest_try(&n, word);
	return n.word ? n.distance : SIZE_MAX;
}

TEST(distance_counts_edits)
{
	CHECK_INT(distance("grab", "grab"), 0);
	CHECK_INT(distance("grba", "grab"), 1);
	CHECK_INT(distance("gab", "grab"), 1);
	CHECK_INT(distance("graab", "grab"), 1);
	CHECK_INT(distance("grub", "grab"), 1);
	CHECK_INT(distance("gb", "grab"), SIZE_MAX);
}

TEST(what_needs_more_than_half_of_it_changed_is_another_word)
{
	CHECK_INT(distance("", "abc"), SIZE_MAX);
	CHECK_INT(distance("abc", ""), SIZE_MAX);
	CHECK_INT(distance("serve", "grab"), SIZE_MAX);
	CHECK_INT(distance("abcd", "abxy"), 2);
}

TEST(the_first_of_those_that_are_equally_near)
{
	struct nearest n = nearest_to("see");

	nearest_try(&n, "list");
	CHECK(n.word == NULL);
	nearest_try(&n, "seek");
	nearest_try(&n, "seem");
	CHECK_STR(n.word, "seek");
	nearest_try(&n, "see");
	CHECK_STR(n.word, "see");
}

TEST(long_words_stay_in_the_table)
{
	char a[1000], b[1000];

	memset(a, 'a', sizeof(a) - 1);
	memset(b, 'b', sizeof(b) - 1);
	a[sizeof(a) - 1] = b[sizeof(b) - 1] = '\0';
	CHECK_INT(distance(a, b), 32);
	CHECK_INT(distance(a, a), 0);
}
