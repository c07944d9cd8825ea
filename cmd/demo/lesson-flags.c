/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flags: the status flags belong to the description, close-on-exec to the descriptor. */
#include "cmd/demo/lesson.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const char more[] = "six\n";

enum { TEXT_LEN = sizeof(LESSON_TEXT) - 1, MORE_LEN = sizeof(more) - 1 };

/* Returns FD_CLOEXEC or 0. */
static int get_cloexec(const struct side *s, int fd)
{
	int flags = fcntl(fd, F_GETFD);

	if (flags < 0)
		must(s, flags, "fcntl(%d, F_GETFD)", fd);
	say(s, "fcntl(%d, F_GETFD) = %#x%s", fd, flags, flags & FD_CLOEXEC ? " (FD_CLOEXEC)" : "");
	return flags & FD_CLOEXEC;
}

/* --- the opener ------------------------------------------------------------------ */

static void set_append(const struct side *s, int fd)
{
	call_setfl(s, fd, call_getfl(s, fd) | O_APPEND);
	turn_give(s, 0);
	turn_take(s);
}

static void see_nonblock(struct side *s)
{
	int ends[2] = {-1, -1};
	char byte;
	long made = pipe2(ends, O_CLOEXEC);

	must(s, made, "pipe2([%d, %d], O_CLOEXEC)", ends[0], ends[1]);
	call_getfl(s, ends[0]);
	call_pass(s, "pipe", ends[0]);
	turn_take(s);
	check(s, call_getfl(s, ends[0]) & O_NONBLOCK,
		"the worker's O_NONBLOCK holds for the opener, which did not set it");
	long n = show_call(s, read(ends[0], &byte, 1), "read(%d, 1)", ends[0]);
	check(s, n < 0 && errno == EAGAIN, "so its read() of an empty pipe does not wait: EAGAIN");
}

static void clear_cloexec(struct side *s, int fd)
{
	must(s, fcntl(fd, F_SETFD, 0), "fcntl(%d, F_SETFD, 0)", fd);
	turn_give(s, get_cloexec(s, fd));
	turn_take(s);
}

static void opener(struct side *s)
{
	int fd = call_open(s, s->file, O_RDWR);

	call_pass(s, "notes.txt", fd);
	turn_take(s);
	set_append(s, fd);
	see_nonblock(s);
	clear_cloexec(s, fd);
}

/* --- the worker ------------------------------------------------------------------ */

static void see_append(struct side *s, int fd)
{
	check(s, call_getfl(s, fd) & O_APPEND, "the opener's O_APPEND holds for the worker");
	off_t before = call_lseek(s, fd, 0, SEEK_CUR);
	must(s, write(fd, more, MORE_LEN), "write(%d, \"six\\n\", %d)", fd, MORE_LEN);
	off_t after = call_lseek(s, fd, 0, SEEK_CUR);
	check(s, before == 0 && after == TEXT_LEN + MORE_LEN,
		"so its write() went to the end of the file, wherever the offset was: %lld -> %lld",
		(long long)before, (long long)after);
}

/* The flags that only open(2) sets: F_SETFL ignores them, and does not fail. */
static void see_ignored(struct side *s, int fd)
{
	int before = call_getfl(s, fd);

	call_setfl(s, fd, (before & ~O_ACCMODE) | O_RDONLY);
	check(s, call_getfl(s, fd) == before,
		"F_SETFL returned 0, and ignored the access mode: it stays O_RDWR");
	call_setfl(s, fd, before | O_SYNC);
	check(s, call_getfl(s, fd) == before, "F_SETFL returned 0, and ignored O_SYNC");
}

static void set_nonblock(const struct side *s)
{
	int fd = call_take(s);

	call_setfl(s, fd, call_getfl(s, fd) | O_NONBLOCK);
	turn_give(s, 0);
}

static void see_cloexec(struct side *s, int fd)
{
	long theirs = turn_take(s);
	int ours = get_cloexec(s, fd);

	check(s, theirs == 0 && ours == FD_CLOEXEC,
		"FD_CLOEXEC is each descriptor's own: clear in the opener, set in the worker");
	turn_give(s, 0);
}

static void worker(struct side *s)
{
	int fd = call_take(s);

	turn_give(s, 0);
	turn_take(s);
	see_append(s, fd);
	see_ignored(s, fd);
	turn_give(s, 0);
	set_nonblock(s);
	see_cloexec(s, fd);
}

const struct lesson lesson_flags = {
	.name = "flags",
	.summary = "status flags set in one process hold for the other, FD_CLOEXEC does not",
	.watch = "Watch F_GETFL in one process after F_SETFL in the other, and F_GETFD at the end.",
	.learnt =
		"O_APPEND and O_NONBLOCK belong to the description: one holder sets them for all holders. "
		"F_SETFL ignores the flags that only open() sets; so read back what was set.",
	.tries = {
		{1, "fdtool serve memfd:"},
		{2, "fdtool grab memfd"},
		{1, "flags +append"},
		{2, "flags"},
	},
	.file = true,
	.opener = opener,
	.worker = worker,
};
