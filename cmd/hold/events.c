/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hold's events, as text or as JSON: what is kept, replaced, dropped or expires, and the clients. */
#include "cmd/cli/output.h"
#include "cmd/client/who.h"
#include "cmd/hold/hold.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Prints a line, which it takes; the loop flushes it before it waits again. */
static void emit(char *line)
{
	if (output_takes())
		fputs(line, stdout);
	free(line);
}

static bool says(const struct hold *h)
{
	return h->json || !h->quiet;
}

static void say_count(const struct hold *h, size_t n, const char *of_what)
{
	if (!n || !says(h))
		return;
	if (h->json)
		emit(json_text(json_pack("{s:s, s:I}", "event", "lost", "count", (json_int_t)n)));
	else
		emit(must_printf("%zu %s\n", n, of_what));
}

void hold_on_lost(void *data, size_t n)
{
	say_count(data, n, "events were not shown");
}

void hold_on_missed(void *data, uint32_t expirations)
{
	struct hold *h = data;

	(void)expirations;
	say_count(h, denials_missed(&h->denials), "more denials");
}

/* Whether a denial is to be shown; a timer counts the others. */
static bool show_denial(struct hold *h)
{
	hold_on_missed(h, 1);
	if (denials_show(&h->denials))
		return true;
	loop_timer_set(h->missed, NS_PER_S, 0);
	return false;
}

static json_t *new_event(const char *event, const char *name, const struct client *c)
{
	json_t *o = offer_event_new(event, name);

	if (c)
		json_object_update_new(o, json_peer(&c->server));
	return o;
}

static char *json_of_kept(
	const char *event, const struct kept *k, const struct client *c, const struct desc *look)
{
	json_t *o = new_event(event, offer_name(k->offer), c);

	json_object_update_new(o, json_pack("{s:i, s:s, s:o, s:s, s:o}", "fd", offer_fd(k->offer), "mode",
					  names_mode(look->flags), "flags", json_flags(look->flags), "type",
					  look->type, "path", json_bytes(look->path)));
	return json_text(o);
}

void hold_say_kept(
	struct hold *h, const char *event, const struct kept *k, const struct client *c)
{
	char flags[NAMES_MAX];
	struct desc look;

	if (!says(h) || desc_look(0, offer_fd(k->offer), &look) < 0)
		return;
	if (h->json)
		emit(json_of_kept(event, k, c, &look));
	else
		emit(must_printf("%s: %s: %s, %s, %s, from %s\n", offer_name(k->offer), event,
			text_show(look.path), look.type,
			names_flags(look.flags, flags, sizeof(flags)),
			c ? who(c->sock, &c->server) : "the service manager"));
}

void hold_say_gone(struct hold *h, const char *event, const char *name, const struct client *c)
{
	if (!says(h))
		return;
	if (h->json)
		emit(json_text(new_event(event, name, c)));
	else if (c)
		emit(must_printf("%s: %s by %s\n", name, event, who(c->sock, &c->server)));
	else
		emit(must_printf("%s: %s\n", name, event));
}

void hold_say_moved(struct hold *h, bool away, const char *name, const struct client *c)
{
	if (!says(h))
		return;
	if (h->json) {
		json_t *o = new_event(away ? "handed-over" : "taken-over", h->word, c);
		json_object_set_new(o, "count", json_integer((json_int_t)h->n_kept));
		emit(json_text(o));
	} else {
		emit(must_printf("%s: all is %s %s: %zu names\n", text_show(h->word),
			away ? "handed over to" : "taken over from", name, h->n_kept));
	}
}

static const char *explain(const char *why)
{
	static const struct {
		const char *why, *text;
	} texts[] = {
		{"policy", "may not store here: --store-user, --store-group"},
		{"busy", "this user has too many connections"},
		{"full", "there are as many as --max allows, or half of them of this user"},
		{"exists", "the name is in use"},
		{"owner", "another user gave it"},
		{"absent", "it is not kept here"},
		{"name", "that is no NAME"},
		{"protocol", "the message is not understood"},
		{"left", "it left before it had taken all over"},
		{"timeout", "it does not answer"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (strcmp(texts[i].why, why) == 0)
			return texts[i].text;
	return "it failed";
}

void hold_say_refused(struct hold *h, const struct client *c, const char *why, int err)
{
	bool named = *c->name; /* else it was refused before it said for which */

	if (!says(h) || !show_denial(h))
		return;
	if (h->json) {
		json_t *o = new_event("refused", c->name, c);
		if (!named)
			json_object_set_new(o, "name", json_null());
		json_object_set_new(o, "reason", json_string(why));
		if (err)
			json_object_set_new(o, "errno", json_string(names_errno(err)));
		emit(json_text(o));
		return;
	}
	char *text = must_printf("%s: refused to %s: %s", text_show(named ? c->name : h->word),
		who(c->sock, &c->server), explain(why));
	emit(err ? must_printf("%s: %s (%s)\n", text, names_errno(err), strerror(err))
		 : must_printf("%s\n", text));
	free(text);
}

void hold_on_denied(void *data, const struct client *c, const char *why)
{
	hold_say_refused(data, c, why, 0);
}

void hold_on_stalled(void *data, int err)
{
	const struct hold *h = data;

	if (h->json) {
		json_t *o = offer_event_new("stalled", h->word);
		json_object_set_new(o, "errno", json_string(names_errno(err)));
		emit(json_text(o));
	} else if (says(h)) {
		emit(must_printf("%s: no sender can be accepted now: %s (%s)\n", text_show(h->word),
			names_errno(err), strerror(err)));
	}
}

void hold_on_event(void *data, const struct offer_event *e)
{
	struct hold *h = data;

	if (!says(h) || e->kind == OFFER_NOTED || (e->kind == OFFER_DENIED && !show_denial(h)))
		return;
	emit(h->json ? offer_event_json(e) : offer_event_text(e));
}
