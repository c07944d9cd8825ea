/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/msg.h"
#include "lib/base/times.h"
#include "lib/look/scan.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct scan s;

/* --- a scan of this process ---------------------------------------------------- */

static const struct scan_fd *at_task(pid_t tid, int fd)
{
	for (const struct scan_fd *f = s.fds; f < s.fds + s.n_fds; f++)
		if (s.tables[f->table].tid == tid && f->fd == fd)
			return f;
	return NULL;
}

static const struct scan_fd *at(int fd)
{
	return at_task(getpid(), fd);
}

/* Whether both were found, as one description. */
static bool are_one(const struct scan_fd *a, const struct scan_fd *b)
{
	CHECK(a && b);
	CHECK(a->description != SCAN_GONE && b->description != SCAN_GONE);
	return a->description == b->description;
}

static void look_at_ourselves(void)
{
	CHECK_OK(scan_process(&s, getpid(), NULL));
	CHECK(scan_group(&s) > 0);
}

/* --- a process that holds something until it is released --------------------------- */

struct held {
	pid_t pid;
	int said, gate;
};

/* Returns true in the child, which then calls stay. */
static bool hold(struct held *h)
{
	int said[2], gate[2];

	test_pipe(said);
	test_pipe(gate);
	h->pid = test_fork();
	h->said = said[h->pid == 0];
	h->gate = gate[h->pid != 0];
	fd_close(&said[h->pid != 0]);
	fd_close(&gate[h->pid == 0]);
	return h->pid == 0;
}

static void stay(struct held *h)
{
	char c;

	CHECK_INT(write(h->said, "", 1), 1);
	CHECK_INT(read(h->gate, &c, 1), 0);
	while (wait(NULL) > 0)
		;
	_exit(0);
}

static void wait_for(const struct held *h)
{
	char c;

	CHECK_INT(read(h->said, &c, 1), 1);
}

static void drop_or_linger(struct held *h)
{
	fd_close(&h->said);
	fd_close(&h->gate);
	test_join(h->pid);
}

/* --- one description or several ---------------------------------------------------- */

TEST(a_dup_is_the_same_a_second_open_is_not)
{
	int fds[] = {test_file("file", "hello", O_RDONLY), open("file", O_RDONLY), -1};

	fds[2] = CHECK_OK(dup(fds[0]));
	look_at_ourselves();
	CHECK(are_one(at(fds[0]), at(fds[2])));
	CHECK(!are_one(at(fds[0]), at(fds[1])));
	CHECK_INT(at(fds[0])->ino, at(fds[1])->ino);
	CHECK(at(fds[0])->certain && at(fds[1])->certain);
	fd_close_all(fds, 3);
	scan_free(&s);
}

TEST(a_fork_inherits_it)
{
	int fd = test_file("file", "hello", O_RDONLY), other = CHECK_OK(open("file", O_RDONLY));
	struct held h;

	if (hold(&h)) {
		CHECK_INT(dup2(open("file", O_RDONLY), 50), 50);
		stay(&h);
	}
	wait_for(&h);
	CHECK_OK(scan_process(&s, h.pid, NULL));
	look_at_ourselves();
	CHECK(are_one(at(fd), at_task(h.pid, fd)));
	CHECK(!are_one(at(fd), at_task(h.pid, 50)));
	CHECK(!are_one(at(other), at_task(h.pid, 50)));
	CHECK(!are_one(at(other), at(fd)));
	drop_or_linger(&h);
	fd_close(&fd);
	fd_close(&other);
	scan_free(&s);
}

TEST(eventfds_have_one_inode_and_are_many)
{
	int fds[] = {eventfd(0, 0), eventfd(0, 0), eventfd(0, 0), -1};

	fds[3] = CHECK_OK(dup(fds[1]));
	look_at_ourselves();
	CHECK_INT(at(fds[0])->ino, at(fds[2])->ino);
	CHECK(are_one(at(fds[1]), at(fds[3])));
	CHECK(!are_one(at(fds[0]), at(fds[1])));
	CHECK(!are_one(at(fds[0]), at(fds[2])));
	CHECK(!are_one(at(fds[1]), at(fds[2])));
	fd_close_all(fds, 4);
	scan_free(&s);
}

TEST(the_ends_of_a_pipe_are_two)
{
	int ends[2];

	test_pipe(ends);
	look_at_ourselves();
	CHECK_INT(at(ends[0])->ino, at(ends[1])->ino);
	CHECK(!are_one(at(ends[0]), at(ends[1])));
	fd_close_all(ends, 2);
	scan_free(&s);
}

TEST(a_descriptor_that_was_passed_is_the_same)
{
	int pair[2], passed[2];
	struct held h;
	struct msg m;

	test_pair(pair);
	if (hold(&h)) {
		test_pair(passed);
		CHECK_OK(msg_send(pair[1], "x", 1, passed, 2, 0));
		CHECK_INT(dup2(passed[0], 50), 50);
		CHECK_INT(dup2(passed[1], 51), 51);
		stay(&h);
	}
	wait_for(&h);
	CHECK_INT(msg_recv(pair[0], &m, 2, 0), 1);
	CHECK_OK(scan_process(&s, h.pid, NULL));
	look_at_ourselves();
	CHECK(are_one(at(m.fds[0]), at_task(h.pid, 50)));
	CHECK(are_one(at(m.fds[1]), at_task(h.pid, 51)));
	CHECK(!are_one(at(m.fds[0]), at_task(h.pid, 51)));
	msg_close(&m);
	drop_or_linger(&h);
	fd_close_all(pair, 2);
	scan_free(&s);
}

TEST(many_descriptors_of_one_inode)
{
	enum { N = 500, DESCRIPTIONS = 170 };
	int fds[N];

	for (int i = 0; i < N; i++)
		fds[i] = CHECK_OK(i < DESCRIPTIONS ? eventfd(0, EFD_CLOEXEC)
						   : fcntl(fds[i * 7 % DESCRIPTIONS], F_DUPFD_CLOEXEC, 3));
	look_at_ourselves();
	for (int i = 0; i < N; i++)
		for (int j = 0; j < i; j++) {
			int a = i < DESCRIPTIONS ? i : i * 7 % DESCRIPTIONS;
			int b = j < DESCRIPTIONS ? j : j * 7 % DESCRIPTIONS;
			CHECK(are_one(at(fds[i]), at(fds[j])) == (a == b));
		}
	fd_close_all(fds, N);
	scan_free(&s);
}

/* --- tables ------------------------------------------------------------------------ */

struct thread {
	pthread_t id;
	pid_t tid;
	bool leaves;
	int fd, ready[2], gate[2];
};

static void *run_thread(void *data)
{
	struct thread *t = data;
	char c;

	t->tid = (pid_t)syscall(SYS_gettid);
	if (t->leaves) {
		CHECK_OK(unshare(CLONE_FILES));
		int own = CHECK_OK(open("file", O_RDONLY | O_CLOEXEC));
		CHECK_OK(dup2(own, t->fd));
		close(t->gate[1]);
	}
	CHECK_INT(write(t->ready[1], "", 1), 1);
	CHECK_INT(read(t->gate[0], &c, 1), t->leaves ? 0 : 1);
	return NULL;
}

static void start_thread(struct thread *t)
{
	char c;

	test_pipe(t->ready);
	test_pipe(t->gate);
	CHECK_INT(pthread_create(&t->id, NULL, run_thread, t), 0);
	CHECK_INT(read(t->ready[0], &c, 1), 1);
}

static void end_thread(struct thread *t)
{
	if (!t->leaves)
		CHECK_INT(write(t->gate[1], "", 1), 1);
	fd_close(&t->gate[1]);
	CHECK_INT(pthread_join(t->id, NULL), 0);
	fd_close(&t->gate[0]);
	fd_close_all(t->ready, 2);
}

TEST(threads_of_one_table_are_one_holder)
{
	struct thread t = {.leaves = false};

	start_thread(&t);
	look_at_ourselves();
	CHECK_INT(s.n_tables, 1);
	CHECK_INT(s.tables[0].tid, getpid());
	end_thread(&t);
	scan_free(&s);
}

TEST(a_thread_with_its_own_table_is_a_holder_of_its_own)
{
	int fd = test_file("file", "hello", O_RDONLY), shared = dup(fd);
	struct thread t = {.leaves = true, .fd = fd};

	start_thread(&t);
	look_at_ourselves();
	CHECK_INT(s.n_tables, 2);
	CHECK_INT(s.tables[1].pid, getpid());
	CHECK_INT(s.tables[1].tid, t.tid);
	CHECK_INT(s.tables[1].same_as, 1);
	CHECK(!are_one(at(fd), at_task(t.tid, fd)));
	CHECK(are_one(at(fd), at_task(t.tid, shared)));
	CHECK(are_one(at(shared), at_task(t.tid, shared)));
	end_thread(&t);
	fd_close(&fd);
	fd_close(&shared);
	scan_free(&s);
}

/* A process that shares our table. */
static pid_t start_twin(void)
{
	pid_t pid = (pid_t)CHECK_OK((int)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0));

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static void end_twin(pid_t pid)
{
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_INT(waitpid(pid, NULL, 0), pid);
}

TEST(processes_with_one_table)
{
	struct held h, forked; /* forked has the same descriptors in another table */
	pid_t *twin = mmap(NULL, sizeof(*twin), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (hold(&forked))
		stay(&forked);
	wait_for(&forked);
	if (hold(&h)) {
		*twin = start_twin();
		stay(&h);
	}
	wait_for(&h);
	CHECK_OK(scan_process(&s, forked.pid, NULL));
	CHECK_OK(scan_process(&s, h.pid, NULL));
	CHECK_OK(scan_process(&s, *twin, NULL));
	scan_group(&s);
	CHECK_INT(s.tables[0].same_as, 0);
	CHECK_INT(s.tables[1].same_as, 1);
	CHECK_INT(s.tables[2].same_as, 1);
	CHECK_INT(s.tables[1].next, 2);
	CHECK_INT(s.tables[2].next, 0);
	CHECK_OK(kill(*twin, SIGKILL));
	drop_or_linger(&h);
	drop_or_linger(&forked);
	munmap(twin, sizeof(*twin));
	scan_free(&s);
}

/* --- descriptors that change meanwhile ------------------------------------------------ */

TEST(a_process_that_ended_before_it_is_asked)
{
	int fd = test_file("file", "hello", O_RDONLY), copy = dup(fd), other = open("file", O_RDONLY);
	struct held h;

	if (hold(&h))
		stay(&h);
	wait_for(&h);
	CHECK_OK(scan_process(&s, h.pid, NULL));
	CHECK_OK(scan_process(&s, getpid(), NULL));
	drop_or_linger(&h);
	scan_group(&s);
	CHECK_INT(at_task(h.pid, fd)->description, SCAN_GONE);
	CHECK(are_one(at(fd), at(copy)));
	CHECK(!are_one(at(fd), at(other)));
	CHECK(at(fd)->certain && at(other)->certain);
	fd_close(&fd);
	fd_close(&copy);
	fd_close(&other);
	scan_free(&s);
}

TEST(a_number_that_was_used_again)
{
	int fd = test_file("file", "hello", O_RDONLY), copy = dup(fd), third = dup(fd);

	CHECK_OK(scan_process(&s, getpid(), NULL));
	fd_close(&copy);
	copy = CHECK_OK(open("file", O_RDONLY));
	scan_group(&s);
	CHECK(!are_one(at(fd), at(copy)));
	CHECK(are_one(at(fd), at(third)));
	int fds[] = {fd, copy, third};
	fd_close_all(fds, 3);
	scan_free(&s);
}

/* Opens the file, duplicates the descriptor, and closes both, for ever. */
static pid_t start_private_opener(void)
{
	pid_t pid = test_fork();

	while (pid == 0) {
		int fd = open("file", O_RDONLY), copy = fcntl(fd, F_DUPFD, 60 + rand() % 4);
		close(fd);
		close(copy);
	}
	return pid;
}

TEST(what_two_processes_open_for_themselves_is_never_one)
{
	int fd = test_file("file", "hello", O_RDONLY);
	pid_t openers[] = {start_private_opener(), start_private_opener()};
	struct stat st;

	CHECK_OK(fstat(fd, &st));
	for (int i = 0; i < 200; i++) {
		CHECK_OK(scan_process(&s, openers[0], NULL));
		CHECK_OK(scan_process(&s, openers[1], NULL));
		scan_group(&s);
		for (size_t a = 0; a < s.n_fds; a++)
			for (size_t b = 0; b < a; b++)
				if (s.fds[a].description == s.fds[b].description &&
					s.fds[a].description != SCAN_GONE &&
					s.fds[a].table != s.fds[b].table && s.fds[a].ino == st.st_ino)
					CHECK(s.fds[a].fd == fd && s.fds[b].fd == fd); /* inherited */
		scan_free(&s);
	}
	end_twin(openers[0]);
	end_twin(openers[1]);
	fd_close(&fd);
}

enum { CHANGES = 400 };

/* A descriptor that is one eventfd, then another, then closed, for ever. */
static pid_t start_changer(int shared)
{
	pid_t pid = test_fork();
	int other = eventfd(0, 0);

	while (pid == 0) {
		dup2(shared, CHANGES);
		dup2(other, CHANGES);
		close(CHANGES);
	}
	fd_close(&other);
	return pid;
}

static bool changes(const void *data, const struct scan_fd *f)
{
	(void)data;
	return f->fd == CHANGES;
}

/* The changing descriptor comes first, so it becomes the representative of its description. */
TEST(what_stays_is_not_lost_beside_what_changes)
{
	enum { N = 300 };
	int fds[N], found = 0, lost = 0, looks = 0;

	for (int i = 0; i < N; i++)
		fds[i] = CHECK_OK(i % 2 ? dup(fds[i - 1]) : eventfd(0, EFD_CLOEXEC));
	pid_t changer = start_changer(fds[100]);
	int64_t deadline = time_after(8 * NS_PER_S); /* less often on a slow machine */
	for (; looks < 1000 && time_now() < deadline; looks++) {
		CHECK_OK(scan_process(&s, changer, &(struct scan_only){changes, NULL}));
		found += s.n_fds == 1;
		look_at_ourselves();
		bool all = true;
		for (int f = 0; f < N; f += 2)
			all = all && at(fds[f])->description != SCAN_GONE &&
			      at(fds[f])->description == at(fds[f + 1])->description;
		lost += !all;
		scan_free(&s);
	}
	CHECK(found > 0);
	CHECK(lost <= 1 + looks / 50); /* while one descriptor changes at each system call */
	end_twin(changer);
	fd_close_all(fds, N);
}

/* --- where kcmp is forbidden ----------------------------------------------------------- */

static void forbid_kcmp(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kcmp, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog filter = {ARRAY_SIZE(code), code};

	CHECK_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	CHECK_OK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
}

TEST(without_kcmp_all_of_one_inode_is_doubtful)
{
	int fd = test_file("file", "hello", O_RDONLY), copy = dup(fd), other = test_file("b", "", O_RDONLY);

	forbid_kcmp();
	look_at_ourselves();
	CHECK(!are_one(at(fd), at(copy)));
	CHECK(!at(fd)->certain && !at(copy)->certain);
	CHECK(at(other)->certain);
	fd_close(&fd);
	fd_close(&copy);
	fd_close(&other);
	scan_free(&s);
}

TEST(without_kcmp_threads_may_have_tables_that_are_not_seen)
{
	struct thread t = {.leaves = false};

	start_thread(&t);
	look_at_ourselves();
	CHECK_INT(s.unseen, 0);
	scan_free(&s);
	forbid_kcmp();
	look_at_ourselves();
	CHECK_INT(s.n_tables, 1);
	CHECK_INT(s.unseen, 1);
	end_thread(&t);
	scan_free(&s);
}

/* --- all processes ------------------------------------------------------------------- */

TEST(others_are_all_but_ourselves_and_what_was_scanned)
{
	struct held h;

	if (hold(&h))
		stay(&h);
	wait_for(&h);
	CHECK_OK(scan_others(&s, NULL));
	CHECK(scan_has(&s, h.pid));
	CHECK(!scan_has(&s, getpid()));
	scan_free(&s);
	CHECK_OK(scan_process(&s, h.pid, NULL));
	CHECK(s.n_fds > 0);
	CHECK_OK(scan_others(&s, NULL));
	for (size_t i = 1; i < s.n_tables; i++)
		CHECK(s.tables[i].pid != h.pid);
	drop_or_linger(&h);
	scan_free(&s);
}

TEST(the_dead_are_not_counted_as_unseen)
{
	siginfo_t info;
	pid_t pid;

	test_need_root();
	CHECK_OK(scan_others(&s, NULL));
	size_t unseen = s.unseen;
	scan_free(&s);
	pid = test_fork();
	if (pid == 0)
		_exit(0);
	CHECK_OK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
	CHECK_OK(scan_others(&s, NULL));
	CHECK(s.unseen <= unseen);
	test_join(pid);
	scan_free(&s);
}

TEST(who_may_not_be_asked_is_counted)
{
	pid_t pid;

	test_need_root();
	pid = test_fork();
	if (pid == 0) {
		test_become(test_uid());
		CHECK_ERR(scan_process(&s, getppid(), NULL), EACCES);
		CHECK_INT(s.n_tables, 0);
		CHECK_OK(scan_others(&s, NULL));
		if (!test_proc_hides_root())
			CHECK(s.unseen > 0);
		scan_free(&s);
		exit(0);
	}
	test_join(pid);
}

TEST(no_such_process)
{
	CHECK_ERR(scan_process(&s, test_dead_pid(), NULL), ESRCH);
	scan_free(&s);
}
