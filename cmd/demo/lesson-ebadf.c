/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ebadf: the access mode belongs to the description; and what that does not guarantee. */
#include "cmd/demo/lesson.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static void opener(struct side *s)
{
	int fd = call_open(s, s->file, O_RDONLY);

	call_pass(s, "notes.txt", fd);
	turn_take(s);
}

static int mode_of(const struct side *s, int fd)
{
	return call_getfl(s, fd) & O_ACCMODE;
}

static void try_to_write(struct side *s, int fd)
{
	long result = show_call(s, write(fd, "X", 1), "write(%d, \"X\", 1)", fd);
	check(s, result < 0 && errno == EBADF, "write() is refused with EBADF");

	result = show_call(s, pwrite(fd, "X", 1, 0), "pwrite(%d, \"X\", 1, 0)", fd);
	check(s, result < 0 && errno == EBADF, "pwrite() is refused with EBADF");

	result = show_call(s, ftruncate(fd, 0), "ftruncate(%d, 0)", fd);
	check(s, result < 0 && errno == EINVAL, "ftruncate() is refused, but with EINVAL");
}

static void try_to_gain(struct side *s, int fd)
{
	long result = show_call(s, fcntl(fd, F_SETFL, O_RDWR), "fcntl(%d, F_SETFL, O_RDWR)", fd);

	check(s, result == 0 && mode_of(s, fd) == O_RDONLY,
		"F_SETFL claims success, and leaves the access mode as it was");
}

/* The access mode does not protect the file: a new open checks the file's permissions only. */
static void reopen(struct side *s, int fd)
{
	char path[32], first = '?';

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int writable = call_open(s, path, O_RDWR);
	long result = show_call(s, pwrite(writable, "O", 1, 0), "pwrite(%d, \"O\", 1, 0)", writable);
	long seen = pread(fd, &first, 1, 0);
	show_call(s, seen, "pread(%d, \"%c\", 1, 0)", fd, first);
	check(s, result == 1 && seen == 1 && first == 'O',
		"opened again through /proc it can be written: the file's mode 0600 allows its owner");
	check_different(s, s->self, s->self, fd, writable, "but that is a description of its own");
	result = show_call(s, write(fd, "X", 1), "write(%d, \"X\", 1)", fd);
	check(s, result < 0 && errno == EBADF, "and the descriptor that was passed has gained nothing");
}

static void worker(struct side *s)
{
	int fd = call_take(s);

	check(s, mode_of(s, fd) == O_RDONLY, "the access mode came with it: O_RDONLY");
	try_to_write(s, fd);
	try_to_gain(s, fd);
	reopen(s, fd);
	turn_give(s, 0);
}

const struct lesson lesson_ebadf = {
	.name = "ebadf",
	.summary = "opened read-only it stays read-only, and what that does not guarantee",
	.watch = "Watch what the worker may do with a descriptor that the opener opened O_RDONLY.",
	.learnt =
		"A description never gains an access mode, whoever holds it. But the file is not protected: "
		"every user that its permissions allow can open it again for writing.",
	.tries = {
		{1, "fdtool serve /etc/passwd"},
		{2, "fdtool grab passwd"},
		{2, "expect EBADF write x"},
	},
	.file = true,
	.opener = opener,
	.worker = worker,
};
