/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/memory.h"
#include "lib/trace/calls.h"
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

static const enum trace_abi OWN_ABI = sizeof(long) == 4 ? ABI_COMPAT : ABI_NATIVE;

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
		(struct trace_record){.call = CALL_read, .args = {7, 0x1000, 4096}, .result = 4, .length = 4,
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
		(struct trace_record){.call = CALL_write, .args = {1, 0x1000, 100}, .result = 100, .length = 100},
		"0123456789012345678901234567890123456789", 40);

	CHECK_STR(CALL(&r), "write(1, \"01234567890123456789012345678901\"..., 100) = 100");
	r.n_data = 0; /* not in memory */
	CHECK_STR(CALL(&r), "write(1, 0x1000, 100) = 100");
}

TEST(nothing_of_a_process_reaches_the_terminal_raw)
{
	struct trace_record r = with_data(
		(struct trace_record){.call = CALL_write, .args = {1, 0x1000, 4}, .result = 4, .length = 4},
		"\033[2J", 4);

	CHECK_STR(CALL(&r), "write(1, \"\\033[2J\", 4) = 4");
}

TEST(an_offset_that_the_call_does_not_explain_was_moved_by_another_too)
{
	struct trace_record r = {.call = CALL_lseek, .args = {3, 0, SEEK_END}, .result = 10,
		.pos_before = 3, .pos_after = 12};

	CHECK_STR(CALL(&r), "lseek(3, 0, SEEK_END) = 10");
	CHECK_STR(MOVES(&r), "  pos 3 -> 12 (another moved it too)");
	r.pos_after = 10;
	CHECK_STR(MOVES(&r), "  pos 3 -> 10");
	r = (struct trace_record){.call = CALL_read, .result = 5, .pos_before = 5, .pos_after = 20};
	CHECK_STR(MOVES(&r), "  pos 5 -> 20 (another moved it too)");
}

TEST(flags_come_and_go)
{
	struct trace_record r = {.call = CALL_fcntl, .args = {7, F_SETFL, O_RDWR | O_NONBLOCK},
		.flags_before = O_RDWR | O_APPEND, .flags_after = O_RDWR | O_NONBLOCK};

	CHECK_STR(CALL(&r), "fcntl(7, F_SETFL, O_RDWR|O_NONBLOCK) = 0");
	CHECK_STR(MOVES(&r), "  flags +O_NONBLOCK -O_APPEND");
	CHECK_INT(trace_class(&r), TRACE_FLAGS);
	r = with_data((struct trace_record){.call = CALL_ioctl, .args = {0, FIONBIO, 0x1000}}, &(int){1},
		sizeof(int));
	CHECK_STR(CALL(&r), "ioctl(0, FIONBIO, [1]) = 0");
	CHECK_INT(trace_class(&r), TRACE_FLAGS);
	r = (struct trace_record){.call = CALL_ioctl, .args = {0, 0x5400abcd, 0x1000}, .result = -ENOTTY};
	CHECK_STR(CALL(&r), "ioctl(0, 0x5400abcd, 0x1000) = -1 ENOTTY");
}

TEST(locks)
{
	const struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 5, .l_len = 10};
	struct trace_record r = with_data((struct trace_record){.call = CALL_fcntl, .abi = OWN_ABI,
			.args = {7, F_OFD_SETLK, 0x1000}}, &lock, sizeof(lock));

	CHECK_STR(CALL(&r),
		"fcntl(7, F_OFD_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=5, l_len=10}) = 0");
	CHECK_INT(trace_class(&r), TRACE_LOCK);
	r = (struct trace_record){.call = CALL_flock, .args = {7, LOCK_EX | LOCK_NB}, .result = -EAGAIN};
	CHECK_STR(CALL(&r), "flock(7, LOCK_EX|LOCK_NB) = -1 EAGAIN");
}

TEST(what_a_message_brings)
{
	struct trace_record r = with_data((struct trace_record){.call = CALL_sendmsg, .args = {5, 0x1000, MSG_NOSIGNAL},
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
	struct trace_record r = {.call = CALL_close, .args = {7}, .fd = 7, .holders = 2};

	CHECK_STR(MOVES(&r), "  2 holders left");
	r.holders = 1;
	CHECK_STR(MOVES(&r), "  1 holder left");
	r.holders = 0;
	CHECK_STR(MOVES(&r), "  nobody holds it");
	r = (struct trace_record){.call = CALL_dup, .args = {7}, .fd = 7, .result = 8, .holders = 2, .kept = 1};
	CHECK_STR(MOVES(&r), "  now 2 holders");
	r.result = -EMFILE;
	CHECK_STR(MOVES(&r), "");
}

TEST(the_end_of_a_process)
{
	struct trace_record r = {.call = TRACE_ENDED, .fd = 7, .result = 3 << 8, .holders = 1};

	CHECK_STR(CALL(&r), "+++ exited with 3 +++");
	CHECK_STR(MOVES(&r), "  1 holder left");
	CHECK_STR(trace_name(&r), "exit");
	r.result = 9;
	CHECK_STR(CALL(&r), "+++ killed by SIGKILL +++");
}

TEST(a_call_that_a_signal_interrupts)
{
	struct trace_record r = {.call = CALL_read, .args = {0, 0x1000, 1}, .result = -512};

	CHECK_STR(CALL(&r), "read(0, 0x1000, 1) = ? (interrupted)");
}

TEST(clone_has_flags_and_a_signal)
{
	struct trace_record r = {.call = CALL_clone, .args = {CLONE_CHILD_SETTID | 17}, .result = 4012,
		.kept = 1, .holders = 2};

	CHECK_STR(CALL(&r), "clone(CLONE_CHILD_SETTID|SIGCHLD) = 4012");
	CHECK_STR(MOVES(&r), "  now 2 holders");
	r = with_data((struct trace_record){.call = CALL_clone3, .args = {0x1000, 88}, .result = 5},
		&(uint64_t){CLONE_FILES}, 8);
	CHECK_STR(CALL(&r), "clone3({flags=CLONE_FILES, ...}, 88) = 5");
}

TEST(directories_and_offsets_in_memory)
{
	struct trace_record r = with_data((struct trace_record){.call = CALL_openat,
			.args = {(uint64_t)AT_FDCWD, 0x1000, O_WRONLY | O_CREAT, 0644}, .result = 3},
		"a\tb", 3);

	CHECK_STR(CALL(&r), "openat(AT_FDCWD, \"a\\tb\", O_WRONLY|O_CREAT, 0644) = 3");
	r.args[2] |= O_CLOEXEC;
	CHECK_STR(CALL(&r), "openat(AT_FDCWD, \"a\\tb\", O_WRONLY|O_CREAT|O_CLOEXEC, 0644) = 3");
	r = (struct trace_record){.call = CALL_dup3, .args = {3, 5, O_CLOEXEC}, .result = 5};
	CHECK_STR(CALL(&r), "dup3(3, 5, O_CLOEXEC) = 5");
	r = with_data((struct trace_record){.call = CALL_copy_file_range,
			.args = {3, 0x1000, 4, 0x2000, 10, 0}, .result = 10},
		&(int64_t){5}, 8);
	CHECK_STR(CALL(&r), "copy_file_range(3, [5], 4, 0x2000, 10, 0) = 10");
	r = (struct trace_record){.call = CALL_copy_file_range, .args = {3, 0, 4, 0, 10, 0}, .result = 10};
	CHECK_STR(CALL(&r), "copy_file_range(3, NULL, 4, NULL, 10, 0) = 10");
}

/* Every row can be printed, whatever its arguments. */
static void check_prints(const struct trace_call *c, unsigned abi)
{
	struct trace_record r = {.call = (uint16_t)(c - trace_calls), .abi = (uint8_t)abi, .result = -EPERM,
		.args = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
	const char *text = CALL(&r);

	CHECK(strncmp(text, c->name, strlen(c->name)) == 0);
	CHECK(strstr(text, ") = -1 EPERM"));
	memset(r.data, 0xff, sizeof(r.data));
	r.n_data = sizeof(r.data);
	r.length = UINT32_MAX;
	r.result = INT64_MAX;
	CHECK(strlen(CALL(&r)) > 0);
}

TEST(all_calls_print)
{
	for (const struct trace_call *c = trace_calls; c < trace_calls + TRACE_CALLS; c++)
		for (unsigned abi = 0; abi < ABIS; abi++)
			check_prints(c, abi);
}

static struct trace_rule rule_of(enum trace_call_id call, enum trace_abi abi)
{
	return trace_rule_of(&trace_calls[call], abi);
}

TEST(rules_follow_from_the_letters)
{
	struct trace_rule rule = rule_of(CALL_sendfile, ABI_NATIVE);

	CHECK_INT(rule.fds, 3);
	CHECK_INT(rule.memory, MEMORY_LONG);
	CHECK_INT(rule.pointer, 2);
	rule = rule_of(CALL_read, ABI_NATIVE);
	CHECK_INT(rule.fds, 1);
	CHECK_INT(rule.memory, MEMORY_BYTES);
	CHECK(rule.late && !rule.gives);
	rule = rule_of(CALL_fcntl, ABI_NATIVE);
	CHECK_INT(rule.memory, MEMORY_FCNTL);
	CHECK_INT(rule.pointer, 2);
	rule = rule_of(CALL_dup, ABI_NATIVE);
	CHECK(rule.gives && rule.table == TABLE_NONE);
	CHECK_INT(rule_of(CALL_close_range, ABI_NATIVE).table, TABLE_RANGE);
	CHECK_INT(rule_of(CALL_execve, ABI_NATIVE).table, TABLE_WHOLE);
	CHECK(!trace_rule_find(TRACE_KEYS));
}

/* fanotify_mark(2) has a mask of 64 bits before its second descriptor. */
TEST(numbers_of_64_bits_are_two_arguments_of_a_32_bit_process)
{
	CHECK_INT(rule_of(CALL_fanotify_mark, ABI_NATIVE).fds, 1 | 1 << 3);
	CHECK_INT(rule_of(CALL_fanotify_mark, ABI_COMPAT).fds, 1 | 1 << 4);
	CHECK_INT(rule_of(CALL_preadv2, ABI_NATIVE).n_args, 6);
	CHECK_INT(rule_of(CALL_preadv2, ABI_X32).n_args, 5);
	struct trace_record r = {.call = CALL__llseek, .abi = ABI_COMPAT, .args = {7, 1, 5, 0x1000, SEEK_SET}};
	CHECK_STR(CALL(&r), "_llseek(7, 4294967301, 0x1000, SEEK_SET) = 0");
	r = (struct trace_record){.call = CALL_lseek, .abi = ABI_COMPAT, .args = {7, UINT32_MAX, SEEK_CUR}};
	CHECK_STR(CALL(&r), "lseek(7, -1, SEEK_CUR) = 0");
	r = (struct trace_record){.call = CALL_preadv, .abi = ABI_COMPAT, .args = {7, 0x1000, 1, 5, 1}, .result = 1};
	CHECK_STR(CALL(&r), "preadv(7, 0x1000, 1, 4294967301) = 1");
#if defined(__x86_64__) || defined(__i386__)
	r = (struct trace_record){.call = CALL_ftruncate64, .abi = ABI_COMPAT, .args = {7, 5, 1}};
#else /* of an even and an odd register */
	r = (struct trace_record){.call = CALL_ftruncate64, .abi = ABI_COMPAT, .args = {7, 0, 5, 1}};
#endif
	CHECK_STR(CALL(&r), "ftruncate64(7, 4294967301) = 0");
}

#if defined(__x86_64__) || defined(__i386__)
TEST(the_arguments_of_socketcall_are_in_memory)
{
	const struct trace_rule *rule = trace_rule_find(trace_key(ABI_COMPAT, 102));

	CHECK(rule && rule->boxed == BOXED_CALL);
	rule = trace_rule_find(trace_key(ABI_SOCKETCALL, 17));
	CHECK(rule && rule->call == CALL_recvmsg && rule->memory == MEMORY_MESSAGE && rule->late);
	CHECK_INT(rule->n_args, 3);
	rule = trace_rule_find(trace_key(ABI_COMPAT, 90));
	CHECK(rule && rule->call == CALL_mmap && rule->boxed == BOXED_ARGS);
	rule = trace_rule_find(trace_key(ABI_X32, X32_BIT | 519));
	CHECK(sizeof(long) == 4 || (rule && rule->call == CALL_recvmsg));
}
#endif

TEST(a_pointer_is_no_error)
{
	CHECK_INT(trace_result(ABI_COMPAT, (int32_t)0xf7f00000), 0xf7f00000);
	CHECK_INT(trace_result(ABI_COMPAT, -EBADF), -EBADF);
	CHECK_INT(trace_result(ABI_NATIVE, -EBADF), -EBADF);
}
