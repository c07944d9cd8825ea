/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The framework of the unit tests. Each TEST runs in a new process, in a new empty
 * directory, with a deadline. It fails when a CHECK fails, or when it leaves a
 * descriptor, a process or (with the sanitizer) memory behind.
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

/* The call must return 0 or more; otherwise the errno is shown. Gives what it returns. */
#define CHECK_OK(call) test_check_ok(__FILE__, __LINE__, #call, (call))

/* The call must return -1 with that errno; for CHECK_NULL, a null pointer. */
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

/* Ends the test as skipped. */
void test_skip(const char *reason) __attribute__((noreturn));

/* Skips the test if it does not run as root. */
void test_need_root(void);

/* Skips the test if it may not make namespaces: not root, in some containers, after chroot(2). */
void test_need_namespaces(void);

/* Gives the test a mount namespace of its own, or skips it. */
void test_own_mounts(void);

/*
 * As fork(2). The child ends with exit(0), so that its leaks are found.
 */
pid_t test_fork(void);

/* Waits for a child. Fails if a CHECK in it has failed. */
void test_join(pid_t);

/* The pid of a process that has ended and was waited for. */
pid_t test_dead_pid(void);

/* Changes to the uid and the gid of the same number, without supplementary groups. */
void test_become(uid_t);

/* Whether /proc does not show a process that belongs to root: hidepid, and this is not root. */
bool test_proc_hides_root(void);

/* The first of four uids that no other test, and no other run, uses at the same time. */
uid_t test_uid(void);

/* Sets the soft limit of descriptors so that only so many more can be opened. */
void test_leave_room(int descriptors);

/* Sets the limit again that was there before test_leave_room. */
void test_room_again(void);

/* Makes a file with that text and opens it with the flags of open(2). */
int test_file(const char *path, const char *text, int flags);

/* The contents of a file. Valid until the next call. */
const char *test_contents(const char *path);

/* Makes a pair of SEQPACKET sockets. */
void test_pair(int pair[2]);

/* Makes a pipe, close-on-exec: [0] to read, [1] to write. */
void test_pipe(int pair[2]);

/* From here on a system call fails with err in this process: a seccomp filter's doing. */
void test_forbid(long number, int err);

/*
 * A process that holds the mutex of a pipe with bytes in it until it is killed: it reads
 * into memory that nobody provides (userfaultfd). Calls that want the mutex hang meanwhile,
 * in state D. The caller kills it and waits for it.
 */
pid_t test_hold_pipe(int fd);

/* A NAME that nobody else uses in this network namespace. Valid until the next call. */
const char *test_name(void);

/* The revents of poll(2), after at most ms milliseconds. */
short test_poll(int fd, short events, int ms);

/* Whether both are one open file description. */
bool test_same(int fd1, int fd2);

bool test_is_cloexec(int fd);

/* Whether this kernel has SO_PASSRIGHTS (Linux 6.16). */
bool test_passrights(void);

/* Redirects the stream to a file of that path, until test_uncapture. */
struct test_capture {
	FILE *stream;
	int saved;
};
struct test_capture test_capture(FILE *, const char *path);
void test_uncapture(struct test_capture);

#endif
