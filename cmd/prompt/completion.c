/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The completions at a prompt: see completion.h. */
#include "cmd/prompt/completion.h"
#include "cmd/prompt/command.h"
#include "cmd/prompt/flag-words.h"
#include "cmd/prompt/readline.h"
#include "cmd/prompt/verbs.h"
#include "cmd/prompt/why.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/pass/catalog.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct completion {
	const struct session *session;
	const char *typed;
};

static const struct session *completed;

static struct found {
	char **v; /* readline frees each */
	size_t n;
} found; /* by the completion under way */

static void add(void *data, const char *word)
{
	const struct completion *c = data;

	if (!text_begins(word, c->typed))
		return;
	found.v = must_realloc(found.v, found.n + 1, sizeof(*found.v));
	found.v[found.n++] = must_strdup(word);
}

/* sign: "-" in front of each verb, to ignore its failure; or "". */
static void add_verbs(struct completion *c, const char *sign)
{
	for (const struct verb *v = verb_table; v->name; v++) {
		if (v->here && !v->here(c->session))
			continue;
		char *word = must_printf("%s%s", sign, v->name);
		add(c, word);
		free(word);
	}
}

static void add_flags(struct completion *c)
{
	for (const struct flag_word *w = flag_words; w->word; w++)
		for (const char *sign = "+-"; *sign; sign++) {
			char *word = must_printf("%c%s", *sign, w->word);
			add(c, word);
			free(word);
		}
}

static void add_seals(struct completion *c)
{
	for (const struct bitname *seal = names_seals; seal->name; seal++) {
		char *word = must_printf("+%s", seal->name + strlen("F_SEAL_"));
		for (char *p = word; *p; p++)
			*p = (char)tolower((unsigned char)*p);
		add(c, word);
		free(word);
	}
}

static void add_members(struct completion *c)
{
	for (size_t i = 0; i < c->session->n_members; i++)
		add(c, c->session->members[i].name);
}

/* The words of an fdtool command line: the command, then the names on offer. */
static void add_fdtool(struct completion *c, size_t index)
{
	struct catalog catalog;

	for (const struct cmd *const *cmd = cmd_table; index == 1 && *cmd; cmd++)
		if (!cmd_is_hidden((*cmd)->name))
			add(c, (*cmd)->name);
	if (index < 2)
		return;
	if (catalog_names(&catalog) == 0)
		for (size_t i = 0; i < catalog.n; i++)
			add(c, catalog.entries[i].name);
	catalog_free(&catalog);
}

static size_t words_in(const char *p)
{
	size_t n = 0;

	for (p = text_skip_blanks(p); *p; p = text_skip_blanks(p + strcspn(p, " \t")))
		n++;
	return n;
}

static bool is_fdtool(const char *program)
{
	size_t len = strcspn(program, " \t");
	const char *slash = memrchr(program, '/', len);

	return text_begins(slash && slash < program + len ? slash + 1 : program, "fdtool ");
}

static void add_after(struct completion *c, const char *before);

static void add_after_expect(struct completion *c, const char *rest)
{
	const char *command = text_skip_blanks(rest + strcspn(rest, " \t"));

	if (*rest) {
		add_after(c, command);
		return;
	}
	why_each(add, c);
	expect_words(add, c);
}

/* The words after those of the verb that are there already, in rest. */
static void add_operands(struct completion *c, const struct verb *v, const char *rest)
{
	bool first = !*rest;

	if (strcmp(v->name, "!") == 0 && is_fdtool(rest))
		add_fdtool(c, words_in(rest));
	else if (strcmp(v->name, "help") == 0 && first)
		add_verbs(c, "");
	else if (strcmp(v->name, "why") == 0 && first) {
		why_each(add, c);
		add(c, "shared");
	} else if (strcmp(v->name, "expect") == 0)
		add_after_expect(c, rest);
	else if (strcmp(v->name, "repeat") == 0 && !first)
		add_after(c, rest + strcspn(rest, " \t"));
	else if (strcmp(v->name, "flags") == 0)
		add_flags(c);
	else if (strcmp(v->name, "seals") == 0)
		add_seals(c);
	else if (strcmp(v->name, "use") == 0 && first)
		add_members(c);
	else
		operands_words(v, words_in(rest), add, c);
}

static void add_after(struct completion *c, const char *before)
{
	before = text_skip_blanks(before);
	size_t len = command_word(before);

	if (len == 0 || (len == 1 && *before == '-')) {
		add_verbs(c, len == 0 && *c->typed == '-' ? "-" : "");
		return;
	}
	while (*before == '-')
		before = text_skip_blanks(before + 1);
	len = command_word(before);
	const struct verb *v = command_verb(c->session, before, len);
	if (v)
		add_operands(c, v, text_skip_blanks(before + len));
}

/* Whether file names may follow: those of a program, and those of `source`. */
static bool takes_files(const char *before)
{
	before = text_skip_blanks(before);
	size_t len = command_word(before);
	const struct verb *v = command_verb(completed, before, len);

	return *before && v && (strcmp(v->name, "!") == 0 || strcmp(v->name, "source") == 0);
}

/*
 * Finds the words that begin with typed and may follow before, the line up to it. Returns true if
 * there are none and file names may follow.
 */
static bool find_words(const char *before, const char *typed)
{
	struct completion c = {completed, typed};

	found = (struct found){0};
	add_after(&c, before);
	return found.n == 0 && takes_files(before);
}

/* --- readline --------------------------------------------------------------------------- */

/* The next word for readline, which frees it. again: 0 at the first call. */
static char *next_found(const char *text, int again)
{
	static size_t at;

	(void)text;
	at = again ? at : 0;
	return at < found.n ? found.v[at++] : NULL;
}

static char **complete(const char *text, int start, int end)
{
	(void)end;
	char *before = must_printf("%.*s", start, rl_line_buffer);
	bool files = find_words(before, text);
	char **matches = found.n ? rl_completion_matches(text, next_found) : NULL;

	rl_attempted_completion_over = !files;
	free(found.v);
	free(before);
	return matches;
}

void completion_of(const struct session *s)
{
	completed = s;
	rl_attempted_completion_function = complete;
}
