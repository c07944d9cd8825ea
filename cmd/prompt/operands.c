/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operands of a verb: see operands.h. */
#include "cmd/prompt/operands.h"
#include "cmd/prompt/unescape.h"
#include "lib/base/memory.h"
#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/base/times.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the form -------------------------------------------------------------------- */

enum { WORD_SIZE = 40 };

/* A place in a form, and the word that was read last. */
struct form {
	const char *next;
	unsigned depth; /* of brackets */
	char word[WORD_SIZE];
	bool optional;
};

/* Returns false at the end of the form, or of its line. */
static bool next_word(struct form *f)
{
	while (*f->next == ' ' || *f->next == '[' || *f->next == ']') {
		f->depth += *f->next == '[';
		f->depth -= *f->next == ']';
		f->next++;
	}
	size_t len = strcspn(f->next, " []\n");
	snprintf(f->word, sizeof(f->word), "%.*s", (int)len, f->next);
	f->next += len;
	f->optional = f->depth > 0;
	return len > 0;
}

static bool is_option(const char *word)
{
	return *word == '-';
}

static bool is_tail(const char *word)
{
	return islower((unsigned char)*word) && !strchr(word, '|');
}

static bool is_word(const char *line, const char *word)
{
	size_t len = strlen(word);

	return strncmp(line, word, len) == 0 && (!line[len] || line[len] == ' ' || line[len] == '\t');
}

/* The line of the form that is for this line. */
static struct form begin_form(const struct verb *v, const char *rest)
{
	struct form f = {.next = v->form};
	const char *second = strchr(v->form, '\n');

	if (second && !(next_word(&f) && is_word(rest, f.word)))
		return (struct form){.next = second + 1};
	return (struct form){.next = v->form};
}

/* --- what is wrong ---------------------------------------------------------------- */

static void hint_at_form(const struct verb *v)
{
	enum { LINES_MAX = 2 };
	const char *line = v->shown ? v->shown : v->form, *blank = *v->name == '!' || !*line ? "" : " ";
	int lines = 1;

	for (const char *p = line; *p; p++)
		lines += *p == '\n';
	for (int i = 0; i < lines && lines <= LINES_MAX; i++) {
		size_t len = strcspn(line, "\n");
		report_hint("%s %s%s%.*s", i == 0 ? "usage:" : "   or:", v->name, blank, (int)len, line);
		line += len + 1;
	}
	if (lines > LINES_MAX)
		report_hint("'help %s' has its forms", v->name);
}

enum status operands_misused(
	struct session *s, const struct verb *v, const char *word, const char *fault)
{
	if (word)
		report_note("%s%s: '%s' %s", s->where, v->name, text_typed(word), fault);
	else
		report_note("%s%s: %s", s->where, v->name, fault);
	hint_at_form(v);
	return STATUS_USAGE;
}

static const char *number_fault(const char *word, long long min, long long max)
{
	static char fault[80];

	if (errno != ERANGE)
		return "is not a number";
	if (max == LLONG_MAX && *word >= '1' && *word <= '9') /* min is at most 1 */
		return "is too large";
	if (max == LLONG_MAX)
		snprintf(fault, sizeof(fault), "must be a number from %lld up", min);
	else
		snprintf(fault, sizeof(fault), "must be a number from %lld to %lld", min, max);
	return fault;
}

/* --- one operand ------------------------------------------------------------------- */

static const char *take_number(const struct verb *v, const char *kind, const char *word, struct operands *o)
{
	long long min = strcmp(kind, "OFF") == 0 ? LLONG_MIN : v->min;
	long long max = strcmp(kind, "N") == 0 && v->max ? v->max : LLONG_MAX;

	max = strcmp(kind, "PID") == 0 ? INT_MAX : max;
	return number_parse(word, min, max, &o->number[o->n_numbers++]) < 0 ? number_fault(word, min, max)
									    : NULL;
}

static const char *take_choice(const char *kind, const char *word, struct operands *o)
{
	char choices[WORD_SIZE];
	unsigned int index;

	for (size_t i = 0; i <= strlen(kind); i++)
		choices[i] = kind[i] == '|' ? ' ' : kind[i];
	const char *fault = choice_parse(word, choices, &index);
	o->choice = fault ? -1 : (int)index;
	return fault;
}

/* Returns NULL, or what is wrong with the word. */
static const char *take_word(const struct verb *v, const char *kind, const char *word, struct operands *o)
{
	if (strchr(kind, '|'))
		return take_choice(kind, word, o);
	if (strcmp(kind, "TIME") == 0)
		return time_parse(word, &o->ns) < 0 ? "must be a time: 250ms, 2s, 1m, or a number of seconds"
						    : NULL;
	return take_number(v, kind, word, o);
}

/* All of the line, but for the word that the form has behind TEXT, if the line has it there. */
static const char *take_text(struct form *f, const char *rest, struct operands *o)
{
	char *text = must_strdup(rest), *end = text + strlen(text);

	if (next_word(f) && is_tail(f->word)) {
		while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
			end--;
		size_t len = strlen(f->word);
		char *tail = end - len;
		o->option = tail > text + 1 && strncmp(tail, f->word, len) == 0 &&
			    (tail[-1] == ' ' || tail[-1] == '\t');
		while (o->option && tail > text && (tail[-1] == ' ' || tail[-1] == '\t'))
			*--tail = '\0';
	}
	o->text = unescape_text(text, &o->len);
	free(text);
	return o->text ? NULL : "has a backslash that begins no escape of C: \\n \\t \\\\ \\x41 \\101";
}

static bool is_number(const char *kind)
{
	return strcmp(kind, "N") == 0 || strcmp(kind, "OFF") == 0 || strcmp(kind, "PID") == 0;
}

/* What ends with its last letter; a COMMAND may end with the blanks of a TEXT. */
static bool is_one_word(const char *kind)
{
	return strcmp(kind, "FILE") == 0 || strcmp(kind, "NAME") == 0;
}

/* A copy without the blanks at the end: Tab leaves one. */
static char *trimmed(const char *rest)
{
	char *copy = must_strdup(rest);

	for (char *end = copy + strlen(copy); end > copy && (end[-1] == ' ' || end[-1] == '\t');)
		*--end = '\0';
	return copy;
}

/* Takes what the word of the form stands for out of *rest. */
static enum status take(
	struct session *s, const struct verb *v, struct form *f, const char **rest, struct operands *o)
{
	char word[WORD_SIZE] = "";
	const char *fault = NULL;

	if (strcmp(f->word, "TEXT") == 0) {
		fault = take_text(f, *rest, o);
		if (fault)
			return operands_misused(s, v, *rest, fault);
		*rest += strlen(*rest);
	} else if (is_number(f->word) || strcmp(f->word, "TIME") == 0 || strchr(f->word, '|')) {
		const char *begin = *rest;
		if (!operand_word(rest, word, sizeof(word)))
			return operands_misused(s, v, begin, "is too long");
		fault = take_word(v, f->word, word, o);
	} else {
		o->rest = is_one_word(f->word) ? o->text = trimmed(*rest) : *rest;
		*rest += strlen(*rest);
	}
	return fault ? operands_misused(s, v, word, fault) : STATUS_OK;
}

/* --- all of them ------------------------------------------------------------------- */

static enum status missing(struct session *s, const struct verb *v, const char *kind)
{
	char fault[WORD_SIZE + 20];

	snprintf(fault, sizeof(fault), "%s is missing", kind);
	return operands_misused(s, v, NULL, fault);
}

enum status operands_parse(struct session *s, const struct verb *v, const char *rest, struct operands *o)
{
	struct form f = begin_form(v, rest);
	enum status st = STATUS_OK;

	*o = (struct operands){.ns = NEVER, .choice = -1, .rest = ""};
	while (st == STATUS_OK && next_word(&f)) {
		if (is_option(f.word)) {
			if (is_word(rest, f.word)) {
				o->option = true;
				rest = text_skip_blanks(rest + strlen(f.word));
			}
		} else if (*rest) {
			st = take(s, v, &f, &rest, o);
		} else {
			return f.optional ? STATUS_OK : missing(s, v, f.word);
		}
	}
	if (st == STATUS_OK && *rest)
		return operands_misused(s, v, rest, "is too much");
	return st;
}

void operands_free(struct operands *o)
{
	free(o->text);
	o->text = NULL;
}

bool operand_word(const char **rest, char *word, size_t size)
{
	const char *p = text_skip_blanks(*rest);
	size_t len = strcspn(p, " \t");

	if (len == 0 || len >= size)
		return false;
	memcpy(word, p, len);
	word[len] = '\0';
	*rest = text_skip_blanks(p + len);
	return true;
}

/* --- for completion ---------------------------------------------------------------- */

static void each_choice(const char *kind, void (*each)(void *data, const char *word), void *data)
{
	char word[WORD_SIZE];

	for (size_t len; *kind; kind += len + (kind[len] == '|')) {
		len = strcspn(kind, "|");
		snprintf(word, sizeof(word), "%.*s", (int)len, kind);
		each(data, word);
	}
}

void operands_words(const struct verb *v, size_t before, void (*each)(void *data, const char *word),
	void *data)
{
	struct form f = {.next = v->form};
	size_t at = 0;

	for (;; f.next++, at = 0) {
		while (next_word(&f)) {
			if (is_option(f.word) ? before == 0 : is_tail(f.word) && before > 0)
				each(data, f.word);
			else if (strchr(f.word, '|') && at == before)
				each_choice(f.word, each, data);
			at += !is_option(f.word);
		}
		if (*f.next != '\n')
			return;
	}
}
