/* SPDX-License-Identifier: GPL-3.0-or-later */
/* broker: open(2) checks the permissions; a read of the descriptor does not. */
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

/* Every system has this user. Not nobody: the kernel shows unmapped uids as that. */
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
	long back = show_call(s, setresuid(-1, 0, -1), "setresuid(-1, 0, -1)");
	check(s, geteuid() == pw->pw_uid && back < 0 && errno == EPERM,
		"the worker is " USER ", uid %u, without a capability and with no way back",
		pw->pw_uid);
}

static bool is_refused(const struct side *s, const char *path, int flags, const char *name)
{
	long fd = show_call(s, open(path, flags | O_CLOEXEC), "open(\"%s\", %s|O_CLOEXEC)",
		text_show(path), name);

	return fd < 0 && errno == EACCES;
}

static void see_descriptor(struct side *s, int fd)
{
	char text[64] = "";

	call_read(s, fd, text, sizeof(text));
	check(s, strcmp(text, LESSON_TEXT) == 0,
		"the worker reads it: only open() checks the permissions");
	long n = show_call(s, write(fd, "X", 1), "write(%d, \"X\", 1)", fd);
	check(s, n < 0 && errno == EBADF, "it cannot write: the opener opened it O_RDONLY");
}

/* An open through /proc checks the inode again; the path and the first open do not matter. */
static void see_no_more(struct side *s, int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	check(s, is_refused(s, path, O_RDWR, "O_RDWR"),
		"nor open it again for writing: the file's mode 0600 is for its owner, root");
	check(s, is_refused(s, path, O_RDONLY, "O_RDONLY"), "nor even for reading");
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
 * Whether this process can become that user: 0, or an errno. The uid alone does not tell: root may
 * lack the capabilities, or the user namespace that user. So a child tries.
 */
static int try_to_become(const struct passwd *pw)
{
	int status = 0;

	signal(SIGCHLD, SIG_DFL); /* an inherited SIG_IGN would discard the status */
	pid_t pid = fork();
	if (pid == 0)
		_exit(privilege_drop(pw) < 0 ? errno : 0);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
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
	.watch = "Watch what the worker may open, and what it may do with the descriptor that it receives.",
	.learnt =
		"Permissions are checked once, by open(), and the descriptor carries the result. So a broker "
		"can keep the privilege, and give out one file, in one mode, and nothing else.",
	.tries = {
		{1, "fdtool serve --create=600 -m rw --allow-user daemon secret.txt"},
		{2, "runuser -u daemon -- fdtool grab secret.txt"},
		{1, "write hello"},
		{2, "pread 0 5"},
	},
	.file = true,
	.lacks = lacks,
	.opener = opener,
	.worker = worker,
};
