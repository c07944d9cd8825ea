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

void mapped_print(FILE *out, const struct share *s, bool all)
{
	bool *wanted = choose(s, all), any = false;
	struct mappers found = mappers_find(s, wanted);

	for (size_t i = 0; i < s->n_descriptions; i++)
		if (wanted[i])
			print_one(out, s, i, &found, &any);
	free(found.v);
	free(wanted);
}

static json_t *mappers_json(const struct mappers *all, const struct share_description *d)
{
	json_t *array = json_array();

	for (size_t i = 0; i < all->n; i++)
		if (is_of(&all->v[i], d))
			json_array_append_new(array, json_pack("{s:i, s:o}", "pid", all->v[i].pid,
				"command", json_bytes(all->v[i].command)));
	return array;
}

void mapped_add_json(json_t *descriptions, const struct share *s, bool all)
{
	bool *wanted = choose(s, all);
	struct mappers found = mappers_find(s, wanted);

	for (size_t i = 0; i < s->n_descriptions; i++)
		if (wanted[i])
			json_object_set_new(json_array_get(descriptions, i), "mappers",
				mappers_json(&found, &s->descriptions[i]));
	free(found.v);
	free(wanted);
}
