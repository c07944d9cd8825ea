/* SPDX-License-Identifier: GPL-3.0-or-later */
/* numbers: SCM_RIGHTS passes the description, not the number. */
#include "cmd/demo/lesson.h"

#include <fcntl.h>
#include <unistd.h>

/* kcmp(2) needs both processes alive: so the opener checks while the worker waits. */
static void opener(struct side *s)
{
	int fd = call_open(s, s->file, O_RDONLY);

	turn_give(s, fd);
	turn_take(s);
	call_pass(s, "notes.txt", fd);
	int theirs = (int)turn_take(s);
	check(s, theirs != fd, "the numbers differ: %d in the opener, %d in the worker", fd,
		theirs);
	check_same(s, s->self, s->other, fd, theirs, "both are the same open file description");
	check_different(s, s->self, s->other, fd, fd,
		"the opener's number means something else in the worker");
	turn_give(s, 0);
}

/* Makes the number used: a new descriptor gets the lowest free one. */
static void occupy(const struct side *s, int number)
{
	if (fcntl(number, F_GETFD) >= 0)
		return;
	int null = call_open(s, "/dev/null", O_RDONLY);
	if (null == number)
		return;
	must(s, dup3(null, number, O_CLOEXEC), "dup3(%d, %d, O_CLOEXEC)", null, number);
	call_close(s, &null);
}

static void worker(struct side *s)
{
	int number = (int)turn_take(s);

	say(s, "uses %d, so that the descriptor it receives cannot get the opener's number", number);
	occupy(s, number);
	turn_give(s, 0);
	turn_give(s, call_take(s));
	turn_take(s);
}

const struct lesson lesson_numbers = {
	.name = "numbers",
	.summary = "the numbers differ, the open file description is the same",
	.watch =
		"Watch the number that open() returns, and the number that recvmsg() delivers.",
	.learnt =
		"A number is an index into the table of one process. SCM_RIGHTS passes what it points to, "
		"as dup() does within a process.",
	.tries = {
		{1, "fdtool serve /etc/passwd"},
		{2, "fdtool grab passwd"},
		{1, "lseek"},
		{2, "lseek"},
	},
	.file = true,
	.opener = opener,
	.worker = worker,
};
