/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From option rows to getopt_long(3): see parse.h. */
#include "cmd/cli/parse.h"
#include "lib/base/memory.h"
#include "lib/base/nearest.h"
#include "lib/base/text.h"
#include "lib/base/times.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the tables of getopt_long --------------------------------------------- */

enum { HELP = 1000, VERSION, FIRST_ROW };

struct getopt_form {
	struct option *longs;
	char *shorts;
};

static size_t count_rows(const struct opt *rows)
{
	size_t n = 0;

	while (rows && rows[n].name)
		n++;
	return n;
}

static int has_arg(const struct opt *o)
{
	if (!o->arg)
		return no_argument;
	return o->arg[0] == '[' ? optional_argument : required_argument;
}

/* '-': getopt returns operands in their order, so that an -f precedes the address it is for. */
static struct getopt_form make_form(const struct opt *rows, size_t n)
{
	struct getopt_form f = {
		must_calloc(n + 3, sizeof(struct option)), must_calloc(1, 3 * n + 5)};
	char *s = f.shorts;

	s = strcpy(s, "-:hV") + 4;
	f.longs[0] = (struct option){"help", no_argument, NULL, HELP};
	f.longs[1] = (struct option){"version", no_argument, NULL, VERSION};
	for (size_t i = 0; i < n; i++) {
		f.longs[i + 2] =
			(struct option){rows[i].name, has_arg(&rows[i]), NULL, FIRST_ROW + (int)i};
		if (!rows[i].letter)
			continue;
		*s++ = rows[i].letter;
		for (int k = has_arg(&rows[i]); k > 0; k--)
			*s++ = ':';
	}
	return f;
}

static const struct opt *find_row(const struct opt *rows, size_t n, int got)
{
	if (got >= FIRST_ROW)
		return &rows[got - FIRST_ROW];
	for (size_t i = 0; i < n; i++)
		if (rows[i].letter == got)
			return &rows[i];
	return NULL;
}

static enum status take_operand(const struct cmd *cmd, const char *word, void *state)
{
	if (!cmd->operand)
		return report_usage("'%s' is one word too many", text_show(word));
	const char *fault = cmd->operand(word, state);
	return fault ? report_usage("'%s' %s", text_show(word), fault) : STATUS_OK;
}

static enum status take_option(const struct opt *o, const char *arg, void *state)
{
	void *into = (char *)state + o->into;
	const char *fault = o->parse ? o->parse(arg, into) : choice_parse(arg, o->choices, into);

	return fault ? report_usage("--%s: '%s' %s", o->name, text_show(arg ? arg : ""), fault)
		     : STATUS_OK;
}

/* "--wiat": the option that is nearest. */
static enum status unknown_long_option(const struct cmd *cmd, const char *word)
{
	char typed[40];
	snprintf(typed, sizeof(typed), "%.*s", (int)strcspn(word, "="), word);
	struct nearest n = nearest_to(typed + 2);

	nearest_try(&n, "help");
	nearest_try(&n, "version");
	for (const struct opt *o = cmd->opts; o && o->name; o++)
		nearest_try(&n, o->name);
	if (n.word)
		return report_usage("option '%s' is unknown; did you mean '--%s'?", text_show(typed), n.word);
	return report_usage("option '%s' is unknown", text_show(word));
}

static enum status unknown_option(const struct cmd *cmd, char *const argv[])
{
	/* optind is past a long option; in a cluster of short ones, optopt is the letter */
	if (optopt >= '0' && optopt <= '9')
		return report_usage(
			"option -%c is unknown; a negative number goes after '--'", optopt);
	if (optopt > 0 && optopt < HELP)
		return report_usage("option -%c is unknown", optopt);
	if (optopt)
		return report_usage("option '%s' takes no argument", text_show(argv[optind - 1]));
	return unknown_long_option(cmd, argv[optind - 1]);
}

/* "-w 300ms": the word would be taken for an operand. A bare number may be one, a PID. */
static enum status check_detached(
	const struct cmd *cmd, const struct opt *o, const char *arg, const char *next)
{
	int64_t ns;

	if (arg || !o->arg || strcmp(o->arg, "[TIME]") != 0 || !next || time_parse(next, &ns) < 0)
		return STATUS_OK;
	if (cmd->kind == WORD_TARGET && next[strspn(next, "0123456789")] == '\0')
		return STATUS_OK;
	if (o->letter)
		return report_usage("'%s' stands apart from -%c: write -%c%s", text_show(next), o->letter,
			o->letter, text_show(next));
	return report_usage("'%s' stands apart from --%s: write --%s=%s", text_show(next), o->name, o->name,
		text_show(next));
}

/* After "--": a program with its words, or operands that begin with a dash. */
static enum status take_rest(
	const struct cmd *cmd, char **rest, void *state, char ***program)
{
	if (cmd->program && *rest) {
		*program = rest;
		return STATUS_OK;
	}
	if (cmd->program)
		return report_usage("there is no program after '--'");
	for (; *rest; rest++) {
		enum status st = take_operand(cmd, *rest, state);
		if (st != STATUS_OK)
			return st;
	}
	return STATUS_OK;
}

/* Handles what getopt_long returned: an option, an operand, or a mistake. */
static enum status take_one(
	const struct cmd *cmd, size_t n, int got, char *const argv[], void *state)
{
	if (got == 1)
		return take_operand(cmd, optarg, state);
	if (got == ':')
		return report_usage("option '%s' needs an argument", text_show(argv[optind - 1]));
	if (got == '?')
		return unknown_option(cmd, argv);
	const struct opt *o = find_row(cmd->opts, n, got);
	enum status st = check_detached(cmd, o, optarg, argv[optind]);
	return st == STATUS_OK ? take_option(o, optarg, state) : st;
}

static enum parsed parse_all(
	const struct cmd *cmd, const struct getopt_form *f, int argc, char **argv, void *state)
{
	size_t n = count_rows(cmd->opts);
	int got;

	optind = 0; /* makes getopt_long begin anew */
	opterr = 0;
	while ((got = getopt_long(argc, argv, f->shorts, f->longs, NULL)) != -1) {
		if (got == 'h' || got == HELP)
			return PARSED_HELP;
		if (got == 'V' || got == VERSION)
			return PARSED_VERSION;
		if (take_one(cmd, n, got, argv, state) != STATUS_OK)
			return PARSED_WRONG;
	}
	return PARSED_RUN;
}

enum parsed cmd_parse(
	const struct cmd *cmd, int argc, char **argv, void *state, char ***program)
{
	struct getopt_form f = make_form(cmd->opts, count_rows(cmd->opts));

	*program = NULL;
	enum parsed parsed = parse_all(cmd, &f, argc, argv, state);
	free(f.longs);
	free(f.shorts);
	bool dashes = optind > 1 && strcmp(argv[optind - 1], "--") == 0;
	if (parsed == PARSED_RUN && dashes &&
		take_rest(cmd, argv + optind, state, program) != STATUS_OK)
		return PARSED_WRONG;
	return parsed;
}
