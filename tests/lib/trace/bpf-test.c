/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each kernel in which the unit tests run takes the tracers' programs, and they tell of a call. */
#include "tests/unit/test.h"
#include "tests/peers/uring.h"
#include "lib/base/fd.h"
#include "lib/base/msg.h"
#include "lib/look/bpf-scan.h"
#include "lib/trace/passed.h"
#include "lib/trace/trace.h"
#include "lib/trace/words.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int one_is_enough(void *data, const struct bpf_fd *f)
{
	(void)data;
	(void)f;
	return 1;
}

/* Where the kernel takes no program at all, the tracers' are not to blame. */
static void need_bpf(void)
{
	const char *why;

	test_need_root();
	if (bpf_scan_each(0, one_is_enough, NULL, &why) < 0)
		test_skip(why);
}

static void wait_for_records(int fd)
{
	CHECK(poll(&(struct pollfd){fd, POLLIN, 0}, 1, 5000) == 1);
}

/* --- the calls on a description ------------------------------------------------------- */

/* A child that runs no program would be taken for the tracer. */
static void run_shell(const char *commands)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", commands, (char *)NULL);
		_exit(127);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

struct seen {
	bool call, end;
};

static void note_record(void *data, const struct trace_record *r)
{
	struct seen *seen = data;

	if (r->call == TRACE_ENDED)
		seen->end = true;
	if (strcmp(trace_name(r), "write") != 0)
		return;
	seen->call = true;
	CHECK_INT(r->fd, 1);
	CHECK_INT(r->result, 6);
	CHECK_INT(r->pos_before, 2);
	CHECK_INT(r->pos_after, 8);
	CHECK_INT(r->size_before, 2);
	CHECK_INT(r->size_after, 8);
	CHECK(r->holders >= 3);
	CHECK_STR(r->command, "sh");
	CHECK(r->pid > 0 && r->pid != getpid() && r->pid == r->tid);
	CHECK(r->n_data == 6 && memcmp(r->data, "hello\n", 6) == 0);
}

TEST(a_call_and_an_end_are_told)
{
	need_bpf();
	int fd = test_file("file", "ab", O_RDWR | O_CLOEXEC), shared = dup2(fd, 5);
	const struct share_target target = {getpid(), fd}, *fault;
	const struct trace_request request = {
		.targets = &target, .n_targets = 1, .classes = TRACE_IO | TRACE_LIFE};
	struct seen seen = {false, false};
	const char *why;

	CHECK(lseek(fd, 2, SEEK_SET) == 2);
	struct trace *t = trace_open(TRACE_BY_BPF, &request, &fault, &why);
	if (!t)
		test_fail(__FILE__, __LINE__, "%s", why);
	run_shell("echo hello >&5");
	while (!seen.call || !seen.end) {
		wait_for_records(trace_fd(t));
		CHECK(trace_read(t, note_record, &seen) >= 0);
	}
	CHECK_INT(trace_lost(t), 0);
	trace_close(t);
	fd_close(&shared);
	fd_close(&fd);
}

/* --- requests to io_uring(7) -------------------------------------------------------------- */

static void note_request(void *data, const struct trace_record *r)
{
	unsigned *n = data;

	if (r->abi != ABI_REQUEST)
		return;
	CHECK_STR(trace_name(r), "io_uring: READ");
	CHECK_INT(r->result, 2);
	CHECK_INT(r->pos_before, 2 * *n);
	CHECK_INT(r->pos_after, 2 * *n + 2);
	CHECK_INT(r->pid, getpid());
	CHECK_INT(r->fixed, *n);
	CHECK(r->n_data == 2 && memcmp(r->data, *n ? "cd" : "ab", 2) == 0);
	++*n;
}

/* By a descriptor, then by a registered file. */
static void request_reads(const struct uring *u, int fd)
{
	char bytes[2];
	struct io_uring_sqe sqe = {.opcode = IORING_OP_READ, .fd = fd, .addr = (uintptr_t)bytes, .len = 2, .off = UINT64_MAX};

	CHECK_INT(uring_request(u, sqe), 2);
	CHECK_OK(uring_register(u, fd));
	sqe.fd = 0;
	sqe.flags = IOSQE_FIXED_FILE;
	CHECK_INT(uring_request(u, sqe), 2);
}

static struct uring *need_uring(void)
{
	static struct uring u;

	if (uring_set_up(&u, 0) < 0)
		test_skip("this kernel has no io_uring");
	return &u;
}

TEST(requests_to_io_uring_are_told)
{
	need_bpf();
	struct uring *u = need_uring();
	int fd = test_file("file", "abcd", O_RDWR | O_CLOEXEC);
	const struct share_target target = {getpid(), fd}, *fault;
	const struct trace_request request = {.targets = &target, .n_targets = 1, .classes = TRACE_IO};
	unsigned n = 0;
	const char *why;
	struct trace *t = trace_open(TRACE_BY_BPF, &request, &fault, &why);

	if (!t)
		test_fail(__FILE__, __LINE__, "%s", why);
	CHECK(trace_sees_requests(t));
	request_reads(u, fd);
	while (n < 2) {
		wait_for_records(trace_fd(t));
		CHECK(trace_read(t, note_request, &n) >= 0);
	}
	trace_close(t);
	fd_close(&u->fd);
	fd_close(&fd);
}

/* --- descriptors that are passed ----------------------------------------------------------- */

static void note_passed(void *data, const struct passed_record *r)
{
	if (r->pid != getpid() || r->from != getpid())
		return;
	*(struct passed_record *)data = *r;
}

TEST(a_descriptor_that_is_passed_is_told)
{
	need_bpf();
	struct passed_record got = {0};
	int fd = test_file("file", "ab", O_RDONLY | O_CLOEXEC), pair[2];
	struct msg m;
	const char *why;
	struct passed *p = passed_open(&why);

	if (!p)
		test_fail(__FILE__, __LINE__, "%s", why);
	test_pair(pair);
	CHECK(msg_send(pair[0], "x", 1, &fd, 1, 0) == 0);
	CHECK(msg_recv(pair[1], &m, 1, 0) == 1);
	while (!got.pid) {
		wait_for_records(passed_fd(p));
		CHECK(passed_read(p, note_passed, &got) >= 0);
	}
	CHECK_INT(got.from_fd, fd);
	CHECK_STR(got.name, "file");
	passed_close(p);
	msg_close(&m);
	fd_close(&pair[0]);
	fd_close(&pair[1]);
	fd_close(&fd);
}
