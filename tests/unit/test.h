/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the unit tests are written with. A TEST is run in a process of its own,
 * in an empty directory of its own, with a deadline. It fails when a CHECK
 * does, and when it leaves a descriptor, a process or (with the sanitizer)
 * memory behind.
 */
#ifndef FDTOOL_TEST_H
#define FDTOOL_TEST_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct test {
	const char *file, *name;
	void (*run)(void);
	struct test *next;
};

void test_register(struct test *);

#define TEST(function)                                                                             \
	static void function(void);                                                                \
	static void __attribute__((constructor)) register_##function(void)                         \
	{                                                                                          \
		static struct test test = {__FILE__, #function, function, NULL};                   \
		test_register(&test);                                                              \
	}                                                                                          \
	static void function(void)

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			test_fail(__FILE__, __LINE__, "%s does not hold", #condition);             \
	} while (0)

#define CHECK_INT(got, want) test_check_int(__FILE__, __LINE__, #got, (got), (want))
#define CHECK_STR(got, want) test_check_str(__FILE__, __LINE__, #got, (got), (want))

/* The call returns 0 or more, or else the errno is shown. */
#define CHECK_OK(call) test_check_ok(__FILE__, __LINE__, #call, (call))

/* The call returns -1 with that errno; of one that returns a pointer, NULL. */
#define CHECK_ERR(call, err)                                                                       \
	do {                                                                                       \
		errno = 0;                                                                         \
		test_check_err(__FILE__, __LINE__, #call, (call), (err));                          \
	} while (0)
#define CHECK_NULL(call, err) CHECK_ERR((call) == NULL ? -1 : 0, err)

void test_fail(const char *file, int line, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));
void test_check_int(const char *file, int line, const char *what, intmax_t got, intmax_t want);
void test_check_str(
	const char *file, int line, const char *what, const char *got, const char *want);
int test_check_ok(const char *file, int line, const char *what, int got);
void test_check_err(const char *file, int line, const char *what, intmax_t got, int err);

/* Ends the test as one that cannot be run here. */
void test_skip(const char *reason) __attribute__((noreturn));
void test_need_root(void);

/*
 * fork(2): 0 in the child, which ends by exit(0), so that its leaks are seen. A
 * CHECK that fails there makes test_join fail.
 */
pid_t test_fork(void);
void test_join(pid_t);

/* The pid of a process that has ended and been waited for. */
pid_t test_dead_pid(void);

/* Becomes that uid, the gid of the same number, and no other group. */
void test_become(uid_t);

/* The first of four uids that no other test, nor another run of them, has at the same time. */
uid_t test_uid(void);

/* A soft limit on descriptors that leaves room for so many more; and the limit as it was. */
void test_leave_room(int descriptors);
void test_room_again(void);

/* A new file in the directory of the test, opened as open(2) does. */
int test_file(const char *path, const char *text, int flags);

/* What is in a file. Valid until the next call. */
const char *test_contents(const char *path);

/* A SEQPACKET pair. */
void test_pair(int pair[2]);

/* A pipe, close-on-exec: [0] to read, [1] to write. */
void test_pipe(int pair[2]);

/* From here on a system call fails with err in this process: a seccomp filter's doing. */
void test_forbid(long number, int err);

/*
 * A process that holds the mutex of a pipe with bytes in it until it is killed: it reads
 * into memory that nobody provides (userfaultfd). Calls that want the mutex hang meanwhile,
 * in state D. The caller kills it and waits for it.
 */
pid_t test_hold_pipe(int fd);

/* A NAME that nobody else has in this network namespace. Valid until the next call. */
const char *test_name(void);

/* What poll(2) says of it now, or within ms. */
short test_poll(int fd, short events, int ms);

/* Whether they are one open file description. */
bool test_same(int fd1, int fd2);

bool test_is_cloexec(int fd);

/* Whether this kernel has SO_PASSRIGHTS (Linux 6.16). */
bool test_passrights(void);

/* Makes what is printed go to a file of that path, until test_uncapture. */
struct test_capture {
	FILE *stream;
	int saved;
};
struct test_capture test_capture(FILE *, const char *path);
void test_uncapture(struct test_capture);

#endif
