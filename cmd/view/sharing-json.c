/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who shares what, as JSON: see sharing.h. */
#include "cmd/view/mapped.h"
#include "cmd/view/sharing-facts.h"
#include "cmd/view/sharing.h"
#include "lib/base/names.h"
#include "lib/look/pipeline.h"
#include "lib/out/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/sysmacros.h>

static json_t *holder_json(const struct share *s, size_t first, size_t n)
{
	const struct share_table *t = &s->tables[s->fds[first].table];
	json_t *fds = json_array(), *cloexec = json_array(), *others = json_array();

	for (size_t i = first; i < first + n; i++) {
		json_array_append_new(fds, json_integer(s->fds[i].fd));
		if (s->fds[i].cloexec)
			json_array_append_new(cloexec, json_integer(s->fds[i].fd));
	}
	for (size_t i = 0; i < t->n_others; i++)
		json_array_append_new(others, json_integer(t->others[i]));
	json_t *holder = json_pack("{s:i, s:o, s:o, s:o, s:i, s:i}", "pid", t->pid, "command",
		json_bytes(t->command), "fds", fds, "cloexec", cloexec, "parent", t->parent,
		"session", t->session);
	if (t->tid != t->pid)
		json_object_set_new(holder, "tid", json_integer(t->tid));
	if (t->own)
		json_object_set_new(holder, "own", json_string(share_own_word(t)));
	if (t->n_others)
		json_object_set(holder, "same_table", others);
	json_decref(others);
	return holder;
}

static json_t *holders_json(const struct share *s, const struct share_description *d)
{
	json_t *holders = json_array();

	for (size_t i = d->first, n; i < d->first + d->n; i += n) {
		for (n = 1; i + n < d->first + d->n && s->fds[i + n].table == s->fds[i].table; n++)
			;
		json_array_append_new(holders, holder_json(s, i, n));
	}
	return holders;
}

/* null where not every holder is known: then it is never called "not shared". */
static json_t *shared_json(const struct share *s, const struct share_description *d)
{
	if (d->n > 1)
		return json_true();
	return share_complete(s, d) ? json_false() : json_null();
}

static json_t *evidence_json(const struct share *s, const struct share_description *d)
{
	char *text = share_evidence(s, d);
	json_t *evidence = text ? json_bytes(text) : json_null();

	free(text);
	return evidence;
}

static json_t *description_json(
	const struct share *s, size_t i, struct facts *facts, bool references)
{
	const struct share_description *d = &s->descriptions[i];
	bool known = share_inode_known(d);
	char letter[8];

	return json_pack(
		"{s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:b, s:o, s:b, s:o, s:o, s:o}",
		"id", share_letter(i, letter),
		"mode", names_mode(d->flags),
		"flags", json_flags(d->flags),
		"pos", json_maybe(d->pos, DESC_NO_POS),
		"type", d->type,
		"name", json_bytes(d->name),
		"device", known ? json_device(major(d->dev), minor(d->dev)) : json_null(),
		"inode", known ? json_number(d->ino) : json_null(),
		"asked", d->requested,
		"shared", shared_json(s, d),
		"complete", share_complete(s, d),
		"evidence", evidence_json(s, d),
		"facts", description_facts(facts, s, d, references),
		"holders", holders_json(s, d));
}

json_t *sharing_unseen_json(const struct share *s)
{
	json_t *all = json_array();

	for (size_t i = 0; i < s->unseen; i++)
		json_array_append_new(all, json_pack("{s:i, s:o, s:s}", "pid", s->gaps[i].pid, "command",
			json_bytes(s->gaps[i].command), "error", names_errno(s->gaps[i].error)));
	return all;
}

int sharing_json(const struct share *s, bool references, const struct mapped *mapped)
{
	struct facts *facts = facts_new();
	int done = fputs("{\"descriptions\":[", stdout);

	for (size_t i = 0; i < s->n_descriptions && done >= 0; i++) {
		if (i)
			putchar(',');
		json_t *one = description_json(s, i, facts, references);
		json_t *mappers = mapped_json(mapped, s, i);
		if (mappers)
			json_object_set_new(one, "mappers", mappers);
		done = json_put(one);
	}
	facts_free(facts);
	if (done >= 0)
		done = fputs("],\"unseen\":", stdout);
	if (done >= 0)
		done = json_put(sharing_unseen_json(s));
	return done < 0 || fputs("}\n", stdout) < 0 ? -1 : 0;
}
