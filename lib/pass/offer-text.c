/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of an OFFER: see offer-text.h. */
#include "lib/pass/offer-text.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/look/desc.h"

#include <errno.h>
#include <stdlib.h>

static void add_terms(struct protocol_out *out, const struct offer_terms *terms)
{
	if (terms->more)
		protocol_add_number(out, "more", terms->more);
	if (terms->expire)
		protocol_add_number(out, "expire", terms->expire);
	if (terms->replace)
		protocol_add_number(out, "replace", 1);
}

int offer_text(struct protocol_out *out, const char *name, int fd, bool narrow,
	const struct offer_terms *terms)
{
	struct desc d;
	char flags[NAMES_MAX];

	if (desc_look(0, fd, &d) < 0)
		return -1;
	protocol_begin(out, PROTOCOL_OFFER);
	protocol_add(out, "name", name);
	protocol_add_number(out, "fds", 1);
	protocol_add_number(out, "fd", fd);
	protocol_add(out, "mode", narrow ? "r" : names_mode(d.flags));
	protocol_add(out, "type", d.type);
	protocol_add(out, "flags", names_flags(d.flags, flags, sizeof(flags)));
	if (terms)
		add_terms(out, terms);
	protocol_add(out, "path", d.path); /* last: it may not fit */
	return 0;
}

/* Adds KEY=a:b:c; a line that does not fit is left out. */
static void add_list(struct protocol_out *out, const char *key, char *const *words, size_t n)
{
	char *list = must_strdup("");

	for (size_t i = 0; i < n; i++) {
		char *longer = must_printf("%s%s%s", list, i ? ":" : "", words[i]);
		free(list);
		list = longer;
	}
	protocol_add(out, key, list);
	free(list);
}

enum { FD, MODE, TYPE, COLUMNS };

/* What is known of descriptor i, in the column of each key. */
static int describe(char **columns[COLUMNS], size_t i, int fd)
{
	struct desc d;

	if (desc_look(0, fd, &d) < 0)
		return -1;
	columns[FD][i] = must_printf("%d", fd);
	columns[MODE][i] = must_strdup(names_mode(d.flags));
	columns[TYPE][i] = must_strdup(d.type);
	return 0;
}

int offer_text_group(struct protocol_out *out, const char *name, const int *fds, char *const *names, size_t n)
{
	static const char *const keys[COLUMNS] = {"fd", "mode", "type"};
	char **columns[COLUMNS];
	int done = 0;

	protocol_begin(out, PROTOCOL_OFFER);
	protocol_add(out, "name", name);
	protocol_add_number(out, "fds", (long long)n);
	size_t before = out->len;
	add_list(out, "names", names, n);
	if (out->len == before) {
		errno = EMSGSIZE;
		return -1;
	}
	for (size_t k = 0; k < COLUMNS; k++)
		columns[k] = must_calloc(n, sizeof(char *));
	for (size_t i = 0; i < n && done == 0; i++)
		done = describe(columns, i, fds[i]);
	for (size_t k = 0; k < COLUMNS; k++) {
		if (done == 0)
			add_list(out, keys[k], columns[k], n);
		for (size_t i = 0; i < n; i++)
			free(columns[k][i]);
		free(columns[k]);
	}
	return done;
}
