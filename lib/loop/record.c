/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing and parsing the records of /dev/mypoll: see record.h. */
#include "lib/loop/record.h"

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

/* The functions below move the cursor behind what they parse, and return false for other text. */

static bool parse_text(struct cursor *c, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(c->end - c->p) < len || memcmp(c->p, text, len) != 0)
		return false;
	c->p += len;
	return true;
}

static bool parse_number(struct cursor *c, uint64_t *out)
{
	const char *p = c->p;
	uint64_t n = 0;

	for (; p < c->end; p++) {
		unsigned int digit = (unsigned char)*p - (unsigned int)'0';
		if (digit > 9)
			break;
		if (n >= UINT64_MAX / 10 && (n > UINT64_MAX / 10 || digit > UINT64_MAX % 10))
			return false;
		n = n * 10 + digit;
	}
	bool found = p > c->p;
	c->p = p;
	*out = n;
	return found;
}

static bool parse_word(struct cursor *c, char *out, size_t size)
{
	const char *p = c->p;
	size_t n = 0;

	for (; p < c->end && *p >= 'a' && *p <= 'z'; p++) {
		if (n + 1 >= size)
			return false;
		out[n++] = *p;
	}
	out[n] = '\0';
	c->p = p;
	return n > 0;
}

static bool parse_source(struct cursor *c, struct record *r)
{
	return parse_text(c, " source=") && parse_word(c, r->source, sizeof(r->source));
}

static bool parse_mono_ns(struct cursor *c, struct record *r)
{
	uint64_t ns;

	if (!parse_text(c, " mono_ns=") || !parse_number(c, &ns) || ns > INT64_MAX)
		return false;
	r->mono_ns = (int64_t)ns;
	return true;
}

bool record_parse(const char *line, size_t len, struct record *r)
{
	struct cursor c = {line, line + len};

	r->mono_ns = -1;
	if (!parse_text(&c, "event=") || !parse_number(&c, &r->event))
		return false;
	parse_text(&c, ",");
	if (!parse_source(&c, r))
		return false;
	return c.p == c.end || (parse_mono_ns(&c, r) && c.p == c.end);
}

size_t record_take(const char *bytes, size_t len, struct record *r)
{
	struct cursor c = {bytes, bytes + len};

	if (!parse_text(&c, "event=") || !parse_number(&c, &r->event) || !parse_source(&c, r) ||
		!parse_mono_ns(&c, r) || !parse_text(&c, "\n"))
		return 0;
	return (size_t)(c.p - bytes);
}
