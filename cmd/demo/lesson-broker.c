/* SPDX-License-Identifier: GPL-3.0-or-later */
/* broker: permissions are asked for by open(2), and by no read of what it returned. */
#include "cmd/demo/lesson.h"
#include "lib/base/names.h"
#include "lib/base/privilege.h"
#include "lib/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Every system has it. Not nobody: that is whom the kernel shows for a uid that is not mapped. */
#define USER "daemon"

static void opener(struct side *s)
{
	turn_take(s);
	say(s, "geteuid() = %u", geteuid());
	int fd = call_open(s, s->file, O_RDONLY);
	call_pass(s, "notes.txt", fd);
	turn_take(s);
}

static void become_unprivileged(struct side *s)
{
	const struct passwd *pw = getpwnam(USER);
	pid_t parent = getppid();

	if (!pw)
		give_up();
	must(s, privilege_drop(pw), "privilege_drop(\"%s\")", pw->pw_name);
	end_with_parent(parent);
	say(s, "geteuid() = %u", geteuid());
	long back = told(s, setresuid(-1, 0, -1), "setresuid(-1, 0, -1)");
	check(s, geteuid() == pw->pw_uid && back < 0 && errno == EPERM,
		"the worker is " USER ", uid %u, without a capability and with no way back",
		pw->pw_uid);
}

static bool is_refused(const struct side *s, const char *path, int flags, const char *name)
{
	long fd = told(s, open(path, flags | O_CLOEXEC), "open(\"%s\", %s|O_CLOEXEC)",
		text_show(path), name);

	return fd < 0 && errno == EACCES;
}

static void see_descriptor(struct side *s, int fd)
{
	char text[64] = "";

	call_read(s, fd, text, sizeof(text));
	check(s, strcmp(text, LESSON_TEXT) == 0,
		"the worker reads it: nobody asks again for what open() was asked");
	long n = told(s, write(fd, "X", 1), "write(%d, \"X\", 1)", fd);
	check(s, n < 0 && errno == EBADF, "it cannot write: the opener opened it O_RDONLY");
}

/* The path and its directories do not matter there, and not who opened it. */
static void see_no_more(struct side *s, int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	check(s, is_refused(s, path, O_RDWR, "O_RDWR"),
		"nor open it anew to write: the file's mode 0600 is for its owner, root");
	check(s, is_refused(s, path, O_RDONLY, "O_RDONLY"), "not even to read");
}

static void worker(struct side *s)
{
	become_unprivileged(s);
	check(s, is_refused(s, s->file, O_RDONLY, "O_RDONLY"), "it may not open the file: EACCES");
	turn_give(s, 0);
	int fd = call_take(s);
	see_descriptor(s, fd);
	see_no_more(s, fd);
	turn_give(s, 0);
}

/*
 * Whether this process may become that user: 0, or an errno. The uid alone does
 * not say; root may lack the capabilities, or its namespace that user. So a
 * child tries.
 */
static int try_to_become(const struct passwd *pw)
{
	int opts = 0;

	signal(SIGCHLD, SIG_DFL); /* ignored, as it may be by inheritance, it leaves no status */
	pid_t pid = fork();
	if (pid == 0)
		_exit(privilege_drop(pw) < 0 ? errno : 0);
	if (pid < 0 || waitpid(pid, &opts, 0) < 0)
		return errno;
	return WIFEXITED(opts) ? WEXITSTATUS(opts) : EINTR;
}

static const char *lacks(void)
{
	static char why[128];
	const struct passwd *pw = getpwnam(USER);
	int err = pw ? try_to_become(pw) : ENOENT;

	if (err == 0)
		return NULL;
	snprintf(why, sizeof(why), "needs root, to become the user " USER " in the worker: %s (%s)",
		names_errno(err), strerror(err));
	return why;
}

const struct lesson lesson_broker = {
	.name = "broker",
	.summary = "a privileged opener gives a file to a worker that may not open it",
	.watch = "Watch what the worker may open, and what it may do with what it is given.",
	.learnt =
		"Permissions are asked for once, by open(); the descriptor carries the answer. So a broker\n"
		"can keep the privilege, and give out one file, in one mode, and nothing else.",
	.file = true,
	.lacks = lacks,
	.opener = opener,
	.worker = worker,
};
