/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scripts: see script.h. Their lines are in lines.c, and files of commands in verbs-source.c. */
#include "cmd/prompt/script.h"
#include "cmd/prompt/command.h"
#include "cmd/prompt/lines.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

enum status script_words(struct session *s, const struct words *commands)
{
	enum status result = STATUS_OK;
	struct script_place place = script_place_begin(s, NULL);

	for (size_t i = 0; i < commands->n; i++) {
		script_place_next(s, &place);
		if (command_check(s, commands->v[i]) != STATUS_OK)
			result = STATUS_USAGE;
	}
	place.line = 0;
	for (size_t i = 0; result != STATUS_USAGE && i < commands->n; i++) {
		script_place_next(s, &place);
		if (!script_step(s, commands->v[i], &result))
			break;
	}
	script_place_end(s, &place);
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
	if (script_check_line(s, line, len) == STATUS_OK)
		return script_step(s, line, result);
	*result = STATUS_FAIL;
	return s->keep_going;
}

static enum status run_stream(struct session *s)
{
	enum status result = STATUS_OK;
	struct script_place place = script_place_begin(s, NULL);
	struct input in = {0};
	bool going = true;

	while (going) {
		size_t len;
		char *line = next_line(s, &in, &len);
		if (line)
			script_place_next(s, &place);
		going = line && step_checked(s, line, len, &result);
		free(line);
	}
	free(in.text);
	script_place_end(s, &place);
	if (in.err)
		return report(STATUS_FAIL, "standard input", "read", in.err);
	return result;
}

enum status script_stdin(struct session *s)
{
	struct stat st;
	struct script_text text;

	if (fstat(STDIN_FILENO, &st) < 0 || !S_ISREG(st.st_mode))
		return run_stream(s);
	enum status result = script_read(STDIN_FILENO, &text) < 0
				     ? report(STATUS_FAIL, "standard input", "read", errno)
				     : script_check_text(s, &text, NULL);
	if (result == STATUS_OK)
		result = script_run_text(s, &text, NULL);
	free(text.bytes);
	return result;
}

void script_grade(const struct session *s)
{
	if (s->keep_going && s->graded)
		printf("%zu of %zu held\n", s->held, s->graded);
}
