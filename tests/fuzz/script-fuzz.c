/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A script on standard input: its lines, `-`, `expect`, and the operands of a verb. The verbs are
 * those of this file, which only look at what they are given. The first byte is whether to go on
 * after a line that fails.
 */
#include "tests/fuzz/fuzz.h"
#include "cmd/prompt/operands.h"
#include "cmd/prompt/session.h"
#include "lib/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t ran;

/* An operand is a word, and never more than was written. */
static enum status take(struct session *s, const char *rest)
{
	char word[32];
	long long n;

	(void)s;
	ran++;
	CHECK(!strchr(rest, '\n') && *rest != ' ' && *rest != '\t');
	while (operand_word(&rest, word, sizeof(word))) {
		CHECK(*word && strlen(word) < sizeof(word) && !strpbrk(word, " \t\n"));
		if (operand_number(word, -5, &n))
			CHECK(n >= -5);
	}
	return STATUS_OK;
}

static enum status fail(struct session *s, const char *rest)
{
	(void)rest;
	ran++;
	s->err = EBADF;
	return STATUS_FAIL;
}

static enum status quit(struct session *s, const char *rest)
{
	(void)rest;
	s->quits = true;
	return STATUS_OK;
}

const struct verb verb_table[] = {
	{"take", "[WORD]...", "", NULL, take},
	{"!", "[WORD]...", "", NULL, take},
	{"fail", "", "", NULL, fail},
	{"quit", "", "", NULL, quit},
	{"expect", "ERRNAME COMMAND", "", NULL, verb_expect},
	{NULL, NULL, NULL, NULL, NULL},
};

static size_t count_lines(const char *data, size_t size)
{
	size_t n = 1;

	for (size_t i = 0; i < size; i++)
		n += data[i] == '\n';
	return n;
}

static void put_on_stdin(const char *data, size_t size)
{
	int fd = memfd_create("script", MFD_CLOEXEC);

	CHECK(write(fd, data, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0);
	CHECK(dup2(fd, STDIN_FILENO) == STDIN_FILENO);
	fd_close(&fd);
}

/* Nobody reads what it prints: at the number of the stream is /dev/null meanwhile. */
static enum status run_quietly(struct session *s, bool keep_going)
{
	int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);

	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	enum status st = session_stdin(s, keep_going);
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
	put_on_stdin(size ? data + 1 : data, size ? size - 1 : 0);
	session_begin(&s, STDIN_FILENO, "script", loop);
	enum status st = run_quietly(&s, keep_going);
	CHECK(st == STATUS_OK || st == STATUS_FAIL);
	CHECK(ran <= count_lines(data, size));
	CHECK(!s.expecting);
	loop_free(loop);
}
