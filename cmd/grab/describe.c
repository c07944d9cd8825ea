/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What grab prints of the received descriptors, as text or as JSON. */
#include "cmd/client/who.h"
#include "cmd/grab/grab.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/look/desc.h"
#include "lib/out/json.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>

const char *grab_name(const struct wanted *w)
{
	return *w->client.name ? w->client.name : w->word;
}

/* null where it is not known */
static json_t *same_json(enum desc_same same)
{
	return same == DESC_UNKNOWN ? json_null() : json_boolean(same == DESC_SAME);
}

static int describe_json(const struct wanted *w, const struct desc *d)
{
	const struct client *c = &w->client;

	return json_line(json_pack("{s:o, s:i, s:s, s:o, s:o, s:s, s:o, s:o, s:o}",
		"name", json_bytes(grab_name(w)), "fd", c->fd,
		"mode", names_mode(d->flags), "flags", json_flags(d->flags),
		"pos", json_maybe(d->pos, DESC_NO_POS), "type", d->type, "path", json_bytes(d->path),
		"server", json_peer(&c->server), "same", same_json(client_same(c))));
}

static const char *same_words(enum desc_same same, bool narrowed)
{
	if (same == DESC_SAME)
		return "the same open file description as the server's (kcmp)";
	if (same == DESC_DIFFERENT && narrowed)
		return "a description of its own (kcmp): its offset and flags are not shared";
	if (same == DESC_DIFFERENT)
		return "not the server's description (kcmp)";
	return "unknown (kcmp is not allowed, or the server has gone)";
}

static int describe_human(const struct grab *g, const struct wanted *w, const struct desc *d)
{
	const struct client *c = &w->client;
	char flags[NAMES_MAX];

	printf("%s\n", text_show(grab_name(w)));
	if (c->server_fd >= 0)
		printf("  descriptor   %d here, %d at the server\n", c->fd, c->server_fd);
	else
		printf("  descriptor   %d here\n", c->fd);
	printf("  mode         %s\n", names_mode(d->flags));
	printf("  flags        %s\n", names_flags(d->flags, flags, sizeof(flags)));
	if (d->pos == DESC_NO_POS)
		printf("  offset       none (ESPIPE)\n");
	else
		printf("  offset       %jd\n", (intmax_t)d->pos);
	printf("  type         %s\n", d->type);
	printf("  path         %s\n", text_show(d->path));
	printf("  server       %s\n", who(c->sock, &c->server));
	return printf("  description  %s\n", same_words(client_same(c), g->narrow)) < 0 ? -1 : 0;
}

enum status grab_describe(const struct grab *g)
{
	struct desc d;

	setlocale(LC_CTYPE, "");
	for (size_t i = 0; i < g->n; i++) {
		const struct wanted *w = &g->wanted[i];
		if (desc_look(0, w->client.fd, &d) < 0)
			return report_look(w->word, "look at the descriptor");
		if (g->json)
			describe_json(w, &d);
		else if (!g->quiet)
			describe_human(g, w, &d);
	}
	return STATUS_OK;
}
