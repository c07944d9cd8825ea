/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of facts.h share: the result, paths of proc, the descriptor itself. */
#include "lib/base/memory.h"
#include "lib/base/proc.h"
#include "lib/base/release.h"
#include "lib/look/facts-internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void facts_put(const struct subject *s, const char *key, json_t *value)
{
	json_object_set_new(s->out, key, value);
}

void facts_put_more(json_t *object, const char *key, json_t *value)
{
	if (json_object_get(object, key))
		facts_append(object, key, value);
	else
		json_object_set_new(object, key, value);
}

void facts_append(json_t *object, const char *key, json_t *value)
{
	json_t *had = json_object_get(object, key), *array = had;

	if (!json_is_array(had)) {
		array = json_array();
		if (had)
			json_array_append(array, had);
		json_object_set_new(object, key, array);
	}
	json_array_append_new(array, value);
}

void facts_path(const struct subject *s, const char *name, char *out, size_t size)
{
	if (s->pid)
		snprintf(out, size, "/proc/%d/%s", s->pid, name);
	else
		snprintf(out, size, "/proc/self/%s", name);
}

const char *facts_read_cached(char **text, const char *path)
{
	size_t len;

	if (!*text)
		*text = proc_read_all(path, &len);
	if (!*text)
		*text = must_strdup("");
	return *text;
}

static bool is_subject(const struct subject *s, const struct statx *sx)
{
	return sx->stx_ino == s->d->ino && inode_dev(sx) == s->d->dev;
}

bool facts_inode(const struct subject *s, struct statx *sx)
{
	return inode_look_fd(s->pid, s->fd, sx) == 0 && is_subject(s, sx);
}

int facts_borrow(const struct subject *s, int *taken)
{
	struct statx sx;

	*taken = -1;
	if ((s->d->flags & O_PATH) || !facts_inode(s, &sx))
		return -1;
	if (!s->pid)
		return s->fd;
	*taken = desc_getfd(s->pid, s->fd);
	if (*taken >= 0 && (inode_look_fd(0, *taken, &sx) < 0 || !is_subject(s, &sx)))
		release_fd(taken); /* the other file's close may wait */
	return *taken;
}
