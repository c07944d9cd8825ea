/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands on a description, one line after another: see session.h. */
#include "cmd/prompt/session.h"
#include "cmd/cli/output.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/nearest.h"
#include "lib/base/text.h"
#include "lib/look/desc.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

void session_begin(struct session *s, int fd, const char *name, struct loop *loop)
{
	*s = (struct session){.fd = fd, .name = name, .loop = loop};
	moves_begin(&s->known, fd);
}

/* --- one line ------------------------------------------------------------------ */

static const struct verb *find_verb(const struct session *s, const char *word, size_t len)
{
	for (const struct verb *v = verb_table; v->name; v++)
		if (strlen(v->name) == len && strncmp(v->name, word, len) == 0)
			return !v->here || v->here(s) ? v : NULL;
	return NULL;
}

static const char *nearest_verb(const struct session *s, const char *word)
{
	struct nearest n = nearest_to(word);

	for (const struct verb *v = verb_table; v->name; v++)
		if (!v->here || v->here(s))
			nearest_try(&n, v->name);
	return n.word;
}

enum status session_unknown(const struct session *s, const char *word, size_t len)
{
	char *verb = must_printf("%.*s", (int)len, word);
	const char *near = nearest_verb(s, verb);

	if (near)
		report_note("'%s' is not a command here; did you mean '%s'?", text_show(verb), near);
	else
		report_note("'%s' is not a command here; 'help' lists them", text_show(verb));
	free(verb);
	return STATUS_USAGE;
}

enum status session_do(struct session *s, const char *line)
{
	line = text_skip_blanks(line);
	if (!*line || *line == '#')
		return STATUS_OK;
	bool ignore = *line == '-';
	while (*line == '-')
		line = text_skip_blanks(line + 1);
	if (!*line || *line == '#') {
		report_note("'-' stands before a COMMAND");
		return STATUS_USAGE;
	}
	size_t len = *line == '!' ? 1 : strcspn(line, " \t");
	const struct verb *v = find_verb(s, line, len);
	enum status st = v ? v->run(s, text_skip_blanks(line + len)) : session_unknown(s, line, len);
	return ignore ? STATUS_OK : st;
}

/* --- expect ---------------------------------------------------------------------- */

static enum status misused_expect(void)
{
	report_note("usage: expect ERRNAME COMMAND, or expect pos=N");
	return STATUS_USAGE;
}

static enum status expect_pos(struct session *s, const char *number)
{
	const char *fault;
	long long expected = strtonum(number, INT64_MIN, INT64_MAX, &fault);
	struct moves now;

	if (fault)
		return misused_expect();
	moves_begin(&now, s->fd);
	if (now.pos == expected)
		return STATUS_OK;
	if (now.pos == DESC_NO_POS)
		printf("expected pos=%lld, but it has no offset\n", expected);
	else
		printf("expected pos=%lld, but it is %jd\n", expected, (intmax_t)now.pos);
	return STATUS_FAIL;
}

enum status verb_expect(struct session *s, const char *rest)
{
	size_t len = strcspn(rest, " \t");
	const char *command = text_skip_blanks(rest + len);

	if (strncmp(rest, "pos=", 4) == 0 && !rest[len])
		return expect_pos(s, rest + 4);
	if (len == 0 || rest[0] != 'E' || !*command || *command == '-' || s->expecting)
		return misused_expect();
	char *name = must_printf("%.*s", (int)len, rest);
	if (!names_errno_number(name)) {
		report_note("expect: '%s' is not the name of an errno", text_show(name));
		free(name);
		return STATUS_USAGE;
	}
	int before = s->err; /* for `why` */
	s->err = 0;
	s->expecting = true;
	enum status st = session_do(s, command);
	s->expecting = false;
	bool held = st == STATUS_FAIL && s->err && strcmp(names_errno(s->err), name) == 0;
	if (st != STATUS_USAGE && !held)
		printf("expected %s, but it %s%s\n", name, s->err ? "failed with " : "did not fail",
			s->err ? names_errno(s->err) : "");
	free(name);
	s->err = s->err ? s->err : before;
	return held ? STATUS_OK : st == STATUS_USAGE ? st : STATUS_FAIL;
}

/* --- what was printed ------------------------------------------------------------ */

enum status session_flush(struct session *s)
{
	enum status st = output_flush();

	while (st == STATUS_OK && output_is_behind() && !loop_stopping(s->loop) &&
		!(s->waiting && s->interrupted)) {
		if (loop_once(s->loop, -1) < 0)
			return report(STATUS_FAIL, "epoll", "wait", errno);
		st = output_flush();
	}
	return st;
}

/* --- scripts --------------------------------------------------------------------- */

/* Returns whether to go on. In a script STATUS_USAGE becomes STATUS_FAIL. */
static bool step(struct session *s, const char *line, bool keep_going, enum status *result)
{
	bool worked = session_do(s, line) == STATUS_OK;

	if (!worked)
		*result = STATUS_FAIL;
	return session_flush(s) == STATUS_OK && !s->quits && !loop_stopping(s->loop) &&
	       (worked || keep_going);
}

enum status session_script(struct session *s, const struct words *commands, bool keep_going)
{
	enum status result = STATUS_OK;

	for (size_t i = 0; i < commands->n; i++)
		if (!step(s, commands->v[i], keep_going, &result))
			break;
	return result;
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

/* Waits in the loop. A regular file is always ready, and epoll does not take it (EPERM). */
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

/* A NUL would hide the rest of the line. */
static bool step_line(
	struct session *s, const char *line, size_t len, bool keep_going, enum status *result)
{
	if (strlen(line) == len)
		return step(s, line, keep_going, result);
	report_note("a line with a NUL byte is not a command");
	*result = STATUS_FAIL;
	return keep_going;
}

enum status session_stdin(struct session *s, bool keep_going)
{
	enum status result = STATUS_OK;
	struct input in = {0};
	bool going = true;

	while (going) {
		size_t len;
		char *line = next_line(s, &in, &len);
		going = line && step_line(s, line, len, keep_going, &result);
		free(line);
	}
	free(in.text);
	if (in.err)
		return report(STATUS_FAIL, "standard input", "read", in.err);
	return result;
}
