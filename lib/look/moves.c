/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes of a description's offset and status flags: see moves.h. */
#include "lib/look/moves.h"
#include "lib/base/names.h"
#include "lib/look/desc.h"

#include <fcntl.h>
#include <stdio.h>

void moves_begin(struct moves *m, int fd)
{
	struct desc d;

	*m = (struct moves){.fd = fd, .pos = DESC_NO_POS, .flags = fcntl(fd, F_GETFL)};
	if (desc_look(0, fd, &d) == 0)
		m->pos = d.pos;
}

bool moves_look(struct moves *m, struct moves *was)
{
	*was = *m;
	moves_begin(m, m->fd);
	return m->pos != was->pos || m->flags != was->flags;
}

bool moves_tick(struct moves *m, struct moves *was)
{
	struct moves known = *m;

	if (!moves_look(m, was))
		return false;
	if (known.pending)
		return true;
	*m = known;
	m->pending = true;
	return false;
}

/* "5"; "none" where there is no offset, or it cannot be known. */
static const char *pos_text(int64_t pos, char *out, size_t size)
{
	if (pos == DESC_NO_POS)
		return "none";
	snprintf(out, size, "%jd", (intmax_t)pos);
	return out;
}

char *moves_text(const struct moves *was, const struct moves *is, char *out, size_t size)
{
	char before[NAMES_MAX], after[NAMES_MAX];
	int n = 0;

	out[0] = '\0';
	if (was->pos != is->pos)
		n = snprintf(out, size, "pos %s -> %s", pos_text(was->pos, before, sizeof(before)),
			pos_text(is->pos, after, sizeof(after)));
	if (was->flags != is->flags && n >= 0 && (size_t)n < size)
		snprintf(out + n, size - (size_t)n, "%sflags %s -> %s", n ? ", " : "",
			names_flags(was->flags, before, sizeof(before)),
			names_flags(is->flags, after, sizeof(after)));
	return out;
}
