/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a snapshot of sharing says about a description: see share.h. */
#include "lib/look/share.h"

#include <string.h>

bool share_all_seen(const struct share *s)
{
	return s->unseen == 0 && !s->hidden && !s->in_pid_namespace;
}

bool share_complete(const struct share *s, const struct share_description *d)
{
	return share_all_seen(s) && d->certain;
}

const char *share_letter(size_t description, char out[8])
{
	char *p = out + 7;

	*p = '\0';
	for (uint64_t n = (uint64_t)description + 1; n; n = (n - 1) / 26)
		*--p = (char)('A' + (n - 1) % 26);
	return memmove(out, p, strlen(p) + 1);
}
