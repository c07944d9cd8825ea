/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The facts of a description: see sharing-facts.h. */
#include "cmd/view/sharing-facts.h"
#include "cmd/view/references.h"
#include "lib/base/text.h"
#include "lib/look/desc.h"
#include "lib/out/json-words.h"

#include <bsd/string.h>
#include <stdlib.h>
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

/* Of any of its descriptors; one that was closed meanwhile has none. */
json_t *description_facts(struct facts *f, const struct share *s, const struct share_description *d,
	bool references)
{
	struct desc desc;
	bool known = from_snapshot(d, &desc);

	for (size_t i = d->first; i < d->first + d->n; i++) {
		const struct share_fd *fd = &s->fds[i];
		pid_t pid = s->tables[fd->table].tid;
		if (!known && desc_look(pid, fd->fd, &desc) < 0)
			continue;
		json_t *facts = facts_of(f, pid, fd->fd, &desc);
		if (facts && references)
			add_references(facts, pid, fd->fd);
		if (facts)
			return facts;
	}
	return json_object();
}

char *description_words(struct facts *f, const struct share *s, const struct share_description *d,
	bool references)
{
	json_t *facts = description_facts(f, s, d, references);
	char *text = json_words(facts), *escaped = text_escape(text, strlen(text));

	free(text);
	json_decref(facts);
	return escaped;
}
