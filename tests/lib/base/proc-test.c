/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/memory.h"
#include "lib/base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

TEST(a_text_that_fits_and_one_that_does_not)
{
	char text[8];

	close(test_file("file", "1234567", O_RDONLY));
	CHECK_INT(proc_read("file", text, sizeof(text)), 7);
	CHECK_STR(text, "1234567");
	CHECK_INT(proc_read("file", text, 4), 3);
	CHECK_STR(text, "123");
	close(test_file("empty", "", O_RDONLY));
	CHECK_INT(proc_read("empty", text, sizeof(text)), 0);
	CHECK_STR(text, "");
}

TEST(all_of_a_long_text)
{
	const size_t sizes[] = {0, 1, 8190, 8191, 8192, 16383, 100000};
	char *text = malloc(100001);

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t len = 0;
		memset(text, 'x', sizes[i]);
		text[sizes[i]] = '\0';
		close(test_file("long", text, O_RDONLY));
		char *got = proc_read_all("long", &len);
		CHECK_INT(len, sizes[i]);
		CHECK_STR(got, text);
		free(got);
	}
	free(text);
}

TEST(what_cannot_be_read)
{
	char text[8];
	size_t len;

	CHECK_ERR(proc_read("nothing", text, sizeof(text)), ENOENT);
	CHECK_ERR(proc_read(".", text, sizeof(text)), EISDIR);
	CHECK_NULL(proc_read_all("nothing", &len), ENOENT);
	CHECK_NULL(proc_read_all(".", &len), EISDIR);
}

struct seen {
	pid_t sought;
	int found, calls, stop_after;
};

static bool see(void *data, pid_t id)
{
	struct seen *s = data;

	s->found += id == s->sought;
	return ++s->calls != s->stop_after;
}

TEST(the_command_of_a_process_is_as_it_is)
{
	char command[PROC_COMMAND];

	CHECK_OK(prctl(PR_SET_NAME, "fifteen bytes !"));
	CHECK(proc_command(getpid(), command));
	CHECK_STR(command, "fifteen bytes !");
	CHECK_OK(prctl(PR_SET_NAME, "a\nb\n"));
	CHECK(proc_command(getpid(), command));
	CHECK_STR(command, "a\nb\n");
	CHECK(!proc_command(INT_MAX, command));
	CHECK_STR(command, "a\nb\n");
}

TEST(a_field_of_the_status_of_a_process)
{
	CHECK_INT(proc_status(getpid(), "Tgid"), getpid());
	CHECK_INT(proc_status(getpid(), "PPid"), getppid());
	CHECK_INT(proc_status(getpid(), "gid"), -1);
	CHECK_INT(errno, ENOENT);
	CHECK_INT(proc_status(INT_MAX, "Tgid"), -1);
}

TEST(every_process_is_seen_once)
{
	struct seen s = {.sought = getpid()};

	CHECK_OK(proc_each(see, &s));
	CHECK_INT(s.found, 1);
	CHECK(s.calls > 1);
}

TEST(the_walk_ends_when_it_is_told_to)
{
	struct seen s = {.stop_after = 1};

	CHECK_OK(proc_each(see, &s));
	CHECK_INT(s.calls, 1);
}

TEST(the_threads_of_a_process)
{
	struct seen s = {.sought = getpid()};

	CHECK_OK(proc_each_thread(getpid(), see, &s));
	CHECK_INT(s.found, 1);
	CHECK_INT(s.calls, 1);
	CHECK_ERR(proc_each_thread(test_dead_pid(), see, &s), ENOENT);
}
