/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace: who moves the offset, and how often; looking at it now and then does not show that. */
#include "cmd/demo/lesson.h"
#include "lib/base/fd.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHELL "/bin/bash"

struct seen {
	int64_t furthest, back; /* where a read moved the offset, and where an lseek did */
	pid_t pid;
};

static void note(void *data, const struct trace_record *r)
{
	struct seen *seen = data;

	seen->pid = r->pid;
	if (r->call == CALL_lseek)
		seen->back = r->pos_after;
	else if (r->pos_after > seen->furthest)
		seen->furthest = r->pos_after;
}

static void opener(struct side *s)
{
	struct seen seen = {0};
	int fd = call_open(s, s->file, O_RDONLY);

	call_pass(s, "notes.txt", fd);
	turn_take(s);
	struct trace *t = tracing_begin(s, fd, TRACE_MOVE);
	turn_give(s, 0);
	tracing_show(s, t, note, &seen);
	trace_close(t);
	check(s, seen.pid != s->self && seen.pid != s->other && seen.furthest == strlen(LESSON_TEXT),
		"bash, pid %d, wants 3 characters, and reads to the end of the file, %lld", seen.pid,
		(long long)seen.furthest);
	check(s, seen.back == 3, "then it moves the offset back to the end of its word: %lld",
		(long long)seen.back);
	off_t at = call_lseek(s, fd, 0, SEEK_CUR);
	check(s, at == 3, "who looks afterwards sees only this: %lld", (long long)at);
}

static void read_by_bash(const struct side *s, int fd)
{
	pid_t parent = getpid(), pid;
	char command[64];
	int status;

	snprintf(command, sizeof(command), "read -r -n 3 -u %d word", fd);
	say(s, "bash -c '%s'", command);
	pid = fork();
	if (pid == 0) {
		end_with_parent(parent);
		execl(SHELL, "bash", "-c", command, (char *)NULL);
		give_up();
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		give_up();
}

static void worker(struct side *s)
{
	int fd = call_take(s);

	fd_inherit(fd);
	turn_give(s, 0);
	turn_take(s);
	read_by_bash(s, fd);
	turn_give(s, 0);
}

static const char *lacks(void)
{
	return access(SHELL, X_OK) < 0 ? "there is no " SHELL : tracing_lacks();
}

const struct lesson lesson_trace = {
	.name = "trace",
	.summary = "who moves a shared offset, and where to, each time",
	.watch = "Watch the offset: bash moves it further than it says.",
	.learnt =
		"A shared offset says where it is, not who moved it. The kernel sees each call: 'fdtool "
		"trace' prints them, with who made them.",
	.tries = {
		{1, "fdtool serve /etc/passwd"},
		{2, "fdtool grab -f 0 passwd -- fdtool trace -- bash -c 'read -r -n 3'"},
		{1, "lseek"},
	},
	.file = true,
	.lacks = lacks,
	.opener = opener,
	.worker = worker,
};
