/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of descriptions, by type: see label.h. */
#include "lib/look/label.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/look/label-internal.h"
#include "lib/look/share-facts.h"
#include "lib/look/share-internal.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

const char *label_arrow(const struct labels *l)
{
	return l->ascii ? " <-> " : " ↔ ";
}

/* Adds to a text, which it may move, where there is more. */
static void add(char **text, const char *before, const char *more)
{
	char *was = *text;

	if (!more || !*more)
		return;
	*text = must_printf("%s%s%s", was, before, more);
	free(was);
}

static void add_taken(char **text, const char *before, char *more)
{
	add(text, before, more);
	free(more);
}

/* --- sockets ------------------------------------------------------------------------------ */

/* "TCP", "netlink ROUTE" */
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

/* NULL of a connection, and of a datagram socket without one: they are as they should be. */
static const char *state_of(const struct diag_socket *s)
{
	static char name[NAMES_MAX];
	bool usual = s->state == 0 || s->state == TCP_ESTABLISHED ||
		     (s->state == TCP_CLOSE && s->type != SOCK_STREAM && s->type != SOCK_SEQPACKET);

	return usual ? NULL : names_value(names_state, (unsigned int)s->state, name, sizeof(name));
}

static bool accept_any(const void *data, const struct share_description *d)
{
	(void)data;
	return !(d->flags & O_PATH);
}

/* Of a connection one end has the name; the other end is better known by its process. */
static char *name_unix(struct labels *l, const struct share_description *d, const struct diag_socket *s)
{
	char *text = must_strdup("unix");

	add(&text, " ", *s->local ? s->local : s->remote);
	if (s->peer)
		add_taken(&text, label_arrow(l), ends_holder(l, d->dev, s->peer, accept_any, NULL));
	add(&text, " ", state_of(s));
	return text;
}

/* Clients of one server differ in their port: they have its address, or that of our own server. */
static bool by_remote(struct labels *l, const struct diag_socket *s)
{
	return l->by_kind && *s->remote && !facts_listens(l->facts, s->port);
}

static char *name_socket(struct labels *l, const struct share_description *d)
{
	const struct diag_socket *s = facts_socket(l->facts, d->ino);
	char *text;

	if (!s || (d->flags & O_PATH))
		return NULL;
	if (s->family == AF_UNIX)
		return name_unix(l, d, s);
	text = protocol_of(s);
	if (!by_remote(l, s))
		add(&text, " ", s->local);
	if (!l->by_kind || by_remote(l, s))
		add(&text, label_arrow(l), s->remote);
	add(&text, " ", state_of(s));
	return text;
}

/* --- pipes and terminals --------------------------------------------------------------------- */

static bool is_other_end(const void *data, const struct share_description *d)
{
	const struct share_description *of = data;
	int mode = d->flags & O_ACCMODE, own = of->flags & O_ACCMODE;

	return d->flags >= 0 && !(d->flags & O_PATH) && mode != own && own != O_RDWR;
}

/* In a drawing the inode has one name, which says nothing of an end if both are there. */
static bool has_both_ends(const struct labels *l, const struct share_description *d)
{
	for (size_t i = 0; i < l->share->n_descriptions; i++)
		if (l->share->descriptions[i].ino == d->ino && l->share->descriptions[i].dev == d->dev &&
			&l->share->descriptions[i] != d)
			return true;
	return false;
}

static char *name_pipe(struct labels *l, const struct share_description *d)
{
	bool fifo = *d->name == '/';
	char *text, *other;

	if ((d->flags & O_PATH) || (l->by_inode && has_both_ends(l, d)))
		return NULL;
	other = ends_holder(l, d->dev, d->ino, is_other_end, d);
	text = other || !fifo ? must_strdup(fifo ? d->name : "pipe") : NULL;
	if (other)
		add_taken(&text, label_arrow(l), other);
	else if (!fifo && (d->flags & O_ACCMODE) != O_RDWR && share_all_seen(l->share))
		add(&text, ", ", (d->flags & O_ACCMODE) == O_RDONLY ? "no writer" : "no reader");
	else if (!fifo && !l->by_kind)
		add(&text, "", d->name + strlen("pipe"));
	return text;
}

/* By kind, the directory: temporary files differ in the names that they had. */
static char *name_deleted(struct labels *l, const struct share_description *d)
{
	static const char deleted[] = " (deleted)";
	const char *slash = strrchr(d->name, '/');
	size_t len = strlen(d->name);

	if (!l->by_kind || *d->name != '/' || len < sizeof(deleted) ||
		strcmp(d->name + len - (sizeof(deleted) - 1), deleted) != 0)
		return NULL;
	return must_printf("%.*s/*%s", (int)(slash - d->name), d->name, deleted);
}

/* "pts/4 (its master: tmux 812 fd 5)" */
static char *name_terminal(struct labels *l, const struct share_description *d)
{
	char *master = ends_master(l, d), *text;

	if (!master)
		return NULL;
	text = must_printf("%s (its master: %s)",
		text_begins(d->name, "/dev/") ? d->name + strlen("/dev/") : d->name, master);
	free(master);
	return text;
}

/* --- what fdinfo tells ------------------------------------------------------------------------ */

static json_int_t integer(const json_t *facts, const char *key)
{
	return json_integer_value(json_object_get(facts, key));
}

static char *name_eventfd(const json_t *facts)
{
	const json_t *id = json_object_get(facts, "eventfd-id");
	char *text = must_strdup("eventfd");

	id = id ? id : json_object_get(facts, "id");
	if (json_is_integer(id))
		add_taken(&text, " ", must_printf("%jd", (intmax_t)json_integer_value(id)));
	const json_t *count = json_object_get(facts, "count");
	if (!json_is_integer(count) || json_integer_value(count))
		add_taken(&text, ", count ", json_is_integer(count)
				? must_printf("%jd", (intmax_t)json_integer_value(count))
				: must_strdup(json_is_string(count) ? json_string_value(count) : ""));
	return text;
}

static char *name_timerfd(const json_t *facts)
{
	json_int_t interval = integer(facts, "it_interval_ns");

	if (!json_is_true(json_object_get(facts, "armed")))
		return must_strdup("timerfd, not armed");
	if (!interval)
		return must_strdup("timerfd, once");
	return must_printf("timerfd, every %g s", (double)interval / 1e9);
}

static char *name_pidfd(const json_t *facts)
{
	json_int_t pid = integer(facts, "pid");

	if (json_is_true(json_object_get(facts, "dead")))
		return must_strdup("pidfd, of one that has ended");
	return pid ? must_printf("pidfd %jd", (intmax_t)pid) : NULL;
}

/* The numbers under which the entries were added. */
static char *name_epoll(const json_t *facts)
{
	enum { NAMED = 8 };
	const json_t *entries = json_object_get(facts, "entries");
	size_t n = json_array_size(entries);
	char *text = must_strdup(n ? "epoll of fd" : "epoll, empty");

	for (size_t i = 0; i < n && i < NAMED; i++)
		add_taken(&text, i ? "," : " ",
			must_printf("%jd", (intmax_t)integer(json_array_get(entries, i), "fd")));
	if (n > NAMED)
		add_taken(&text, " ", must_printf("and %zu more", n - NAMED));
	return text;
}

/* --- all types ---------------------------------------------------------------------------- */

static const struct {
	const char *type;
	/* One of these. NULL: not known, and the link stays. */
	char *(*name)(struct labels *, const struct share_description *);
	char *(*by_facts)(const json_t *facts);
} namers[] = {
	{"socket", name_socket, NULL}, {"pipe", name_pipe, NULL}, {"char", name_terminal, NULL},
	{"regular", name_deleted, NULL}, {"eventfd", NULL, name_eventfd}, {"timerfd", NULL, name_timerfd},
	{"pidfd", NULL, name_pidfd}, {"epoll", NULL, name_epoll},
};

static char *name_by_facts(struct labels *l, const struct share_description *d, size_t namer)
{
	const struct share_fd *of;
	json_t *facts = l->by_kind ? NULL : share_facts(l->facts, l->share, d, &of);
	char *name = facts ? namers[namer].by_facts(facts) : NULL;

	json_decref(facts);
	return name;
}

static void label(struct labels *l, struct share *s, struct share_description *d)
{
	char *name = NULL;

	for (size_t i = 0; d->type && d->flags >= 0 && i < ARRAY_SIZE(namers) && !name; i++)
		if (strcmp(d->type, namers[i].type) == 0)
			name = namers[i].name ? namers[i].name(l, d) : name_by_facts(l, d, i);
	if (name)
		d->label = share_keep_text(s, name);
	free(name);
}

void share_label(struct share *s, const struct label_opts *opts)
{
	struct labels l = {
		.share = s, .facts = facts_new(), .ascii = opts->ascii, .by_inode = opts->by_inode,
		.by_kind = opts->by_kind, .only = opts->only};

	ends_find(&l);
	for (size_t i = 0; i < s->n_descriptions; i++)
		if (label_is_wanted(&l, i))
			label(&l, s, &s->descriptions[i]);
	ends_free(&l);
	facts_free(l.facts);
}
