/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outlive: the description lives until no descriptor and no message refers to it. */
#include "cmd/demo/lesson.h"
#include "lib/base/uapi.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void opener(struct side *s)
{
	turn_take(s);
	int fd = call_open(s, s->file, O_RDONLY);
	call_pass(s, "notes.txt", fd);
	call_close(s, &fd);
	must(s, unlink(s->file), "unlink(\"%s\")", s->file);
	say(s, "exit_group(0) = ?");
}

/* A pidfd becomes readable when its process has ended. */
static void see_it_end(struct side *s, int pidfd)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	must(s, poll(&p, 1, -1), "poll([{fd=%d, events=POLLIN}], 1, -1)", pidfd);
	check(s, p.revents & POLLIN, "the opener, pid %d, has ended: its pidfd is readable", s->other);
}

static void see_no_name(struct side *s, int fd)
{
	struct stat st = {.st_nlink = 1};
	long again = show_call(s, open(s->file, O_RDONLY | O_CLOEXEC),
		"open(\"%s\", O_RDONLY|O_CLOEXEC)", s->file);

	check(s, again < 0 && errno == ENOENT, "the file has no name any more");
	long done = fstat(fd, &st);
	show_call(s, done, "fstat(%d, {st_nlink=%lu})", fd, (unsigned long)st.st_nlink);
	check(s, st.st_nlink == 0, "and no link: only descriptors keep it alive");
}

static void worker(struct side *s)
{
	char text[64] = "";
	struct msg m;
	int pidfd = (int)must(s, pidfd_open(s->other, 0), "pidfd_open(%d, 0)", s->other);

	turn_give(s, 0);
	see_it_end(s, pidfd);
	turn_take(s);
	call_recv(s, s->sock, &m);
	check(s, m.nfds == 1, "while no process held the description, the message did");
	if (m.nfds != 1)
		give_up();
	int fd = m.fds[0];
	see_no_name(s, fd);
	call_read(s, fd, text, sizeof(text));
	check(s, strcmp(text, LESSON_TEXT) == 0, "all of it can still be read");
	call_close(s, &fd);
}

const struct lesson lesson_outlive = {
	.name = "outlive",
	.summary = "the descriptor outlives the process that opened it, and the file's name",
	.watch = "Watch the opener close, unlink and end before the worker has received anything.",
	.learnt =
		"A description is counted, not owned: it ends with the last descriptor or message that "
		"refers to it. Until then the file exists too.",
	.tries = {
		{1, "fdtool serve /etc/passwd"},
		{2, "fdtool grab passwd"},
		{1, "quit"},
		{2, "read 5"},
	},
	.file = true,
	.opener = opener,
	.worker = worker,
};
