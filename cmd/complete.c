/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * __complete: prints the candidates for the word being typed, for the shells' completion.
 *
 * Called as `fdtool __complete -- WORD...`, with the words after "fdtool" up to the one under
 * the cursor, which may be empty. Prints a candidate on each line, followed by a tab and its
 * explanation if there is one. A line "@file", "@command", "@user" or "@group" lets the shell
 * add candidates of that kind.
 */
#include "cmd/cli/command.h"
#include "cmd/cli/commands.h"
#include "cmd/view/sharing.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/pass/catalog.h"
#include "lib/pass/source.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct complete {
	struct words words;
};

static const char *take_word(const char *word, void *state)
{
	struct complete *c = state;

	words_add(&c->words, word);
	return NULL;
}

/* The candidate is word, after the first `kept` bytes of what was typed. */
static void offer_after(const char *typed, size_t kept, const char *word, const char *help)
{
	printf("%.*s%s%s%s\n", (int)kept, typed, word, help ? "\t" : "", help ? help : "");
}

static void offer(const char *word, const char *help, const char *typed)
{
	if (text_begins(word, typed))
		offer_after(typed, 0, word, help);
}

/* For the last item of a list with commas. A list of columns may begin with a '+'. */
static void offer_last(const char *word, const char *help, const char *typed)
{
	const char *comma = strrchr(typed, ',');
	size_t kept = comma ? (size_t)(comma + 1 - typed) : *typed == '+';

	if (strncasecmp(word, typed + kept, strlen(typed + kept)) == 0)
		offer_after(typed, kept, word, help);
}

static void offer_commands(const char *typed)
{
	for (const struct cmd *const *c = cmd_table; *c; c++)
		if (!cmd_is_hidden((*c)->name))
			offer((*c)->name, (*c)->summary, typed);
}

/* From the kernel's table of sockets: no server is connected to. */
static void offer_names(const char *typed)
{
	struct catalog c;

	if (catalog_names(&c) == 0)
		for (size_t i = 0; i < c.n; i++)
			offer(c.entries[i].name, NULL, typed);
	catalog_free(&c);
	if (strchr(typed, '/'))
		puts("@file");
}

/* What is in the directory, behind "file:"; the shells know paths only where a word begins. */
static void offer_paths(const char *prefix, const char *typed)
{
	const char *path = typed + strlen(prefix), *slash = strrchr(path, '/');
	size_t kept = slash ? (size_t)(slash + 1 - path) : 0;
	char *dir = kept ? must_printf("%.*s", (int)kept, path) : must_strdup(".");
	DIR *entries = opendir(dir);

	for (const struct dirent *e; entries && (e = readdir(entries));)
		if (text_begins(e->d_name, path + kept) && (*e->d_name != '.' || path[kept] == '.'))
			printf("%s%.*s%s%s\n", prefix, (int)kept, path, e->d_name,
				e->d_type == DT_DIR ? "/" : "");
	if (entries)
		closedir(entries);
	free(dir);
}

static void offer_columns(const char *typed)
{
	const char *name, *help;

	for (size_t i = 0; (name = sharing_column(i, &help)); i++)
		offer_last(name, help, typed);
}

static void offer_choices(const char *choices, const char *typed,
	void (*one)(const char *word, const char *help, const char *typed))
{
	char word[32];
	int n;

	for (; sscanf(choices, "%31s%n", word, &n) == 1; choices += n)
		one(word, NULL, typed);
}

static void offer_kind(enum word_kind kind, const char *choices, const char *typed)
{
	switch (kind) {
	case WORD_FILE:
		puts("@file");
		offer_choices(choices ? choices : "", typed, offer);
		break;
	case WORD_SOURCE:
		puts("@file");
		for (const struct source_form *f = source_forms; f->word; f++)
			offer(f->word, NULL, typed);
		break;
	case WORD_NAME:
		offer_names(typed);
		break;
	case WORD_TARGET:
		if (text_begins(typed, "file:")) {
			offer_paths("file:", typed);
			break;
		}
		offer_names(typed);
		offer_choices(choices, typed, offer);
		break;
	case WORD_USER:
		puts("@user");
		break;
	case WORD_GROUP:
		puts("@group");
		break;
	case WORD_CHOICE:
		offer_choices(choices, typed, offer);
		break;
	case WORD_LIST:
		offer_choices(choices, typed, offer_last);
		break;
	case WORD_COLUMNS:
		offer_columns(typed);
		break;
	case WORD_COMMAND:
		offer_commands(typed);
		break;
	case WORD_OTHER:
		break;
	}
}

static void offer_options(const struct cmd *cmd, const char *typed)
{
	char word[64];

	for (const struct opt *o = cmd->opts; o && o->name; o++) {
		snprintf(word, sizeof(word), "--%s", o->name);
		offer(word, o->help, typed);
		if (o->letter && strlen(typed) < 2) {
			snprintf(word, sizeof(word), "-%c", o->letter);
			offer(word, o->help, typed);
		}
	}
	offer("--help", "print the options of this command", typed);
	offer("--version", "print the versions of fdtool and its libraries", typed);
}

/* The row whose argument comes after the word, if that is "-m" or "--mode"; or NULL. */
static const struct opt *row_of(const struct cmd *cmd, const char *word)
{
	for (const struct opt *o = cmd->opts; o && o->name; o++) {
		bool longer = text_begins(word, "--") && strcmp(word + 2, o->name) == 0;
		bool shorter = o->letter && word[0] == '-' && word[1] == o->letter && !word[2];
		if ((longer || shorter) && o->arg && o->arg[0] != '[')
			return o;
	}
	return NULL;
}

/* words[0] is the command, words[n - 1] the one being typed. */
static void complete_in(const struct cmd *cmd, const char *const *words, size_t n)
{
	const char *typed = words[n - 1];

	for (size_t i = 1; i + 1 < n; i++)
		if (strcmp(words[i], "--") == 0) {
			if (!cmd->program)
				offer_kind(cmd->kind, cmd->choices, typed);
			else /* only the first word after "--" is the name of a program */
				puts(i + 2 == n ? "@command" : "@file");
			return;
		}
	const struct opt *o = n > 2 ? row_of(cmd, words[n - 2]) : NULL;
	if (o)
		offer_kind(o->kind, o->choices, typed);
	else if (typed[0] == '-')
		offer_options(cmd, typed);
	else
		offer_kind(cmd->kind, cmd->choices, typed);
}

static enum status run(void *state, char **program)
{
	struct complete *c = state;
	const struct cmd *cmd = c->words.n > 1 ? cmd_find(c->words.v[0]) : NULL;

	(void)program;
	if (c->words.n == 1 && c->words.v[0][0] == '-')
		offer_choices("--help --version --list --list-full --install -h -V",
			c->words.v[0], offer);
	else if (c->words.n > 1 && strcmp(c->words.v[0], "--install") == 0)
		puts("@file");
	else if (c->words.n == 1)
		offer_commands(c->words.v[0]);
	else if (cmd)
		complete_in(cmd, c->words.v, c->words.n);
	return STATUS_OK;
}

static void release(void *state)
{
	struct complete *c = state;

	free(c->words.v);
}

const struct cmd cmd_complete = {
	.name = "__complete",
	.operands = "-- WORD...",
	.summary = "print candidates for the last word, for the shells",
	.state = sizeof(struct complete),
	.operand = take_word,
	.run = run,
	.release = release,
};
