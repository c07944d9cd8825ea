/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a lesson: makes the file and the sockets, forks the two sides, waits for their end, and
 * cleans up however they ended. See lesson.h.
 */
#include "cmd/cli/ending.h"
#include "cmd/cli/wrap.h"
#include "cmd/demo/lesson.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* In seconds. A lesson takes well under one second; after this limit a call must be stuck. */
enum { LESSON_LIMIT = 10 };

enum { OPENER, WORKER, SIDES };

static const char *const side_names[SIDES] = {"opener", "worker"};

struct stage {
	const struct lesson *lesson;
	bool paused;
	char *dir, *file;
	int sock[SIDES], baton[SIDES];
	pid_t conductor, pids[SIDES]; /* 0: not running */
	sigset_t signals, before;
	int signo;   /* ends fdtool after the clean-up; 0: none */
	char *fault; /* the first one; later ones follow from it */
	bool *held;      /* every claim so far, of both: shared memory */
	bool left_alone; /* a side ended because the other had */
	bool quit;       /* the user ended it */
};

static void fail(struct stage *st, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void fail(struct stage *st, const char *format, ...)
{
	va_list ap;

	if (st->fault)
		return;
	va_start(ap, format);
	if (vasprintf(&st->fault, format, ap) < 0)
		st->fault = NULL;
	va_end(ap);
}

/* --- the file and the sockets --------------------------------------------------- */

static int write_file(const char *path)
{
	const ssize_t len = sizeof(LESSON_TEXT) - 1;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	ssize_t n = write(fd, LESSON_TEXT, (size_t)len);
	fd_close(&fd);
	return n == len ? 0 : -1;
}

static enum status make_file(struct stage *st)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = must_printf("%s/fdtool-demo.XXXXXX", tmp && *tmp ? tmp : "/tmp");

	if (!mkdtemp(dir)) {
		report(STATUS_FAIL, dir, "make a directory", errno);
		free(dir);
		return STATUS_FAIL;
	}
	st->dir = dir;
	st->file = must_printf("%s/notes.txt", dir);
	if (write_file(st->file) < 0)
		return report(STATUS_FAIL, st->file, "write", errno);
	return STATUS_OK;
}

static enum status make_sockets(struct stage *st)
{
	const int type = SOCK_SEQPACKET | SOCK_CLOEXEC;

	if (socketpair(AF_UNIX, type, 0, st->sock) < 0 ||
		socketpair(AF_UNIX, type, 0, st->baton) < 0)
		return report(STATUS_FAIL, st->lesson->name, "socketpair", errno);
	return STATUS_OK;
}

static enum status clean_up(struct stage *st)
{
	enum status status = STATUS_OK;

	fd_close_all(st->sock, SIDES);
	fd_close_all(st->baton, SIDES);
	/* the lesson may have unlinked the file */
	if (st->dir && ((unlink(st->file) < 0 && errno != ENOENT) || rmdir(st->dir) < 0))
		status = report(STATUS_FAIL, st->dir, "remove", errno);
	free(st->file);
	free(st->dir);
	return status;
}

/* --- the two processes ------------------------------------------------------------ */

void end_with_parent(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it ended before the prctl */
		give_up();
}

static _Noreturn void play(struct stage *st, int which)
{
	struct side s = {.name = side_names[which],
		.self = getpid(),
		.sock = st->sock[which],
		.baton = st->baton[which],
		.file = st->file,
		.paused = st->paused,
		.held = st->held};

	end_with_parent(st->conductor);
	sigprocmask(SIG_SETMASK, &st->before, NULL);
	/* if we kept the other ends open, we would never read end of file */
	fd_close(&st->sock[!which]);
	fd_close(&st->baton[!which]);
	turn_give(&s, s.self);
	s.other = (pid_t)turn_take(&s);
	(which == OPENER ? st->lesson->opener : st->lesson->worker)(&s);
	_exit(SIDE_DONE);
}

static void kill_sides(const struct stage *st)
{
	for (int i = 0; i < SIDES; i++)
		if (st->pids[i])
			kill(st->pids[i], SIGKILL);
}

/* stdout has been flushed: each side would write its buffer once more. */
static void start_sides(struct stage *st)
{
	st->conductor = getpid();
	for (int i = 0; i < SIDES && !st->fault; i++) {
		pid_t pid = fork();
		if (pid == 0)
			play(st, i);
		if (pid > 0)
			st->pids[i] = pid;
		else
			fail(st, "fork: %s", strerror(errno));
	}
	fd_close_all(st->sock, SIDES);
	fd_close_all(st->baton, SIDES);
}

/* The terminal signals all of us, and SIGPIPE means that nobody reads our common stdout. */
static bool is_for_all(int signo)
{
	return signo == SIGINT || signo == SIGQUIT || signo == SIGPIPE;
}

/* Also after our own SIGKILL; then signo, quit or fault is set already. */
static void side_killed(struct stage *st, int which, int signo)
{
	char name[NAMES_MAX];

	if (st->signo || st->quit)
		return;
	if (is_for_all(signo))
		st->signo = signo;
	else
		fail(st, "the %s was ended by %s", side_names[which],
			names_signal(signo, name, sizeof(name)));
	kill_sides(st);
}

static void side_ended(struct stage *st, int which, int status)
{
	st->pids[which] = 0;
	if (WIFSIGNALED(status)) {
		side_killed(st, which, WTERMSIG(status));
		return;
	}
	switch (WEXITSTATUS(status)) {
	case SIDE_DONE:
		break;
	case SIDE_LEFT_ALONE:
		st->left_alone = true;
		break;
	case SIDE_QUIT:
		st->quit = true;
		kill_sides(st);
		break;
	default:
		fail(st, "a call failed that the lesson needs");
		kill_sides(st);
	}
}

static void reap(struct stage *st)
{
	int status;

	for (int i = 0; i < SIDES; i++)
		if (st->pids[i] && waitpid(st->pids[i], &status, WNOHANG) == st->pids[i])
			side_ended(st, i, status);
}

/*
 * Counts seconds instead of keeping a deadline: the time of a Ctrl-Z does not count. A user who is
 * asked has any time.
 */
static void wait_for_sides(struct stage *st)
{
	static const struct timespec second = {.tv_sec = 1};
	int seconds = 0;

	for (reap(st); st->pids[OPENER] || st->pids[WORKER]; reap(st)) {
		int signo = sigtimedwait(&st->signals, NULL, &second);
		if (signo == SIGCHLD || (signo < 0 && errno == EINTR))
			continue;
		if (signo > 0)
			st->signo = signo;
		else if (st->paused || ++seconds < LESSON_LIMIT)
			continue;
		else
			fail(st, "it did not end within %d s", LESSON_LIMIT);
		kill_sides(st);
	}
	if (!*st->held)
		fail(st, "a claim did not hold");
	if (st->left_alone && !st->quit)
		fail(st, "one side ended before the other was done");
}

/* --- the lesson -------------------------------------------------------------------- */

/*
 * Blocks the signals that would end us: sigtimedwait takes them, or they come after the clean-up.
 * Not those that nohup(1) has ignored: blocked, sigtimedwait would take them all the same.
 */
static void hold_signals(struct stage *st)
{
	static const int held[] = {SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGXFSZ};

	/* an inherited SIG_IGN would discard the status of the children */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&st->signals);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++)
		if (!signal_is_ignored(held[i]))
			sigaddset(&st->signals, held[i]);
	sigprocmask(SIG_BLOCK, &st->signals, &st->before);
}

/* The sides tell it here, and not as they end: one of them may be killed before. */
static enum status make_tally(struct stage *st)
{
	st->held = mmap(NULL, sizeof(*st->held), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (st->held == MAP_FAILED) {
		st->held = NULL;
		return report(STATUS_FAIL, st->lesson->name, "mmap", errno);
	}
	*st->held = true;
	return STATUS_OK;
}

static enum status perform(struct stage *st)
{
	if (make_tally(st) != STATUS_OK)
		return STATUS_FAIL;
	if (st->lesson->file && make_file(st) != STATUS_OK)
		return STATUS_FAIL;
	if (make_sockets(st) != STATUS_OK)
		return STATUS_FAIL;
	start_sides(st);
	wait_for_sides(st);
	return STATUS_OK;
}

static unsigned int finish(struct stage *st, enum status status)
{
	if (clean_up(st) != STATUS_OK)
		status = STATUS_FAIL;
	if (st->fault && !st->signo)
		status = report(STATUS_FAIL, st->lesson->name, st->fault, 0);
	free(st->fault);
	if (st->held)
		munmap(st->held, sizeof(*st->held));
	sigprocmask(SIG_SETMASK, &st->before, NULL);
	end_by_signal(st->signo);
	return (status == STATUS_OK ? LESSON_HELD : LESSON_FAILED) | (st->quit ? LESSON_QUIT : 0);
}

static void print_tries(const struct attempt *a)
{
	puts("\ntry it yourself:");
	for (; a->terminal; a++)
		printf("  terminal %d: %s\n", a->terminal, a->line);
}

unsigned int lesson_run(const struct lesson *l, bool paused)
{
	struct stage st = {.lesson = l, .paused = paused, .sock = {-1, -1}, .baton = {-1, -1}};

	wrap_print((size_t)printf("%s: ", l->name), 2, l->summary);
	putchar('\n');
	wrap_print(0, 0, l->watch);
	putchar('\n');
	if (report_flush() != STATUS_OK)
		return LESSON_FAILED;
	hold_signals(&st);
	unsigned int end = finish(&st, perform(&st));
	if (end == LESSON_HELD) {
		putchar('\n');
		wrap_print(0, 0, l->learnt);
		print_tries(l->tries);
	}
	return end;
}
