/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scripts: see script.h. */
#include "cmd/prompt/script.h"
#include "cmd/prompt/command.h"
#include "cmd/prompt/operands.h"
#include "cmd/prompt/verbs.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- one line ------------------------------------------------------------------ */

/* Where a line is: "line 6: ", or "lesson: line 6: ". */
struct place {
	const char *file; /* NULL: standard input, or -c */
	size_t line;
	char text[512];
	const char *outer; /* s->where of the script that this one is in */
};

static struct place begin_place(struct session *s, const char *file)
{
	return (struct place){.file = file, .outer = s->where};
}

static void next_place(struct session *s, struct place *p)
{
	const char *file = p->file ? text_show(p->file) : "";

	snprintf(p->text, sizeof(p->text), "%.400s%sline %zu: ", file, p->file ? ": " : "", ++p->line);
	s->where = p->text;
}

static void end_place(struct session *s, const struct place *p)
{
	s->where = p->outer;
}

/* A NUL would hide the rest of the line. */
static enum status check_line(struct session *s, const char *line, size_t len)
{
	if (strlen(line) == len)
		return command_check(s, line);
	report_note("%sa line with a NUL byte is not a command", s->where);
	return STATUS_USAGE;
}

/* What has been reported is not reported again by a script around this one. */
static void report_failure(struct session *s, const char *line)
{
	session_flush(s);
	if (*s->fault)
		report_note("%s%s: %s", s->where, text_typed(line), s->fault);
	else if (s->command_err)
		report_note("%s%s: it failed with %s", s->where, text_typed(line), names_errno(s->command_err));
	s->fault[0] = '\0';
	s->command_err = 0;
}

/* Runs the line. Returns whether to go on. */
static bool step(struct session *s, const char *line, enum status *result)
{
	bool worked = command_do(s, line) == STATUS_OK;

	if (!worked && !loop_stopping(s->loop)) { /* a signal, or --timeout, is no failure of the command */
		report_failure(s, text_skip_blanks(line));
		*result = STATUS_FAIL;
	}
	return session_flush(s) == STATUS_OK && !s->quits && session_turn(s) && (worked || s->keep_going);
}

/* --- -c -------------------------------------------------------------------------- */

enum status script_words(struct session *s, const struct words *commands)
{
	enum status result = STATUS_OK;
	struct place place = begin_place(s, NULL);

	for (size_t i = 0; i < commands->n; i++) {
		next_place(s, &place);
		if (command_check(s, commands->v[i]) != STATUS_OK)
			result = STATUS_USAGE;
	}
	place.line = 0;
	for (size_t i = 0; result != STATUS_USAGE && i < commands->n; i++) {
		next_place(s, &place);
		if (!step(s, commands->v[i], &result))
			break;
	}
	end_place(s, &place);
	return result;
}

/* --- a whole text ------------------------------------------------------------------ */

struct text {
	char *bytes; /* has room for one more */
	size_t len;
};

/* The line at *at, without its newline, which becomes a NUL; NULL at the end. */
static char *line_at(const struct text *t, size_t *at, size_t *len)
{
	if (*at >= t->len)
		return NULL;
	char *line = t->bytes + *at;
	char *end = memchr(line, '\n', t->len - *at);
	*len = end ? (size_t)(end - line) : t->len - *at;
	line[*len] = '\0';
	*at += *len + 1;
	return line;
}

/* Reports every line that is not a command. */
static enum status check_text(struct session *s, struct text *t, const char *file)
{
	struct place place = begin_place(s, file);
	enum status result = STATUS_OK;
	size_t len;

	for (size_t at = 0; at < t->len;) {
		const size_t begin = at;
		char *line = line_at(t, &at, &len);
		next_place(s, &place);
		if (check_line(s, line, len) != STATUS_OK)
			result = STATUS_USAGE;
		if (begin + len < t->len)
			line[len] = '\n'; /* for the next time */
	}
	end_place(s, &place);
	return result;
}

static enum status run_text(struct session *s, struct text *t, const char *file)
{
	struct place place = begin_place(s, file);
	enum status result = STATUS_OK;
	size_t at = 0, len;
	const char *line;

	while ((line = line_at(t, &at, &len))) {
		next_place(s, &place);
		if (!step(s, line, &result))
			break;
	}
	end_place(s, &place);
	return result;
}

/* Reads all of fd. Returns 0, or -1 with errno. */
static int read_all(int fd, struct text *t)
{
	size_t size = 0;
	ssize_t n = 1;

	*t = (struct text){0};
	while (n > 0) {
		if (size - t->len < 2) {
			size = 2 * size + 4096;
			t->bytes = must_realloc(t->bytes, size, 1);
		}
		n = read(fd, t->bytes + t->len, size - t->len - 1);
		t->len += n > 0 ? (size_t)n : 0;
	}
	return (int)n;
}

/* --- source ------------------------------------------------------------------------ */

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
static const char *load(const char *path, struct text *t, struct source_file *file)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const char *fault = fd < 0 ? "open" : NULL;

	*t = (struct text){0};
	errno = fd < 0 ? errno : 0;
	if (!fault && fstat(fd, &st) < 0)
		fault = "fstat";
	else if (!fault && !S_ISREG(st.st_mode))
		fault = "it is not a regular file";
	else if (!fault && is_open(&st))
		fault = "it is being run already";
	else if (!fault && read_all(fd, t) < 0)
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
	struct text text;
	enum status st = STATUS_OK;
	const char *fault = load(o->rest, &text, &file);

	if (!fault) {
		files = &file;
		st = check_text(s, &text, o->rest);
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
	struct text text;
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
	st = check_text(s, &text, o->rest);
	if (st == STATUS_OK)
		st = run_text(s, &text, o->rest);
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

/* --- standard input, not a terminal ------------------------------------------------ */

struct input {
	char *text;
	size_t len, size;
	bool ended;
	int err; /* of the read that ended it, 0: none */
};

static void on_readable(void *data, uint32_t events)
{
	(void)events;
	*(bool *)data = true;
}

/* Waits in the loop. epoll does not take some files that are always ready (EPERM). */
static void wait_for_input(struct session *s)
{
	bool ready = false;
	struct loop_source *source = loop_add(s->loop, STDIN_FILENO, EPOLLIN, on_readable, &ready);

	while (source && !ready && !loop_stopping(s->loop))
		if (loop_once(s->loop, -1) < 0)
			break;
	loop_remove(&source);
}

static void read_more(struct session *s, struct input *in)
{
	if (in->size - in->len < 4096) {
		in->size += 8192;
		in->text = must_realloc(in->text, in->size, 1);
	}
	wait_for_input(s);
	if (loop_stopping(s->loop)) {
		in->ended = true;
		return;
	}
	ssize_t n = read(STDIN_FILENO, in->text + in->len, in->size - in->len - 1);
	if (n > 0) {
		in->len += (size_t)n;
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		in->err = n < 0 ? errno : 0;
		in->ended = true;
	}
}

/* The next line, without its newline, and its length; NULL after the last. The caller frees. */
static char *next_line(struct session *s, struct input *in, size_t *len)
{
	char *end;

	while (!(end = in->len ? memchr(in->text, '\n', in->len) : NULL) && !in->ended)
		read_more(s, in);
	if (in->len == 0 || loop_stopping(s->loop))
		return NULL;
	*len = end ? (size_t)(end - in->text) : in->len;
	char *line = must_calloc(*len + 1, 1);
	memcpy(line, in->text, *len);
	size_t taken = *len + (end != NULL);
	memmove(in->text, in->text + taken, in->len - taken);
	in->len -= taken;
	return line;
}

/* A line that is not a command has run nothing of itself, but those before it have run. */
static bool step_checked(struct session *s, const char *line, size_t len, enum status *result)
{
	if (check_line(s, line, len) == STATUS_OK)
		return step(s, line, result);
	*result = STATUS_FAIL;
	return s->keep_going;
}

static enum status run_stream(struct session *s)
{
	enum status result = STATUS_OK;
	struct place place = begin_place(s, NULL);
	struct input in = {0};
	bool going = true;

	while (going) {
		size_t len;
		char *line = next_line(s, &in, &len);
		if (line)
			next_place(s, &place);
		going = line && step_checked(s, line, len, &result);
		free(line);
	}
	free(in.text);
	end_place(s, &place);
	if (in.err)
		return report(STATUS_FAIL, "standard input", "read", in.err);
	return result;
}

enum status script_stdin(struct session *s)
{
	struct stat st;
	struct text text;

	if (fstat(STDIN_FILENO, &st) < 0 || !S_ISREG(st.st_mode))
		return run_stream(s);
	enum status result = read_all(STDIN_FILENO, &text) < 0
				     ? report(STATUS_FAIL, "standard input", "read", errno)
				     : check_text(s, &text, NULL);
	if (result == STATUS_OK)
		result = run_text(s, &text, NULL);
	free(text.bytes);
	return result;
}

void script_grade(const struct session *s)
{
	if (s->keep_going && s->graded)
		printf("%zu of %zu held\n", s->held, s->graded);
}
