/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer of a verb: see call.h. */
#include "cmd/prompt/call.h"
#include "cmd/cli/color.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"

#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

enum { QUOTED_MAX = 256 }; /* bytes of data in an answer */

void call_begin(struct call *c, struct session *s, const char *name)
{
	c->session = s;
	c->name = name;
	moves_begin(&s->before, s->fd);
}

static void print_moves(struct call *c)
{
	struct session *s = c->session;
	struct moves now;
	char text[2 * NAMES_MAX + 64];

	moves_begin(&now, s->fd);
	moves_text(&s->before, &now, text, sizeof(text));
	if (!*text)
		return; /* what another holder moved, is still to be told */
	s->known = now;
	printf("   %s%s%s", color(COLOR_MOVED), text, color(COLOR_OFF));
	if (s->ops && s->ops->note)
		s->ops->note(s, c->name);
}

enum status call_end(struct call *c, long long result, int err, const char *detail)
{
	struct session *s = c->session;

	printf(" = %s%lld", err ? color(COLOR_FAULT) : "", result);
	if (err)
		printf(" %s (%s)%s", names_errno(err), strerror(err), color(COLOR_OFF));
	if (detail)
		printf(" %s", detail);
	if (!err)
		print_moves(c);
	putchar('\n');
	if (!err)
		return STATUS_OK;
	strlcpy(s->failed, c->name, sizeof(s->failed));
	s->err = s->command_err = err;
	return STATUS_FAIL;
}

char *call_quote(const char *bytes, size_t len)
{
	size_t shown = len < QUOTED_MAX ? len : QUOTED_MAX;
	char *text = text_escape_c(bytes, shown);
	char *quoted = must_printf("\"%s\"%s", text, shown < len ? "..." : "");

	free(text);
	return quoted;
}
