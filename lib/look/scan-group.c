/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds out which descriptors of a scan are one description: scan_group of scan.h.
 *
 * Only dev and ino are certain to be equal for one description, and cannot change meanwhile.
 * So the descriptors of one inode make a group, and kcmp finds the descriptions within it.
 * kcmp also orders them: a group is searched by halves, in an array with one descriptor of
 * each description found so far, its representative.
 */
#include "lib/base/memory.h"
#include "lib/look/kcmp.h"
#include "lib/look/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct grouping {
	struct scan *scan;
	struct scan_fd **representatives; /* of the current group, in kcmp's order */
	size_t n_representatives;
	uint32_t *new_numbers;         /* for the descriptions of the current group */
	uint32_t n;                    /* descriptions so far */
	struct scan_fd *table_start;   /* of the group, where the current table begins */
	struct scan_fd *table_before;  /* walks along the table before it */
};

static enum kcmp_order compare(
	const struct scan *s, const struct scan_fd *a, const struct scan_fd *b)
{
	return kcmp_descriptors(s->tables[a->table].tid, a->fd, s->tables[b->table].tid, b->fd);
}

static bool is_fault(enum kcmp_order order)
{
	return order == KCMP_ERROR || order == KCMP_UNORDERED;
}

/* 0, or why this one alone cannot be compared: EPERM; or ESRCH, EBADF: it is gone. */
static int fault_of(const struct scan *s, const struct scan_fd *f)
{
	return is_fault(compare(s, f, f)) ? errno : 0;
}

static void add_representative(struct grouping *g, struct scan_fd *f, size_t at)
{
	memmove(&g->representatives[at + 1], &g->representatives[at],
		(g->n_representatives++ - at) * sizeof(*g->representatives));
	g->representatives[at] = f;
	f->description = g->n++;
}

static void remove_representative(struct grouping *g, size_t at)
{
	memmove(&g->representatives[at], &g->representatives[at + 1],
		(--g->n_representatives - at) * sizeof(*g->representatives));
}

/*
 * A representative is gone, or kcmp is forbidden for it: another descriptor of its
 * description, which stands before f in the group, takes its place.
 */
static void replace_representative(
	struct grouping *g, size_t at, struct scan_fd *group, const struct scan_fd *f)
{
	struct scan_fd *old = g->representatives[at];
	uint32_t description = old->description;

	int fault = fault_of(g->scan, old);
	if (fault == 0) /* it was f that was closed, and its number is in use again */
		return;
	if (fault == EPERM)
		old->certain = false;
	else
		old->description = SCAN_GONE;
	for (struct scan_fd *other = group; other < f; other++)
		if (other->description == description && other->certain &&
			fault_of(g->scan, other) == 0) {
			g->representatives[at] = other;
			return;
		}
	remove_representative(g, at);
}

/*
 * An inherited descriptor most likely has the same number in the table before: then one
 * comparison does instead of a search. The group is in the order of table and number.
 */
static bool is_as_before(struct grouping *g, struct scan_fd *f)
{
	if (f->table != g->table_start->table) {
		g->table_before = g->table_start;
		g->table_start = f;
	}
	while (g->table_before < g->table_start && g->table_before->fd < f->fd)
		g->table_before++;
	const struct scan_fd *before = g->table_before;
	if (before == g->table_start || before->fd != f->fd || g->n_representatives < 3 ||
		!before->certain || before->description == SCAN_GONE ||
		compare(g->scan, f, before) != KCMP_SAME)
		return false;
	f->description = before->description;
	return true;
}

/* Returns false if f has to be placed again, since a representative has been replaced. */
static bool cannot_compare(struct grouping *g, size_t at, struct scan_fd *group, struct scan_fd *f)
{
	int fault = fault_of(g->scan, f);

	if (fault == 0) {
		replace_representative(g, at, group, f);
		return false;
	}
	f->description = fault == EBADF || fault == ESRCH ? SCAN_GONE : g->n++;
	f->certain = false;
	return true;
}

/* Finds the description of f, or adds a new one. Returns false if it has to be tried again. */
static bool place(struct grouping *g, struct scan_fd *group, struct scan_fd *f)
{
	size_t low = 0, high = g->n_representatives;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		enum kcmp_order order = compare(g->scan, f, g->representatives[middle]);
		if (order == KCMP_SAME) {
			f->description = g->representatives[middle]->description;
			return true;
		}
		if (is_fault(order))
			return cannot_compare(g, middle, group, f);
		if (order == KCMP_BEFORE)
			high = middle;
		else
			low = middle + 1;
	}
	add_representative(g, f, low);
	return true;
}

/* One uncertain descriptor makes its whole group uncertain. Returns whether there is none. */
static bool mark_uncertain(struct scan_fd *group, size_t n)
{
	bool certain = true;

	for (size_t i = 0; i < n; i++)
		certain = certain && (group[i].certain || group[i].description == SCAN_GONE);
	for (size_t i = 0; i < n; i++)
		group[i].certain = certain;
	return certain;
}

/*
 * Numbers the descriptions of a group anew, from `since` on, in kcmp's order. A description
 * that has no representative left is gone.
 */
static void number_in_order(struct grouping *g, struct scan_fd *group, size_t n, uint32_t since)
{
	memset(g->new_numbers, 0xff, (g->n - since) * sizeof(*g->new_numbers)); /* SCAN_GONE */
	for (uint32_t i = 0; i < g->n_representatives; i++)
		g->new_numbers[g->representatives[i]->description - since] = since + i;
	for (struct scan_fd *f = group; f < group + n; f++)
		if (f->description != SCAN_GONE)
			f->description = g->new_numbers[f->description - since];
	g->n = since + (uint32_t)g->n_representatives;
}

/* --- a descriptor may be closed, and its number used again, while its group is searched ----- */

/* Whether kcmp agrees with the numbers of the descriptions of two neighbours. */
static bool order_confirmed(
	const struct scan *s, const struct scan_fd *before, const struct scan_fd *f)
{
	return compare(s, before, f) ==
	       (before->description == f->description ? KCMP_SAME : KCMP_BEFORE);
}

/*
 * Which of two neighbours has changed, both still open, when their order is not confirmed:
 * f, unless f agrees with its other neighbour.
 */
static struct scan_fd *culprit(const struct scan *s, struct scan_fd *before, struct scan_fd *f,
	const struct scan_fd *end)
{
	bool f_is_right =
		f + 1 < end && f[1].description != SCAN_GONE && order_confirmed(s, f, f + 1);

	return f_is_right ? before : f;
}

/*
 * Compares each descriptor of a group once more with the one before it. Returns false where
 * the order is not confirmed. At the last try, the descriptor that changed more often is
 * left out instead.
 */
static bool verify_order(const struct scan *s, struct scan_fd *group, size_t n, bool last)
{
	struct scan_fd *before = group;

	for (struct scan_fd *f = group + 1; f < group + n && f->description != SCAN_GONE; f++) {
		while (before >= group && f->description != SCAN_GONE &&
			!order_confirmed(s, before, f)) {
			struct scan_fd *gone = fault_of(s, before) ? before : NULL;
			if (!gone && fault_of(s, f))
				gone = f;
			if (!gone) {
				culprit(s, before, f, group + n)->changes++;
				if (!last)
					return false;
				gone = before->changes > f->changes ? before : f;
			}
			gone->description = SCAN_GONE;
			while (before >= group && before->description == SCAN_GONE)
				before--;
		}
		before = f->description == SCAN_GONE ? before : f;
	}
	return true;
}

/*
 * A descriptor that changes all the time can join two descriptions, or split one: it was the
 * same as a stranger when it was placed, and again when it was verified. So this compares the
 * outer descriptors of each description, and of two neighbouring ones.
 */
static bool verify_ends(const struct scan *s, struct scan_fd *group, size_t n)
{
	const struct scan_fd *end = group + n;
	struct scan_fd *before = NULL, *first = group, *last;

	for (; first < end && first->description != SCAN_GONE; before = first, first = last + 1) {
		for (last = first; last + 1 < end && last[1].description == first->description;)
			last++;
		if (before && (last > first || before + 1 < first) &&
			!order_confirmed(s, before, last)) {
			before->changes += before + 1 < first;
			first->changes += last > first;
			return false;
		}
		if (last > first + 1 && !order_confirmed(s, first, last)) {
			first[1].changes++;
			return false;
		}
	}
	return true;
}

/* --- the groups --------------------------------------------------------------------- */

static int by_changes(const void *a, const void *b)
{
	const struct scan_fd *x = a, *y = b;

	return (x->changes > y->changes) - (x->changes < y->changes);
}

static int by_table_and_number(const struct scan_fd *x, const struct scan_fd *y)
{
	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

static int by_description(const void *a, const void *b)
{
	const struct scan_fd *x = a, *y = b;

	if (x->description != y->description)
		return x->description < y->description ? -1 : 1;
	return by_table_and_number(x, y);
}

static int by_inode(const void *a, const void *b)
{
	const struct scan_fd *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return by_table_and_number(x, y);
}

/*
 * Those that were seen to change come last, where they mislead none of the others. Returns
 * false where kcmp is forbidden for one of them.
 */
static bool place_all(struct grouping *g, struct scan_fd *group, size_t n)
{
	const uint32_t since = g->n;

	g->n_representatives = 0;
	qsort(group, n, sizeof(*group), by_changes);
	g->table_start = g->table_before = group;
	for (size_t i = 0; i < n; i++)
		while (!is_as_before(g, &group[i]) && !place(g, group, &group[i]))
			;
	if (!mark_uncertain(group, n))
		return false;
	number_in_order(g, group, n, since);
	return true;
}

static void find_descriptions(struct grouping *g, struct scan_fd *group, size_t n)
{
	enum { TRIES = 8 };
	const uint32_t since = g->n;
	bool done = n == 1;

	if (done)
		group->description = g->n++;
	for (int left = TRIES; !done; left--) {
		g->n = since;
		done = !place_all(g, group, n);
		qsort(group, n, sizeof(*group), by_description);
		done = done || (verify_order(g->scan, group, n, left == 1) &&
				       (left == 1 || verify_ends(g->scan, group, n)));
	}
	if (n > 1) /* SCAN_GONE goes to the end */
		qsort(group, n, sizeof(*group), by_description);
}

static bool is_one_inode(const struct scan_fd *a, const struct scan_fd *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

uint32_t scan_group(struct scan *s)
{
	struct grouping g = {.scan = s};

	if (s->n_fds == 0)
		return 0;
	qsort(s->fds, s->n_fds, sizeof(*s->fds), by_inode);
	g.representatives = must_calloc(s->n_fds, sizeof(struct scan_fd *));
	g.new_numbers = must_calloc(s->n_fds, sizeof(*g.new_numbers));
	for (size_t first = 0, n; first < s->n_fds; first += n) {
		const struct scan_fd *head = &s->fds[first];
		for (n = 1; first + n < s->n_fds && is_one_inode(head, head + n);)
			n++;
		find_descriptions(&g, &s->fds[first], n);
	}
	free(g.representatives);
	free(g.new_numbers);
	scan_group_tables(s);
	return g.n;
}

/*
 * They come in the order of table and number already. So it is enough to count the descriptors
 * of each description, and to copy each to where its description begins.
 */
void scan_sort(struct scan *s)
{
	struct scan_fd *sorted = must_calloc(s->n_fds + 1, sizeof(*sorted));
	size_t *begin = must_calloc(s->n_fds + 2, sizeof(*begin)), total = 0;

	for (size_t i = 0; i < s->n_fds; i++)
		begin[s->fds[i].description + 1]++;
	for (size_t i = 0; i <= s->n_fds; i++) {
		total += begin[i];
		begin[i] = total;
	}
	for (size_t i = 0; i < s->n_fds; i++)
		sorted[begin[s->fds[i].description]++] = s->fds[i];
	free(begin);
	free(s->fds);
	s->fds = sorted;
}
