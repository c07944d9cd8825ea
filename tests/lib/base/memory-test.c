/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Out of memory ends the process; allocations have the requested size and contents. */
#include "tests/unit/test.h"
#include "lib/base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The calloc of the address sanitizer ends the process itself. Names are hidden otherwise. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void check_out_of_memory(void (*allocate)(void))
{
	int status;
	pid_t pid = test_fork();

	if (pid == 0) {
		struct test_capture c = test_capture(stderr, "stderr");
		allocate();
		test_uncapture(c);
		exit(0);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	CHECK(strstr(test_contents("stderr"), "fdtool: out of memory\n"));
}

static volatile size_t too_many = SIZE_MAX / 2;

static void calloc_too_much(void)
{
	free(must_calloc(too_many, 4));
}

static void realloc_too_much(void)
{
	free(must_realloc(NULL, too_many, 4));
}

TEST(out_of_memory_ends_the_process)
{
	check_out_of_memory(calloc_too_much);
	check_out_of_memory(realloc_too_much);
}

TEST(allocations_are_what_they_say)
{
	char *zeros = must_calloc(3, 5);
	for (int i = 0; i < 15; i++)
		CHECK_INT(zeros[i], 0);
	strcpy(zeros, "kept");
	zeros = must_realloc(zeros, 100, 10);
	CHECK_STR(zeros, "kept");
	free(zeros);

	char *copy = must_strdup("word"), *printed = must_printf("%s-%d", "n", 7);
	CHECK_STR(copy, "word");
	CHECK_STR(printed, "n-7");
	free(copy);
	free(printed);
}
