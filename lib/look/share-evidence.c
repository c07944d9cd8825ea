/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The evidence why a description is shared: see share.h. */
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/look/share-internal.h"

#include <stdlib.h>
#include <string.h>

/* For 4, "notes.txt" in "notes.txt=4 web=5,6", and its length in *len. NULL if it is not there. */
static const char *offered_as(const char *offers, int fd, int *len)
{
	char *end;

	for (const char *one = offers, *equals; one && (equals = strchr(one, '=')); one = end) {
		end = (char *)equals;
		do {
			long number = strtol(end + 1, &end, 10);
			if (number == fd) {
				*len = (int)(equals - one);
				return one;
			}
		} while (*end == ',');
		end += *end == ' ';
	}
	return NULL;
}

static void add_piece(char **text, char *piece)
{
	char *before = *text;

	*text = before ? must_printf("%s; %s", before, piece) : must_strdup(piece);
	free(before);
	free(piece);
}

static void add_offers(const struct share *s, const struct share_description *d, char **text)
{
	for (size_t i = d->first; i < d->first + d->n; i++) {
		const struct share_table *t = &s->tables[s->fds[i].table];
		int len = 0;
		const char *name = offered_as(t->offers, s->fds[i].fd, &len);
		if (!name)
			continue;
		char *escaped = text_escape(name, (size_t)len); /* any process can set one */
		add_piece(text, must_printf("%d offers it as %s", t->pid, escaped));
		free(escaped);
	}
}

static bool has_parent(const struct share *s, const struct share_description *d,
	const struct share_table *t)
{
	for (size_t i = d->first; t->parent && i < d->first + d->n; i++)
		if (s->tables[s->fds[i].table].pid == t->parent)
			return true;
	return false;
}

const struct share_table *share_inherited_from(const struct share *s,
	const struct share_description *d, const struct share_fd *fd)
{
	pid_t parent = s->tables[fd->table].parent;

	for (size_t i = d->first; parent && i < d->first + d->n; i++) {
		const struct share_table *t = &s->tables[s->fds[i].table];
		if (s->fds[i].fd == fd->fd && t->pid == parent)
			return t;
	}
	return NULL;
}

/* Whether the process of fd, the first of its table, inherited any of its descriptors. */
static bool is_inherited(
	const struct share *s, const struct share_description *d, const struct share_fd *fd)
{
	for (const struct share_fd *f = fd; f < &s->fds[d->first + d->n] && f->table == fd->table; f++)
		if (share_inherited_from(s, d, f))
			return true;
	return false;
}

const struct share_table *share_origin(const struct share *s, const struct share_description *d)
{
	const struct share_table *origin = NULL;

	for (size_t i = d->first; i < d->first + d->n; i++) {
		const struct share_fd *fd = &s->fds[i];
		const struct share_table *t = &s->tables[fd->table];
		if ((i > d->first && fd[-1].table == fd->table) || is_inherited(s, d, fd))
			continue;
		if (origin || has_parent(s, d, t))
			return NULL;
		origin = t;
	}
	return d->n > 1 ? origin : NULL;
}

/* Of one, its pid; of several, how many. */
static void add_heirs(char **text, size_t n, pid_t one, pid_t parent)
{
	if (n == 1)
		add_piece(text, must_printf("%d inherited it from %d", one, parent));
	else if (n)
		add_piece(text, must_printf("%zu inherited it from %d", n, parent));
}

static void add_others(char **text, size_t n, pid_t one, pid_t parent)
{
	if (n == 1)
		add_piece(text, must_printf("%d, a child of %d, has it at another number", one, parent));
	else if (n)
		add_piece(text, must_printf("%zu children of %d have it at another number", n, parent));
}

/* The first descriptor of each table that holds the description. NULL after the last. */
static const struct share_fd *next_holder(
	const struct share *s, const struct share_description *d, size_t *i)
{
	while (*i < d->n) {
		const struct share_fd *f = &s->fds[d->first + (*i)++];
		if (*i == 1 || f[-1].table != f->table)
			return f;
	}
	return NULL;
}

/*
 * Of one pair of holders; several that were passed it by one process have it alike. Of those that
 * nobody inherited it from, the first is where it may have come from.
 */
static bool add_passed(const struct share *s, const struct share_description *d, char **text)
{
	const struct share_fd *fd;
	char *words = NULL;

	for (size_t i = 0; !words && (fd = next_holder(s, d, &i));)
		if (!is_inherited(s, d, fd))
			words = passed_words(s, d, fd->table);
	if (words)
		add_piece(text, words);
	return words != NULL;
}

/* fork(2) leaves the numbers as they are: a child with another number has made or received it. */
static void add_children(const struct share *s, const struct share_description *d,
	const struct share_table *parent, bool passed, char **text)
{
	const struct share_fd *fd;
	pid_t heir = 0, other = 0;
	size_t heirs = 0, others = 0;

	for (size_t i = 0; (fd = next_holder(s, d, &i));) {
		const struct share_table *t = &s->tables[fd->table];
		if (t->parent != parent->pid || t->pid == parent->pid)
			continue;
		if (is_inherited(s, d, fd)) {
			heir = t->pid;
			heirs++;
		} else {
			other = t->pid;
			others++;
		}
	}
	add_heirs(text, heirs, heir, parent->pid);
	if (!passed)
		add_others(text, others, other, parent->pid);
}

/* A session says little: it is named where nothing better is known. */
static void add_family(
	const struct share *s, const struct share_description *d, bool passed, char **text)
{
	const struct share_fd *fd;
	pid_t session = 0;
	bool together = true;
	size_t n = 0;

	for (size_t i = 0; (fd = next_holder(s, d, &i)); n++) {
		const struct share_table *t = &s->tables[fd->table];
		together = together && t->session && (n == 0 || t->session == session);
		session = t->session;
		add_children(s, d, t, passed, text);
	}
	if (n > 1 && together && !*text)
		*text = must_printf("all are in session %d", session);
}

char *share_evidence(const struct share *s, const struct share_description *d)
{
	char *text = NULL;

	if (d->n < 2)
		return NULL;
	add_offers(s, d, &text);
	bool passed = add_passed(s, d, &text);
	add_family(s, d, passed, &text);
	return text;
}
