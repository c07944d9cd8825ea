/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nonblock: O_NONBLOCK on a shared terminal hits whoever reads next; the trace names who set it. */
#include "cmd/demo/lesson.h"
#include "lib/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { TERMINAL_NAME = 64 };

/* Returns the master of a new terminal, and puts the terminal's name into name. */
static int new_terminal(char name[TERMINAL_NAME])
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master >= 0 && (grantpt(master) < 0 || unlockpt(master) < 0 ||
				   ptsname_r(master, name, TERMINAL_NAME) != 0))
		fd_close(&master);
	return master;
}

static void note(void *data, const struct trace_record *r)
{
	*(pid_t *)data = r->pid;
}

static void opener(struct side *s)
{
	char name[TERMINAL_NAME], byte;
	pid_t who = 0;
	int master = new_terminal(name);

	must(s, master, "posix_openpt(O_RDWR|O_NOCTTY|O_CLOEXEC)");
	int fd = call_open(s, name, O_RDWR | O_NOCTTY);
	call_pass(s, "terminal", fd);
	turn_take(s);
	struct trace *t = tracing_begin(s, fd, TRACE_FLAGS);
	turn_give(s, 0);
	tracing_show(s, t, note, &who);
	trace_close(t);
	check(s, who == s->other, "the trace names who set it: pid %d, the worker", who);
	long n = show_call(s, read(fd, &byte, 1), "read(%d, 1 byte)", fd);
	check(s, n < 0 && errno == EAGAIN,
		"the opener's read no longer waits for a key, though it set no flag itself");
}

static void worker(struct side *s)
{
	int fd = call_take(s);

	turn_give(s, 0);
	turn_take(s);
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0) /* the opener's trace shows it */
		give_up();
	turn_give(s, 0);
}

static const char *lacks(void)
{
	char name[TERMINAL_NAME];
	int master = new_terminal(name);

	if (master < 0)
		return "no terminal can be made";
	fd_close(&master);
	return tracing_lacks();
}

const struct lesson lesson_nonblock = {
	.name = "nonblock",
	.summary = "O_NONBLOCK on a shared terminal, and who set it",
	.watch = "Watch who sets the flag, and whom it hits.",
	.learnt =
		"A shell and its programs share one description of the terminal. A program that sets "
		"O_NONBLOCK there, and ends, leaves the shell a terminal whose reads fail.",
	.tries = {
		{1, "fdtool serve eventfd:"},
		{2, "fdtool grab eventfd"},
		{2, "flags +nonblock"},
		{1, "expect EAGAIN read"},
	},
	.lacks = lacks,
	.opener = opener,
	.worker = worker,
};
