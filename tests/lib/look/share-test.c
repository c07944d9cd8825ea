/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"
#include "lib/look/share.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct share s;

/* Takes a snapshot of one descriptor of this process, and of other opens of its inode. */
static void look_at(int fd, unsigned need)
{
	const struct share_target of = {getpid(), fd}, *fault;
	const struct share_request request = {
		.targets = &of, .n_targets = 1, .related = true, .need = need, .procfs_only = true};

	CHECK_OK(share_look(&request, &s, &fault));
}

static void check_fds(size_t description, const int *fds, size_t n)
{
	const struct share_description *d = &s.descriptions[description];

	CHECK(description < s.n_descriptions);
	CHECK_INT(d->n, n);
	for (size_t i = 0; i < n; i++) {
		CHECK_INT(s.fds[d->first + i].fd, fds[i]);
		CHECK_INT(s.fds[d->first + i].description, description);
	}
}

TEST(letters)
{
	static const struct {
		size_t n;
		const char *letter;
	} rows[] = {{0, "A"}, {25, "Z"}, {26, "AA"}, {51, "AZ"}, {52, "BA"}, {701, "ZZ"}, {702, "AAA"},
		{18277, "ZZZ"}, {18278, "AAAA"}, {UINT32_MAX, "MWLQKWV"}};
	char out[8];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		CHECK_STR(share_letter(rows[i].n, out), rows[i].letter);
}

TEST(what_was_asked_for_comes_first)
{
	int second = test_file("file", "hello", O_RDONLY), asked = open("file", O_RDONLY);
	int other = eventfd(0, 0), copy = dup(asked);

	look_at(copy, 0);
	CHECK_INT(s.n_descriptions, 2);
	CHECK(s.descriptions[0].requested && !s.descriptions[1].requested);
	check_fds(0, (int[]){asked, copy}, 2);
	check_fds(1, &second, 1);
	CHECK_INT(s.n_tables, 1);
	CHECK_INT(s.tables[0].pid, getpid());
	CHECK_INT(s.tables[0].parent, getppid());
	CHECK_INT(s.tables[0].session, getsid(0));
	share_free(&s);
	int fds[] = {second, asked, other, copy};
	fd_close_all(fds, 4);
}

TEST(other_opens_only_where_related_ones_are_asked_for)
{
	int fd = test_file("file", "hello", O_RDONLY), second = open("file", O_RDONLY);
	const struct share_target of = {getpid(), fd}, *fault;

	CHECK_OK(share_look(&(struct share_request){.targets = &of, .n_targets = 1}, &s, &fault));
	CHECK_INT(s.n_descriptions, 1);
	check_fds(0, &fd, 1);
	share_free(&s);
	fd_close(&fd);
	fd_close(&second);
}

TEST(eventfds_are_not_related)
{
	int fd = eventfd(0, 0), second = eventfd(0, 0);

	look_at(fd, 0);
	CHECK_INT(s.n_descriptions, 1);
	share_free(&s);
	fd_close(&fd);
	fd_close(&second);
}

TEST(only_shared_ones)
{
	int fd = test_file("file", "hello", O_RDONLY), event = eventfd(0, 0), copy = dup(event);
	const struct share_target of = {getpid(), -1}, *fault;

	CHECK_OK(share_look(&(struct share_request){.targets = &of, .n_targets = 1, .only_shared = true}, &s,
		&fault));
	bool found = false;
	for (size_t i = 0; i < s.n_descriptions; i++)
		CHECK(s.descriptions[i].n > 1);
	for (size_t i = 0; i < s.n_fds; i++) {
		CHECK(s.tables[s.fds[i].table].pid != getpid() || s.fds[i].fd != fd);
		found = found || s.fds[i].fd == copy;
	}
	CHECK(found);
	share_free(&s);
	fd_close(&fd);
	fd_close(&event);
	fd_close(&copy);
}

TEST(nothing_is_known_that_was_not_asked_for)
{
	int fd = test_file("file", "hello", O_RDWR | O_APPEND), copy = dup(fd);
	struct share_description *d;

	CHECK_INT(lseek(fd, 3, SEEK_SET), 3);
	look_at(fd, 0);
	d = &s.descriptions[0];
	CHECK(!d->name && !d->type);
	CHECK_INT(d->flags, -1);
	CHECK_INT(d->pos, DESC_NO_POS);
	CHECK(d->ino && S_ISREG(d->perm));
	share_free(&s);
	look_at(fd, SHARE_NAME | SHARE_STATUS | SHARE_CLOEXEC);
	d = &s.descriptions[0];
	CHECK(strstr(d->name, "/file"));
	CHECK_STR(d->type, "regular");
	CHECK_INT(d->flags & (O_ACCMODE | O_APPEND), O_RDWR | O_APPEND);
	CHECK_INT(d->flags & O_CLOEXEC, 0);
	CHECK_INT(d->pos, 3);
	CHECK(s.fds[d->first].cloexec && !s.fds[d->first + 1].cloexec);
	share_free(&s);
	fd_close(&fd);
	fd_close(&copy);
}

TEST(a_look_moves_nothing)
{
	int fd = test_file("file", "hello", O_RDWR);
	struct stat before, after;

	CHECK_OK(futimens(fd, (struct timespec[]){{1000, 1}, {2000, 2}}));
	CHECK_INT(lseek(fd, 3, SEEK_SET), 3);
	CHECK_OK(fstat(fd, &before));
	int flags = fcntl(fd, F_GETFL);
	for (int i = 0; i < 10; i++) {
		look_at(fd, SHARE_NAME | SHARE_STATUS | SHARE_CLOEXEC);
		share_free(&s);
	}
	CHECK_OK(fstat(fd, &after));
	CHECK_INT(lseek(fd, 0, SEEK_CUR), 3);
	CHECK_INT(fcntl(fd, F_GETFL), flags);
	CHECK_INT(memcmp(&before, &after, sizeof(before)), 0);
	fd_close(&fd);
}

TEST(who_is_not_there)
{
	const struct share_target of[] = {{getpid(), 0}, {test_dead_pid(), 0}, {getpid(), 12345}}, *fault;

	CHECK_ERR(share_look(&(struct share_request){.targets = of, .n_targets = 2}, &s, &fault), ESRCH);
	CHECK(fault == &of[1]);
	share_free(&s);
	CHECK_ERR(share_look(&(struct share_request){.targets = of + 2, .n_targets = 1}, &s, &fault), EBADF);
	CHECK(fault == &of[2]);
	share_free(&s);
	const struct share_target dead = {of[1].pid, -1};
	CHECK_ERR(share_look(&(struct share_request){.targets = &dead, .n_targets = 1}, &s, &fault), ESRCH);
	share_free(&s);
}

TEST(a_process_that_is_asked_for_twice_is_one_table)
{
	const struct share_target of[] = {{getpid(), -1}, {getpid(), -1}, {getpid(), 0}}, *fault;

	CHECK_OK(share_look(&(struct share_request){.targets = of, .n_targets = 3}, &s, &fault));
	CHECK_INT(s.tables[0].pid, getpid());
	CHECK_INT(s.tables[0].n_others, 0);
	for (size_t i = 0; i < s.n_tables; i++)
		CHECK(i == 0 || s.tables[i].pid != getpid());
	share_free(&s);
}

TEST(a_process_of_another_user_s)
{
	int fd = test_file("file", "hello", O_RDONLY);
	const struct share_target of = {getpid(), fd}, *fault;
	pid_t pid;

	test_need_root();
	pid = test_fork();
	if (pid == 0) {
		test_become(test_uid());
		CHECK_ERR(share_look(&(struct share_request){.targets = &of, .n_targets = 1}, &s, &fault), EACCES);
		share_free(&s);
		CHECK_OK(share_look(&(struct share_request){0}, &s, &fault));
		CHECK(test_proc_hides_root() ? s.hidden : s.unseen > 0);
		for (size_t i = 0; i < s.n_descriptions; i++)
			CHECK(!share_complete(&s, &s.descriptions[i]));
		share_free(&s);
		exit(0);
	}
	test_join(pid);
	fd_close(&fd);
}

TEST(complete_is_what_has_neither_gap_nor_doubt)
{
	struct share some = {.unseen = 0};
	struct share_description d = {.certain = true};

	CHECK(share_complete(&some, &d));
	d.certain = false;
	CHECK(!share_complete(&some, &d));
	d.certain = true;
	some.unseen = 1;
	CHECK(!share_complete(&some, &d));
	some = (struct share){.hidden = true};
	CHECK(!share_complete(&some, &d));
	some = (struct share){.in_pid_namespace = true};
	CHECK(!share_complete(&some, &d));
}

/* --- evidence ------------------------------------------------------------------------- */

/*
 * Tables 0, 1, … of these, and a description of which each has one descriptor: number 3, but the
 * last one has `last`.
 */
static void check_evidence_at(struct share_table *tables, size_t n, int last, const char *want)
{
	struct share_fd fds[8];
	struct share_description d = {.n = n};
	struct share some = {.tables = tables, .n_tables = n, .fds = fds, .n_fds = n, .descriptions = &d,
		.n_descriptions = 1};

	for (uint32_t i = 0; i < n; i++)
		fds[i] = (struct share_fd){.table = i, .fd = i + 1 == n ? last : 3};
	char *text = share_evidence(&some, &d);
	if (want)
		CHECK_STR(text, want);
	else
		CHECK(text == NULL);
	free(text);
}

static void check_evidence(struct share_table *tables, size_t n, const char *want)
{
	check_evidence_at(tables, n, 3, want);
}

TEST(evidence)
{
	struct share_table one = {.pid = 200, .tid = 200, .parent = 1, .session = 200};
	struct share_table child = {.pid = 201, .tid = 201, .parent = 200, .session = 200};
	struct share_table second = {.pid = 202, .tid = 202, .parent = 200, .session = 202};
	struct share_table far = {.pid = 300, .tid = 300, .parent = 299, .session = 299};
	struct share_table server = {.pid = 400, .tid = 400, .parent = 399, .session = 399,
		.offers = "notes.txt=4 lock=3 more=33"};

	check_evidence(&one, 1, NULL);
	check_evidence((struct share_table[]){one, far}, 2, NULL);
	check_evidence((struct share_table[]){one, child}, 2, "201 inherited it from 200");
	check_evidence((struct share_table[]){one, second}, 2, "202 inherited it from 200");
	check_evidence((struct share_table[]){one, child, second}, 3, "2 inherited it from 200");
	check_evidence_at((struct share_table[]){one, child}, 2, 4,
		"201, a child of 200, has it at another number");
	check_evidence_at((struct share_table[]){one, child, second}, 3, 4,
		"201 inherited it from 200; 202, a child of 200, has it at another number");
	check_evidence((struct share_table[]){child, second}, 2, NULL);
	second.session = 200;
	check_evidence((struct share_table[]){child, second}, 2, "all are in session 200");
	check_evidence((struct share_table[]){far, server}, 2, "400 offers it as lock");
	server.offers = "notes.txt=4 more=33";
	check_evidence((struct share_table[]){far, server}, 2, NULL);
	for (const char *const *odd = (const char *const[]){"", "=", "a", "a=", "a= b=", "=3x", NULL}; *odd; odd++) {
		server.offers = *odd;
		check_evidence((struct share_table[]){far, server}, 2,
			strcmp(*odd, "=3x") == 0 ? "400 offers it as " : NULL);
	}
}

/* --- the two methods -------------------------------------------------------------------- */

/* Of a process, a line for each fd: "fd first-fd-of-description name flags pos type cloexec". */
static char *tell(const struct share *share, pid_t pid)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (int fd = 0; fd < 64; fd++)
		for (size_t i = 0; i < share->n_fds; i++) {
			const struct share_fd *f = &share->fds[i];
			const struct share_description *d = &share->descriptions[f->description];
			if (f->fd != fd || share->tables[f->table].pid != pid)
				continue;
			size_t first = i;
			while (first > d->first && share->fds[first - 1].table == f->table)
				first--;
			fprintf(out, "%d %d %s %#x %jd %s %d %u\n", fd, share->fds[first].fd, d->name,
				(unsigned)d->flags, (intmax_t)d->pos, d->type, f->cloexec, d->n);
		}
	fclose(out);
	return text;
}

/* Of the whole machine, or of the process only. */
static char *tell_by(bool procfs_only, bool all, pid_t pid)
{
	const struct share_target of = {pid, -1}, *fault;
	const struct share_request request = {.targets = all ? NULL : &of, .n_targets = !all,
		.related = true, .need = SHARE_NAME | SHARE_STATUS | SHARE_CLOEXEC,
		.procfs_only = procfs_only};
	const char *method = procfs_only ? "procfs and kcmp" : "the BPF iterator";

	CHECK_OK(share_look(&request, &s, &fault));
	if (strcmp(s.method, method) != 0)
		test_skip(s.method_reason);
	char *text = tell(&s, pid);
	share_free(&s);
	return text;
}

TEST(both_ways_say_the_same)
{
	int pair[2], ready[2];

	test_need_root();
	test_pipe(ready);
	pid_t child = test_fork();
	if (child == 0) {
		/* what is inherited is shared with processes that come and go between the two looks */
		fd_close_range(0, ready[1] - 1);
		fd_close_range(ready[1] + 1, 99);
		int file = test_file("file", "hello", O_RDWR | O_APPEND | O_CLOEXEC);
		CHECK_OK(lseek(file, 3, SEEK_SET));
		CHECK_OK(dup(file));
		CHECK_OK(open("file", O_RDONLY | O_NONBLOCK));
		CHECK_OK(open(".", O_PATH));
		CHECK_OK(eventfd(3, EFD_CLOEXEC));
		test_pipe(pair);
		CHECK_OK(unlink("file"));
		CHECK_INT(write(ready[1], "", 1), 1);
		pause();
	}
	CHECK_INT(test_poll(ready[0], POLLIN, 5000), POLLIN);
	for (int all = 0; all <= 1; all++) {
		char *proc = tell_by(true, all, child), *bpf = tell_by(false, all, child);
		CHECK_STR(bpf, proc);
		free(proc);
		free(bpf);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	fd_close_all(ready, 2);
}

/* --- what changes meanwhile ---------------------------------------------------------- */

/* Opens and closes its own file for ever, so that freed descriptions are used again by others. */
static pid_t start_churn(const char *path)
{
	pid_t pid = test_fork();

	if (pid != 0)
		return pid;
	for (;;) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		sched_yield();
		close(fd);
		sched_yield();
	}
}

/* Has many descriptors, so that a pass takes its time between two of the former. */
static pid_t start_holder(void)
{
	pid_t pid = test_fork();

	if (pid != 0)
		return pid;
	fd_raise_limit();
	for (int i = 0; i < 4000 && dup(STDERR_FILENO) >= 0; i++)
		;
	for (;;)
		pause();
}

static bool is_called(const struct share_description *d, const char *name)
{
	const char *slash = strrchr(d->name, '/');

	return slash && strcmp(slash + 1, name) == 0;
}

/* Whatever is shared of the files is wrong. */
static void check_churn(const char *const files[3])
{
	const struct share_request request = {.only_shared = true, .need = SHARE_NAME};
	pid_t pids[6];
	const struct share_target *fault;

	test_need_root();
	for (size_t i = 0; i < 3; i++) {
		int fd = test_file(files[i], "x", O_RDONLY);
		fd_close(&fd);
		pids[2 * i] = start_churn(files[i]);
		pids[2 * i + 1] = start_holder();
	}
	int64_t deadline = time_after(3 * NS_PER_S);
	while (time_now() < deadline) {
		CHECK_OK(share_look(&request, &s, &fault));
		for (size_t d = 0; d < s.n_descriptions; d++)
			for (size_t i = 0; i < 3; i++)
				CHECK(!is_called(&s.descriptions[d], files[i]));
		share_free(&s);
	}
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		CHECK_OK(kill(pids[i], SIGKILL));
		CHECK_INT(waitpid(pids[i], NULL, 0), pids[i]);
	}
}

/* The descriptors of the inode that a process has, and their descriptions, by one way. */
static void check_inode(const struct share_target *of, pid_t pid, bool procfs_only)
{
	const struct share_request request = {.targets = of, .n_targets = 1,
		.need = SHARE_NAME | SHARE_STATUS | SHARE_INODE, .procfs_only = procfs_only};
	const struct share_target *fault;

	CHECK_OK(share_look(&request, &s, &fault));
	CHECK_INT(s.n_tables, 1);
	CHECK_INT(s.tables[0].pid, pid);
	CHECK_INT(s.n_descriptions, 2);
	check_fds(0, (int[]){50, 51}, 2);
	check_fds(1, (int[]){52}, 1);
	CHECK(s.descriptions[0].requested && s.descriptions[1].requested);
	CHECK_INT(s.descriptions[1].flags & (O_ACCMODE | O_APPEND), O_WRONLY | O_APPEND);
	CHECK(share_has_inode(&s.descriptions[1], of));
	CHECK_STR(strrchr(s.descriptions[1].name, '/'), "/file");
	CHECK_STR(s.descriptions[1].type, "regular");
	share_free(&s);
}

TEST(an_inode_whoever_has_it_open)
{
	int ready[2], fd = test_file("file", "hello", O_RDONLY);
	struct share_target of = {.fd = -1};
	const struct share_request request = {.targets = &of, .n_targets = 1};
	const struct share_target *fault;
	struct stat st;

	CHECK_OK(fstat(fd, &st));
	fd_close(&fd);
	of.dev = st.st_dev;
	of.ino = st.st_ino;
	CHECK_OK(share_look(&request, &s, &fault)); /* nobody */
	CHECK_INT(s.n_descriptions, 0);
	share_free(&s);
	test_pipe(ready);
	pid_t child = test_fork();
	if (child == 0) {
		CHECK_INT(dup2(open("file", O_RDONLY | O_CLOEXEC), 50), 50);
		CHECK_INT(dup2(50, 51), 51);
		CHECK_INT(dup2(open("file", O_WRONLY | O_APPEND | O_CLOEXEC), 52), 52);
		fd_close_range(ready[1] + 1, 49);
		CHECK_INT(write(ready[1], "", 1), 1);
		pause();
	}
	CHECK_INT(test_poll(ready[0], POLLIN, 5000), POLLIN);
	check_inode(&of, child, true);
	check_inode(&of, child, false);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	fd_close_all(ready, 2);
}

static struct share_table origin_table(pid_t pid, pid_t parent)
{
	return (struct share_table){.pid = pid, .tid = pid, .parent = parent};
}

TEST(the_origin_is_the_holder_from_which_the_others_inherited_it)
{
	struct share_table tables[] = {
		origin_table(200, 1), origin_table(201, 200), origin_table(202, 201)};
	struct share_fd fds[] = {{0, 3, 0, false}, {0, 7, 0, false}, {1, 7, 0, false}, {2, 7, 0, false}};
	struct share_description d = {.first = 0, .n = 4};
	const struct share one = {.tables = tables, .n_tables = 3, .fds = fds, .n_fds = 4,
		.descriptions = &d, .n_descriptions = 1};

	CHECK(share_origin(&one, &d) == &tables[0]);
	fds[3].fd = 8; /* another number: it was passed, or duplicated */
	CHECK(share_origin(&one, &d) == NULL);
	fds[3].fd = 7;
	tables[2].parent = 5; /* not a holder */
	CHECK(share_origin(&one, &d) == NULL);
	d.n = 1;
	CHECK(share_origin(&one, &d) == NULL);
}

TEST(an_address_that_is_used_again_joins_nobody)
{
	static const char *const files[] = {"churn1", "churn2", "churn3"};

	check_churn(files);
}

TEST(nor_does_it_where_all_have_the_same_inode)
{
	static const char *const files[] = {"churn", "churn", "churn"};

	check_churn(files);
}

TEST(the_name_and_the_inode_are_of_one_file)
{
	struct stat one, two;
	const struct share_target *fault;
	int looks = 0, seen = 0;

	pid_t pid = test_fork();
	if (pid == 0) {
		int a = test_file("one", "", O_RDONLY), b = test_file("two", "", O_RDONLY);
		for (;;) {
			dup2(a, 50);
			dup2(b, 50);
		}
	}
	const struct share_target of = {pid, 50};
	const struct share_request request = {
		.targets = &of, .n_targets = 1, .need = SHARE_NAME | SHARE_INODE};
	int64_t deadline = time_after(10 * NS_PER_S);
	while (seen < 100 && time_now() < deadline) {
		looks++;
		if (share_look(&request, &s, &fault) == 0 && s.n_descriptions) {
			const struct share_description *d = &s.descriptions[0];
			CHECK_OK(stat("one", &one));
			CHECK_OK(stat("two", &two));
			CHECK(is_called(d, "one") || is_called(d, "two"));
			CHECK(d->ino == (is_called(d, "one") ? one.st_ino : two.st_ino));
			seen++;
		}
		share_free(&s);
	}
	CHECK(seen > 0); /* on a busy machine few looks fall between the two */
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_INT(waitpid(pid, NULL, 0), pid);
}

TEST(a_path_that_is_too_long_hides_no_descriptor)
{
	char part[201];
	int fd;

	memset(part, 'd', sizeof(part) - 1);
	part[sizeof(part) - 1] = '\0';
	int top = CHECK_OK(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	for (int i = 0; i < 25; i++) {
		CHECK_OK(mkdir(part, 0755));
		CHECK_OK(chdir(part));
	}
	fd = test_file("file", "hello", O_RDONLY);
	look_at(fd, SHARE_NAME | SHARE_STATUS);
	CHECK_INT(s.n_descriptions, 1);
	CHECK_STR(s.descriptions[0].name, "(its path is too long)");
	CHECK_STR(s.descriptions[0].type, "regular");
	share_free(&s);
	fd_close(&fd);
	CHECK_OK(unlink("file"));
	for (int i = 0; i < 25; i++) {
		CHECK_OK(chdir(".."));
		CHECK_OK(rmdir(part));
	}
	fd_close(&top);
}
