/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What processes opened and have not closed: see grow.h. */
#include "lib/look/grow.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"

#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

/* A descriptor, and what tells it from another one at the same number. */
struct grow_fd {
	pid_t tid;
	int fd;
	uint32_t dev, rdev;
	ino_t ino;
	char type[DESC_TYPE_MAX]; /* all anonymous inodes are one */
	uint32_t table, description; /* of its look */
};

static int by_number(const void *a, const void *b)
{
	const struct grow_fd *x = a, *y = b;

	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

static bool is_same(const struct grow_fd *x, const struct grow_fd *y)
{
	return x->dev == y->dev && x->ino == y->ino && x->rdev == y->rdev &&
	       strcmp(x->type, y->type) == 0;
}

static bool counts(const struct grow *g, const struct share_table *t)
{
	return !g->counts || g->counts(g->data, t);
}

/* The descriptors of a look that count, by tid and number. */
static struct grow_fd *list_fds(const struct grow *g, const struct share *s, size_t *n)
{
	struct grow_fd *all = must_calloc(s->n_fds + 1, sizeof(*all));

	*n = 0;
	for (size_t i = 0; i < s->n_fds; i++) {
		const struct share_fd *f = &s->fds[i];
		const struct share_description *d = &s->descriptions[f->description];
		if (!counts(g, &s->tables[f->table]))
			continue;
		struct grow_fd *to = &all[(*n)++];
		*to = (struct grow_fd){.tid = s->tables[f->table].tid, .fd = f->fd, .dev = d->dev,
			.rdev = d->rdev, .ino = d->ino, .table = f->table,
			.description = f->description};
		strlcpy(to->type, d->type ? d->type : "?", sizeof(to->type));
	}
	qsort(all, *n, sizeof(*all), by_number);
	return all;
}

/* --- a look --------------------------------------------------------------------------------- */

static int by_tid(const void *a, const void *b)
{
	const struct grow_process *x = a, *y = b;

	return (x->tid > y->tid) - (x->tid < y->tid);
}

static const struct grow_process *find_process(const struct grow *g, pid_t tid)
{
	const struct grow_process key = {.tid = tid};

	return g->n_processes ? bsearch(&key, g->processes, g->n_processes, sizeof(key), by_tid) : NULL;
}

static const struct grow_fd *find_old(const struct grow *g, const struct grow_fd *f)
{
	return g->n_old ? bsearch(f, g->old, g->n_old, sizeof(*f), by_number) : NULL;
}

/* The process as it was before; of one that was not there, all that it has is of its first look. */
static struct grow_process begin_process(
	const struct grow *g, const struct share_table *t, size_t n, int64_t now, bool *first)
{
	const struct grow_process *before = find_process(g, t->tid);
	struct grow_process p = {.tid = t->tid, .since = now, .first = n};

	*first = !before && (!g->part || g->begin == now);
	if (before)
		p = *before;
	else if (!*first)
		p = (struct grow_process){.tid = t->tid, .since = g->begin};
	p.pid = t->pid;
	p.now = n;
	p.kept = 0;
	strlcpy(p.command, t->command, sizeof(p.command));
	return p;
}

/* Copies the old ones among a process's descriptors, and marks the descriptions of the others. */
static size_t keep_old(const struct grow *g, const struct grow_fd *fds, size_t n, bool first,
	struct grow_fd *old, bool *fresh)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		const struct grow_fd *was = first ? &fds[i] : find_old(g, &fds[i]);
		if (was && is_same(was, &fds[i]))
			old[kept++] = fds[i];
		else
			fresh[fds[i].description] = true;
	}
	return kept;
}

bool *grow_look(struct grow *g, const struct share *s, int64_t now)
{
	size_t n, n_old = 0, n_processes = 0;
	struct grow_fd *fds = list_fds(g, s, &n), *old = must_calloc(n + 1, sizeof(*old));
	struct grow_process *processes = must_calloc(s->n_tables + 1, sizeof(*processes));
	bool *fresh = must_calloc(s->n_descriptions + 1, sizeof(*fresh)), first;

	if (!g->at)
		g->begin = now;
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && fds[end].tid == fds[i].tid;)
			end++;
		struct grow_process *p = &processes[n_processes++];
		*p = begin_process(g, &s->tables[fds[i].table], end - i, now, &first);
		p->kept = keep_old(g, &fds[i], end - i, first, &old[n_old], fresh);
		n_old += p->kept;
	}
	free(fds);
	free(g->old);
	free(g->processes);
	g->old = old;
	g->n_old = n_old;
	g->processes = processes;
	g->n_processes = n_processes;
	g->at = now;
	return fresh;
}

/* --- groups --------------------------------------------------------------------------------- */

/* The label, or a name that is not only the number of an inode. */
static const char *object_of(const struct share_description *d)
{
	const char *colon = d->name ? strstr(d->name, ":[") : NULL;

	if (d->label || !d->name)
		return d->label ? d->label : "?";
	return *d->name == '/' || (!colon && !text_begins(d->name, "anon_inode:")) ? d->name : "";
}

static int by_object(const void *a, const void *b)
{
	const struct grow_group *x = a, *y = b;
	int differ;

	if (x->process != y->process)
		return x->process < y->process ? -1 : 1;
	differ = strcmp(x->type, y->type);
	return differ ? differ : strcmp(x->object, y->object);
}

static int largest_first(const void *a, const void *b)
{
	const struct grow_group *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return by_object(a, b);
}

/* A group of one for each new descriptor. */
static struct grow_group *list_new(const struct grow *g, const struct share *s, size_t *n)
{
	struct grow_group *all = must_calloc(s->n_fds + 1, sizeof(*all));

	*n = 0;
	for (size_t i = 0; i < s->n_fds; i++) {
		const struct share_description *d = &s->descriptions[s->fds[i].description];
		const struct share_table *t = &s->tables[s->fds[i].table];
		const struct grow_fd key = {.tid = t->tid, .fd = s->fds[i].fd};
		const struct grow_process *p = counts(g, t) ? find_process(g, t->tid) : NULL;
		if (p && grow_shows(g, p) && !find_old(g, &key))
			all[(*n)++] = (struct grow_group){(size_t)(p - g->processes),
				d->type ? d->type : "?", object_of(d), 1};
	}
	return all;
}

static size_t join(struct grow_group *all, size_t n)
{
	size_t joined = 0;

	qsort(all, n, sizeof(*all), by_object);
	for (size_t i = 0; i < n; i++)
		if (joined && by_object(&all[joined - 1], &all[i]) == 0)
			all[joined - 1].n++;
		else
			all[joined++] = all[i];
	qsort(all, joined, sizeof(*all), largest_first);
	return joined;
}

static size_t closed_by_growing(const struct grow *g)
{
	size_t closed = 0;

	for (size_t i = 0; i < g->n_processes; i++) {
		const struct grow_process *p = &g->processes[i];
		closed += grow_shows(g, p) && grow_opened(p) ? grow_closed(p) : 0;
	}
	return closed;
}

bool grow_group(struct grow *g, const struct share *s)
{
	size_t n, closed = closed_by_growing(g);
	struct grow_group *groups = list_new(g, s, &n);

	n = join(groups, n);
	bool differ = n != g->n_groups || closed != g->closed;
	for (size_t i = 0; i < n && !differ; i++)
		differ = groups[i].n != g->groups[i].n || by_object(&groups[i], &g->groups[i]) != 0;
	free(g->groups);
	g->groups = groups;
	g->n_groups = n;
	g->closed = closed;
	return differ;
}

void grow_free(struct grow *g)
{
	free(g->processes);
	free(g->old);
	free(g->groups);
	*g = (struct grow){0};
}

/* --- its rate ------------------------------------------------------------------------------- */

static double growth(const struct grow_process *p)
{
	return (double)p->now - (double)p->first;
}

double grow_per_minute(const struct grow *g, const struct grow_process *p)
{
	return g->at > p->since ? growth(p) * 60 * (double)NS_PER_S / (double)(g->at - p->since) : 0;
}

int64_t grow_until(const struct grow *g, const struct grow_process *p, size_t more)
{
	double ns = growth(p) > 0 ? (double)more * (double)(g->at - p->since) / growth(p) : -1;

	return ns >= 0 && ns < (double)NEVER ? (int64_t)ns : NEVER;
}
