/* SPDX-License-Identifier: GPL-3.0-or-later */
/* serve's events: who came, who left, what moved; as text or as JSON. */
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

enum { DENIALS_TOLD = 20 }; /* a second */

static json_t *new_event(const char *event, const char *name)
{
	return json_pack("{s:s, s:o}", "event", event, "name", json_bytes(name));
}

/* A process can choose its comm, and is not to write the rest of the line with it. */
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
static const char *who(const struct offer_event *e)
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

/* by: whoever said so, NULL where nobody did. */
static void tell_change(const struct serve *s, const struct served *d, const struct moves *was,
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
	for (size_t i = 0; i < s->nserved; i++)
		if (moves_tick(&s->served[i].known, &was))
			tell_change(s, &s->served[i], &was, NULL);
}

static void on_note(struct serve *s, const struct offer_event *e)
{
	struct moves was;

	for (size_t i = 0; i < s->nserved; i++)
		if (s->served[i].offer == e->offer && moves_look(&s->served[i].known, &was))
			tell_change(s, &s->served[i], &was, e);
}

static void event_json(const char *event, const struct offer_event *e)
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

/* Not in a prompt's way, where there is one. */
static void event_human(const char *event, const struct offer_event *e)
{
	const char *name = offer_name(e->offer);

	if (e->kind == OFFER_DENIED && strcmp(e->why, "policy") == 0)
		prompt_say("%s: denied to %s: not allowed\n", name, who(e));
	else if (e->kind == OFFER_DENIED && strcmp(e->why, "busy") == 0)
		prompt_say("%s: denied to %s: has --max-clients already\n", name, who(e));
	else if (e->kind == OFFER_DENIED)
		prompt_say("%s: could not be granted to %s: %s (%s)\n", name, who(e),
			names_errno(e->err), strerror(e->err));
	else if (e->kind == OFFER_LEFT)
		prompt_say("%s: pid %d left\n", name, e->peer->pid);
	else
		prompt_say("%s: %s to %s\n", name, event, who(e));
}

/*
 * Who is denied can come again as fast as he likes, and a reader of our output
 * may be slow: of one second's denials the first few are told.
 */
static bool too_many(struct serve *s)
{
	int64_t now = time_now();

	if (now - s->denied_since >= NS_PER_S) {
		if (s->denied > DENIALS_TOLD)
			report_note("%zu more were denied", s->denied - DENIALS_TOLD);
		s->denied_since = now;
		s->denied = 0;
	}
	return ++s->denied > DENIALS_TOLD;
}

void serve_on_event(void *data, const struct offer_event *e)
{
	struct serve *s = data;

	if (e->kind == OFFER_FINISHED)
		loop_stop(s->loop, STATUS_OK);
	else if (e->kind == OFFER_DENIED && too_many(s))
		return;
	else if (s->quiet && !s->json)
		return;
	else if (e->kind == OFFER_NOTED)
		on_note(s, e);
	else if (s->json)
		event_json(event_word(e->kind), e);
	else
		event_human(event_word(e->kind), e);
}

void serve_tell_start(const struct serve *s, const struct served *d)
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
