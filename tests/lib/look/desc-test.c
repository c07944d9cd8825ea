/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/uapi.h"
#include "lib/look/desc.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <unistd.h>

static struct desc d;

/* --- the type ------------------------------------------------------------- */

/* Checks the type and the offset of fd, and closes it. */
static void check_type(int fd, const char *type, int64_t pos)
{
	CHECK_OK(fd);
	CHECK_OK(desc_look(0, fd, &d));
	CHECK_STR(d.type, type);
	CHECK_INT(d.pos, pos);
	CHECK_OK(desc_look(getpid(), fd, &d));
	CHECK_STR(d.type, type);
	fd_close(&fd);
}

TEST(what_has_an_offset)
{
	int fd = test_file("file", "hello", O_RDONLY);

	CHECK_OK(lseek(fd, 3, SEEK_SET));
	check_type(fd, "regular", 3);
	check_type(open(".", O_RDONLY | O_DIRECTORY), "directory", 0);
	check_type(open("/dev/zero", O_RDONLY), "char", 0);
	fd = memfd_create("label", MFD_CLOEXEC);
	CHECK_INT(write(fd, "1234567", 7), 7);
	check_type(fd, "memfd", 7);
}

TEST(what_has_none)
{
	int pair[2];
	sigset_t none;

	sigemptyset(&none);
	test_pair(pair);
	check_type(pair[0], "socket", DESC_NO_POS);
	check_type(pair[1], "socket", DESC_NO_POS);
	test_pipe(pair);
	check_type(pair[0], "pipe", DESC_NO_POS);
	check_type(pair[1], "pipe", DESC_NO_POS);
	CHECK_OK(mkfifo("fifo", 0600));
	check_type(open("fifo", O_RDWR), "pipe", DESC_NO_POS);
	check_type(socket(AF_INET, SOCK_DGRAM, 0), "socket", DESC_NO_POS);
	check_type(eventfd(1, 0), "eventfd", DESC_NO_POS);
	check_type(timerfd_create(CLOCK_MONOTONIC, 0), "timerfd", DESC_NO_POS);
	check_type(signalfd(-1, &none, 0), "signalfd", DESC_NO_POS);
	check_type(epoll_create1(0), "epoll", DESC_NO_POS);
	check_type(inotify_init1(0), "inotify", DESC_NO_POS);
	check_type(pidfd_open(getpid(), 0), "pidfd", DESC_NO_POS);
	check_type(open("/proc/self/ns/net", O_RDONLY), "namespace", DESC_NO_POS);
}

static void check_link(const char *link, mode_t perm, const char *type)
{
	char got[32];

	desc_type(link, perm, got, sizeof(got));
	CHECK_STR(got, type);
}

TEST(the_type_that_a_link_tells)
{
	static const char *const namespaces[] = {"cgroup", "ipc", "mnt", "net", "pid",
		"pid_for_children", "time", "time_for_children", "user", "uts"};
	static const char *const of_bpf[] = {"bpf-map", "bpf-prog", "bpf_link", "[bpf_link]", "btf"};
	char link[64];

	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++) {
		snprintf(link, sizeof(link), "%s:[4026531840]", namespaces[i]);
		check_link(link, S_IFREG | 0444, "namespace");
	}
	for (size_t i = 0; i < ARRAY_SIZE(of_bpf); i++) {
		snprintf(link, sizeof(link), "anon_inode:%s", of_bpf[i]);
		check_link(link, 0600, "bpf");
	}
	check_link("anon_inode:[userfaultfd]", 0600, "userfaultfd");
	check_link("anon_inode:[fanotify]", 0600, "fanotify");
	check_link("anon_inode:[perf_event]", 0600, "perf");
	check_link("anon_inode:[of tomorrow]", 0600, "of tomorrow");
	check_link("pidfd:[77]", S_IFREG | 0700, "pidfd");
	check_link("/memfd: (deleted)", S_IFREG | 0777, "memfd");
	check_link("/dmabuf:", S_IFREG | 0600, "dmabuf");
	check_link("net:", S_IFREG, "regular");
	check_link("net", S_IFREG, "regular");
	check_link("pipe:[7]", S_IFIFO | 0600, "pipe");
	check_link("", 0, "unknown");
}

TEST(a_terminal_has_no_offset)
{
	int fd = CHECK_OK(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));

	CHECK_OK(desc_look(0, fd, &d));
	CHECK_STR(d.type, "char");
	CHECK_INT(d.pos, DESC_NO_POS);
	CHECK_INT(minor(d.rdev), 2);
	fd_close(&fd);
}

TEST(an_io_uring_has_a_type)
{
	struct io_uring_params params = {0};
	int ring = (int)syscall(SYS_io_uring_setup, 1, &params);

	if (ring < 0)
		test_skip("this kernel has no io_uring");
	check_type(ring, "io_uring", DESC_NO_POS);
}

TEST(what_o_path_opened)
{
	int fd = test_file("file", "", O_PATH);

	CHECK_OK(desc_look(0, fd, &d));
	CHECK(d.flags & O_PATH);
	CHECK_STR(d.type, "regular");
	fd_close(&fd);
	CHECK_OK(symlink("file", "link"));
	fd = CHECK_OK(open("link", O_PATH | O_NOFOLLOW | O_CLOEXEC));
	CHECK_OK(desc_look(0, fd, &d));
	CHECK_STR(d.type, "symlink");
	fd_close(&fd);
}

TEST(a_file_is_not_taken_for_what_it_is_called)
{
	CHECK_OK(mkdir("memfd:x", 0755));
	CHECK_OK(mkdir("anon_inode:[eventfd]", 0755));
	check_type(test_file("memfd:x/f", "", O_RDONLY), "regular", 0);
	check_type(test_file("anon_inode:[eventfd]/f", "", O_RDONLY), "regular", 0);
	check_type(test_file("pidfd", "", O_RDONLY), "regular", 0);
}

/* --- flags, path, inode --------------------------------------------------- */

TEST(status_flags_are_the_descriptions_and_close_on_exec_is_not)
{
	int fd = test_file("file", "", O_WRONLY | O_APPEND | O_NONBLOCK);
	int other = CHECK_OK(fcntl(fd, F_DUPFD, 0));
	int flags = fcntl(fd, F_GETFL);

	CHECK_OK(desc_look(0, fd, &d));
	CHECK(d.cloexec);
	CHECK_INT(d.flags, flags);
	CHECK_OK(desc_look(0, other, &d));
	CHECK(!d.cloexec);
	CHECK_INT(d.flags, flags);
	CHECK_INT(d.flags & (O_ACCMODE | O_APPEND | O_NONBLOCK), O_WRONLY | O_APPEND | O_NONBLOCK);
	CHECK_OK(fcntl(other, F_SETFL, O_NONBLOCK));
	CHECK_OK(desc_look(0, fd, &d));
	CHECK_INT(d.flags & O_APPEND, 0);
	fd_close(&fd);
	fd_close(&other);
}

TEST(the_inode_is_that_of_fstat)
{
	struct stat st;
	int fd = test_file("file", "", O_RDONLY);

	CHECK_OK(fstat(fd, &st));
	for (int i = 0; i < 2; i++) {
		CHECK_OK(desc_look(i ? getpid() : 0, fd, &d));
		CHECK(d.dev == st.st_dev && d.ino == st.st_ino);
		CHECK_INT(d.perm, st.st_mode);
		CHECK_INT(d.uid, st.st_uid);
	}
	fd_close(&fd);
	fd = CHECK_OK(open("/dev/null", O_RDWR | O_CLOEXEC));
	CHECK_OK(desc_look(0, fd, &d));
	CHECK(d.rdev == makedev(1, 3));
	fd_close(&fd);
}

TEST(the_path_is_what_the_kernel_says)
{
	char here[PATH_MAX], want[PATH_MAX + 32];
	int fd = test_file("new\nline \033[m", "", O_RDONLY);

	CHECK(getcwd(here, sizeof(here)));
	CHECK_OK(desc_look(0, fd, &d));
	snprintf(want, sizeof(want), "%s/new\nline \033[m", here);
	CHECK_STR(d.path, want);
	CHECK_OK(unlink("new\nline \033[m"));
	CHECK_OK(desc_look(0, fd, &d));
	snprintf(want, sizeof(want), "%s/new\nline \033[m (deleted)", here);
	CHECK_STR(d.path, want);
	CHECK_STR(d.type, "regular");
	fd_close(&fd);
}

/* --- other processes ------------------------------------------------------ */

/* A child that holds the inherited descriptors until its pipe is closed. */
struct holder {
	pid_t pid;
	int release;
};

static struct holder hold(uid_t uid)
{
	int pair[2], ready[2];
	char c;

	test_pipe(pair);
	test_pipe(ready);
	pid_t pid = test_fork();
	if (pid == 0) {
		fd_close(&pair[1]);
		if (uid != geteuid())
			test_become(uid);
		CHECK_INT(write(ready[1], "r", 1), 1);
		CHECK_INT(read(pair[0], &c, 1), 0);
		exit(0);
	}
	CHECK_INT(read(ready[0], &c, 1), 1);
	fd_close_all(ready, 2);
	fd_close(&pair[0]);
	return (struct holder){pid, pair[1]};
}

static void release(struct holder *h)
{
	fd_close(&h->release);
	test_join(h->pid);
}

TEST(another_process_has_the_same_offset)
{
	int fd = test_file("file", "hello", O_RDONLY);
	struct holder h = hold(geteuid());

	CHECK_OK(lseek(fd, 4, SEEK_SET));
	CHECK_OK(desc_look(h.pid, fd, &d));
	CHECK_STR(d.type, "regular");
	CHECK_INT(d.pos, 4);
	release(&h);
	fd_close(&fd);
}

TEST(another_process_s_terminal_has_no_offset)
{
	int fd = CHECK_OK(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
	struct holder h = hold(geteuid());

	CHECK_OK(desc_look(h.pid, fd, &d)); /* fdinfo shows 0 */
	CHECK_INT(d.pos, DESC_NO_POS);
	release(&h);
	fd_close(&fd);
}

TEST(looking_at_what_is_not_there)
{
	struct holder h = hold(geteuid());
	int before = fd_count();

	CHECK_ERR(desc_look(0, 9999, &d), EBADF);
	CHECK_ERR(desc_look(0, -1, &d), EBADF);
	CHECK_ERR(desc_look(h.pid, 9999, &d), EBADF);
	CHECK_ERR(desc_look(test_dead_pid(), 0, &d), ESRCH);
	CHECK_INT(fd_count(), before);
	release(&h);
}

TEST(looking_at_what_one_may_not)
{
	test_need_root();
	struct holder h = hold(geteuid());

	CHECK_OK(seteuid(test_uid()));
	CHECK_ERR(desc_look(h.pid, 0, &d), EACCES);
	CHECK_OK(seteuid(0));
	release(&h);
}

TEST(looking_moves_nothing)
{
	int pair[2], fd = test_file("file", "hello", O_RDONLY);
	char text[8];

	CHECK_OK(lseek(fd, 2, SEEK_SET));
	test_pipe(pair);
	CHECK_INT(write(pair[1], "abc", 3), 3);
	CHECK_OK(desc_look(0, pair[0], &d));
	CHECK_OK(desc_look(0, fd, &d));
	CHECK_INT(lseek(fd, 0, SEEK_CUR), 2);
	CHECK_INT(read(pair[0], text, sizeof(text)), 3);
	fd_close_all(pair, 2);
	fd_close(&fd);
}

/* --- the same or not ------------------------------------------------------ */

TEST(duplicates_are_the_same_and_two_opens_are_not)
{
	int fd = test_file("file", "", O_RDONLY), copy = CHECK_OK(dup(fd));
	int again = test_file("file", "", O_RDONLY);
	pid_t me = getpid();

	CHECK_INT(desc_same(me, fd, me, copy), DESC_SAME);
	CHECK_INT(desc_same(me, fd, me, fd), DESC_SAME);
	CHECK_INT(desc_same(me, fd, me, again), DESC_DIFFERENT);
	CHECK_INT(desc_same(me, again, me, fd), DESC_DIFFERENT);
	CHECK_INT(desc_same(me, fd, me, 9999), DESC_UNKNOWN);
	fd_close(&fd);
	fd_close(&copy);
	fd_close(&again);
}

TEST(what_a_child_inherited_is_the_same)
{
	int fd = test_file("file", "", O_RDONLY);
	struct holder h = hold(geteuid());
	int later = test_file("file", "", O_RDONLY);

	CHECK_INT(desc_same(getpid(), fd, h.pid, fd), DESC_SAME);
	CHECK_INT(desc_same(getpid(), later, h.pid, fd), DESC_DIFFERENT);
	CHECK_INT(desc_same(getpid(), fd, test_dead_pid(), fd), DESC_UNKNOWN);
	release(&h);
	fd_close(&fd);
	fd_close(&later);
}

TEST(what_one_may_not_ask_is_unknown)
{
	test_need_root();
	int fd = test_file("file", "", O_RDONLY);
	struct holder h = hold(geteuid());
	pid_t pid = test_fork();

	if (pid == 0) {
		test_become(test_uid());
		CHECK_INT(desc_same(getpid(), fd, h.pid, fd), DESC_UNKNOWN);
		exit(0);
	}
	test_join(pid);
	release(&h);
	fd_close(&fd);
}

/* --- reopened read-only ---------------------------------------------------- */

TEST(narrow_is_a_new_description_to_read)
{
	int fd = test_file("file", "hello", O_RDWR | O_APPEND);
	char text[8] = "";

	CHECK_OK(lseek(fd, 4, SEEK_SET));
	int narrow = CHECK_OK(desc_reopen_readonly(fd));
	CHECK_INT(desc_same(getpid(), fd, getpid(), narrow), DESC_DIFFERENT);
	CHECK(test_is_cloexec(narrow));
	CHECK_INT(fcntl(narrow, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK), O_RDONLY);
	CHECK_ERR(write(narrow, "x", 1), EBADF);
	CHECK_INT(read(narrow, text, sizeof(text)), 5);
	CHECK_STR(text, "hello");
	CHECK_INT(lseek(fd, 0, SEEK_CUR), 4);
	fd_close(&narrow);
	fd_close(&fd);
}

TEST(narrow_keeps_nonblock)
{
	int fd = test_file("file", "", O_RDWR | O_NONBLOCK);
	int narrow = CHECK_OK(desc_reopen_readonly(fd));

	CHECK(fcntl(narrow, F_GETFL) & O_NONBLOCK);
	fd_close(&narrow);
	fd_close(&fd);
}

TEST(narrow_of_what_has_no_name_any_more)
{
	int fd = test_file("file", "still here", O_RDWR);
	char text[16] = "";

	CHECK_OK(unlink("file"));
	int narrow = CHECK_OK(desc_reopen_readonly(fd));
	CHECK_INT(read(narrow, text, sizeof(text)), 10);
	CHECK_STR(text, "still here");
	fd_close(&narrow);
	fd_close(&fd);
	fd = CHECK_OK(memfd_create("m", MFD_CLOEXEC));
	narrow = CHECK_OK(desc_reopen_readonly(fd));
	CHECK_ERR(write(narrow, "x", 1), EBADF);
	fd_close(&narrow);
	fd_close(&fd);
}

TEST(narrow_of_a_pipe_waits_for_nobody)
{
	int fd;

	CHECK_OK(mkfifo("fifo", 0600));
	fd = CHECK_OK(open("fifo", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
	CHECK_OK(fcntl(fd, F_SETFL, 0));
	int narrow = CHECK_OK(desc_reopen_readonly(fd)); /* without a writer an open would wait */
	CHECK_INT(fcntl(narrow, F_GETFL) & O_NONBLOCK, 0);
	fd_close(&narrow);
	fd_close(&fd);
}

/* It cannot be reopened, and nothing is left open. */
static void check_no_narrow(int fd, int err)
{
	CHECK_OK(fd);
	int before = fd_count();
	CHECK_ERR(desc_reopen_readonly(fd), err);
	CHECK_INT(fd_count(), before);
	fd_close(&fd);
}

TEST(what_cannot_be_narrowed)
{
	int pair[2];
	/* anonymous inodes are root's, 0600: only for root does the kernel come to the type */
	int anonymous = geteuid() == 0 ? ENXIO : EACCES;

	CHECK_ERR(desc_reopen_readonly(9999), EBADF);
	check_no_narrow(test_file("file", "", O_WRONLY), EBADF);
	check_no_narrow(test_file("file", "", O_PATH), EBADF);
	test_pair(pair);
	check_no_narrow(pair[0], ENXIO);
	fd_close(&pair[1]);
	check_no_narrow(eventfd(0, EFD_CLOEXEC), anonymous);
	check_no_narrow(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), anonymous);
	check_no_narrow(epoll_create1(EPOLL_CLOEXEC), anonymous);
	check_no_narrow(inotify_init1(IN_CLOEXEC), anonymous);
}

TEST(narrow_asks_the_inode)
{
	test_need_root();
	int fd = test_file("file", "", O_RDWR);

	CHECK_OK(fchmod(fd, 0600));
	CHECK_OK(seteuid(test_uid()));
	CHECK_ERR(desc_reopen_readonly(fd), EACCES);
	CHECK_OK(seteuid(0));
	fd_close(&fd);
}

/* --- duplicates from another process ---------------------------------------- */

TEST(steal_takes_the_same_description)
{
	int fd = test_file("file", "", O_RDONLY);
	struct holder h = hold(geteuid());
	int before = fd_count(), got = CHECK_OK(desc_getfd(h.pid, fd));

	CHECK(test_same(fd, got));
	CHECK(test_is_cloexec(got));
	CHECK_INT(fd_count(), before + 1);
	fd_close(&got);
	CHECK_ERR(desc_getfd(h.pid, 9999), EBADF);
	CHECK_ERR(desc_getfd(test_dead_pid(), 0), ESRCH);
	CHECK_INT(fd_count(), before);
	release(&h);
	fd_close(&fd);
}

TEST(steal_needs_permission)
{
	test_need_root();
	struct holder h = hold(geteuid());
	int before = fd_count();

	pid_t pid = test_fork();
	if (pid == 0) {
		test_become(test_uid());
		CHECK_ERR(desc_getfd(h.pid, 0), EPERM);
		CHECK_INT(fd_count(), before);
		exit(0);
	}
	test_join(pid);
	release(&h);
}

/* --- reading without waiting ---------------------------------------------- */

TEST(a_read_that_would_wait_does_not)
{
	int pair[2];
	char text[8];

	test_pipe(pair);
	if (desc_read_nowait(pair[0], text, sizeof(text)) < 0 && errno == EOPNOTSUPP)
		test_skip("this kernel has no RWF_NOWAIT for pipes");
	CHECK_ERR(desc_read_nowait(pair[0], text, sizeof(text)), EAGAIN);
	CHECK_INT(write(pair[1], "abc", 3), 3);
	CHECK_INT(desc_read_nowait(pair[0], text, sizeof(text)), 3);
	CHECK(memcmp(text, "abc", 3) == 0);
	CHECK_INT(fcntl(pair[0], F_GETFL) & O_NONBLOCK, 0);
	fd_close(&pair[1]);
	CHECK_INT(desc_read_nowait(pair[0], text, sizeof(text)), 0);
	fd_close(&pair[0]);
	test_pair(pair);
	CHECK_ERR(desc_read_nowait(pair[0], text, sizeof(text)), EAGAIN);
	fd_close_all(pair, 2);
	CHECK_ERR(desc_read_nowait(-1, text, sizeof(text)), EBADF);
}

TEST(a_read_without_waiting_moves_the_offset)
{
	int fd = test_file("file", "hello", O_RDONLY);
	char text[8];

	ssize_t n = desc_read_nowait(fd, text, 2);
	if (n < 0 && errno == EOPNOTSUPP) { /* a file system without RWF_NOWAIT */
		CHECK_INT(lseek(fd, 0, SEEK_CUR), 0);
	} else {
		CHECK_INT(n, 2);
		CHECK_INT(lseek(fd, 0, SEEK_CUR), 2);
	}
	fd_close(&fd);
}

TEST(what_cannot_read_without_waiting_says_so)
{
	int fd = CHECK_OK(inotify_init1(IN_CLOEXEC));
	char text[512];

	CHECK_ERR(desc_read_nowait(fd, text, sizeof(text)), EOPNOTSUPP);
	fd_close(&fd);
}

/* --- fdinfo --------------------------------------------------------------- */

TEST(fdinfo_is_understood)
{
	CHECK_OK(desc_parse_fdinfo("pos:\t42\nflags:\t02102001\nmnt_id:\t9\nino:\t7\n", &d));
	CHECK_INT(d.pos, 42);
	CHECK(d.cloexec);
	CHECK_INT(d.flags, 0102001);
	CHECK_OK(desc_parse_fdinfo("flags:\t00\npos:\t9223372036854775807", &d));
	CHECK_INT(d.pos, INT64_MAX);
	CHECK(!d.cloexec);
	CHECK_INT(d.flags, 0);
	CHECK_OK(desc_parse_fdinfo("pos:\t-4096\nflags:\t00\n", &d)); /* as for /proc/kcore */
	CHECK_INT(d.pos, -4096);
}

TEST(the_first_line_of_a_name_counts)
{
	CHECK_OK(desc_parse_fdinfo("pos:\t1\nflags:\t02\nxpos:\t7\npos:\t8\nflags:\t01\n", &d));
	CHECK_INT(d.pos, 1);
	CHECK_INT(d.flags, 02);
	CHECK_OK(desc_parse_fdinfo("xpos:\t7\nposition:\t8\npos:\t1\nflags:\t02\n", &d));
	CHECK_INT(d.pos, 1);
}

TEST(fdinfo_that_is_none)
{
	static const char *const texts[] = {"", "\n", "\n\n\n", "pos", "pos:", "pos:\t", "pos:\t1",
		"flags:\t02", "pos:\t1\nflags:", "pos:\t1\nflags:\t", "pos:\t1\nflags:\t9\n",
		"pos:\tx\nflags:\t02\n", "pos:\nflags:\t02\n", " pos:\t1\n flags:\t02\n",
		"pos:\t1 flags:\t02", "POS:\t1\nFLAGS:\t02\n", "pos:\n5\nflags:\t02\n"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		errno = 0;
		if (desc_parse_fdinfo(texts[i], &d) != -1 || errno != EINVAL)
			test_fail(__FILE__, __LINE__, "\"%s\" is taken for fdinfo", texts[i]);
	}
}

/* --- offsets below zero ------------------------------------------------------- */

/* From -4095 to -1 the kernel's answer looks like an errno. */
TEST(an_offset_may_be_negative)
{
	static const int64_t offsets[] = {-10485760, -4096, -4095, -29, -1, 0, INT64_MIN + 1, INT64_MAX};
	int fd = CHECK_OK(open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
	int64_t at;

	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		CHECK_OK(desc_seek(fd, offsets[i], SEEK_SET, &at));
		CHECK_INT(at, offsets[i]);
		CHECK_OK(desc_look(0, fd, &d));
		CHECK_INT(d.pos, offsets[i]);
	}
	CHECK_ERR(desc_seek(fd, 0, 77, &at), EINVAL);
	fd_close(&fd);
	CHECK_ERR(desc_seek(fd, 0, SEEK_CUR, &at), EBADF);
}

TEST(what_has_no_offset_has_none)
{
	int pair[2];
	int64_t at;

	test_pipe(pair);
	CHECK_ERR(desc_seek(pair[0], 0, SEEK_CUR, &at), ESPIPE);
	CHECK_OK(desc_look(0, pair[0], &d));
	CHECK(d.pos == DESC_NO_POS);
	fd_close_all(pair, 2);
}
