/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of a snapshot that are folded: see fold.h. */
#include "lib/look/fold.h"
#include "lib/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- processes that are alike --------------------------------------------------- */

/* The descriptors of each table: share.fds is sorted by description. */
struct by_table {
	const struct share *share;
	uint32_t *fds;   /* indices into share.fds; each table's by description and number */
	uint32_t *begin; /* of each table, and of the end, into fds */
};

static void sort_by_table(struct by_table *b, const struct share *s)
{
	b->share = s;
	b->fds = must_calloc(s->n_fds + 1, sizeof(*b->fds));
	b->begin = must_calloc(s->n_tables + 2, sizeof(*b->begin));
	for (size_t i = 0; i < s->n_fds; i++)
		b->begin[s->fds[i].table + 2]++;
	for (size_t t = 2; t < s->n_tables + 2; t++)
		b->begin[t] += b->begin[t - 1];
	/* begin[t + 1] is where the next one of table t goes, and so in the end where t + 1 begins */
	for (size_t i = 0; i < s->n_fds; i++)
		b->fds[b->begin[s->fds[i].table + 1]++] = (uint32_t)i;
}

static int compare_fds(const struct share_fd *a, const struct share_fd *b)
{
	if (a->description != b->description)
		return a->description < b->description ? -1 : 1;
	if (a->fd != b->fd)
		return a->fd < b->fd ? -1 : 1;
	return a->cloexec - b->cloexec;
}

/*
 * A server, a thread with its own table, a table of several processes and what this look has
 * brought are like no other.
 */
static bool is_ordinary(const struct share_table *t)
{
	return t->pid == t->tid && t->n_others == 0 && !t->offers && !t->own;
}

static int compare_tables(const struct by_table *b, uint32_t x, uint32_t y)
{
	const struct share_table *tx = &b->share->tables[x], *ty = &b->share->tables[y];
	uint32_t n = b->begin[x + 1] - b->begin[x], ny = b->begin[y + 1] - b->begin[y];
	int differ = strncmp(tx->command, ty->command, sizeof(tx->command));

	if (differ)
		return differ;
	if (n != ny)
		return n < ny ? -1 : 1;
	for (uint32_t i = 0; i < n && !differ; i++)
		differ = compare_fds(&b->share->fds[b->fds[b->begin[x] + i]],
			&b->share->fds[b->fds[b->begin[y] + i]]);
	return differ;
}

static int by_likeness(const void *a, const void *b, void *tables)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int differ = compare_tables(tables, x, y);

	return differ ? differ : x < y ? -1 : 1;
}

/* Joins the tables, which are in the order of the snapshot; *alike is of the first of them. */
static void join(struct fold *f, const uint32_t *tables, size_t n, uint32_t *alike)
{
	for (size_t i = 0; i + 1 < n; i++) {
		f->next[tables[i]] = tables[i + 1];
		alike[tables[i + 1]] = 0;
	}
	alike[tables[0]] = (uint32_t)n;
}

/* Sets alike for each table: how many are like it, if it is the first of them; else 0. */
static void find_alike(struct fold *f, const struct share *s, uint32_t *alike)
{
	struct by_table b;
	uint32_t *order = must_calloc(s->n_tables + 1, sizeof(*order));
	size_t n = 0;

	sort_by_table(&b, s);
	for (size_t t = 0; t < s->n_tables; t++)
		if (is_ordinary(&s->tables[t]))
			order[n++] = (uint32_t)t;
	qsort_r(order, n, sizeof(*order), by_likeness, &b);
	for (size_t first = 0, end; first < n; first = end) {
		for (end = first + 1; end < n && compare_tables(&b, order[first], order[end]) == 0;)
			end++;
		if (end - first >= FOLD_MIN)
			join(f, &order[first], end - first, alike);
	}
	free(order);
	free(b.fds);
	free(b.begin);
}

/* --- rows ------------------------------------------------------------------------ */

static bool same_row(const struct share_fd *a, const struct share_fd *b)
{
	return a->description == b->description && a->table == b->table && a->cloexec == b->cloexec;
}

struct fold fold_new(const struct share *s, bool each)
{
	struct fold f = {.rows = must_calloc(s->n_fds + 1, sizeof(*f.rows)),
		.next = must_calloc(s->n_tables + 1, sizeof(*f.next))};
	uint32_t *alike = must_calloc(s->n_tables + 1, sizeof(*alike));

	for (size_t t = 0; t < s->n_tables; t++) {
		f.next[t] = FOLD_LAST;
		alike[t] = 1;
	}
	if (!each)
		find_alike(&f, s, alike);
	for (size_t i = 0; i < s->n_fds; i++) {
		if (!alike[s->fds[i].table])
			continue;
		if (each || i == 0 || f.n == 0 || !same_row(&s->fds[i - 1], &s->fds[i]))
			f.rows[f.n++] = (struct fold_row){(uint32_t)i, 0, alike[s->fds[i].table]};
		f.rows[f.n - 1].n++;
	}
	free(alike);
	return f;
}

void fold_free(struct fold *f)
{
	free(f->rows);
	free(f->next);
	*f = (struct fold){0};
}

char *fold_numbers(const struct share *s, const struct fold_row *r)
{
	const struct share_fd *fds = &s->fds[r->first];
	enum { EACH = 12 }; /* ",2147483647", or with a '-' */
	char *text = must_calloc(r->n, EACH), *end = text;

	for (uint32_t i = 0, last; i < r->n; i = last + 1) {
		for (last = i; last + 1 < r->n && fds[last + 1].fd == fds[last].fd + 1;)
			last++;
		end += sprintf(end, "%s%d", i ? "," : "", fds[i].fd);
		if (last > i)
			end += sprintf(end, "-%d", fds[last].fd);
	}
	return text;
}
