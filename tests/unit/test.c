/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs the unit tests and prints TAP. Each test is a child in a new process group. Its
 * descendants become children of the runner when it ends (PR_SET_CHILD_SUBREAPER), so
 * that the runner finds those left behind. With arguments, it runs the tests whose
 * "module: name" contains one of them.
 */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/names.h"
#include "lib/base/text.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DEADLINE_S = 20, SKIPPED = 77, SKIP_REASON_MAX = 128, LOG_FD_MIN = 100 };

static struct test *first, **last = &first;
static int log_fd;        /* standard output, even for a test that closes or redirects it */
static char *skip_reason; /* shared with the children */

void test_register(struct test *t)
{
	*last = t;
	last = &t->next;
}

/* --- ending a test early -------------------------------------------------- */

void test_fail(const char *file, int line, const char *format, ...)
{
	va_list ap;
	char text[4096];

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	dprintf(log_fd, "# %s:%d: %s\n", file, line, text_show(text));
	_exit(1); /* not exit(3), which would report leaks */
}

void test_skip(const char *reason)
{
	snprintf(skip_reason, SKIP_REASON_MAX, "%s", reason);
	_exit(SKIPPED);
}

/* --- in the child --------------------------------------------------------- */

static void __attribute__((noreturn)) run_test(const struct test *t, const char *dir)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(DEADLINE_S);
	CHECK_OK(chdir(dir));
	int before = fd_count();
	t->run();
	int after = fd_count();
	if (after != before)
		test_fail(t->file, 0, "%d descriptors before the test, %d after it", before, after);
	exit(0);
}

/* --- in the runner -------------------------------------------------------- */

/* Kills the processes left in the test's process group. Returns their number. */
static int reap_leftovers(pid_t group)
{
	int n = 0;

	kill(-group, SIGKILL);
	while (waitpid(-group, NULL, 0) > 0)
		n++;
	return n;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* Returns the status of waitpid(2). */
static int run_in_child(const struct test *t)
{
	char dir[] = "/tmp/fdtool-unit-XXXXXX";
	int status = -1;

	if (!mkdtemp(dir) || chmod(dir, 0755) < 0) /* for tests that become another user */
		return status;
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		run_test(t, dir);
	if (pid > 0 && waitpid(pid, &status, 0) == pid) {
		int left = reap_leftovers(pid);
		if (left > 0 && status == 0) {
			printf("# %d processes left behind\n", left);
			status = -1;
		}
	}
	nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	return status;
}

static void test_title(const struct test *t, char *out, size_t size)
{
	const char *slash = strrchr(t->file, '/');
	const char *file = slash ? slash + 1 : t->file;

	snprintf(out, size, "%.*s: %s", (int)strcspn(file, "-."), file, t->name);
}

/* Returns whether the test passed or was skipped. */
static bool run_and_report(const struct test *t, int number)
{
	char title[128], name[NAMES_MAX];
	int status = run_in_child(t);
	bool skipped = WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED;

	test_title(t, title, sizeof(title));
	if (WIFSIGNALED(status))
		printf("# ended by %s\n", names_signal(WTERMSIG(status), name, sizeof(name)));
	else if (status && !skipped)
		printf("# ended with status %d\n", WEXITSTATUS(status));
	printf("%s %d - %s", status == 0 || skipped ? "ok" : "not ok", number, title);
	if (skipped)
		printf(" # SKIP %s", skip_reason);
	putchar('\n');
	return status == 0 || skipped;
}

static bool is_wanted(const struct test *t, char **words)
{
	char title[128];

	if (!*words)
		return true;
	test_title(t, title, sizeof(title));
	for (; *words; words++)
		if (strstr(title, *words))
			return true;
	return false;
}

static void set_up(void)
{
	fd_guard_standard();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	umask(022);
	log_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, LOG_FD_MIN);
	skip_reason = mmap(NULL, SKIP_REASON_MAX, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (log_fd < 0 || skip_reason == MAP_FAILED) {
		perror("unit tests");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	int planned = 0, number = 0, failed = 0;

	(void)argc;
	set_up();
	for (struct test *t = first; t; t = t->next)
		planned += is_wanted(t, argv + 1);
	printf("1..%d\n", planned);
	for (struct test *t = first; t; t = t->next)
		if (is_wanted(t, argv + 1))
			failed += !run_and_report(t, ++number);
	return failed || planned == 0;
}
