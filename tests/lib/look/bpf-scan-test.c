/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/uapi.h"
#include "lib/look/bpf-scan.h"
#include "lib/look/desc.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* --- the records of some processes in one pass -------------------------------- */

static const char *why;
static struct bpf_fd *files;
static size_t n_files;

static int keep(void *data, const struct bpf_fd *f)
{
	(void)data;
	files = must_grow(files, n_files, sizeof(*files));
	files[n_files] = *f;
	files[n_files].command = must_strdup(f->command);
	files[n_files].name = f->name ? must_strdup(f->name) : NULL;
	n_files++;
	return 0;
}

static void forget(void)
{
	for (size_t i = 0; i < n_files; i++) {
		free((char *)files[i].command);
		free((char *)files[i].name);
	}
	free(files);
	files = NULL;
	n_files = 0;
}

/* Collects all records; skips the test where BPF is not available. */
static void look(unsigned need)
{
	forget();
	test_need_root();
	if (bpf_scan_each(need, keep, NULL, &why) < 0)
		test_skip(why);
}

static const struct bpf_fd *find(pid_t tid, int fd)
{
	for (size_t i = 0; i < n_files; i++)
		if (files[i].tid == tid && files[i].fd == fd)
			return &files[i];
	return NULL;
}

static const struct bpf_fd *must_find(pid_t tid, int fd)
{
	const struct bpf_fd *f = find(tid, fd);

	if (!f)
		test_fail(__FILE__, __LINE__, "nothing of descriptor %d of %d", fd, tid);
	return f;
}

static int count_of(pid_t pid)
{
	int n = 0;

	for (size_t i = 0; i < n_files; i++)
		n += files[i].pid == pid;
	return n;
}

TEST(a_pipe_has_its_bytes_and_its_capacity)
{
	int pair[2], empty[2], full[2];
	static char page[4096];

	test_pipe(pair);
	test_pipe(empty);
	test_pipe(full);
	CHECK_INT(write(pair[1], "hello", 5), 5);
	CHECK_INT(write(pair[1], " world", 6), 6);
	CHECK_INT(read(pair[0], page, 4), 4);
	CHECK_INT(fcntl(full[1], F_SETPIPE_SZ, 1048576), 1048576);
	for (int i = 0; i < 256; i++)
		CHECK_INT(write(full[1], page, sizeof(page)), sizeof(page));
	look(BPF_SCAN_PIPE);
	for (int end = 0; end < 2; end++) {
		const struct bpf_fd *f = must_find(getpid(), pair[end]);
		CHECK_INT(f->waiting, 7);
		CHECK_INT(f->capacity, fcntl(pair[end], F_GETPIPE_SZ));
		CHECK_INT(must_find(getpid(), empty[end])->waiting, 0);
		CHECK_INT(must_find(getpid(), full[end])->waiting, 1048576);
	}
	look(0);
	CHECK_INT(must_find(getpid(), pair[0])->waiting, -1);
	forget();
	fd_close_all(pair, 2);
	fd_close_all(empty, 2);
	fd_close_all(full, 2);
}

TEST(what_is_no_open_pipe_has_no_bytes)
{
	CHECK_OK(mkfifo("fifo", 0600));
	int path = open("fifo", O_PATH | O_CLOEXEC), file = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	look(BPF_SCAN_PIPE);
	CHECK_INT(must_find(getpid(), path)->waiting, -1);
	CHECK_INT(must_find(getpid(), path)->capacity, -1);
	CHECK_INT(must_find(getpid(), file)->waiting, -1);
	forget();
	fd_close(&path);
	fd_close(&file);
}

/* --- compared with proc, statx and fcntl --------------------------------------- */

static void check_numbers(const struct bpf_fd *f, int fd)
{
	struct stat st;
	struct statfs fs;

	CHECK_OK(fstat(fd, &st));
	CHECK_OK(fstatfs(fd, &fs));
	unsigned magic = (unsigned)fs.f_type; /* has a sign on some */
	if (magic == OVERLAYFS_SUPER_MAGIC || magic == BTRFS_SUPER_MAGIC) {
		CHECK_INT(f->dev, 0);
		CHECK_INT(f->ino, 0);
	} else {
		CHECK_INT(f->dev, st.st_dev);
		CHECK_INT(f->ino, st.st_ino);
	}
	CHECK_INT(f->rdev, st.st_rdev);
	CHECK_INT(f->perm, st.st_mode);
}

static void check_one(int fd)
{
	const struct bpf_fd *f = must_find(getpid(), fd);
	struct desc d;

	CHECK_OK(desc_look(getpid(), fd, &d));
	CHECK_INT(f->pid, getpid());
	CHECK_INT(f->flags, fcntl(fd, F_GETFL));
	CHECK_INT(f->flags, d.flags);
	CHECK_INT(f->cloexec, test_is_cloexec(fd));
	CHECK_INT(f->pos, d.pos == DESC_NO_POS ? 0 : d.pos);
	CHECK_STR(f->name, d.path);
	check_numbers(f, fd);
}

enum { MANY = 32 };

/* One of each kind. Returns how many. */
static int open_some(int fds[MANY])
{
	int n = 0;

	fds[n] = test_file("file", "hello", O_RDWR);
	CHECK_OK(lseek(fds[n++], 3, SEEK_SET));
	fds[n++] = test_file("file", "hello", O_WRONLY | O_APPEND | O_NONBLOCK);
	fds[n++] = test_file("new\nline", "", O_RDONLY);
	fds[n++] = CHECK_OK(fcntl(fds[0], F_DUPFD, 0));
	fds[n++] = CHECK_OK(fcntl(fds[0], F_DUPFD_CLOEXEC, 70));
	fds[n++] = CHECK_OK(fcntl(fds[0], F_DUPFD, 300)); /* more than a new table has room for */
	fds[n++] = test_file("path", "", O_PATH);
	CHECK_OK(symlink("file", "link"));
	fds[n++] = CHECK_OK(open("link", O_PATH | O_NOFOLLOW | O_CLOEXEC));
	fds[n++] = test_file("gone", "", O_RDONLY);
	CHECK_OK(unlink("gone"));
	fds[n++] = CHECK_OK(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	fds[n++] = CHECK_OK(open("/dev/null", O_RDWR));
	fds[n++] = CHECK_OK(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
	fds[n++] = CHECK_OK(open("/proc/self/status", O_RDONLY | O_CLOEXEC));
	fds[n++] = CHECK_OK(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
	test_pipe(fds + n);
	n += 2;
	test_pair(fds + n);
	n += 2;
	fds[n++] = CHECK_OK(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
	fds[n++] = CHECK_OK(eventfd(1, EFD_NONBLOCK));
	fds[n++] = CHECK_OK(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
	fds[n++] = CHECK_OK(epoll_create1(EPOLL_CLOEXEC));
	fds[n++] = CHECK_OK(pidfd_open(getpid(), 0));
	fds[n] = CHECK_OK(memfd_create("label", 0));
	CHECK_INT(write(fds[n++], "1234567", 7), 7);
	return n;
}

TEST(every_field_is_what_the_other_ways_tell)
{
	int fds[MANY], n = open_some(fds);

	look(BPF_SCAN_NAME | BPF_SCAN_CLOEXEC);
	for (int i = 0; i < n; i++)
		check_one(fds[i]);
	CHECK_INT(count_of(getpid()), fd_count()); /* without the iterator's descriptor */
	fd_close_all(fds, (size_t)n);
	forget();
}

TEST(one_description_where_kcmp_says_so)
{
	int fds[MANY], n = open_some(fds);

	look(0);
	for (int i = 0; i < n; i++)
		for (int k = 0; k < n; k++) {
			bool same = must_find(getpid(), fds[i])->identity ==
				    must_find(getpid(), fds[k])->identity;
			CHECK_INT(same, desc_same(getpid(), fds[i], getpid(), fds[k]) == DESC_SAME);
		}
	const struct bpf_fd *a = must_find(getpid(), fds[0]), *b = must_find(getpid(), fds[1]);
	CHECK(a->inode == b->inode); /* another open of the same file */
	CHECK(a->inode != must_find(getpid(), fds[2])->inode);
	fd_close_all(fds, (size_t)n);
	forget();
}

TEST(what_is_not_asked_for_is_not_told)
{
	int fd = test_file("file", "", O_RDONLY);

	look(0);
	CHECK(!must_find(getpid(), fd)->name);
	CHECK(!must_find(getpid(), fd)->cloexec);
	look(BPF_SCAN_CLOEXEC);
	CHECK(!must_find(getpid(), fd)->name);
	CHECK(must_find(getpid(), fd)->cloexec);
	look(BPF_SCAN_NAME);
	CHECK(must_find(getpid(), fd)->name);
	CHECK(!must_find(getpid(), fd)->cloexec);
	fd_close(&fd);
	forget();
}

TEST(a_path_that_proc_cannot_tell_has_no_name)
{
	char step[201], link[64], path[PATH_MAX];
	int fd = CHECK_OK(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)), top = CHECK_OK(dup(fd));

	memset(step, 'x', sizeof(step) - 1);
	step[sizeof(step) - 1] = '\0';
	for (int i = 0; i < 21; i++) {
		CHECK_OK(mkdirat(fd, step, 0700));
		int next = CHECK_OK(openat(fd, step, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		fd_close(&fd);
		fd = next;
	}
	look(BPF_SCAN_NAME);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	CHECK_ERR(readlink(link, path, sizeof(path)), ENAMETOOLONG);
	CHECK(!must_find(getpid(), fd)->name);
	for (int i = 0; i < 21; i++) { /* nftw(3) fails at such a long path */
		int up = CHECK_OK(openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		fd_close(&fd);
		fd = up;
		CHECK_OK(unlinkat(fd, step, AT_REMOVEDIR));
	}
	fd_close(&fd);
	fd_close(&top);
	forget();
}

static void mount_overlay(void)
{
	test_own_mounts();
	CHECK_OK(mkdir("tmp", 0700));
	CHECK_OK(mount("tmpfs", "tmp", "tmpfs", 0, NULL));
	CHECK_OK(mkdir("tmp/lower", 0700));
	CHECK_OK(mkdir("tmp/upper", 0700));
	CHECK_OK(mkdir("tmp/work", 0700));
	CHECK_OK(mkdir("over", 0700));
	int lower = test_file("tmp/lower/file", "", O_RDONLY);
	fd_close(&lower);
	if (mount("overlay", "over", "overlay", 0,
		    "lowerdir=tmp/lower,upperdir=tmp/upper,workdir=tmp/work") < 0)
		test_skip("this kernel has no overlayfs");
}

TEST(on_overlayfs_the_inode_is_known_and_its_numbers_are_not)
{
	look(0);
	mount_overlay();
	int one = CHECK_OK(open("over/file", O_RDONLY | O_CLOEXEC));
	int two = CHECK_OK(open("over/file", O_RDONLY | O_CLOEXEC));
	int other = test_file("over/other", "", O_RDONLY);

	look(BPF_SCAN_NAME | BPF_SCAN_CLOEXEC);
	check_one(one);
	check_one(other);
	const struct bpf_fd *f = must_find(getpid(), one);
	CHECK_INT(f->ino, 0);
	CHECK(f->inode == must_find(getpid(), two)->inode);
	CHECK(f->identity != must_find(getpid(), two)->identity);
	CHECK(f->inode != must_find(getpid(), other)->inode);
	fd_close(&one);
	fd_close(&two);
	fd_close(&other);
	CHECK_OK(umount("over"));
	CHECK_OK(umount("tmp"));
	forget();
}

/* --- processes and threads ----------------------------------------------------- */

/* A child that waits until its pipe is closed. */
struct leader {
	pid_t pid;
	int release;
};

static struct leader start_child(void (*first)(void))
{
	int pair[2], ready[2];
	char c;

	test_pipe(pair);
	test_pipe(ready);
	pid_t pid = test_fork();
	if (pid == 0) {
		fd_close(&pair[1]);
		if (first)
			first();
		CHECK_INT(write(ready[1], "r", 1), 1);
		CHECK_INT(read(pair[0], &c, 1), 0);
		fd_close(&pair[0]);
		fd_close_all(ready, 2);
		exit(0);
	}
	fd_close(&pair[0]);
	CHECK_INT(read(ready[0], &c, 1), 1);
	fd_close_all(ready, 2);
	return (struct leader){pid, pair[1]};
}

static void end_child(struct leader *c)
{
	fd_close(&c->release);
	test_join(c->pid);
}

static void lead_a_session(void)
{
	CHECK_OK(setsid());
}

TEST(a_child_has_the_same_description_in_a_table_of_its_own)
{
	int fd = test_file("file", "", O_RDONLY);
	struct leader c = start_child(lead_a_session);

	look(0);
	const struct bpf_fd *mine = must_find(getpid(), fd), *its = must_find(c.pid, fd);
	CHECK(mine->identity == its->identity);
	CHECK(mine->table != its->table);
	CHECK_INT(its->pid, c.pid);
	CHECK_INT(its->parent, getpid());
	CHECK_INT(its->session, c.pid);
	CHECK_INT(mine->parent, getppid());
	CHECK_INT(mine->session, getsid(0));
	CHECK_STR(mine->command, "unit-tests");
	end_child(&c);
	fd_close(&fd);
	forget();
}

static int wait_for_it(void *pair)
{
	char c;

	return (int)read(((int *)pair)[0], &c, 1);
}

TEST(a_process_may_share_the_table)
{
	static char stack[64 * 1024] __attribute__((aligned(16)));
	int pair[2];

	test_pipe(pair);
	pid_t pid = CHECK_OK(
		clone(wait_for_it, stack + sizeof(stack), CLONE_FILES | SIGCHLD, pair));
	look(0);
	CHECK(must_find(getpid(), pair[0])->table == must_find(pid, pair[0])->table);
	CHECK_INT(must_find(pid, pair[0])->pid, pid);
	CHECK_INT(write(pair[1], "x", 1), 1);
	CHECK_INT(waitpid(pid, NULL, 0), pid);
	fd_close_all(pair, 2);
	forget();
}

struct runner {
	pthread_t id;
	bool leaves;
	int own, ready[2], release[2];
	pid_t tid;
};

static void *thread_main(void *data)
{
	struct runner *t = data;
	char c;

	t->tid = gettid();
	if (t->leaves) {
		CHECK_OK(unshare(CLONE_FILES));
		t->own = CHECK_OK(open("/dev/zero", O_RDONLY | O_CLOEXEC));
	}
	CHECK_INT(write(t->ready[1], "r", 1), 1);
	CHECK_INT(read(t->release[0], &c, 1), 1);
	return NULL;
}

static void start_thread(struct runner *t)
{
	char c;

	test_pipe(t->ready);
	test_pipe(t->release);
	CHECK_INT(pthread_create(&t->id, NULL, thread_main, t), 0);
	CHECK_INT(read(t->ready[0], &c, 1), 1);
}

static void end_thread(struct runner *t)
{
	CHECK_INT(write(t->release[1], "x", 1), 1);
	CHECK_INT(pthread_join(t->id, NULL), 0);
	fd_close_all(t->ready, 2);
	fd_close_all(t->release, 2);
}

TEST(a_thread_is_told_of_where_it_left_the_table)
{
	struct runner stays = {0}, leaves = {.leaves = true};

	start_thread(&stays);
	start_thread(&leaves);
	look(BPF_SCAN_NAME);
	CHECK(!find(stays.tid, stays.ready[0]));
	const struct bpf_fd *its = must_find(leaves.tid, leaves.own);
	CHECK_INT(its->pid, getpid());
	CHECK_STR(its->name, "/dev/zero");
	const struct bpf_fd *mine = must_find(getpid(), stays.ready[0]);
	CHECK(mine->table != its->table);
	CHECK(mine->identity == must_find(leaves.tid, stays.ready[0])->identity);
	end_thread(&leaves);
	end_thread(&stays);
	forget();
}

/* The first process of a pid namespace, and its child. */
static void look_from_inside(void)
{
	int release[2];
	char c;

	test_pipe(release);
	pid_t child = CHECK_OK(fork());
	if (child == 0) {
		fd_close(&release[1]);
		_exit(read(release[0], &c, 1) == 0 ? 0 : 1);
	}
	CHECK_INT(getpid(), 1);
	look(0);
	CHECK_INT(count_of(1) + count_of(child), n_files);
	CHECK_INT(must_find(1, release[0])->parent, 0);
	CHECK_INT(must_find(1, release[0])->session, 0);
	CHECK_INT(must_find(child, release[0])->parent, 1);
	fd_close(&release[1]);
	test_join(child);
}

TEST(in_a_pid_namespace_its_own_pids)
{
	look(0);
	forget();
	pid_t outer = test_fork();
	if (outer == 0) { /* these end by _exit: the leak checker cannot work between namespaces */
		CHECK_OK(unshare(CLONE_NEWPID));
		pid_t pid = CHECK_OK(fork());
		if (pid == 0) {
			look_from_inside();
			_exit(0);
		}
		test_join(pid);
		_exit(0);
	}
	test_join(outer);
}

/* --- how it ends ---------------------------------------------------------------- */

static int stop(void *data, const struct bpf_fd *f)
{
	(void)f;
	return ++*(int *)data == 3 ? 7 : 0;
}

TEST(it_goes_no_further_when_told_so)
{
	int n = 0;

	look(0);
	CHECK_INT(bpf_scan_each(BPF_SCAN_NAME, stop, &n, &why), 7);
	CHECK_INT(n, 3);
	forget();
}

TEST(a_refusal_says_why)
{
	const char *version = bpf_scan_library_version();
	bool built = !version || *version;
	pid_t pid = test_fork();

	if (pid == 0) {
		if (geteuid() == 0)
			test_become(test_uid());
		CHECK_ERR(bpf_scan_each(0, keep, NULL, &why), built ? version ? EPERM : ENOENT : ENOSYS);
		if (!built)
			CHECK_STR(why, "built without BPF");
		else if (version)
			CHECK_STR(why, "it takes CAP_BPF and CAP_PERFMON");
		else
			CHECK(strstr(why, "libbpf"));
		CHECK_INT(n_files, 0);
		exit(0);
	}
	test_join(pid);
}

/* --- while others come and go ----------------------------------------------------- */

static void __attribute__((noreturn)) be_busy(int release)
{
	while (test_poll(release, POLLIN, 0) == 0) {
		int fds[MANY];
		for (int i = 0; i < MANY; i++)
			fds[i] = open("/dev/null", i % 2 ? O_RDONLY : O_RDWR | O_CLOEXEC);
		pid_t pid = fork();
		if (pid == 0)
			_exit(0);
		fd_close_all(fds, MANY);
		waitpid(pid, NULL, 0);
	}
	exit(0);
}

TEST(what_stays_is_told_of_whatever_comes_and_goes)
{
	enum { BUSY = 4, PASSES = 30, LEAST = 3, LONG_S = 3 }; /* fewer passes on a slow machine */
	int fds[MANY], n = open_some(fds), release[2];
	pid_t busy[BUSY];

	test_pipe(release);
	for (int i = 0; i < BUSY; i++) {
		busy[i] = test_fork();
		if (busy[i] == 0) {
			fd_close(&release[1]);
			be_busy(release[0]);
		}
	}
	time_t start = time(NULL);
	for (int pass = 0; pass < (time(NULL) - start < LONG_S ? PASSES : LEAST); pass++) {
		look(BPF_SCAN_NAME | BPF_SCAN_CLOEXEC);
		for (int i = 0; i < n; i++)
			check_one(fds[i]);
		CHECK_INT(count_of(getpid()), fd_count());
	}
	fd_close(&release[1]);
	for (int i = 0; i < BUSY; i++)
		test_join(busy[i]);
	fd_close(&release[0]);
	fd_close_all(fds, (size_t)n);
	forget();
}

TEST(more_than_one_read_of_them)
{
	enum { N = 900 }; /* a read returns about 270 */
	static int fds[N];

	for (int i = 0; i < N; i++)
		fds[i] = CHECK_OK(open("/dev/null", O_RDONLY | O_CLOEXEC));
	look(BPF_SCAN_NAME);
	for (int i = 0; i < N; i++)
		CHECK_STR(must_find(getpid(), fds[i])->name, "/dev/null");
	CHECK_INT(count_of(getpid()), fd_count());
	fd_close_all(fds, N);
	forget();
}
