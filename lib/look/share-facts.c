/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The facts of a description of a snapshot: see share-facts.h. */
#include "lib/look/share-facts.h"
#include "lib/look/desc.h"

#include <bsd/string.h>
#include <string.h>

/* What the snapshot has of it; false: not all. */
static bool from_snapshot(const struct share_description *d, struct desc *desc)
{
	if (!d->name || !d->type || d->flags < 0 || !share_inode_known(d))
		return false;
	*desc = (struct desc){.flags = d->flags, .pos = d->pos, .dev = d->dev, .rdev = d->rdev,
		.ino = d->ino, .perm = d->perm, .waiting = d->waiting, .capacity = d->capacity};
	strlcpy(desc->type, d->type, sizeof(desc->type));
	return strlcpy(desc->path, d->name, sizeof(desc->path)) < sizeof(desc->path);
}

/* Looks at the descriptor anew; false: it is gone, or its number is another type's by now. */
static bool look_again(
	pid_t tid, int fd, const struct share_description *d, struct desc *desc)
{
	return desc_look(tid, fd, desc) == 0 && (!d->type || strcmp(desc->type, d->type) == 0);
}

json_t *share_facts(struct facts *f, const struct share *s, const struct share_description *d,
	const struct share_fd **of)
{
	struct desc desc;
	bool known = from_snapshot(d, &desc);

	for (size_t i = d->first; i < d->first + d->n; i++) {
		pid_t tid = s->tables[s->fds[i].table].tid;
		json_t *facts = NULL;
		if (known || look_again(tid, s->fds[i].fd, d, &desc))
			facts = facts_of(f, tid, s->fds[i].fd, &desc);
		*of = &s->fds[i];
		if (facts)
			return facts;
	}
	return NULL;
}
