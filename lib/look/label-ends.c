/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who has the other end of a pipe, a socket of unix(7), or a terminal: see label-internal.h. A
 * snapshot of everything has the ends itself; otherwise they are looked up in one more pass.
 */
#include "lib/look/label-internal.h"
#include "lib/base/inode.h"
#include "lib/base/memory.h"
#include "lib/base/search.h"
#include "lib/look/desc.h"

#include <bsd/string.h>
#include <fcntl.h>
#include <linux/major.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* Of a process with more pipes and sockets, the ends are not worth another pass. */
enum { ENDS_MAX = 1000 };

struct end {
	dev_t dev;
	ino_t ino;
	uint32_t description; /* into ends */
};

static int by_inode(const void *a, const void *b)
{
	const struct end *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return (x->description > y->description) - (x->description < y->description);
}

/* --- finding them --------------------------------------------------------------------------- */

static bool is_slave(const struct share_description *d)
{
	unsigned int major = major(d->rdev);

	return S_ISCHR(d->perm) && major >= UNIX98_PTY_SLAVE_MAJOR &&
	       major < UNIX98_PTY_SLAVE_MAJOR + UNIX98_PTY_MAJOR_COUNT;
}

static size_t add_inode(struct share_target *to, dev_t dev, ino_t ino)
{
	*to = (struct share_target){.fd = -1, .dev = dev, .ino = ino};
	return ino != 0;
}

static size_t add_path(struct share_target *to, const char *path)
{
	struct statx sx;

	if (inode_look(AT_FDCWD, path, STATX_INO, &sx) < 0)
		return 0;
	return add_inode(to, inode_dev(&sx), sx.stx_ino);
}

/* The inodes of the ends of a description, two at most. Returns how many. */
static size_t add_ends(struct labels *l, const struct share_description *d, struct share_target *to)
{
	const struct diag_socket *s;

	if (S_ISFIFO(d->perm))
		return add_inode(to, d->dev, d->ino);
	if (!S_ISSOCK(d->perm) || (d->flags & O_PATH))
		return 0;
	s = facts_socket(l->facts, d->ino);
	return s ? add_inode(to, d->dev, s->peer) : 0;
}

static void look(struct labels *l)
{
	const size_t n_max = l->share->n_descriptions + 2;
	struct share_target *all = must_calloc(n_max, sizeof(*all));
	const struct share_target *fault;
	bool terminals = false;
	size_t n = 0;

	for (size_t i = 0; i < l->share->n_descriptions; i++) {
		if (!label_is_wanted(l, i))
			continue;
		n += add_ends(l, &l->share->descriptions[i], &all[n]);
		terminals = terminals || is_slave(&l->share->descriptions[i]);
	}
	if (terminals) {
		n += add_path(&all[n], "/dev/ptmx");
		n += add_path(&all[n], "/dev/pts/ptmx");
	}
	const struct share_request request = {.targets = all, .n_targets = n,
		.need = SHARE_STATUS | SHARE_NAME | SHARE_INODE};
	if (n > 0 && n <= ENDS_MAX && share_look(&request, &l->own_ends, &fault) == 0)
		l->ends = &l->own_ends;
	free(all);
}

void ends_find(struct labels *l)
{
	l->ends = l->share;
	if (!l->share->whole)
		look(l);
	l->index = must_calloc(l->ends->n_descriptions + 1, sizeof(*l->index));
	for (uint32_t i = 0; i < l->ends->n_descriptions; i++)
		l->index[i] = (struct end){l->ends->descriptions[i].dev, l->ends->descriptions[i].ino, i};
	qsort(l->index, l->ends->n_descriptions, sizeof(*l->index), by_inode);
}

void ends_free(struct labels *l)
{
	free(l->index);
	share_free(&l->own_ends);
}

/* --- naming them ---------------------------------------------------------------------------- */

static char *name_holder(const struct labels *l, const struct share_description *d)
{
	const struct share *s = l->ends;
	const struct share_fd *first = &s->fds[d->first];
	const struct share_table *t = &s->tables[first->table];
	size_t more = 0;

	if (l->by_kind)
		return must_printf("%s %d", t->command, t->pid);
	for (size_t i = d->first + 1; i < d->first + d->n; i++)
		more += s->fds[i].table != s->fds[i - 1].table;
	return more ? must_printf("%s %d fd %d +%zu", t->command, t->pid, first->fd, more)
		    : must_printf("%s %d fd %d", t->command, t->pid, first->fd);
}

char *ends_holder(const struct labels *l, dev_t dev, ino_t ino,
	bool (*accept)(const void *data, const struct share_description *), const void *data)
{
	const struct end key = {dev, ino, 0};
	size_t n = l->ends->n_descriptions;

	for (size_t i = search_first(&key, l->index, n, sizeof(key), by_inode);
		i < n && l->index[i].dev == dev && l->index[i].ino == ino; i++) {
		const struct share_description *d = &l->ends->descriptions[l->index[i].description];
		if (d->n && accept(data, d))
			return name_holder(l, d);
	}
	return NULL;
}

/* --- masters -------------------------------------------------------------------------------- */

/* The number of its slave. Returns false where d is no master. */
static bool slave_of(const struct labels *l, const struct share_description *d, char path[64])
{
	const struct share_fd *fd = &l->ends->fds[d->first];
	pid_t pid = l->ends->tables[fd->table].tid;
	struct desc desc;

	if (d->rdev != makedev(TTYAUX_MAJOR, 2) || d->n == 0 || desc_look(pid, fd->fd, &desc) < 0)
		return false;
	json_t *facts = facts_of(l->facts, pid, fd->fd, &desc);
	const char *slave = json_string_value(json_object_get(facts, "master_of"));
	if (slave)
		snprintf(path, 64, "/proc/%d/root%s", pid, slave);
	json_decref(facts);
	return slave != NULL;
}

char *ends_master(const struct labels *l, const struct share_description *d)
{
	char path[64];
	struct statx sx;

	for (size_t i = 0; is_slave(d) && i < l->ends->n_descriptions; i++) {
		const struct share_description *master = &l->ends->descriptions[i];
		if (slave_of(l, master, path) &&
			inode_look(AT_FDCWD, path, STATX_INO, &sx) == 0 && sx.stx_ino == d->ino &&
			(uint32_t)inode_dev(&sx) == d->dev)
			return name_holder(l, master);
	}
	return NULL;
}
