/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of limits_of, compared with the result of each operation. */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/look/limits.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* --- each operation, for real; returns 0 or an errno ------------------------ */

static char page[4096];

static int outcome(intmax_t returned)
{
	return returned < 0 ? errno : 0;
}

static int try_read(int fd)
{
	return outcome(read(fd, page, sizeof(page))); /* signalfd needs 128 bytes */
}

static int try_write(int fd)
{
	static const uint64_t one = 1;

	return outcome(write(fd, &one, sizeof(one)));
}

static int try_pread(int fd)
{
	return outcome(pread(fd, page, 1, 0));
}

static int try_lseek(int fd)
{
	return outcome(lseek(fd, 0, SEEK_CUR));
}

static int try_truncate(int fd)
{
	return outcome(ftruncate(fd, 8));
}

static int try_mmap(int fd)
{
	void *at = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return at == MAP_FAILED ? errno : outcome(munmap(at, 1));
}

static int try_chmod(int fd)
{
	struct stat st;

	return outcome(fstat(fd, &st) < 0 ? -1 : fchmod(fd, st.st_mode & 07777));
}

static int try_flock(int fd)
{
	return outcome(flock(fd, LOCK_SH | LOCK_NB));
}

static int try_epoll(int fd)
{
	struct epoll_event e = {.events = EPOLLIN};
	int epoll = CHECK_OK(epoll_create1(EPOLL_CLOEXEC));
	int err = outcome(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e));

	fd_close(&epoll);
	return err;
}

static int try_reopen(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int again = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	int err = outcome(again);
	fd_close(&again);
	return err;
}

static int try_sendfile(int fd)
{
	int pair[2];

	test_pipe(pair);
	int err = outcome(sendfile(pair[1], fd, NULL, 1));
	fd_close_all(pair, 2);
	return err;
}

static int try_setfl(int fd, int flag)
{
	int flags = fcntl(fd, F_GETFL);
	int err = outcome(fcntl(fd, F_SETFL, flags | flag));

	if (!err)
		CHECK_OK(fcntl(fd, F_SETFL, flags));
	return err;
}

static int try_append(int fd)
{
	return try_setfl(fd, O_APPEND);
}

static int try_nonblock(int fd)
{
	return try_setfl(fd, O_NONBLOCK);
}

static const struct {
	const char *operation;
	int (*try)(int fd);
} operations[] = {
	{"read", try_read}, {"write", try_write}, {"pread", try_pread}, {"lseek", try_lseek},
	{"ftruncate", try_truncate}, {"mmap shared, writable", try_mmap}, {"fchmod", try_chmod},
	{"flock", try_flock}, {"epoll", try_epoll}, {"reopen for writing", try_reopen},
	{"sendfile from it", try_sendfile}, {"F_SETFL O_APPEND", try_append},
	{"F_SETFL O_NONBLOCK", try_nonblock},
};

static int tried(const struct limit *l, int fd)
{
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++)
		if (strcmp(operations[i].operation, l->operation) == 0)
			return operations[i].try(fd);
	test_fail(__FILE__, __LINE__, "nobody knows how to try %s", l->operation);
}

/* --- the comparison ------------------------------------------------------------ */

static void check_row(const char *what, const struct limit *l, int fd)
{
	if (l->verdict == LIMIT_UNKNOWN)
		return;
	int err = tried(l, fd), said = l->verdict == LIMIT_FAILS ? l->err : 0;
	if (err == EAGAIN) /* it works, without data at present */
		err = 0;
	char name[32];
	snprintf(name, sizeof(name), "%s", said ? names_errno(said) : "success");
	if (err != said)
		test_fail(__FILE__, __LINE__, "%s: %s is said to give %s, and gives %s", what,
			l->operation, name, err ? names_errno(err) : "success");
}

/* Takes the rows, which changes nothing, and then tries each operation. Takes fd. */
static void check_limits(const char *what, int fd)
{
	struct limit rows[LIMITS_MAX];
	int before = fd_count(), flags = fcntl(CHECK_OK(fd), F_GETFL);
	off_t pos = lseek(fd, 0, SEEK_CUR);
	int n = CHECK_OK(limits_of(fd, rows));

	CHECK_INT(fd_count(), before);
	CHECK_INT(lseek(fd, 0, SEEK_CUR), pos);
	CHECK_INT(fcntl(fd, F_GETFL), flags);
	CHECK_INT(n, ARRAY_SIZE(operations));
	for (int i = 0; i < n; i++)
		check_row(what, &rows[i], fd);
	fd_close(&fd);
}

TEST(a_file_in_every_mode)
{
	check_limits("file r", test_file("file", "hello", O_RDONLY));
	check_limits("file w", test_file("file", "hello", O_WRONLY));
	check_limits("file rw", test_file("file", "hello", O_RDWR));
	check_limits("file a", test_file("file", "hello", O_WRONLY | O_APPEND));
	check_limits("file path", test_file("file", "hello", O_PATH));
	check_limits("directory", open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

TEST(a_file_that_may_not_be_written)
{
	test_need_root();
	int fd = test_file("file", "hello", O_RDONLY);

	CHECK_OK(fchmod(fd, 0444));
	CHECK_OK(seteuid(test_uid()));
	check_limits("another's file r", fd);
	CHECK_OK(seteuid(0));
}

TEST(memory_that_is_sealed_or_not)
{
	int fd = CHECK_OK(memfd_create("m", MFD_CLOEXEC | MFD_ALLOW_SEALING));

	check_limits("memfd", CHECK_OK(fcntl(fd, F_DUPFD_CLOEXEC, 3)));
	CHECK_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	check_limits("memfd sealed against writing", fd);
	fd = CHECK_OK(memfd_create("m", MFD_CLOEXEC | MFD_ALLOW_SEALING));
	CHECK_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
	check_limits("memfd sealed against future writing", fd);
}

TEST(streams)
{
	int pair[2];

	CHECK_OK(pipe2(pair, O_CLOEXEC | O_NONBLOCK));
	check_limits("pipe w", CHECK_OK(fcntl(pair[1], F_DUPFD_CLOEXEC, 3)));
	check_limits("pipe r", pair[0]);
	fd_close(&pair[1]);
	test_pair(pair);
	CHECK_OK(fcntl(pair[0], F_SETFL, O_NONBLOCK));
	check_limits("socket", pair[0]);
	fd_close(&pair[1]);
}

TEST(what_is_made_by_a_call_of_its_own)
{
	sigset_t none;

	sigemptyset(&none);
	check_limits("eventfd", eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
	check_limits("timerfd", timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
	check_limits("signalfd", signalfd(-1, &none, SFD_CLOEXEC | SFD_NONBLOCK));
	check_limits("epoll", epoll_create1(EPOLL_CLOEXEC));
	check_limits("inotify", inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
}

TEST(devices)
{
	check_limits("null r", open("/dev/null", O_RDONLY | O_CLOEXEC));
	check_limits("null rw", open("/dev/null", O_RDWR | O_CLOEXEC));
	check_limits("zero rw", open("/dev/zero", O_RDWR | O_CLOEXEC));
	check_limits("terminal", open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
}

TEST(what_is_not_open_has_no_limits)
{
	struct limit rows[LIMITS_MAX];

	CHECK_ERR(limits_of(9999, rows), EBADF);
}
