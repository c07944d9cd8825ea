/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/memory.h"
#include "lib/trace/calls.h"
#include "lib/trace/numbers.h"
#include "lib/trace/words.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* Valid until the next call. */
static const char *printed(const struct trace_record *r, void (*print)(const struct trace_record *, FILE *))
{
	static char *text;
	size_t size;

	free(text);
	FILE *out = open_memstream(&text, &size);
	CHECK(out);
	print(r, out);
	fclose(out);
	return text;
}

#define CALL(r) printed(r, trace_print_call)
#define MOVES(r) printed(r, trace_print_moves)

static struct trace_record with_data(struct trace_record r, const void *data, size_t n)
{
	CHECK(n <= sizeof(r.data));
	memcpy(r.data, data, n);
	r.n_data = (uint8_t)n;
	return r;
}

TEST(a_read_has_its_first_bytes)
{
	struct trace_record r = with_data(
		(struct trace_record){.number = SYS_read, .args = {7, 0x1000, 4096}, .result = 4, .length = 4,
			.pos_before = 0, .pos_after = 4},
		"one\n", 4);

	CHECK_STR(CALL(&r), "read(7, \"one\\n\", 4096) = 4");
	CHECK_STR(MOVES(&r), "  pos 0 -> 4");
	r.result = -EBADF;
	r.pos_after = 0;
	CHECK_STR(CALL(&r), "read(7, 0x1000, 4096) = -1 EBADF");
	CHECK_STR(MOVES(&r), "");
}

TEST(long_data_is_cut_as_strace_cuts_it)
{
	struct trace_record r = with_data(
		(struct trace_record){.number = SYS_write, .args = {1, 0x1000, 100}, .result = 100, .length = 100},
		"0123456789012345678901234567890123456789", 40);

	CHECK_STR(CALL(&r), "write(1, \"01234567890123456789012345678901\"..., 100) = 100");
	r.n_data = 0; /* not in memory */
	CHECK_STR(CALL(&r), "write(1, 0x1000, 100) = 100");
}

TEST(nothing_of_a_process_reaches_the_terminal_raw)
{
	struct trace_record r = with_data(
		(struct trace_record){.number = SYS_write, .args = {1, 0x1000, 4}, .result = 4, .length = 4},
		"\033[2J", 4);

	CHECK_STR(CALL(&r), "write(1, \"\\033[2J\", 4) = 4");
}

TEST(an_offset_that_the_call_does_not_explain_was_moved_by_another_too)
{
	struct trace_record r = {.number = SYS_lseek, .args = {3, 0, SEEK_END}, .result = 10,
		.pos_before = 3, .pos_after = 12};

	CHECK_STR(CALL(&r), "lseek(3, 0, SEEK_END) = 10");
	CHECK_STR(MOVES(&r), "  pos 3 -> 12 (another moved it too)");
	r.pos_after = 10;
	CHECK_STR(MOVES(&r), "  pos 3 -> 10");
	r = (struct trace_record){.number = SYS_read, .result = 5, .pos_before = 5, .pos_after = 20};
	CHECK_STR(MOVES(&r), "  pos 5 -> 20 (another moved it too)");
}

TEST(flags_come_and_go)
{
	struct trace_record r = {.number = SYS_fcntl, .args = {7, F_SETFL, O_RDWR | O_NONBLOCK},
		.flags_before = O_RDWR | O_APPEND, .flags_after = O_RDWR | O_NONBLOCK};

	CHECK_STR(CALL(&r), "fcntl(7, F_SETFL, O_RDWR|O_NONBLOCK) = 0");
	CHECK_STR(MOVES(&r), "  flags +O_NONBLOCK -O_APPEND");
	CHECK_INT(trace_class(&r), TRACE_FLAGS);
	r = with_data((struct trace_record){.number = SYS_ioctl, .args = {0, FIONBIO, 0x1000}}, &(int){1},
		sizeof(int));
	CHECK_STR(CALL(&r), "ioctl(0, FIONBIO, [1]) = 0");
	CHECK_INT(trace_class(&r), TRACE_FLAGS);
	r = (struct trace_record){.number = SYS_ioctl, .args = {0, 0x5400abcd, 0x1000}, .result = -ENOTTY};
	CHECK_STR(CALL(&r), "ioctl(0, 0x5400abcd, 0x1000) = -1 ENOTTY");
}

TEST(locks)
{
	const struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 5, .l_len = 10};
	struct trace_record r = with_data(
		(struct trace_record){.number = SYS_fcntl, .args = {7, F_OFD_SETLK, 0x1000}}, &lock, sizeof(lock));

	CHECK_STR(CALL(&r),
		"fcntl(7, F_OFD_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=5, l_len=10}) = 0");
	CHECK_INT(trace_class(&r), TRACE_LOCK);
	r = (struct trace_record){.number = SYS_flock, .args = {7, LOCK_EX | LOCK_NB}, .result = -EAGAIN};
	CHECK_STR(CALL(&r), "flock(7, LOCK_EX|LOCK_NB) = -1 EAGAIN");
}

TEST(what_a_message_brings)
{
	struct trace_record r = with_data((struct trace_record){.number = SYS_sendmsg, .args = {5, 0x1000, MSG_NOSIGNAL},
			.result = 1, .n_fds = 2, .passed = 2, .fd = 9, .holders = 3, .kept = 1},
		(int[]){7, 9}, 2 * sizeof(int));

	CHECK_STR(CALL(&r), "sendmsg(5, SCM_RIGHTS [7, 9]) = 1");
	CHECK_STR(MOVES(&r), "  now 3 holders");
	CHECK_INT(trace_class(&r), TRACE_LIFE);
	r.n_fds = r.passed = 0;
	CHECK_STR(CALL(&r), "sendmsg(5, 0x1000, MSG_NOSIGNAL) = 1");
}

TEST(who_is_left)
{
	struct trace_record r = {.number = SYS_close, .args = {7}, .fd = 7, .holders = 2};

	CHECK_STR(MOVES(&r), "  2 holders left");
	r.holders = 1;
	CHECK_STR(MOVES(&r), "  1 holder left");
	r.holders = 0;
	CHECK_STR(MOVES(&r), "  nobody holds it");
	r = (struct trace_record){.number = SYS_dup, .args = {7}, .fd = 7, .result = 8, .holders = 2, .kept = 1};
	CHECK_STR(MOVES(&r), "  now 2 holders");
	r.result = -EMFILE;
	CHECK_STR(MOVES(&r), "");
}

TEST(the_end_of_a_process)
{
	struct trace_record r = {.number = TRACE_ENDED, .fd = 7, .result = 3 << 8, .holders = 1};

	CHECK_STR(CALL(&r), "+++ exited with 3 +++");
	CHECK_STR(MOVES(&r), "  1 holder left");
	CHECK_STR(trace_name(&r), "exit");
	r.result = 9;
	CHECK_STR(CALL(&r), "+++ killed by SIGKILL +++");
}

TEST(a_call_that_a_signal_interrupts)
{
	struct trace_record r = {.number = SYS_read, .args = {0, 0x1000, 1}, .result = -512};

	CHECK_STR(CALL(&r), "read(0, 0x1000, 1) = ? (interrupted)");
}

TEST(clone_has_flags_and_a_signal)
{
	struct trace_record r = {.number = SYS_clone, .args = {CLONE_CHILD_SETTID | 17}, .result = 4012,
		.kept = 1, .holders = 2};

	CHECK_STR(CALL(&r), "clone(CLONE_CHILD_SETTID|SIGCHLD) = 4012");
	CHECK_STR(MOVES(&r), "  now 2 holders");
	r = with_data((struct trace_record){.number = SYS_clone3, .args = {0x1000, 88}, .result = 5},
		&(uint64_t){CLONE_FILES}, 8);
	CHECK_STR(CALL(&r), "clone3({flags=CLONE_FILES, ...}, 88) = 5");
}

TEST(directories_and_offsets_in_memory)
{
	struct trace_record r = with_data((struct trace_record){.number = SYS_openat,
			.args = {(uint64_t)AT_FDCWD, 0x1000, O_WRONLY | O_CREAT, 0644}, .result = 3},
		"a\tb", 3);

	CHECK_STR(CALL(&r), "openat(AT_FDCWD, \"a\\tb\", O_WRONLY|O_CREAT, 0644) = 3");
	r = with_data((struct trace_record){.number = SYS_copy_file_range,
			.args = {3, 0x1000, 4, 0x2000, 10, 0}, .result = 10},
		&(int64_t){5}, 8);
	CHECK_STR(CALL(&r), "copy_file_range(3, [5], 4, 0x2000, 10, 0) = 10");
	r = (struct trace_record){.number = SYS_copy_file_range, .args = {3, 0, 4, 0, 10, 0}, .result = 10};
	CHECK_STR(CALL(&r), "copy_file_range(3, NULL, 4, NULL, 10, 0) = 10");
}

/* Every row can be printed, whatever its arguments. */
TEST(all_calls_print)
{
	for (const struct trace_call *c = trace_calls; c->name; c++) {
		struct trace_record r = {.number = (uint32_t)c->number, .result = -EPERM,
			.args = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
		if (c->number < 0)
			continue;
		const char *text = CALL(&r);
		CHECK(strncmp(text, c->name, strlen(c->name)) == 0);
		CHECK(strstr(text, ") = -1 EPERM"));
		memset(r.data, 0xff, sizeof(r.data));
		r.n_data = sizeof(r.data);
		r.length = UINT32_MAX;
		r.result = INT64_MAX;
		CHECK(strlen(CALL(&r)) > 0);
	}
}

TEST(rules_follow_from_the_letters)
{
	struct trace_rule rule = trace_rule_of(trace_call_find(SYS_sendfile));

	CHECK_INT(rule.fds, 3);
	CHECK_INT(rule.memory, MEMORY_OFFSET);
	CHECK_INT(rule.pointer, 2);
	rule = trace_rule_of(trace_call_find(SYS_read));
	CHECK_INT(rule.fds, 1);
	CHECK_INT(rule.memory, MEMORY_BYTES);
	CHECK(rule.late && !rule.gives);
	rule = trace_rule_of(trace_call_find(SYS_fcntl));
	CHECK_INT(rule.memory, MEMORY_FCNTL);
	CHECK_INT(rule.pointer, 2);
	rule = trace_rule_of(trace_call_find(SYS_dup));
	CHECK(rule.gives && rule.table == TABLE_NONE);
	CHECK_INT(trace_rule_of(trace_call_find(SYS_close_range)).table, TABLE_RANGE);
	CHECK_INT(trace_rule_of(trace_call_find(SYS_execve)).table, TABLE_WHOLE);
	CHECK(!trace_call_find(TRACE_NUMBERS));
}
