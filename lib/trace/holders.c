/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who holds the traced descriptions: see holders.h. There are few, so they are not sorted. */
#include "lib/trace/holders.h"
#include "lib/base/memory.h"

#include <stdlib.h>

const struct holder *holders_find(const struct holders *h, pid_t pid, int fd)
{
	return holders_lowest(h, pid, fd, fd);
}

const struct holder *holders_lowest(const struct holders *h, pid_t pid, int first, int last)
{
	const struct holder *lowest = NULL;

	for (size_t i = 0; i < h->n; i++) {
		const struct holder *one = &h->v[i];
		if (one->pid == pid && one->fd >= first && one->fd <= last &&
			(!lowest || one->fd < lowest->fd))
			lowest = one;
	}
	return lowest;
}

void holders_add(struct holders *h, pid_t pid, int fd, uint32_t of)
{
	holders_remove(h, pid, fd, fd);
	h->v = must_grow(h->v, h->n, sizeof(*h->v));
	h->v[h->n++] = (struct holder){pid, fd, of};
}

void holders_remove(struct holders *h, pid_t pid, int first, int last)
{
	size_t kept = 0;

	for (size_t i = 0; i < h->n; i++)
		if (h->v[i].pid != pid || h->v[i].fd < first || h->v[i].fd > last)
			h->v[kept++] = h->v[i];
	h->n = kept;
}

const struct holder *holders_any(const struct holders *h, uint32_t of)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->v[i].of == of)
			return &h->v[i];
	return NULL;
}

unsigned holders_count(const struct holders *h, uint32_t of)
{
	unsigned n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += h->v[i].of == of;
	return n;
}

void holders_free(struct holders *h)
{
	free(h->v);
	*h = (struct holders){0};
}
