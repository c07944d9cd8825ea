/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The helpers of the unit tests: see test.h. */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/names.h"
#include "lib/base/uapi.h"
#include "lib/look/desc.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- checks --------------------------------------------------------------- */

void test_check_int(const char *file, int line, const char *what, intmax_t got, intmax_t want)
{
	if (got != want)
		test_fail(file, line, "%s is %jd, not %jd", what, got, want);
}

void test_check_str(
	const char *file, int line, const char *what, const char *got, const char *want)
{
	if (!got || strcmp(got, want) != 0)
		test_fail(file, line, "%s is \"%s\", not \"%s\"", what, got ? got : "(null)", want);
}

int test_check_ok(const char *file, int line, const char *what, int got)
{
	if (got < 0)
		test_fail(file, line, "%s: %s", what, names_errno(errno));
	return got;
}

void test_check_err(const char *file, int line, const char *what, intmax_t got, int err)
{
	int actual = errno;

	if (got != -1)
		test_fail(file, line, "%s is %jd, not -1", what, got);
	if (actual != err) {
		char want[32];
		snprintf(want, sizeof(want), "%s", names_errno(err));
		test_fail(file, line, "%s fails with %s, not %s", what, names_errno(actual), want);
	}
}

/* --- processes ------------------------------------------------------------ */

void test_need_root(void)
{
	if (geteuid() != 0)
		test_skip("needs root");
}

/* No mount made in them reaches the outside. */
static int enter_namespaces(int namespaces)
{
	if (unshare(namespaces) < 0)
		return -1;
	return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

void test_need_namespaces(void)
{
	int status;

	test_need_root();
	pid_t pid = test_fork();
	if (pid == 0)
		_exit(enter_namespaces(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID) < 0);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	if (status)
		test_skip("needs namespaces of its own");
}

void test_own_mounts(void)
{
	test_need_namespaces();
	CHECK_OK(enter_namespaces(CLONE_NEWNS));
}

pid_t test_fork(void)
{
	fflush(NULL);
	return CHECK_OK(fork());
}

void test_join(pid_t pid)
{
	int status = -1;

	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
}

pid_t test_dead_pid(void)
{
	pid_t pid = test_fork();

	if (pid == 0)
		exit(0);
	test_join(pid);
	return pid;
}

void test_become(uid_t uid)
{
	CHECK_OK(setgroups(0, NULL));
	CHECK_OK(setresgid(uid, uid, uid));
	CHECK_OK(setresuid(uid, uid, uid));
}

bool test_proc_hides_root(void)
{
	return access("/proc/1", F_OK) < 0;
}

uid_t test_uid(void)
{
	return 100000 + (uid_t)getpgrp() * 4 % 400000; /* the same in the children of a test */
}

static struct rlimit old_limit;

void test_leave_room(int descriptors)
{
	int lowest = CHECK_OK(dup(STDERR_FILENO));

	CHECK_OK(close(lowest));
	CHECK_OK(getrlimit(RLIMIT_NOFILE, &old_limit));
	struct rlimit limit = old_limit;
	limit.rlim_cur = (rlim_t)lowest + (rlim_t)descriptors;
	CHECK_OK(setrlimit(RLIMIT_NOFILE, &limit));
}

void test_room_again(void)
{
	CHECK_OK(setrlimit(RLIMIT_NOFILE, &old_limit));
}

/* --- files and sockets ---------------------------------------------------- */

int test_file(const char *path, const char *text, int flags)
{
	int fd = CHECK_OK(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));

	CHECK_INT(write(fd, text, strlen(text)), strlen(text));
	CHECK_OK(close(fd));
	return CHECK_OK(open(path, flags | O_CLOEXEC));
}

const char *test_contents(const char *path)
{
	static char text[65536];
	int fd = CHECK_OK(open(path, O_RDONLY | O_CLOEXEC));
	ssize_t n = read(fd, text, sizeof(text) - 1);

	CHECK(n >= 0);
	text[n] = '\0';
	close(fd);
	return text;
}

void test_pair(int pair[2])
{
	CHECK_OK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
}

void test_pipe(int pair[2])
{
	CHECK_OK(pipe2(pair, O_CLOEXEC));
}

const char *test_name(void)
{
	static char name[64];
	static int next;

	snprintf(name, sizeof(name), "unit-%d-%d", getpid(), next++);
	return name;
}

short test_poll(int fd, short events, int ms)
{
	struct pollfd p = {.fd = fd, .events = events};

	CHECK_OK(poll(&p, 1, ms));
	return p.revents;
}

bool test_same(int fd1, int fd2)
{
	return desc_same(getpid(), fd1, getpid(), fd2) == DESC_SAME;
}

bool test_is_cloexec(int fd)
{
	return CHECK_OK(fcntl(fd, F_GETFD)) == FD_CLOEXEC;
}

bool test_passrights(void)
{
	static const int yes = 1;
	int sock = CHECK_OK(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
	int done = setsockopt(sock, SOL_SOCKET, SO_PASSRIGHTS, &yes, sizeof(yes));

	fd_close(&sock);
	return done == 0;
}

struct test_capture test_capture(FILE *stream, const char *path)
{
	fflush(stream);
	int saved = CHECK_OK(fcntl(fileno(stream), F_DUPFD_CLOEXEC, 3));
	int fd = CHECK_OK(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
	CHECK_OK(dup2(fd, fileno(stream)));
	fd_close(&fd);
	return (struct test_capture){stream, saved};
}

void test_uncapture(struct test_capture c)
{
	fflush(c.stream);
	CHECK_OK(dup2(c.saved, fileno(c.stream)));
	fd_close(&c.saved);
}

/* Tells its userfaultfd first. */
static void __attribute__((noreturn)) read_for_ever(int pipe, int tell)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register all = {{(uintptr_t)page, size}, UFFDIO_REGISTER_MODE_MISSING, 0};

	int faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (faults >= 0) {
		CHECK_OK(ioctl(faults, UFFDIO_API, &api));
		CHECK_OK(ioctl(faults, UFFDIO_REGISTER, &all));
	}
	CHECK_INT(write(tell, &faults, sizeof(faults)), sizeof(faults));
	_exit(faults >= 0 && read(pipe, page, 1) == 1);
}

pid_t test_hold_pipe(int pipe)
{
	struct pollfd p = {.events = POLLIN};
	int tell[2];

	test_pipe(tell);
	pid_t pid = test_fork();
	if (pid == 0)
		read_for_ever(pipe, tell[1]);
	CHECK_INT(read(tell[0], &p.fd, sizeof(p.fd)), sizeof(p.fd));
	if (p.fd < 0)
		test_skip("this kernel has no userfaultfd");
	p.fd = CHECK_OK(desc_getfd(pid, p.fd));
	CHECK_INT(poll(&p, 1, 10000), 1);
	fd_close(&p.fd);
	fd_close_all(tell, 2);
	return pid;
}

void test_forbid(long number, int err)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)err),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(rules) / sizeof(rules[0]), rules};

	CHECK_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	CHECK_OK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}
