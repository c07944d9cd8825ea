/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a snapshot of sharing keeps together and frees together: an obstack. See share.h. */
#include "lib/base/memory.h"
#include "lib/look/share-internal.h"

#include <obstack.h>
#include <stdlib.h>
#include <string.h>

static void *must_allocate_chunk(size_t size)
{
	return must_realloc(NULL, 1, size);
}

#define obstack_chunk_alloc must_allocate_chunk
#define obstack_chunk_free  free

struct obstack *share_storage_new(void)
{
	enum { CHUNK = 65536 };
	struct obstack *o = must_calloc(1, sizeof(*o));

	obstack_specify_allocation(
		o, CHUNK, _Alignof(pid_t), obstack_chunk_alloc, obstack_chunk_free);
	return o;
}

void share_free(struct share *s)
{
	if (s->storage)
		obstack_free(s->storage, NULL);
	free(s->storage);
	free(s->tables);
	free(s->fds);
	free(s->gaps);
	share_sockets_free(s->sockets);
	free(s->descriptions);
	*s = (struct share){0};
}

const char *share_keep_text(struct share *s, const char *text)
{
	return obstack_copy(s->storage, text, strlen(text) + 1);
}

pid_t *share_keep_pids(struct share *s, size_t n)
{
	return obstack_alloc(s->storage, n * sizeof(pid_t));
}
