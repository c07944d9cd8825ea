/* SPDX-License-Identifier: GPL-3.0-or-later */
/* serve's events, as text or as JSON: clients that come and leave, descriptions that move. */
#include "cmd/prompt/prompt.h"
#include "cmd/serve/serve.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"
#include "lib/look/diag.h"
#include "lib/out/json.h"

#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Shows a line, which it takes. */
static void emit(char *line)
{
	prompt_say("%s", line);
	free(line);
}

static void emit_lost(size_t n)
{
	emit(json_text(json_pack("{s:s, s:I}", "event", "lost", "count", (json_int_t)n)));
}

void serve_on_lost(void *data, size_t n)
{
	const struct serve *s = data;

	if (s->json)
		emit_lost(n);
	else
		prompt_say_lost(NULL, n);
}

/* by: the client that announced the change; NULL: nobody did. */
static void emit_change(const struct serve *s, const struct served *d, const struct moves *was,
	const struct moves *is, const struct offer_event *by)
{
	if (s->json) {
		json_t *o = offer_event_new("changed", d->name);
		if (by) {
			json_object_update_new(o, json_peer(by->peer));
			json_object_set_new(o, "op", json_bytes(by->why));
		}
		json_object_set_new(o, "pos", json_maybe(is->pos, DESC_NO_POS));
		json_object_set_new(o, "flags", json_flags(is->flags));
		emit(json_text(o));
		return;
	}
	pid_t pid = by ? by->peer->pid : 0;
	const char *op = by ? by->why : NULL;
	prompt_say_moved(d->name, was, is, pid, op);
}

void serve_on_moved(void *data, size_t which, const struct moved *m)
{
	struct serve *s = data;
	struct served *d = &s->served[which];

	moves_begin(&d->known, d->known.fd); /* nothing to find for polling */
	if (!s->json) {
		movers_say(d->name, m);
		return;
	}
	json_t *o = offer_event_new("changed", d->name);
	json_object_update_new(o, json_pack("{s:i, s:o, s:s, s:I, s:o, s:o}", "pid", m->pid, "command",
					  json_bytes(m->command), "call", m->call, "calls",
					  (json_int_t)m->calls, "pos", json_maybe(m->is.pos, DESC_NO_POS),
					  "flags", json_flags(m->is.flags)));
	emit(json_text(o));
}

static void on_announced(struct serve *s, size_t which, const struct offer_event *e)
{
	struct served *d = &s->served[which];
	struct moves was, is;

	if (movers_announced(s->movers, which, e->peer->pid, &d->known, &was, &is))
		emit_change(s, d, &was, &is, e);
}

static void on_note(struct serve *s, const struct offer_event *e)
{
	for (size_t i = 0; i < s->n_served; i++)
		if (s->served[i].offer == e->offer)
			on_announced(s, i, e);
}

/* Says how many denials of the last second were not shown. */
static void count_denials(struct serve *s)
{
	size_t more = denials_missed(&s->denials);

	if (more && s->json)
		emit_lost(more);
	else if (more)
		prompt_say("%zu more denials\n", more);
}

void serve_on_watch(void *data, uint32_t expirations)
{
	struct serve *s = data;
	struct moves was;

	(void)expirations;
	movers_tick(s->movers);
	for (size_t i = 0; i < s->n_served; i++)
		if (moves_tick(&s->served[i].known, &was))
			emit_change(s, &s->served[i], &was, &s->served[i].known, NULL);
	count_denials(s);
}

static bool show_denial(struct serve *s)
{
	count_denials(s);
	return denials_show(&s->denials);
}

void serve_on_event(void *data, const struct offer_event *e)
{
	struct serve *s = data;

	if (e->kind == OFFER_FINISHED)
		loop_stop(s->loop, STATUS_OK);
	else if (e->kind == OFFER_DENIED && !show_denial(s))
		return;
	else if (s->quiet && !s->json)
		return;
	else if (e->kind == OFFER_NOTED)
		on_note(s, e);
	else
		emit(s->json ? offer_event_json(e) : offer_event_text(e));
}

/* Whether it is a socket that is bound, to socket->local. */
static bool is_bound(const struct served *d, const struct desc *look, struct diag_socket *socket)
{
	if (!S_ISSOCK(look->perm))
		return false;
	diag_query(d->fd, socket);
	return *socket->local != '\0';
}

static const char *protocol_word(const struct diag_socket *socket)
{
	const char *name = names_find(names_protocol, (uint64_t)socket->protocol);

	if (socket->family == AF_UNIX)
		return "unix";
	return name ? name + strlen("IPPROTO_") : "socket";
}

/* "TCP 127.0.0.1:8080 LISTEN"; a path */
static char *what_is_served(const struct served *d, const struct desc *look)
{
	struct diag_socket socket;

	if (!is_bound(d, look, &socket))
		return must_strdup(look->path);
	return must_printf("%s %s%s", protocol_word(&socket), socket.local,
		socket.state == TCP_LISTEN ? " LISTEN" : "");
}

static void announce_text(const struct served *d, const struct desc *look)
{
	char flags[NAMES_MAX], *what = what_is_served(d, look);

	emit(must_printf("%s: serving %s, %s, %s, as descriptor %d\n", d->name, text_show(what), look->type,
		names_flags(look->flags, flags, sizeof(flags)), d->fd));
	free(what);
	if (d->kept >= 0)
		emit(must_printf("%s: the other end is descriptor %d, which stays here\n", d->name,
			d->kept));
}

void serve_announce(const struct serve *s, const struct served *d)
{
	struct desc look;

	if ((s->quiet && !s->json) || desc_look(0, d->fd, &look) < 0)
		return;
	if (!s->json) {
		announce_text(d, &look);
		return;
	}
	json_t *o = offer_event_new("serving", d->name);
	json_object_update_new(o, json_pack("{s:i, s:i, s:s, s:o, s:o, s:s, s:o}", "pid", getpid(),
					  "fd", d->fd, "mode", names_mode(look.flags),
					  "flags", json_flags(look.flags), "pos", json_maybe(look.pos, DESC_NO_POS),
					  "type", look.type, "path", json_bytes(look.path)));
	struct diag_socket socket;
	if (is_bound(d, &look, &socket))
		json_object_set_new(o, "address", json_bytes(socket.local));
	if (d->kept >= 0)
		json_object_set_new(o, "kept", json_integer(d->kept));
	emit(json_text(o));
}
