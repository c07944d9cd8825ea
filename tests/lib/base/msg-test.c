/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages with descriptors. Long because the kernel has many ways to refuse or truncate a
 * message; the tests share raw_send, repeated and check_refused.
 */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/msg.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static struct msg m;

static int some_file(void)
{
	return test_file("passed", "hello, descriptor", O_RDONLY);
}

/* sendmsg(2) without the checks of msg_send. */
static int raw_send(int sock, size_t len, const int *fds, size_t nfds)
{
	static char text[2 * MSG_TEXT_MAX];
	static union {
		char room[CMSG_SPACE(sizeof(int) * (MSG_FDS_MAX + 1))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {text, len};
	struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
		.msg_controllen = CMSG_SPACE(sizeof(int) * nfds)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);

	memset(text, 'x', sizeof(text));
	*c = (struct cmsghdr){CMSG_LEN(sizeof(int) * nfds), SOL_SOCKET, SCM_RIGHTS};
	memcpy(CMSG_DATA(c), fds, sizeof(int) * nfds);
	return sendmsg(sock, &h, 0) < 0 ? -1 : 0;
}

/* An array of n times the same descriptor. */
static const int *repeated(int fd, size_t n)
{
	static int fds[MSG_FDS_MAX + 1];

	for (size_t i = 0; i < n; i++)
		fds[i] = fd;
	return fds;
}

TEST(a_descriptor_arrives_as_the_same_description)
{
	int pair[2], fd = some_file();
	char text[6] = "";

	test_pair(pair);
	CHECK_OK(msg_send(pair[0], "take it", 7, &fd, 1, 0));
	CHECK_INT(msg_recv(pair[1], &m, 1, 0), 7);
	CHECK_STR(m.text, "take it");
	CHECK_INT(m.len, 7);
	CHECK_INT(m.nfds, 1);
	CHECK(m.fds[0] != fd);
	CHECK(test_same(fd, m.fds[0]));
	CHECK_INT(read(fd, text, 5), 5);
	CHECK_INT(lseek(m.fds[0], 0, SEEK_CUR), 5);
	msg_close(&m);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

TEST(what_arrives_is_close_on_exec)
{
	int pair[2], fd = some_file();

	CHECK_OK(fcntl(fd, F_SETFD, 0));
	test_pair(pair);
	CHECK_OK(msg_send(pair[0], "x", 1, repeated(fd, 3), 3, 0));
	CHECK_INT(msg_recv(pair[1], &m, 3, 0), 1);
	for (size_t i = 0; i < 3; i++)
		CHECK(test_is_cloexec(m.fds[i]));
	msg_close(&m);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

TEST(a_message_needs_no_descriptor)
{
	int pair[2];

	test_pair(pair);
	CHECK_OK(msg_send(pair[0], "text\n", 5, NULL, 0, 0));
	CHECK_INT(msg_recv(pair[1], &m, 0, 0), 5);
	CHECK_STR(m.text, "text\n");
	CHECK_INT(m.nfds, 0);
	fd_close_all(pair, 2);
}

TEST(messages_keep_their_boundaries_and_their_order)
{
	int pair[2], fd = some_file();

	test_pair(pair);
	CHECK_OK(msg_send(pair[0], "one", 3, NULL, 0, 0));
	CHECK_OK(msg_send(pair[0], "two", 3, &fd, 1, 0));
	CHECK_INT(msg_recv(pair[1], &m, 1, 0), 3);
	CHECK_STR(m.text, "one");
	CHECK_INT(m.nfds, 0);
	CHECK_INT(msg_recv(pair[1], &m, 1, 0), 3);
	CHECK_STR(m.text, "two");
	CHECK_INT(m.nfds, 1);
	msg_close(&m);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

TEST(as_many_descriptors_as_the_kernel_passes)
{
	int pair[2], fd = some_file();
	int before = fd_count();

	test_pair(pair);
	CHECK_OK(msg_send(pair[0], "x", 1, repeated(fd, MSG_FDS_MAX), MSG_FDS_MAX, 0));
	CHECK_INT(msg_recv(pair[1], &m, MSG_FDS_MAX, 0), 1);
	CHECK_INT(m.nfds, MSG_FDS_MAX);
	CHECK_INT(fd_count(), before + 2 + MSG_FDS_MAX);
	for (size_t i = 0; i < m.nfds; i++)
		CHECK(test_same(fd, m.fds[i]));
	msg_close(&m);
	CHECK_INT(m.nfds, 0);
	CHECK_INT(fd_count(), before + 2);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

TEST(one_more_than_the_kernel_passes)
{
	int pair[2], fd = some_file();
	const int *fds = repeated(fd, MSG_FDS_MAX + 1);

	test_pair(pair);
	CHECK_ERR(msg_send(pair[0], "x", 1, fds, MSG_FDS_MAX + 1, 0), EINVAL);
	CHECK_ERR(raw_send(pair[0], 1, fds, MSG_FDS_MAX + 1), EINVAL);
	CHECK_OK(raw_send(pair[0], 1, fds, MSG_FDS_MAX));
	fd_close_all(pair, 2);
	fd_close(&fd);
}

TEST(an_empty_text_is_not_sent)
{
	int pair[2], fd = some_file();

	test_pair(pair);
	CHECK_ERR(msg_send(pair[0], "", 0, &fd, 1, 0), EINVAL);
	CHECK_ERR(msg_send(pair[0], "", 0, NULL, 0, 0), EINVAL);
	CHECK_ERR(msg_recv(pair[1], &m, 1, MSG_DONTWAIT), EAGAIN);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

TEST(a_descriptor_that_is_none)
{
	int pair[2], fd = some_file(), fds[2] = {fd, 9999};

	test_pair(pair);
	CHECK_ERR(msg_send(pair[0], "x", 1, fds, 2, 0), EBADF);
	CHECK_ERR(msg_recv(pair[1], &m, 2, MSG_DONTWAIT), EAGAIN);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

TEST(an_io_uring_is_not_passed)
{
	struct io_uring_params params = {0};
	int pair[2], ring = (int)syscall(SYS_io_uring_setup, 1, &params);

	if (ring < 0)
		test_skip("this kernel has no io_uring");
	test_pair(pair);
	CHECK_ERR(msg_send(pair[0], "x", 1, &ring, 1, 0), EINVAL);
	fd_close_all(pair, 2);
	fd_close(&ring);
}

/* msg_recv must fail with err and leave no descriptor open. */
static void check_refused(int sock, size_t max, int err)
{
	int before = fd_count();

	CHECK_ERR(msg_recv(sock, &m, max, 0), err);
	CHECK_INT(m.nfds, 0);
	CHECK_INT(fd_count(), before);
}

TEST(more_descriptors_than_expected_are_closed)
{
	int pair[2], fd = some_file();

	test_pair(pair);
	CHECK_OK(msg_send(pair[0], "x", 1, repeated(fd, 3), 3, 0));
	check_refused(pair[1], 1, E2BIG);
	/* because of its alignment CMSG_SPACE of one descriptor has room for two */
	CHECK_OK(msg_send(pair[0], "x", 1, repeated(fd, 2), 2, 0));
	check_refused(pair[1], 1, E2BIG);
	CHECK_OK(msg_send(pair[0], "x", 1, &fd, 1, 0));
	check_refused(pair[1], 0, E2BIG);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

TEST(a_text_that_was_cut_is_refused)
{
	int pair[2], fd = some_file();

	test_pair(pair);
	CHECK_OK(raw_send(pair[0], MSG_TEXT_MAX + 1, &fd, 1));
	check_refused(pair[1], 1, EMSGSIZE);
	CHECK_OK(raw_send(pair[0], MSG_TEXT_MAX, &fd, 1));
	CHECK_INT(msg_recv(pair[1], &m, 1, 0), MSG_TEXT_MAX);
	CHECK_INT(strlen(m.text), MSG_TEXT_MAX);
	msg_close(&m);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

TEST(a_message_that_the_socket_cannot_hold)
{
	enum { BIG = 300000 };
	int pair[2], fd = some_file();
	char *text = must_calloc(1, BIG);

	memset(text, 'x', BIG);
	test_pair(pair);
	CHECK_ERR(msg_send(pair[0], text, BIG, &fd, 1, 0), EMSGSIZE);
	CHECK_ERR(msg_recv(pair[1], &m, 1, MSG_DONTWAIT), EAGAIN);
	free(text);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

TEST(an_empty_message_with_a_descriptor_is_refused)
{
	int pair[2], fd = some_file();

	test_pair(pair);
	CHECK_OK(raw_send(pair[0], 0, &fd, 1));
	check_refused(pair[1], 1, EBADMSG);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

TEST(end_of_file_and_an_empty_message_read_the_same)
{
	int pair[2];

	test_pair(pair);
	CHECK_INT(send(pair[0], "", 0, 0), 0);
	CHECK_INT(msg_recv(pair[1], &m, 1, MSG_DONTWAIT), 0);
	CHECK_ERR(msg_recv(pair[1], &m, 1, MSG_DONTWAIT), EAGAIN);
	fd_close(&pair[0]);
	CHECK_INT(msg_recv(pair[1], &m, 1, 0), 0);
	CHECK_INT(msg_recv(pair[1], &m, 1, 0), 0);
	fd_close(&pair[1]);
}

/* --- a full table --------------------------------------------------------- */

static struct {
	int flags;
	size_t controllen;
} traced;

static void remember(enum msg_direction direction, int sock, const struct msghdr *h, ssize_t done)
{
	(void)sock;
	(void)done;
	if (direction == MSG_RECEIVED) {
		traced.flags = h->msg_flags;
		traced.controllen = h->msg_controllen;
	}
}

/* Receives five descriptors with room for fewer; the kernel must report controllen. */
static void check_full_table(int room, size_t controllen)
{
	int pair[2], fd = some_file(), before;

	test_pair(pair);
	before = fd_count();
	msg_tracer = remember;
	CHECK_OK(msg_send(pair[0], "x", 1, repeated(fd, 5), 5, 0));
	test_leave_room(room);
	CHECK_ERR(msg_recv(pair[1], &m, 5, 0), EMFILE);
	test_room_again();
	CHECK_INT(m.nfds, 0);
	CHECK_INT(fd_count(), before);
	CHECK(traced.flags & MSG_CTRUNC);
	CHECK_INT(traced.controllen, controllen);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

TEST(those_that_fit_into_a_full_table_are_closed)
{
	check_full_table(2, CMSG_SPACE(2 * sizeof(int)));
	check_full_table(4, CMSG_SPACE(4 * sizeof(int)));
}

TEST(a_table_without_any_room)
{
	check_full_table(0, 0);
}

/* --- a security module ---------------------------------------------------- */

static bool module_refuses;

/* The kernel's, for the whole program; where module_refuses, as if a module refused the last descriptor. */
ssize_t recvmsg(int sock, struct msghdr *h, int flags)
{
	ssize_t n = syscall(SYS_recvmsg, sock, h, flags);
	struct cmsghdr *c = n > 0 && module_refuses ? CMSG_FIRSTHDR(h) : NULL;
	int fd;

	if (!c)
		return n;
	c->cmsg_len -= sizeof(fd);
	memcpy(&fd, (char *)c + c->cmsg_len, sizeof(fd));
	close(fd);
	h->msg_flags |= MSG_CTRUNC;
	return n;
}

static void check_refused_by_module(size_t sent, int room, int err)
{
	int pair[2], fd = some_file(), before;

	test_pair(pair);
	before = fd_count();
	CHECK_OK(msg_send(pair[0], "x", 1, repeated(fd, sent), sent, 0));
	test_leave_room(room);
	module_refuses = true;
	CHECK_ERR(msg_recv(pair[1], &m, 5, 0), err);
	module_refuses = false;
	test_room_again();
	CHECK_INT(m.nfds, 0);
	CHECK_INT(fd_count(), before);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

TEST(what_a_security_module_keeps_back_is_no_full_table)
{
	check_refused_by_module(1, 8, EACCES);
	check_refused_by_module(3, 8, EACCES);
	check_refused_by_module(3, 3, EACCES); /* its place stayed free */
}

/* --- the peer ------------------------------------------------------------- */

TEST(a_peer_that_does_not_read)
{
	int pair[2], fd = some_file(), sent = 0;

	test_pair(pair);
	while (sent < 100000 && msg_send(pair[0], "x", 1, &fd, 1, MSG_DONTWAIT) == 0)
		sent++;
	CHECK(sent > 0 && sent < 100000);
	CHECK_ERR(msg_send(pair[0], "x", 1, &fd, 1, MSG_DONTWAIT), EAGAIN);
	const struct timeval soon = {0, 1000};
	CHECK_OK(setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof(soon)));
	CHECK_ERR(msg_send(pair[0], "x", 1, &fd, 1, 0), EAGAIN);
	for (int i = 0; i < sent; i++) {
		CHECK_INT(msg_recv(pair[1], &m, 1, MSG_DONTWAIT), 1);
		msg_close(&m);
	}
	CHECK_ERR(msg_recv(pair[1], &m, 1, MSG_DONTWAIT), EAGAIN);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

TEST(a_peer_that_has_gone)
{
	int pair[2], fd = some_file();

	test_pair(pair); /* no SIGPIPE for SEQPACKET, and none by MSG_NOSIGNAL */
	fd_close(&pair[1]);
	CHECK_ERR(msg_send(pair[0], "x", 1, &fd, 1, 0), EPIPE);
	fd_close(&pair[0]);
	fd_close(&fd);
}

TEST(a_peer_that_has_gone_without_reading)
{
	int pair[2], fd = some_file();

	test_pair(pair);
	CHECK_OK(msg_send(pair[0], "x", 1, &fd, 1, 0));
	fd_close(&pair[1]);
	CHECK_ERR(msg_send(pair[0], "x", 1, &fd, 1, 0), ECONNRESET);
	CHECK_ERR(msg_send(pair[0], "x", 1, &fd, 1, 0), EPIPE);
	fd_close(&pair[0]);

	test_pair(pair);
	CHECK_OK(msg_send(pair[0], "x", 1, &fd, 1, 0));
	fd_close(&pair[1]);
	CHECK_ERR(msg_recv(pair[0], &m, 1, 0), ECONNRESET);
	CHECK_INT(msg_recv(pair[0], &m, 1, 0), 0);
	fd_close(&pair[0]);
	fd_close(&fd);
}

TEST(a_stream_whose_reader_has_gone_raises_no_signal)
{
	int pair[2];

	CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	fd_close(&pair[1]);
	CHECK_ERR(msg_send(pair[0], "x", 1, NULL, 0, 0), EPIPE);
	fd_close(&pair[0]);
}

TEST(what_is_no_socket)
{
	int fd = some_file();

	CHECK_ERR(msg_send(fd, "x", 1, NULL, 0, 0), ENOTSOCK);
	CHECK_ERR(msg_recv(fd, &m, 1, 0), ENOTSOCK);
	CHECK_ERR(msg_recv(-1, &m, 1, 0), EBADF);
	fd_close(&fd);
}

TEST(a_kernel_that_knows_no_refusal_changes_no_errno)
{
	int pair[2];

	test_pipe(pair); /* no socket at all, which fails on every kernel */
	errno = EBADMSG;
	msg_refuse_rights(pair[0]);
	CHECK_INT(errno, EBADMSG);
	fd_close_all(pair, 2);
}

TEST(a_socket_that_refuses_rights)
{
	int pair[2], fd = some_file();

	test_pair(pair);
	if (!test_passrights())
		test_skip("needs Linux 6.16");
	msg_refuse_rights(pair[1]);
	CHECK_ERR(msg_send(pair[0], "x", 1, &fd, 1, 0), EPERM);
	CHECK_OK(msg_send(pair[0], "text", 4, NULL, 0, 0));
	CHECK_OK(msg_send(pair[1], "x", 1, &fd, 1, 0)); /* the other direction still allows them */
	CHECK_INT(msg_recv(pair[1], &m, 1, 0), 4);
	CHECK_INT(msg_recv(pair[0], &m, 1, 0), 1);
	msg_close(&m);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

/* --- what is in flight ---------------------------------------------------- */

static void set_soft_limit(rlim_t soft)
{
	struct rlimit limit;

	CHECK_OK(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = soft;
	CHECK_OK(setrlimit(RLIMIT_NOFILE, &limit));
}

TEST(a_user_with_too_many_in_flight)
{
	test_need_root(); /* to become a user who has none in flight, and no exemption */
	int pair[2], fd = some_file();

	test_pair(pair);
	test_become(test_uid());
	set_soft_limit(32);
	/* succeeds: the kernel checks the count before it adds these */
	CHECK_OK(msg_send(pair[0], "x", 1, repeated(fd, 33), 33, 0));
	CHECK_ERR(msg_send(pair[0], "x", 1, &fd, 1, 0), ETOOMANYREFS);
	CHECK_OK(msg_send(pair[0], "text alone", 10, NULL, 0, 0));
	set_soft_limit(256);
	CHECK_INT(msg_recv(pair[1], &m, MSG_FDS_MAX, 0), 1);
	msg_close(&m);
	set_soft_limit(32);
	CHECK_OK(msg_send(pair[0], "x", 1, &fd, 1, 0));
	set_soft_limit(256);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

/* --- more data than the descriptors, and interruptions --------------------- */

TEST(credentials_beside_the_rights_do_no_harm)
{
	static const int yes = 1;
	int pair[2], fd = some_file();

	test_pair(pair);
	CHECK_OK(setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)));
	msg_tracer = remember;
	CHECK_OK(msg_send(pair[0], "x", 1, &fd, 1, 0));
	CHECK_INT(msg_recv(pair[1], &m, 1, 0), 1);
	CHECK_INT(traced.controllen,
		CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int)));
	CHECK_INT(m.nfds, 1);
	CHECK(test_same(fd, m.fds[0]));
	msg_close(&m);
	CHECK_OK(msg_send(pair[0], "x", 1, NULL, 0, 0));
	CHECK_INT(msg_recv(pair[1], &m, 0, 0), 1);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

TEST(a_descriptor_taken_out_is_not_closed)
{
	int pair[2], fd = some_file();

	test_pair(pair);
	CHECK_OK(msg_send(pair[0], "x", 1, repeated(fd, 2), 2, 0));
	CHECK_INT(msg_recv(pair[1], &m, 2, 0), 1);
	int mine = m.fds[0], other = m.fds[1];
	m.fds[0] = -1;
	errno = ENOTTY;
	msg_close(&m);
	CHECK_INT(errno, ENOTTY);
	CHECK(test_same(fd, mine));
	CHECK_ERR(fcntl(other, F_GETFD), EBADF);
	fd_close(&mine);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

static int signalled, signal_sock;

/* Interrupts the wait, and sends a message at the second time. */
static void on_alarm(int signo)
{
	(void)signo;
	if (++signalled == 2)
		send(signal_sock, "late", 4, 0);
}

TEST(a_signal_does_not_end_a_wait)
{
	const struct sigaction act = {.sa_handler = on_alarm}; /* no SA_RESTART */
	const struct itimerval every = {{0, 10000}, {0, 10000}}, never = {{0, 0}, {0, 0}};
	int pair[2];

	test_pair(pair);
	signal_sock = pair[0];
	CHECK_OK(sigaction(SIGALRM, &act, NULL));
	CHECK_OK(setitimer(ITIMER_REAL, &every, NULL));
	CHECK_INT(msg_recv(pair[1], &m, 0, 0), 4);
	CHECK_OK(setitimer(ITIMER_REAL, &never, NULL));
	CHECK_STR(m.text, "late");
	fd_close_all(pair, 2);
}

/* --- the tracer ----------------------------------------------------------- */

static int traced_directions[2];
static ssize_t traced_done;
static int traced_errno;

static void count_and_spoil(
	enum msg_direction direction, int sock, const struct msghdr *h, ssize_t done)
{
	(void)sock;
	(void)h;
	traced_directions[direction]++;
	traced_done = done;
	traced_errno = errno;
	errno = EXDEV;
}

TEST(the_tracer_sees_all_and_spoils_nothing)
{
	int pair[2];

	test_pair(pair);
	msg_tracer = count_and_spoil;
	CHECK_OK(msg_send(pair[0], "seen", 4, NULL, 0, 0));
	CHECK_INT(traced_done, 4);
	CHECK_INT(msg_recv(pair[1], &m, 0, 0), 4);
	CHECK_INT(traced_done, 4);
	CHECK_ERR(msg_recv(pair[1], &m, 0, MSG_DONTWAIT), EAGAIN);
	CHECK_INT(traced_done, -1);
	CHECK_INT(traced_errno, EAGAIN);
	CHECK_INT(traced_directions[MSG_SENT], 1);
	CHECK_INT(traced_directions[MSG_RECEIVED], 2);
	fd_close_all(pair, 2);
}
