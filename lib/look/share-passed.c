/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Over which socket of unix(7) a description may have been passed: passed_words of share-internal.h.
 * The kernel keeps no record of it. That two holders have it at different numbers, and are the two
 * ends of a connection, is evidence, and no proof.
 */
#include "lib/base/memory.h"
#include "lib/base/search.h"
#include "lib/base/text.h"
#include "lib/look/diag.h"
#include "lib/look/share-internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	WALKED_MAX = 256, /* of more processes, their sockets are not worth a walk */
	HOLDERS_MAX = 8,  /* of an end: if more have it, it says nothing of two of them */
	FDS_MAX = 256,    /* of a description: they are compared with each other */
};

struct socket_end {
	ino_t ino;
	uint32_t table; /* into share.tables */
	int fd;
};

/* One connection from a table to another one; there may be more. */
struct joint {
	const struct socket_end *near, *far;
	const struct diag_socket *socket; /* the near one */
};

struct share_sockets {
	bool done;
	struct socket_end *ends; /* by inode */
	size_t n;
	struct diag_sockets diag;
	struct joint *joints; /* by the two tables */
	size_t n_joints;
};

struct share_sockets *share_sockets_new(void)
{
	return must_calloc(1, sizeof(struct share_sockets));
}

void share_sockets_free(struct share_sockets *k)
{
	if (!k)
		return;
	free(k->ends);
	free(k->joints);
	diag_free(&k->diag);
	free(k);
}

/* --- the sockets of the holders ------------------------------------------------------------- */

static void add_end(struct share_sockets *k, ino_t ino, uint32_t table, int fd)
{
	k->ends = must_grow(k->ends, k->n, sizeof(*k->ends));
	k->ends[k->n++] = (struct socket_end){ino, table, fd};
}

static bool is_socket(const void *data, const struct scan_fd *f)
{
	(void)data;
	return S_ISSOCK(f->perm);
}

static void walk(struct share_sockets *k, const struct share *s, uint32_t table)
{
	struct scan scan = {0};

	scan_process(&scan, s->tables[table].pid, &(struct scan_only){is_socket, NULL});
	for (size_t i = 0; i < scan.n_fds; i++)
		if (scan.tables[scan.fds[i].table].tid == s->tables[table].tid)
			add_end(k, scan.fds[i].ino, table, scan.fds[i].fd);
	scan_free(&scan);
}

static int by_ino(const void *a, const void *b)
{
	const struct socket_end *x = a, *y = b;

	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

/* A snapshot of everything has the sockets itself. */
static void find_ends(struct share_sockets *k, const struct share *s)
{
	for (size_t i = 0; s->whole && i < s->n_fds; i++) {
		const struct share_description *d = &s->descriptions[s->fds[i].description];
		if (S_ISSOCK(d->perm))
			add_end(k, d->ino, s->fds[i].table, s->fds[i].fd);
	}
	for (uint32_t t = 0; !s->whole && s->n_tables <= WALKED_MAX && t < s->n_tables; t++)
		walk(k, s, t);
	if (k->n)
		qsort(k->ends, k->n, sizeof(*k->ends), by_ino);
}

/* The ends with that inode, of all tables; 0: there are none. */
static size_t ends_of(const struct share_sockets *k, ino_t ino, const struct socket_end **first)
{
	const struct socket_end key = {ino, 0, 0};
	size_t at = search_first(&key, k->ends, k->n, sizeof(key), by_ino), n = 0;

	*first = k->ends + at;
	while (at + n < k->n && k->ends[at + n].ino == ino)
		n++;
	return n;
}

/* --- what joins two tables ------------------------------------------------------------------ */

static int by_near_table(const void *a, const void *b)
{
	const struct joint *x = a, *y = b;

	return (x->near->table > y->near->table) - (x->near->table < y->near->table);
}

static int by_tables(const void *a, const void *b)
{
	const struct joint *x = a, *y = b;
	int order = by_near_table(a, b);

	if (!order)
		order = (x->far->table > y->far->table) - (x->far->table < y->far->table);
	return order ? order : (x->near > y->near) - (x->near < y->near);
}

static void add_joints(struct share_sockets *k, const struct socket_end *near, size_t n_near)
{
	const struct diag_socket *socket = diag_find(&k->diag, near->ino);
	const struct socket_end *far;
	size_t n_far = socket && socket->peer ? ends_of(k, socket->peer, &far) : 0;

	if (n_near > HOLDERS_MAX || n_far > HOLDERS_MAX)
		return;
	for (size_t i = 0; i < n_near; i++)
		for (size_t j = 0; j < n_far; j++) {
			if (near[i].table == far[j].table)
				continue;
			k->joints = must_grow(k->joints, k->n_joints, sizeof(*k->joints));
			k->joints[k->n_joints++] = (struct joint){&near[i], &far[j], socket};
		}
}

/* Keeps the first of each two tables. */
static void drop_repeated(struct share_sockets *k)
{
	size_t kept = 0;

	for (size_t i = 0; i < k->n_joints; i++) {
		const struct joint *one = &k->joints[i], *last = kept ? &k->joints[kept - 1] : NULL;
		if (!last || last->near->table != one->near->table || last->far->table != one->far->table)
			k->joints[kept++] = *one;
	}
	k->n_joints = kept;
}

static void find_joints(struct share_sockets *k, const struct share *s)
{
	size_t n;

	k->done = true;
	find_ends(k, s);
	if (k->n)
		diag_read(&k->diag, DIAG_UNIX);
	for (size_t i = 0; i < k->n; i += n) {
		const struct socket_end *near;
		n = ends_of(k, k->ends[i].ino, &near);
		add_joints(k, near, n);
	}
	if (k->n_joints)
		qsort(k->joints, k->n_joints, sizeof(*k->joints), by_tables);
	drop_repeated(k);
}

static size_t first_joint(const struct share_sockets *k, uint32_t table)
{
	const struct socket_end of_table = {.table = table};
	const struct joint key = {.near = &of_table};

	return search_first(&key, k->joints, k->n_joints, sizeof(key), by_near_table);
}

/* --- a socket between two holders ----------------------------------------------------------- */

/* Whether the two tables have the description, and no number for it in common. */
static bool have_other_numbers(const struct share *s, const struct share_description *d, uint32_t a,
	uint32_t b)
{
	size_t n = 0;

	for (size_t i = d->first; i < d->first + d->n; i++) {
		if (s->fds[i].table != a)
			continue;
		n++;
		for (size_t j = d->first; j < d->first + d->n; j++)
			if (s->fds[j].table == b && s->fds[j].fd == s->fds[i].fd)
				return false;
	}
	return n > 0;
}

static char *words_of(const struct share *s, const struct joint *j)
{
	const char *name = *j->socket->local ? j->socket->local : j->socket->remote;
	char *escaped = text_escape(name, strlen(name));
	char *words = must_printf("%d and %d have it at different numbers, and a socket joins them, over "
				  "which it may have been passed: %s%s%sfd %d <-> fd %d",
		s->tables[j->near->table].pid, s->tables[j->far->table].pid, *name ? "unix:" : "", escaped,
		*name ? ", " : "", j->near->fd, j->far->fd);

	free(escaped);
	return words;
}

char *passed_words(const struct share *s, const struct share_description *d, uint32_t table)
{
	struct share_sockets *k = s->sockets;

	if (!k || d->n > FDS_MAX)
		return NULL;
	if (!k->done)
		find_joints(k, s);
	for (size_t i = first_joint(k, table); i < k->n_joints && k->joints[i].near->table == table; i++)
		if (have_other_numbers(s, d, k->joints[i].far->table, table))
			return words_of(s, &k->joints[i]);
	return NULL;
}
