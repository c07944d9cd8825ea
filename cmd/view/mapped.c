/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has an inode mapped without a descriptor: see mapped.h. */
#include "cmd/view/mapped.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/look/maps.h"
#include "lib/out/json-value.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { NAMED = 5 }; /* mappers; further ones are counted */

static bool is_deleted(const struct share_description *d)
{
	static const char suffix[] = " (deleted)"; /* so the kernel ends the link of a removed name */
	size_t len = d->name ? strlen(d->name) : 0, end = sizeof(suffix) - 1;

	return len > end && strcmp(d->name + len - end, suffix) == 0;
}

static bool *choose(const struct share *s, bool all)
{
	bool *wanted = must_calloc(s->n_descriptions + 1, sizeof(*wanted));

	for (size_t i = 0; i < s->n_descriptions; i++) {
		const struct share_description *d = &s->descriptions[i];
		wanted[i] = S_ISREG(d->perm) && d->requested && (all || is_deleted(d));
	}
	return wanted;
}

static bool is_of(const struct mapper *m, const struct share_description *d)
{
	return m->ino == d->ino && m->dev == d->dev;
}

static void print_one(FILE *out, const struct share *s, size_t i, const struct mappers *all, bool *any)
{
	char letter[8];
	size_t n = 0;

	for (size_t k = 0; k < all->n; k++) {
		const struct mapper *m = &all->v[k];
		if (!is_of(m, &s->descriptions[i]))
			continue;
		if (n == 0)
			fprintf(out, "%s%s: mapped without a descriptor by ", *any ? "" : "\n",
				share_letter(i, letter));
		if (n < NAMED)
			fprintf(out, "%s%s %d", n ? ", " : "", text_show(m->command), m->pid);
		*any = true;
		n++;
	}
	if (n > NAMED)
		fprintf(out, " and %zu more", n - NAMED);
	if (n)
		fputc('\n', out);
}

struct mapped mapped_find(const struct share *s, bool all)
{
	struct mapped m = {.wanted = choose(s, all)};

	m.found = mappers_find(s, m.wanted);
	return m;
}

void mapped_free(struct mapped *m)
{
	free(m->found.v);
	free(m->wanted);
}

void mapped_print(FILE *out, const struct share *s, const struct mapped *m)
{
	bool any = false;

	for (size_t i = 0; i < s->n_descriptions; i++)
		if (m->wanted[i])
			print_one(out, s, i, &m->found, &any);
}

json_t *mapped_json(const struct mapped *m, const struct share *s, size_t description)
{
	if (!m->wanted[description])
		return NULL;
	json_t *array = json_array();
	for (size_t i = 0; i < m->found.n; i++)
		if (is_of(&m->found.v[i], &s->descriptions[description]))
			json_array_append_new(array,
				json_pack("{s:i, s:o}", "pid", m->found.v[i].pid, "command",
					json_bytes(m->found.v[i].command)));
	return array;
}
