/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records of /dev/mypoll: see record.h. */
#include "lib/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

size_t record_format(const struct record *r, char out[RECORD_MAX])
{
	return (size_t)snprintf(out, RECORD_MAX, "event=%" PRIu64 " source=%s mono_ns=%" PRId64 "\n",
		r->event, r->source, r->mono_ns);
}

struct cursor {
	const char *p, *end;
};

static bool skip(struct cursor *c, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(c->end - c->p) < len || memcmp(c->p, text, len) != 0)
		return false;
	c->p += len;
	return true;
}

static bool number(struct cursor *c, uint64_t *n)
{
	const char *start = c->p;

	for (*n = 0; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++)
		if (__builtin_mul_overflow(*n, 10, n) ||
			__builtin_add_overflow(*n, (uint64_t)(*c->p - '0'), n))
			return false;
	return c->p > start;
}

static bool word(struct cursor *c, char *out, size_t size)
{
	size_t n = 0;

	for (; c->p < c->end && *c->p >= 'a' && *c->p <= 'z'; c->p++) {
		if (n + 1 >= size)
			return false;
		out[n++] = *c->p;
	}
	out[n] = '\0';
	return n > 0;
}

bool record_parse(const char *line, size_t len, struct record *r)
{
	struct cursor c = {line, line + len};
	uint64_t ns;

	r->mono_ns = -1;
	if (!skip(&c, "event=") || !number(&c, &r->event))
		return false;
	skip(&c, ",");
	if (!skip(&c, " source=") || !word(&c, r->source, sizeof(r->source)))
		return false;
	if (c.p == c.end)
		return true;
	if (!skip(&c, " mono_ns=") || !number(&c, &ns) || ns > INT64_MAX)
		return false;
	r->mono_ns = (int64_t)ns;
	return c.p == c.end;
}
