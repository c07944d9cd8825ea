/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of a script, one and all of a text: see lines.h. */
#include "cmd/prompt/lines.h"
#include "cmd/prompt/command.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct script_place script_place_begin(struct session *s, const char *file)
{
	return (struct script_place){.file = file, .outer = s->where};
}

void script_place_next(struct session *s, struct script_place *p)
{
	const char *file = p->file ? text_show(p->file) : "";

	snprintf(p->text, sizeof(p->text), "%.400s%sline %zu: ", file, p->file ? ": " : "", ++p->line);
	s->where = p->text;
}

void script_place_end(struct session *s, const struct script_place *p)
{
	s->where = p->outer;
}

/* A NUL would hide the rest of the line. */
enum status script_check_line(struct session *s, const char *line, size_t len)
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
bool script_step(struct session *s, const char *line, enum status *result)
{
	bool worked = command_do(s, line) == STATUS_OK;

	if (!worked && !loop_stopping(s->loop)) { /* a signal, or --timeout, is no failure of the command */
		report_failure(s, text_skip_blanks(line));
		*result = STATUS_FAIL;
	}
	return session_flush(s) == STATUS_OK && !s->quits && session_turn(s) && (worked || s->keep_going);
}

/* --- a whole text ------------------------------------------------------------------ */

/* The line at *at, without its newline, which becomes a NUL; NULL at the end. */
static char *line_at(const struct script_text *t, size_t *at, size_t *len)
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
enum status script_check_text(struct session *s, struct script_text *t, const char *file)
{
	struct script_place place = script_place_begin(s, file);
	enum status result = STATUS_OK;
	size_t len;

	for (size_t at = 0; at < t->len;) {
		const size_t begin = at;
		char *line = line_at(t, &at, &len);
		script_place_next(s, &place);
		if (script_check_line(s, line, len) != STATUS_OK)
			result = STATUS_USAGE;
		if (begin + len < t->len)
			line[len] = '\n'; /* for the next time */
	}
	script_place_end(s, &place);
	return result;
}

enum status script_run_text(struct session *s, struct script_text *t, const char *file)
{
	struct script_place place = script_place_begin(s, file);
	enum status result = STATUS_OK;
	size_t at = 0, len;
	const char *line;

	while ((line = line_at(t, &at, &len))) {
		script_place_next(s, &place);
		if (!script_step(s, line, &result))
			break;
	}
	script_place_end(s, &place);
	return result;
}

/* Reads all of fd. Returns 0, or -1 with errno. */
int script_read(int fd, struct script_text *t)
{
	size_t size = 0;
	ssize_t n = 1;

	*t = (struct script_text){0};
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
