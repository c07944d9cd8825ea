/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What changed since the last look: see inspect.h. */
#include "cmd/inspect/inspect.h"
#include "lib/base/memory.h"

#include <stdlib.h>

static int compare_holders(const void *a, const void *b)
{
	const struct share_target *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

/* A descriptor of the last look, and the index of its description. */
struct was_held {
	struct share_target holder; /* first: compare_holders compares it */
	size_t description;
};

static struct was_held *index_of(const struct share *s)
{
	struct was_held *all = must_calloc(s->n_fds + 1, sizeof(*all));

	for (size_t i = 0; i < s->n_fds; i++)
		all[i] = (struct was_held){
			{s->tables[s->fds[i].table].tid, s->fds[i].fd}, s->fds[i].description};
	qsort(all, s->n_fds, sizeof(*all), compare_holders);
	return all;
}

static bool same_look(const struct share_description *a, const struct share_description *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->pos == b->pos && a->flags == b->flags &&
	       a->n == b->n && a->certain == b->certain;
}

/* False if all descriptors of d were in one description at the last look, and it was the same. */
static bool has_changed(const struct share *last, const struct was_held *index,
	const struct share *now, const struct share_description *d)
{
	const struct was_held *first = NULL;

	for (size_t i = d->first; i < d->first + d->n; i++) {
		struct share_target holder = {now->tables[now->fds[i].table].tid, now->fds[i].fd};
		const struct was_held *b =
			bsearch(&holder, index, last->n_fds, sizeof(*index), compare_holders);
		first = first ? first : b;
		if (!b || b->description != first->description ||
			!same_look(&last->descriptions[b->description], d))
			return true;
	}
	return false;
}

bool *changes_find(const struct share *last, const struct share *now, bool *any)
{
	bool *changed = must_calloc(now->n_descriptions + 1, sizeof(*changed));
	struct was_held *index = index_of(last);

	*any = last->n_descriptions != now->n_descriptions || last->n_fds != now->n_fds;
	for (size_t i = 0; last->method && i < now->n_descriptions; i++) {
		changed[i] = has_changed(last, index, now, &now->descriptions[i]);
		*any = *any || changed[i];
	}
	free(index);
	return changed;
}
