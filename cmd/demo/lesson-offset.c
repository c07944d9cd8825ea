/* SPDX-License-Identifier: GPL-3.0-or-later */
/* offset: it belongs to the description, so one holder moves it for all holders. */
#include "cmd/demo/lesson.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void opener(struct side *s)
{
	int fd = call_open(s, s->file, O_RDONLY);
	int second = call_open(s, s->file, O_RDONLY);

	check_different(s, s->self, s->self, fd, second,
		"two calls of open() for one file make two descriptions");
	call_pass(s, "notes.txt", fd);
	int theirs = (int)turn_take(s);
	check_same(s, s->self, s->other, fd, theirs, "the worker has the first");

	call_lseek(s, fd, 8, SEEK_SET);
	turn_give(s, 0);
	turn_take(s);
	off_t at = call_lseek(s, fd, 0, SEEK_CUR);
	check(s, at == 13, "the worker's read() moved the opener's offset: 8 -> %lld",
		(long long)at);
	at = call_lseek(s, second, 0, SEEK_CUR);
	check(s, at == 0, "the offset of the second open() did not move: %lld", (long long)at);

	turn_give(s, 0);
	turn_take(s);
	at = call_lseek(s, fd, 0, SEEK_CUR);
	check(s, at == 4, "the worker's lseek() moved it, too: 13 -> %lld", (long long)at);
}

static void worker(struct side *s)
{
	char text[8] = "";
	int fd = call_take(s);

	turn_give(s, fd);
	turn_take(s);
	call_read(s, fd, text, sizeof("three"));
	check(s, strcmp(text, "three") == 0,
		"the worker reads from where the opener's lseek() left it: \"%s\"", text);
	turn_give(s, 0);
	turn_take(s);
	call_lseek(s, fd, 4, SEEK_SET);
	turn_give(s, 0);
}

const struct lesson lesson_offset = {
	.name = "offset",
	.summary = "an lseek or a read in one process moves the offset of the other",
	.watch = "Watch the offset: one process moves it, the other reads it.",
	.learnt =
		"An open file description has one offset, however many processes hold it. A process that "
		"needs another offset opens the file again, or uses pread().",
	.tries = {
		{1, "fdtool serve /etc/passwd"},
		{2, "fdtool grab passwd"},
		{1, "lseek 8"},
		{2, "read 5"},
		{1, "lseek"},
	},
	.file = true,
	.opener = opener,
	.worker = worker,
};
