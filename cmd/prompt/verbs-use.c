/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verb of the prompt that changes to another of several descriptors: those of a group. */
#include "cmd/prompt/verbs.h"
#include "lib/base/names.h"
#include "lib/base/number.h"
#include "lib/base/text.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

bool has_members(const struct session *s)
{
	return s->n_members > 1;
}

/* By its name, or by its number. Returns n_members if there is none. */
static size_t find(const struct session *s, const char *word)
{
	long long fd = -1;

	for (size_t i = 0; i < s->n_members; i++)
		if (strcmp(s->members[i].name, word) == 0)
			return i;
	if (number_parse(word, 0, INT_MAX, &fd) < 0)
		return s->n_members;
	for (size_t i = 0; i < s->n_members; i++)
		if (s->members[i].fd == fd)
			return i;
	return s->n_members;
}

enum status check_use(struct session *s, const struct verb *v, const struct operands *o)
{
	bool known = !*o->rest || find(s, o->rest) < s->n_members;

	return known ? STATUS_OK : operands_misused(s, v, o->rest, "is none of them: 'use' lists them");
}

static void print_member(struct session *s, size_t i)
{
	const struct member *m = &s->members[i];

	printf("%s %d  %s %s\n", i == s->used ? "*" : " ", m->fd, text_show(m->name),
		names_mode(session_known(s, i)->flags));
}

enum status verb_use(struct session *s, const struct operands *o)
{
	for (size_t i = 0; !*o->rest && i < s->n_members; i++)
		print_member(s, i);
	if (!*o->rest)
		return STATUS_OK;
	session_use(s, find(s, o->rest));
	print_member(s, s->used);
	return STATUS_OK;
}
