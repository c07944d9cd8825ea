/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A script on standard input: its lines, `-`, `expect`, and the operands of a verb. The verbs are
 * those of this file, which only look at what they are given. The first byte is whether to go on
 * after a line that fails, and whether it is a pipe.
 */
#include "tests/fuzz/fuzz.h"
#include "cmd/prompt/operands.h"
#include "cmd/prompt/script.h"
#include "cmd/prompt/verbs.h"
#include "lib/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t ran;

/* Numbers are within bounds, and the text is never more than was written. */
static enum status take(struct session *s, const struct operands *o)
{
	(void)s;
	ran++;
	CHECK(o->n_numbers <= 2 && o->choice >= -1 && o->choice <= 2);
	if (o->n_numbers > 1)
		CHECK(o->number[1] >= 5 && o->number[1] <= 5000);
	CHECK(*o->rest != ' ' && *o->rest != '\t' && !strchr(o->rest, '\n'));
	return STATUS_OK;
}

static enum status fail(struct session *s, const struct operands *o)
{
	(void)o;
	ran++;
	s->command_err = EBADF;
	return STATUS_FAIL;
}

static enum status quit(struct session *s, const struct operands *o)
{
	(void)o;
	s->quits = true;
	return STATUS_OK;
}

const struct verb verb_table[] = {
	{.name = "take", .form = "[-x] [OFF [N [a|b|c]]]", .run = take, .min = 5, .max = 5000},
	{.name = "text", .form = "-u64 OFF\nTEXT [fd]", .run = take},
	{.name = "tempo", .form = "[TIME]", .run = take},
	{.name = "!", .form = "PROGRAM", .run = take},
	{.name = "fail", .form = "", .run = fail},
	{.name = "quit", .form = "", .run = quit},
	{.name = "expect", .form = "CONDITION", .run = verb_expect, .check = check_expect},
	{.name = NULL},
};

static size_t count_lines(const char *data, size_t size)
{
	size_t n = 1;

	for (size_t i = 0; i < size; i++)
		n += data[i] == '\n';
	return n;
}

/* As a file, which is checked as a whole first, or as a pipe. */
static void put_on_stdin(const char *data, size_t size, bool as_pipe)
{
	int fds[2] = {memfd_create("script", MFD_CLOEXEC), -1};

	as_pipe = as_pipe && size < 4096;
	if (as_pipe) {
		fd_close(&fds[0]);
		CHECK(pipe2(fds, O_CLOEXEC) == 0);
	}
	CHECK(write(fds[as_pipe], data, size) == (ssize_t)size);
	if (!as_pipe)
		CHECK(lseek(fds[0], 0, SEEK_SET) == 0);
	CHECK(dup2(fds[0], STDIN_FILENO) == STDIN_FILENO);
	fd_close(&fds[0]);
	fd_close(&fds[1]);
}

/* Nobody reads what it prints: at the number of the stream is /dev/null meanwhile. */
static enum status run_quietly(struct session *s)
{
	int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);

	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	enum status st = script_stdin(s);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	fd_close(&out);
	fd_close(&err);
	fd_close(&null);
	return st;
}

FUZZ(script)
{
	bool keep_going = size && data[0] & 1;
	struct session s;
	struct loop *loop = loop_new();

	CHECK(loop);
	ran = 0;
	put_on_stdin(size ? data + 1 : data, size ? size - 1 : 0, size && data[0] & 2);
	session_begin(&s, STDIN_FILENO, "script", loop);
	s.keep_going = keep_going;
	enum status st = run_quietly(&s);
	CHECK(st == STATUS_OK || st == STATUS_FAIL || st == STATUS_USAGE);
	CHECK(ran <= count_lines(data, size));
	CHECK(s.depth == 0 && !*s.where && s.held <= s.graded);
	session_end(&s);
	loop_free(loop);
}
