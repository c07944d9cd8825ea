/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a verb answers: see call.h. */
#include "cmd/prompt/call.h"
#include "cmd/cli/color.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"

#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 256 }; /* bytes of data in an answer */

void call_begin(struct call *a, struct session *s, const char *call)
{
	a->session = s;
	a->call = call;
	moves_begin(&a->before, s->fd);
}

static void tell_moves(struct call *a)
{
	struct session *s = a->session;
	char text[2 * NAMES_MAX + 64];

	moves_begin(&s->known, s->fd);
	moves_text(&a->before, &s->known, text, sizeof(text));
	if (!*text)
		return;
	printf("   %s%s%s", color(COLOR_MOVED), text, color(COLOR_OFF));
	if (s->host && s->host->note)
		s->host->note(s, a->call);
}

enum status call_end(struct call *a, long long result, int err, const char *detail)
{
	struct session *s = a->session;

	printf(" = %s%lld", err ? color(COLOR_FAULT) : "", result);
	if (err)
		printf(" %s (%s)%s", names_errno(err), strerror(err), color(COLOR_OFF));
	if (detail)
		printf(" %s", detail);
	tell_moves(a);
	putchar('\n');
	if (!err)
		return STATUS_OK;
	strlcpy(s->failed, a->call, sizeof(s->failed));
	s->err = err;
	return STATUS_FAIL;
}

char *call_quote(const char *bytes, size_t len)
{
	size_t shown = len < SHOWN ? len : SHOWN;
	char *text = text_escape_c(bytes, shown);
	char *quoted = must_printf("\"%s\"%s", text, shown < len ? "..." : "");

	free(text);
	return quoted;
}
