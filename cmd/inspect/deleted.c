/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inspect --deleted: open files that have no name any more, and what truncating them would free. */
#include "cmd/inspect/inspect.h"
#include "lib/base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A memfd never had a name. */
static bool is_deleted(const struct share_description *d)
{
	return d->nameless && strcmp(d->type, "regular") == 0;
}

struct sized {
	const struct share_description *d;
	size_t index;
};

static int largest_first(const void *a, const void *b)
{
	const struct sized *x = a, *y = b;

	if (x->d->allocated != y->d->allocated)
		return x->d->allocated > y->d->allocated ? -1 : 1;
	if (x->d->dev != y->d->dev)
		return x->d->dev < y->d->dev ? -1 : 1;
	if (x->d->ino != y->d->ino)
		return x->d->ino < y->d->ino ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

void deleted_keep(struct share *s)
{
	struct sized *found = must_calloc(s->n_descriptions + 1, sizeof(*found));
	size_t *order = must_calloc(s->n_descriptions + 1, sizeof(*order)), n = 0;

	for (size_t i = 0; i < s->n_descriptions; i++)
		if (is_deleted(&s->descriptions[i]))
			found[n++] = (struct sized){&s->descriptions[i], i};
	qsort(found, n, sizeof(*found), largest_first);
	for (size_t i = 0; i < n; i++)
		order[i] = found[i].index;
	free(found);
	share_select(s, order, n);
	free(order);
}

/* Several descriptions of one inode follow each other. */
void deleted_print_sum(FILE *out, const struct share *s)
{
	const struct share_description *d = s->descriptions;
	int64_t sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < s->n_descriptions; i++) {
		if (i && d[i].dev == d[i - 1].dev && d[i].ino == d[i - 1].ino)
			continue;
		sum += d[i].allocated > 0 ? d[i].allocated : 0;
		n++;
	}
	if (n == 0) {
		fputs("no open file is without a name\n", out);
		return;
	}
	fprintf(out, "\n%zu file%s without a name: truncating %s would free %" PRId64 " bytes", n,
		n == 1 ? "" : "s", n == 1 ? "it" : "them", sum);
	fprintf(out, ", the first by 'truncate -s 0 /proc/%d/fd/%d'\n", s->tables[s->fds[0].table].pid,
		s->fds[0].fd);
}
