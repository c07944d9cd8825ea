/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mounts that a process sees. */
#include "lib/base/mounts.h"
#include "tests/unit/test.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

struct seen {
	int n;
	char at[256];
	struct stat root;
};

static bool at_root(void *data, const struct mount *m)
{
	struct seen *seen = data;

	seen->n += strcmp(m->at, "/") == 0;
	return true;
}

static bool only_one(void *data, const struct mount *m)
{
	(void)m;
	return ++((struct seen *)data)->n < 1;
}

static bool named_odd(void *data, const struct mount *m)
{
	struct seen *seen = data;

	if (strcmp(m->type, "tmpfs") == 0 && strstr(m->at, "odd")) {
		seen->n++;
		snprintf(seen->at, sizeof(seen->at), "%s", strstr(m->at, "odd"));
		CHECK(m->id > 0 && m->dev == seen->root.st_dev);
	}
	return true;
}

TEST(the_root_is_one_of_them_and_the_caller_may_stop)
{
	struct seen seen = {0};

	mounts_each(0, at_root, &seen);
	CHECK(seen.n >= 1);
	seen.n = 0;
	mounts_each(getpid(), only_one, &seen);
	CHECK_INT(seen.n, 1);
	seen.n = 0;
	mounts_each(2147483647, only_one, &seen);
	CHECK_INT(seen.n, 0);
}

TEST(blanks_are_escaped)
{
	struct seen seen = {0};

	test_own_mounts();
	CHECK_OK(mkdir("odd name - tmpfs", 0700));
	CHECK_OK(mount("a b", "odd name - tmpfs", "tmpfs", 0, NULL));
	CHECK_OK(stat("odd name - tmpfs", &seen.root));
	mounts_each(0, named_odd, &seen);
	CHECK_INT(seen.n, 1);
	CHECK_STR(seen.at, "odd\\040name\\040-\\040tmpfs");
	CHECK_OK(umount("odd name - tmpfs"));
}

static bool keep(void *data, const struct mount *m)
{
	struct seen *seen = data;

	seen->n++;
	snprintf(seen->at, sizeof(seen->at), "%s", m->at);
	return true;
}

/* The kernel escapes blanks, tabs and newlines, and no other space. */
TEST(other_spaces_end_no_field)
{
	char text[] = "63 62 0:38 /a\fb /mnt\r\v rw - tmpfs t rw";
	struct seen seen = {0};

	mounts_parse(text, keep, &seen);
	CHECK_INT(seen.n, 1);
	CHECK_STR(seen.at, "/mnt\r\v");
}
