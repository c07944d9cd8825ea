/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps some descriptions of a snapshot: share_select of share.h. */
#include "lib/base/memory.h"
#include "lib/look/share.h"

#include <stdlib.h>

/* Numbers the tables that are still referred to anew, in their order. */
static void select_tables(struct share *s)
{
	uint32_t *place = must_calloc(s->n_tables + 1, sizeof(*place));
	size_t kept = 0;

	for (size_t i = 0; i < s->n_fds; i++)
		place[s->fds[i].table] = 1;
	for (size_t i = 0; i < s->n_tables; i++)
		if (place[i]) {
			s->tables[kept] = s->tables[i];
			place[i] = (uint32_t)kept++;
		}
	s->n_tables = kept;
	for (size_t i = 0; i < s->n_fds; i++)
		s->fds[i].table = place[s->fds[i].table];
	free(place);
}

void share_select(struct share *s, const size_t *order, size_t n)
{
	struct share_description *descriptions = must_calloc(n + 1, sizeof(*descriptions));
	struct share_fd *fds = must_calloc(s->n_fds + 1, sizeof(*fds));
	size_t n_fds = 0;

	for (size_t i = 0; i < n; i++) {
		const struct share_description *d = &s->descriptions[order[i]];
		descriptions[i] = *d;
		descriptions[i].first = (uint32_t)n_fds;
		for (size_t k = d->first; k < d->first + d->n; k++) {
			fds[n_fds] = s->fds[k];
			fds[n_fds++].description = (uint32_t)i & 0x7fffffff;
		}
	}
	free(s->descriptions);
	free(s->fds);
	s->descriptions = descriptions;
	s->n_descriptions = n;
	s->fds = fds;
	s->n_fds = n_fds;
	select_tables(s);
}
