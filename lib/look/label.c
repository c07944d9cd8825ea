/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of descriptions: see label.h. */
#include "lib/look/label.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/look/facts.h"
#include "lib/look/label-internal.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* --- sockets ------------------------------------------------------------------------------ */

/* "TCP", "netlink ROUTE"; NULL for a protocol without a table */
static char *protocol_of(const struct diag_socket *s)
{
	char name[NAMES_MAX];
	const char *protocol;

	if (s->family == AF_UNIX)
		return must_strdup("unix");
	if (s->family == AF_PACKET)
		return must_strdup("packet");
	if (s->family == AF_NETLINK)
		protocol = names_value(names_netlink, (unsigned int)s->protocol, name, sizeof(name));
	else
		protocol = names_value(names_protocol, (unsigned int)s->protocol, name, sizeof(name));
	const char *bare = strchr(protocol, '_');
	return must_printf("%s%s", s->family == AF_NETLINK ? "netlink " : "", bare ? bare + 1 : protocol);
}

/* A connection, and a datagram socket without one, are as they should be. */
static const char *state_of(const struct diag_socket *s)
{
	static char name[NAMES_MAX];
	bool usual = s->state == 0 || s->state == TCP_ESTABLISHED ||
		     (s->state == TCP_CLOSE && s->type != SOCK_STREAM && s->type != SOCK_SEQPACKET);

	return usual ? NULL : names_value(names_state, (unsigned int)s->state, name, sizeof(name));
}

static void add(char **text, const char *before, const char *more)
{
	char *was = *text;

	if (!more || !*more)
		return;
	*text = must_printf("%s%s%s", was, before, more);
	free(was);
}

static char *name_socket(struct labels *l, const struct share_description *d)
{
	const struct diag_socket *s = facts_socket(l->facts, d->ino);
	char *text;

	if (!s)
		return NULL;
	text = protocol_of(s);
	add(&text, " ", s->local);
	add(&text, l->ascii ? " <-> " : " ↔ ", s->remote);
	add(&text, " ", state_of(s));
	return text;
}

/* --- all types ---------------------------------------------------------------------------- */

static const struct {
	const char *type;
	char *(*name)(struct labels *, const struct share_description *); /* NULL: not known */
} namers[] = {
	{"socket", name_socket},
};

char *label_of(struct labels *l, const struct share_description *d)
{
	char *name = NULL;

	for (size_t i = 0; d->type && i < ARRAY_SIZE(namers) && !name; i++)
		if (strcmp(d->type, namers[i].type) == 0)
			name = namers[i].name(l, d);
	return name ? name : must_strdup(d->name ? d->name : "?");
}

struct labels *labels_new(const struct share *s, bool ascii)
{
	struct labels *l = must_calloc(1, sizeof(*l));

	*l = (struct labels){.share = s, .facts = facts_new(), .ascii = ascii};
	return l;
}

void labels_free(struct labels *l)
{
	if (!l)
		return;
	facts_free(l->facts);
	free(l);
}
