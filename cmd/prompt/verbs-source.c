/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of the prompt that run other commands: those of a file, and one several times. */
#include "cmd/prompt/command.h"
#include "cmd/prompt/lines.h"
#include "cmd/prompt/script.h"
#include "cmd/prompt/verbs.h"
#include "lib/base/fd.h"
#include "lib/base/names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The files that are being checked or run, the innermost first. */
struct source_file {
	dev_t dev;
	ino_t ino;
	struct source_file *outer;
};

static struct source_file *files;

static bool is_open(const struct stat *st)
{
	for (const struct source_file *f = files; f; f = f->outer)
		if (f->dev == st->st_dev && f->ino == st->st_ino)
			return true;
	return false;
}

/* Only a regular file: another could make the prompt wait. Returns NULL, or what is wrong, with errno. */
static const char *load(const char *path, struct script_text *t, struct source_file *file)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const char *fault = fd < 0 ? "open" : NULL;

	*t = (struct script_text){0};
	errno = fd < 0 ? errno : 0;
	if (!fault && fstat(fd, &st) < 0)
		fault = "fstat";
	else if (!fault && !S_ISREG(st.st_mode))
		fault = "it is not a regular file";
	else if (!fault && is_open(&st))
		fault = "it is being run already";
	else if (!fault && script_read(fd, t) < 0)
		fault = "read";
	if (!fault)
		*file = (struct source_file){st.st_dev, st.st_ino, files};
	fd_close(&fd);
	return fault;
}

/* A file that is not there may be made by a command before. */
enum status check_source(struct session *s, const struct verb *v, const struct operands *o)
{
	struct source_file file;
	struct script_text text;
	enum status st = STATUS_OK;
	const char *fault = load(o->rest, &text, &file);

	if (!fault) {
		files = &file;
		st = script_check_text(s, &text, o->rest);
		files = file.outer;
	} else if (errno == 0) {
		st = operands_misused(s, v, o->rest, fault);
	}
	free(text.bytes);
	return st;
}

enum status verb_source(struct session *s, const struct operands *o)
{
	struct source_file file;
	struct script_text text;
	const char *fault = load(o->rest, &text, &file);
	enum status st;

	if (fault) {
		int err = errno;
		free(text.bytes);
		return err ? session_fail(s, "%s: %s (%s)", fault, names_errno(err), strerror(err))
			   : session_fail(s, "%s", fault);
	}
	files = &file;
	s->interrupted = false;
	st = script_check_text(s, &text, o->rest);
	if (st == STATUS_OK)
		st = script_run_text(s, &text, o->rest);
	files = file.outer;
	free(text.bytes);
	return st;
}

enum status script_file(struct session *s, const char *path)
{
	const struct operands only = {.rest = path};
	enum status st = verb_source(s, &only);

	return *s->fault ? report(st, path, s->fault, 0) : st;
}

enum status verb_repeat(struct session *s, const struct operands *o)
{
	enum status st = STATUS_OK;

	s->interrupted = false;
	for (long long i = 0; i < o->number[0] && st == STATUS_OK && !s->quits; i++) {
		st = command_do(s, o->rest);
		if (s->interrupted || session_flush(s) != STATUS_OK || !session_turn(s))
			break;
	}
	return st;
}

enum status check_repeat(struct session *s, const struct verb *v, const struct operands *o)
{
	(void)v;
	return command_check(s, o->rest);
}
