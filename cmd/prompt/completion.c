/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tab at a prompt: see completion.h. */
#include "cmd/prompt/completion.h"
#include "cmd/cli/whence.h"
#include "cmd/prompt/why.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/pass/catalog.h"

#include <stdlib.h>
#include <string.h>

struct search {
	const struct session *session;
	const char *typed;
	struct prompt_words *out;
};

static void offer(void *data, const char *word)
{
	struct search *f = data;
	struct prompt_words *out = f->out;

	if (!text_begins(word, f->typed))
		return;
	out->v = must_realloc(out->v, out->n + 1, sizeof(*out->v));
	out->v[out->n++] = must_strdup(word);
}

/* sign: "-" in front of each, for what is to be ignored. */
static void offer_verbs(struct search *f, const char *sign)
{
	for (const struct verb *v = verb_table; v->name; v++) {
		if (v->here && !v->here(f->session))
			continue;
		char *word = must_printf("%s%s", sign, v->name);
		offer(f, word);
		free(word);
	}
}

static void offer_flags(struct search *f)
{
	for (const struct flag_word *w = flag_words; w->word; w++)
		for (const char *sign = "+-"; *sign; sign++) {
			char *word = must_printf("%c%s", *sign, w->word);
			offer(f, word);
			free(word);
		}
}

static void offer_whences(struct search *f)
{
	for (const struct whence *w = whences; w->word; w++)
		offer(f, w->word);
}

/* Of a program that is fdtool: its command, then what is on offer. */
static void offer_fdtool(struct search *f, size_t index)
{
	struct catalog c;

	for (const struct cmd *const *cmd = cmd_table; index == 1 && *cmd; cmd++)
		if (!text_begins((*cmd)->name, "__"))
			offer(f, (*cmd)->name);
	if (index < 2)
		return;
	if (catalog_names(&c) == 0)
		for (size_t i = 0; i < c.n; i++)
			offer(f, c.entries[i].name);
	catalog_free(&c);
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

static void offer_after(struct search *f, const char *before);

static void offer_after_expect(struct search *f, const char *rest)
{
	const char *command = text_skip_blanks(rest + strcspn(rest, " \t"));

	if (*rest)
		offer_after(f, command);
	else
		why_each(offer, f);
}

static void offer_after(struct search *f, const char *before)
{
	before = text_skip_blanks(before);
	size_t len = strcspn(before, " \t");
	const char *rest = text_skip_blanks(before + len);

	if (len == 0 || (len == 1 && *before == '-'))
		offer_verbs(f, len == 0 && *f->typed == '-' ? "-" : "");
	else if (*before == '-')
		offer_after(f, before + 1);
	else if (*before == '!' && is_fdtool(text_skip_blanks(before + 1)))
		offer_fdtool(f, words_in(before + 1));
	else if (text_begins(before, "help ") && !*rest)
		offer_verbs(f, "");
	else if (text_begins(before, "why ") && !*rest) {
		why_each(offer, f);
		offer(f, "shared");
	}
	else if (text_begins(before, "expect "))
		offer_after_expect(f, rest);
	else if (text_begins(before, "flags "))
		offer_flags(f);
	else if (text_begins(before, "lseek ") && words_in(rest) == 1)
		offer_whences(f);
}

bool prompt_words(const struct session *s, const char *before, const char *typed,
	struct prompt_words *out)
{
	struct search f = {s, typed, out};

	*out = (struct prompt_words){0};
	offer_after(&f, before);
	return out->n == 0 && *text_skip_blanks(before) == '!';
}
