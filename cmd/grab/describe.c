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

static int describe_json(
	const struct wanted *w, const struct client *c, const char *peer, const struct desc *d)
{
	return json_line(json_pack("{s:o, s:i, s:s, s:o, s:o, s:s, s:o, s:o, s:o}",
		"name", json_bytes(grab_name(w)), "fd", c->fd,
		"mode", names_mode(d->flags), "flags", json_flags(d->flags),
		"pos", json_maybe(d->pos, DESC_NO_POS), "type", d->type, "path", json_bytes(d->path),
		peer, json_peer(&c->server), "same", same_json(client_same(c))));
}

static int print_same(enum desc_same same, bool narrowed, const char *peer)
{
	if (same == DESC_SAME)
		return printf("the same open file description as the %s's (kcmp)\n", peer);
	if (same == DESC_DIFFERENT && narrowed)
		return printf("a description of its own (kcmp): its offset and flags are not shared\n");
	if (same == DESC_DIFFERENT)
		return printf("not the %s's description (kcmp)\n", peer);
	return printf("unknown (kcmp is not allowed, or the %s has gone)\n", peer);
}

static void describe_human(const struct grab *g, const struct wanted *w, const struct client *c,
	const char *peer, const struct desc *d)
{
	char flags[NAMES_MAX];

	printf("%s\n", text_show(grab_name(w)));
	if (c->server_fd >= 0)
		printf("  descriptor   %d here, %d at the %s\n", c->fd, c->server_fd, peer);
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
	printf("  %-12s %s\n", peer, who(c->sock, &c->server));
	printf("  description  ");
	print_same(client_same(c), g->narrow, peer);
}

enum status grab_describe(const struct grab *g)
{
	const char *peer = g->listen ? "sender" : "server";
	struct desc d;
	int sock = -1; /* of the first of a group: one connection for all of it */

	setlocale(LC_CTYPE, "");
	for (size_t i = 0; i < g->n; i++) {
		const struct wanted *w = &g->wanted[i];
		struct client c = w->client;
		sock = c.sock >= 0 ? c.sock : sock;
		if (w->member)
			c.sock = sock;
		if (g->listen)
			c.sock = g->wanted[g->n - 1].client.sock; /* one connection for all */
		if (desc_look(0, w->client.fd, &d) < 0)
			return report_look(w->word, "look at the descriptor");
		if (g->json)
			describe_json(w, &c, peer, &d);
		else if (!g->quiet)
			describe_human(g, w, &c, peer, &d);
	}
	return STATUS_OK;
}
