/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line at the prompt, or in a script: see command.h. */
#include "cmd/prompt/command.h"
#include "cmd/prompt/operands.h"
#include "lib/base/memory.h"
#include "lib/base/nearest.h"
#include "lib/base/text.h"

#include <stdlib.h>
#include <string.h>

/* --- the verb ------------------------------------------------------------------ */

static bool is_here(const struct session *s, const struct verb *v)
{
	return !v->here || v->here(s);
}

/* The words that other programs have. */
static const char *own_name(const char *word, size_t len)
{
	static const char *const others[][2] = {{"?", "help"}, {"q", "quit"}, {"exit", "quit"}};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (strlen(others[i][0]) == len && strncmp(others[i][0], word, len) == 0)
			return others[i][1];
	return word;
}

/* The next verb, from v on, that begins so; its row with the name NULL: none. */
static const struct verb *next_that_begins(
	const struct session *s, const struct verb *v, const char *word, size_t len)
{
	while (v->name && !(strncmp(v->name, word, len) == 0 && is_here(s, v)))
		v++;
	return v;
}

const struct verb *command_verb(const struct session *s, const char *word, size_t len)
{
	const char *name = own_name(word, len);

	len = name == word ? len : strlen(name);
	const struct verb *first = next_that_begins(s, verb_table, name, len);
	for (const struct verb *v = first; v->name; v = next_that_begins(s, v + 1, name, len))
		if (!v->name[len])
			return v;
	return first->name && !next_that_begins(s, first + 1, name, len)->name ? first : NULL;
}

static const char *nearest_verb(const struct session *s, const char *word)
{
	struct nearest n = nearest_to(word);

	for (const struct verb *v = verb_table; v->name; v++)
		if (is_here(s, v))
			nearest_try(&n, v->name);
	return n.word;
}

static void report_ambiguous(const struct session *s, const char *word)
{
	size_t len = strlen(word);
	char *all = must_strdup("");

	for (const struct verb *v = next_that_begins(s, verb_table, word, len); v->name;
		v = next_that_begins(s, v + 1, word, len)) {
		char *more = must_printf("%s%s%s", all, *all ? ", " : "", v->name);
		free(all);
		all = more;
	}
	report_note("%s'%s' can be %s", s->where, word, all);
	free(all);
}

enum status command_unknown(const struct session *s, const char *word, size_t len)
{
	char *verb = must_printf("%.*s", (int)len, word);
	const char *near = nearest_verb(s, verb);

	if (next_that_begins(s, verb_table, verb, len)->name)
		report_ambiguous(s, verb);
	else if (near)
		report_note("%s'%s' is not a command here; did you mean '%s'?", s->where, text_show(verb), near);
	else
		report_note("%s'%s' is not a command here; 'help' lists them, and !PROGRAM runs a program",
			s->where, text_show(verb));
	free(verb);
	return STATUS_USAGE;
}

/* --- the line ------------------------------------------------------------------ */

/* A line, understood. */
struct command {
	const struct verb *verb; /* NULL: an empty line, or a comment */
	bool ignore;             /* its failure */
	struct operands operands;
};

size_t command_word(const char *line)
{
	return *line == '!' || *line == '?' ? 1 : strcspn(line, " \t");
}

/* Takes the dashes in front of a command off it. */
static const char *skip_dashes(const char *line)
{
	while (*line == '-')
		line = text_skip_blanks(line + 1);
	return line;
}

static enum status parse_command(struct session *s, const char *line, struct command *c)
{
	size_t len = command_word(line);

	c->verb = command_verb(s, line, len);
	if (!c->verb)
		return command_unknown(s, line, len);
	enum status st = operands_parse(s, c->verb, text_skip_blanks(line + len), &c->operands);
	if (st == STATUS_OK && c->verb->check)
		st = c->verb->check(s, c->verb, &c->operands);
	return st;
}

/* Commands in commands come here again. */
static enum status parse_line(struct session *s, const char *line, struct command *c)
{
	enum { DEPTH_MAX = 16 };

	*c = (struct command){0};
	line = text_skip_blanks(line);
	if (!*line || *line == '#')
		return STATUS_OK;
	c->ignore = *line == '-';
	line = skip_dashes(line);
	if (!*line || *line == '#') {
		report_note("%s'-' stands before a COMMAND", s->where);
		return STATUS_USAGE;
	}
	if (s->depth == DEPTH_MAX) {
		report_note("%stoo many commands in commands", s->where);
		return STATUS_USAGE;
	}
	s->depth++;
	enum status st = parse_command(s, line, c);
	s->depth--;
	return st;
}

enum status command_check(struct session *s, const char *line)
{
	struct command c;
	enum status st = parse_line(s, line, &c);

	operands_free(&c.operands);
	return st;
}

enum status command_do(struct session *s, const char *line)
{
	struct command c;
	enum status st = parse_line(s, line, &c);
	size_t held = s->held, graded = s->graded;

	s->command_err = 0;
	s->fault[0] = '\0';
	if (st == STATUS_OK && c.verb) {
		s->depth++;
		st = c.verb->run(s, &c.operands);
		s->depth--;
	}
	operands_free(&c.operands);
	if (!c.ignore || st == STATUS_USAGE)
		return st;
	s->held = held;
	s->graded = graded;
	return STATUS_OK;
}

bool command_quits(const struct session *s, const char *line)
{
	line = skip_dashes(text_skip_blanks(line));
	const struct verb *v = command_verb(s, line, command_word(line));

	return *line && v && strcmp(v->name, "quit") == 0;
}
