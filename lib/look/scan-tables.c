/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds out which descriptor tables of a scan are one: scan_group_tables of scan.h.
 *
 * Only tables with the same descriptions at the same numbers can be one. A checksum of the
 * contents finds these, and then kcmp compares them, in order, as in scan-group.c.
 */
#include "lib/base/memory.h"
#include "lib/look/kcmp.h"
#include "lib/look/scan.h"

#include <stdlib.h>
#include <string.h>

struct table_content {
	uint64_t sum;
	size_t n;
	uint32_t table;
};

static struct table_content *sum_up(const struct scan *s)
{
	struct table_content *all = must_calloc(s->n_tables, sizeof(*all));

	for (uint32_t i = 0; i < s->n_tables; i++)
		all[i].table = i;
	for (const struct scan_fd *f = s->fds; f < s->fds + s->n_fds; f++) {
		uint64_t one = (uint64_t)f->description << 32 | (uint32_t)f->fd;
		one *= 0x9e3779b97f4a7c15u;
		all[f->table].sum += one ^ one >> 29;
		all[f->table].n++;
	}
	return all;
}

static int by_content(const void *a, const void *b)
{
	const struct table_content *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	if (x->sum != y->sum)
		return x->sum < y->sum ? -1 : 1;
	return (x->table > y->table) - (x->table < y->table);
}

/*
 * Searches the tables that differ, which are in kcmp's order, and notes that it is the same as
 * one of these, or adds it. If one of two cannot be compared, or is gone, it stays apart.
 */
static void place_table(struct scan *s, uint32_t *distinct, size_t *n, uint32_t table)
{
	size_t low = 0, high = *n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		enum kcmp_order order =
			kcmp_tables(s->tables[table].tid, s->tables[distinct[middle]].tid);
		if (order == KCMP_SAME)
			scan_same_table(s, distinct[middle], table);
		if (order == KCMP_SAME || order == KCMP_ERROR)
			return;
		if (order == KCMP_BEFORE)
			high = middle;
		else
			low = middle + 1;
	}
	memmove(&distinct[low + 1], &distinct[low], ((*n)++ - low) * sizeof(*distinct));
	distinct[low] = table;
}

void scan_group_tables(struct scan *s)
{
	struct table_content *all = sum_up(s);
	uint32_t *distinct = must_calloc(s->n_tables, sizeof(*distinct));
	size_t n = 0;

	qsort(all, s->n_tables, sizeof(*all), by_content);
	for (size_t i = 0; i < s->n_tables; i++) {
		if (i && (all[i].n != all[i - 1].n || all[i].sum != all[i - 1].sum))
			n = 0;
		if (all[i].n)
			place_table(s, distinct, &n, all[i].table);
	}
	free(distinct);
	free(all);
}
