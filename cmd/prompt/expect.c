/* SPDX-License-Identifier: GPL-3.0-or-later */
/* expect: the verb of the prompt that says what should be, for scripts and for grading. */
#include "cmd/prompt/command.h"
#include "cmd/prompt/flag-words.h"
#include "cmd/prompt/operands.h"
#include "cmd/prompt/unescape.h"
#include "cmd/prompt/verbs.h"
#include "lib/base/names.h"
#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/look/desc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct expectation {
	enum { EXPECT_POS, EXPECT_DATA, EXPECT_SET, EXPECT_CLEAR, EXPECT_OK, EXPECT_ERRNO } kind;
	long long pos;
	char *data; /* of EXPECT_DATA; owned */
	size_t len;
	int flag;
	int err;
	const char *command; /* of EXPECT_OK and EXPECT_ERRNO */
};

/* --- what is expected --------------------------------------------------------------- */

static const struct expect_key {
	const char *key;
	int kind;
} keys[] = {{"pos=", EXPECT_POS}, {"data=", EXPECT_DATA}, {"flags+=", EXPECT_SET},
	{"flags-=", EXPECT_CLEAR}, {NULL, 0}};

/* Returns NULL, or what is wrong. */
static const char *parse_value(const char *value, struct expectation *e)
{
	if (e->kind == EXPECT_POS)
		return number_parse(value, LLONG_MIN, LLONG_MAX, &e->pos) < 0 ? "has no number" : NULL;
	if (e->kind == EXPECT_DATA) {
		e->data = unescape_text(value, &e->len);
		return e->data ? NULL : "has a backslash that begins no escape of C";
	}
	e->flag = flag_find(value, strlen(value));
	return e->flag ? NULL : flag_fault();
}

/* ok COMMAND, ERRNAME COMMAND */
static const char *parse_outcome(const char *rest, struct expectation *e)
{
	char word[32];
	const char *begin = rest;

	if (!operand_word(&rest, word, sizeof(word)))
		return "is too long";
	e->kind = strcmp(word, "ok") == 0 ? EXPECT_OK : EXPECT_ERRNO;
	e->err = names_errno_number(word);
	e->command = rest;
	if (e->kind == EXPECT_ERRNO && !e->err)
		return *begin == 'E' ? "is not the name of an errno"
				     : "is none of ok, ERRNAME, pos=, data=, flags+= and flags-=";
	if (!*rest)
		return "needs a COMMAND after it";
	return *rest == '-' ? "takes a COMMAND without '-'" : NULL;
}

static const char *parse(const char *rest, struct expectation *e)
{
	*e = (struct expectation){0};
	for (const struct expect_key *k = keys; k->key; k++)
		if (text_begins(rest, k->key)) {
			e->kind = (unsigned int)k->kind;
			return parse_value(rest + strlen(k->key), e);
		}
	return parse_outcome(rest, e);
}

enum status check_expect(struct session *s, const struct verb *v, const struct operands *o)
{
	struct expectation e;
	char word[64];
	const char *fault = parse(o->rest, &e);

	free(e.data);
	if (!fault)
		return e.command ? command_check(s, e.command) : STATUS_OK;
	/* the word, or all of data= */
	size_t len = text_begins(o->rest, "data=") ? strlen(o->rest) : strcspn(o->rest, " \t");
	snprintf(word, sizeof(word), "%.*s", (int)(len < sizeof(word) ? len : sizeof(word) - 1), o->rest);
	return operands_misused(s, v, word, fault);
}

void expect_words(void (*each)(void *data, const char *word), void *data)
{
	each(data, "ok");
	for (const struct expect_key *k = keys; k->key; k++)
		each(data, k->key);
}

/* --- whether it is so ----------------------------------------------------------------- */

static enum status compare_pos(struct session *s, long long expected)
{
	struct moves now;

	moves_begin(&now, s->fd);
	if (now.pos == expected)
		return STATUS_OK;
	if (now.pos == DESC_NO_POS)
		return session_fail(s, "it has no offset");
	return session_fail(s, "it is %" PRId64, now.pos);
}

static enum status compare_data(struct session *s, const struct expectation *e)
{
	if (!s->data)
		return session_fail(s, "nothing was read yet");
	if (s->data_len == e->len && memcmp(s->data, e->data, e->len) == 0)
		return STATUS_OK;
	char *got = text_escape_c(s->data, s->data_len < 100 ? s->data_len : 100);
	session_fail(s, "it is \"%s\"%s", got, s->data_len > 100 ? "..." : "");
	free(got);
	return STATUS_FAIL;
}

static enum status compare_flag(struct session *s, const struct expectation *e)
{
	char names[NAMES_MAX];
	int flags = fcntl(s->fd, F_GETFL);
	bool set = (flags & e->flag) == e->flag;

	if (set == (e->kind == EXPECT_SET))
		return STATUS_OK;
	return session_fail(s, "the flags are %s", names_flags(flags, names, sizeof(names)));
}

static enum status compare_outcome(struct session *s, const struct expectation *e)
{
	enum status st = command_do(s, e->command);
	int err = s->command_err;

	s->command_err = 0;
	if (st == STATUS_USAGE)
		return st;
	if (e->kind == EXPECT_ERRNO && st == STATUS_FAIL && err == e->err)
		return STATUS_OK;
	if (st == STATUS_OK)
		return e->kind == EXPECT_OK ? st : session_fail(s, "it did not fail");
	if (err)
		return session_fail(s, "it failed with %s", names_errno(err));
	return *s->fault ? st : session_fail(s, "it failed, but by no errno");
}

static enum status compare(struct session *s, const struct expectation *e)
{
	switch (e->kind) {
	case EXPECT_POS:
		return compare_pos(s, e->pos);
	case EXPECT_DATA:
		return compare_data(s, e);
	case EXPECT_SET:
	case EXPECT_CLEAR:
		return compare_flag(s, e);
	case EXPECT_OK:
	case EXPECT_ERRNO:
		break;
	}
	return compare_outcome(s, e);
}

enum status verb_expect(struct session *s, const struct operands *o)
{
	struct expectation e;

	parse(o->rest, &e); /* check_expect has said that it can be */
	enum status st = compare(s, &e);
	s->graded++;
	s->held += st == STATUS_OK;
	free(e.data);
	return st;
}
