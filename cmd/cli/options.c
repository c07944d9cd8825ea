/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parsers that option rows have in common: see options.h. */
#include "cmd/cli/options.h"
#include "lib/base/addr.h"
#include "lib/base/memory.h"
#include "lib/base/peer.h"
#include "lib/base/times.h"
#include "lib/pass/msghdr-dump.h"

#include <bsd/stdlib.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void words_add(struct words *w, const char *word)
{
	w->v = must_realloc(w->v, w->n + 1, sizeof(*w->v));
	w->v[w->n++] = word;
}

const char *opt_flag(const char *arg, void *into)
{
	(void)arg;
	*(bool *)into = true;
	return NULL;
}

const char *opt_anatomy(const char *arg, void *into)
{
	msghdr_dump_start();
	return opt_flag(arg, into);
}

const char *opt_time(const char *arg, void *into)
{
	int64_t *ns = into;

	if (time_parse(arg, ns) < 0 || *ns == 0)
		return "must be a time: 250ms, 2s, 1m, or a number of seconds";
	return NULL;
}

static const char *parse_number(
	const char *arg, long long min, long long max, long long *n, const char *otherwise)
{
	const char *fault;

	*n = strtonum(arg, min, max, &fault);
	return fault ? otherwise : NULL;
}

const char *opt_count(const char *arg, void *into)
{
	long long n;
	const char *fault = parse_number(arg, 1, LONG_MAX, &n, "must be 1 or more");

	*(long *)into = (long)n;
	return fault;
}

const char *opt_number(const char *arg, void *into)
{
	long long n;
	const char *fault =
		parse_number(arg, 0, INT_MAX - 1, &n, "must be the number of a descriptor");

	*(int *)into = (int)n + 1; /* 0, as in a state of zeros, is "not given" */
	return fault;
}

const char *opt_mode(const char *arg, void *into)
{
	static const struct {
		const char *word;
		int mode;
	} modes[] = {{"r", O_RDONLY}, {"w", O_WRONLY}, {"rw", O_RDWR}, {"r+", O_RDWR}, {NULL, 0}};

	for (size_t i = 0; modes[i].word; i++)
		if (strcmp(arg, modes[i].word) == 0) {
			*(int *)into = modes[i].mode + 1;
			return NULL;
		}
	return "is not a mode: must be r, w or rw";
}

const char *opt_word(const char *arg, void *into)
{
	*(const char **)into = arg;
	return NULL;
}

const char *opt_address(const char *arg, void *into)
{
	struct addr addr;

	*(const char **)into = arg;
	return addr_parse(arg, &addr);
}

const char *opt_words(const char *arg, void *into)
{
	words_add(into, arg);
	return NULL;
}

const char *opt_user(const char *arg, void *into)
{
	return policy_add_user(into, arg);
}

const char *opt_group(const char *arg, void *into)
{
	return policy_add_group(into, arg);
}

/* --- choices ------------------------------------------------------------------------ */

/* "must be auto, always or never" */
static const char *must_be(const char *choices)
{
	static char fault[160];
	size_t n = (size_t)snprintf(fault, sizeof(fault), "must be ");

	for (const char *word = choices; *word && n < sizeof(fault);) {
		size_t len = strcspn(word, " ");
		const char *before = word == choices ? "" : word[len] ? ", " : " or ";
		n += (size_t)snprintf(
			fault + n, sizeof(fault) - n, "%s%.*s", before, (int)len, word);
		word += len + (word[len] == ' ');
	}
	return fault;
}

static bool list_add(const char *word, size_t len, const struct list_word *list, uint32_t *bits)
{
	for (; list->word; list++)
		if (strlen(list->word) == len && strncmp(list->word, word, len) == 0) {
			*bits |= list->bits;
			return true;
		}
	return false;
}

bool list_parse(const char *arg, const struct list_word *list, uint32_t *bits)
{
	for (size_t len = strcspn(arg, ",");; arg += len + 1, len = strcspn(arg, ",")) {
		if (!list_add(arg, len, list, bits))
			return false;
		if (!arg[len])
			return true;
	}
}

const char *choice_parse(const char *arg, const char *choices, unsigned int *index)
{
	unsigned int i = 0;

	for (const char *word = choices; *word; i++) {
		size_t len = strcspn(word, " ");
		if (strlen(arg) == len && strncmp(arg, word, len) == 0) {
			*index = i;
			return NULL;
		}
		word += len + (word[len] == ' ');
	}
	return must_be(choices);
}
