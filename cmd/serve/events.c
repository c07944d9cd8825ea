/* SPDX-License-Identifier: GPL-3.0-or-later */
/* serve's events, as text or as JSON: clients that come and leave, descriptions that move. */
#include "cmd/prompt/prompt.h"
#include "cmd/serve/serve.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"
#include "lib/out/json.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DENIALS_MAX = 20 }; /* shown in one second */

static json_t *new_event(const char *event, const char *name)
{
	return json_pack("{s:s, s:o}", "event", event, "name", json_bytes(name));
}

/* A process chooses its comm: a parenthesis in it must not look like the end of "(comm)". */
static const char *show_comm(const char *comm)
{
	static char shown[4 * PEER_COMM_MAX];
	size_t n = 0;

	for (const char *p = text_show(comm); *p && n + 5 < sizeof(shown); p++)
		if (*p == '(' || *p == ')')
			n += (size_t)snprintf(shown + n, sizeof(shown) - n, "\\%03o", *p);
		else
			shown[n++] = *p;
	shown[n] = '\0';
	return shown;
}

/* "1234 (cat), user games" */
static const char *describe_peer(const struct offer_event *e)
{
	static char text[512];
	char comm[PEER_COMM_MAX];

	peer_comm(e->sock, e->peer, comm);
	if (e->peer->pid)
		snprintf(text, sizeof(text), "pid %d (%s), user %s", e->peer->pid, show_comm(comm),
			peer_user(e->peer->uid));
	else
		snprintf(text, sizeof(text), "a process of another pid namespace, user %s",
			peer_user(e->peer->uid));
	return text;
}

/* by: the client that announced the change; NULL: nobody did. */
static void emit_change(const struct serve *s, const struct served *d, const struct moves *was,
	const struct offer_event *by)
{
	if (s->json) {
		json_t *o = new_event("changed", d->name);
		if (by) {
			json_object_update_new(o, json_peer(by->peer));
			json_object_set_new(o, "op", json_bytes(by->why));
		}
		json_object_set_new(o, "pos", json_maybe(d->known.pos));
		json_object_set_new(o, "flags", json_flags(d->known.flags));
		json_line(o);
		return;
	}
	prompt_say_moved(d->name, was, &d->known, by ? by->peer->pid : 0, by ? by->why : NULL);
}

void serve_on_watch(void *data, uint32_t expirations)
{
	struct serve *s = data;
	struct moves was;

	(void)expirations;
	for (size_t i = 0; i < s->n_served; i++)
		if (moves_tick(&s->served[i].known, &was))
			emit_change(s, &s->served[i], &was, NULL);
}

static void on_note(struct serve *s, const struct offer_event *e)
{
	struct moves was;

	for (size_t i = 0; i < s->n_served; i++)
		if (s->served[i].offer == e->offer && moves_look(&s->served[i].known, &was))
			emit_change(s, &s->served[i], &was, e);
}

static void emit_json(const char *event, const struct offer_event *e)
{
	json_t *o = new_event(event, offer_name(e->offer));

	json_object_update_new(o, json_peer(e->peer));
	if (e->why)
		json_object_set_new(o, "reason", json_bytes(e->why));
	if (e->err)
		json_object_set_new(o, "errno", json_string(names_errno(e->err)));
	json_line(o);
}

static const char *event_word(enum offer_event_kind kind)
{
	switch (kind) {
	case OFFER_GRANTED:
		return "granted";
	case OFFER_DENIED:
		return "denied";
	case OFFER_LEFT:
		return "left";
	case OFFER_NOTED:
	case OFFER_FINISHED:
		break;
	}
	return "finished";
}

static void emit_text(const char *event, const struct offer_event *e)
{
	const char *name = offer_name(e->offer);

	if (e->kind == OFFER_DENIED && strcmp(e->why, "policy") == 0)
		prompt_say("%s: denied to %s: not allowed\n", name, describe_peer(e));
	else if (e->kind == OFFER_DENIED && strcmp(e->why, "busy") == 0)
		prompt_say("%s: denied to %s: this user has --max-clients already\n", name,
			describe_peer(e));
	else if (e->kind == OFFER_DENIED)
		prompt_say("%s: could not be granted to %s: %s (%s)\n", name, describe_peer(e),
			names_errno(e->err), strerror(e->err));
	else if (e->kind == OFFER_LEFT)
		prompt_say("%s: pid %d left\n", name, e->peer->pid);
	else
		prompt_say("%s: %s to %s\n", name, event, describe_peer(e));
}

/*
 * A client that is denied can come again at once, and the reader of our output may be slow. So
 * only the first denials of each second are shown.
 */
static bool is_flood(struct serve *s)
{
	int64_t now = time_now();

	if (now - s->denied_since >= NS_PER_S) {
		if (s->denied > DENIALS_MAX)
			report_note("%zu more denials", s->denied - DENIALS_MAX);
		s->denied_since = now;
		s->denied = 0;
	}
	return ++s->denied > DENIALS_MAX;
}

void serve_on_event(void *data, const struct offer_event *e)
{
	struct serve *s = data;

	if (e->kind == OFFER_FINISHED)
		loop_stop(s->loop, STATUS_OK);
	else if (e->kind == OFFER_DENIED && is_flood(s))
		return;
	else if (s->quiet && !s->json)
		return;
	else if (e->kind == OFFER_NOTED)
		on_note(s, e);
	else if (s->json)
		emit_json(event_word(e->kind), e);
	else
		emit_text(event_word(e->kind), e);
}

void serve_announce(const struct serve *s, const struct served *d)
{
	struct desc look;
	char flags[NAMES_MAX];

	if ((s->quiet && !s->json) || desc_look(0, offer_fd(d->offer), &look) < 0)
		return;
	if (!s->json) {
		printf("%s: serving %s, %s, %s, as descriptor %d\n", d->name, text_show(look.path),
			look.type, names_flags(look.flags, flags, sizeof(flags)),
			offer_fd(d->offer));
		return;
	}
	json_t *o = new_event("serving", d->name);
	json_object_update_new(o, json_pack("{s:i, s:i, s:s, s:o, s:o, s:s, s:o}", "pid", getpid(),
					  "fd", offer_fd(d->offer), "mode", names_mode(look.flags),
					  "flags", json_flags(look.flags), "pos", json_maybe(look.pos),
					  "type", look.type, "path", json_bytes(look.path)));
	json_line(o);
}
