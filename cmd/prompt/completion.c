/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The completions at a prompt: see completion.h. */
#include "cmd/prompt/completion.h"
#include "cmd/cli/whence.h"
#include "cmd/prompt/verbs.h"
#include "cmd/prompt/why.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/pass/catalog.h"

#include <stdlib.h>
#include <string.h>

struct completion {
	const struct session *session;
	const char *typed;
	struct prompt_words *out;
};

static void add(void *data, const char *word)
{
	struct completion *c = data;
	struct prompt_words *out = c->out;

	if (!text_begins(word, c->typed))
		return;
	out->v = must_realloc(out->v, out->n + 1, sizeof(*out->v));
	out->v[out->n++] = must_strdup(word);
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

static void add_whences(struct completion *c)
{
	for (const struct whence *w = whences; w->word; w++)
		add(c, w->word);
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

	if (*rest)
		add_after(c, command);
	else
		why_each(add, c);
}

static void add_after(struct completion *c, const char *before)
{
	before = text_skip_blanks(before);
	size_t len = strcspn(before, " \t");
	const char *rest = text_skip_blanks(before + len);

	if (len == 0 || (len == 1 && *before == '-'))
		add_verbs(c, len == 0 && *c->typed == '-' ? "-" : "");
	else if (*before == '-')
		add_after(c, before + 1);
	else if (*before == '!' && is_fdtool(text_skip_blanks(before + 1)))
		add_fdtool(c, words_in(before + 1));
	else if (text_begins(before, "help ") && !*rest)
		add_verbs(c, "");
	else if (text_begins(before, "why ") && !*rest) {
		why_each(add, c);
		add(c, "shared");
	} else if (text_begins(before, "expect "))
		add_after_expect(c, rest);
	else if (text_begins(before, "flags "))
		add_flags(c);
	else if (text_begins(before, "lseek ") && words_in(rest) == 1)
		add_whences(c);
}

bool prompt_words(const struct session *s, const char *before, const char *typed,
	struct prompt_words *out)
{
	struct completion c = {s, typed, out};

	*out = (struct prompt_words){0};
	add_after(&c, before);
	return out->n == 0 && *text_skip_blanks(before) == '!';
}
