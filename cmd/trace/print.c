/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A call as a line, or as JSON. */
#include "cmd/trace/trace.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/out/json.h"
#include "lib/trace/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void trace_stamp(struct trace_state *s, uint64_t ns)
{
	int64_t at = s->epoch + (int64_t)ns, since = s->last ? (int64_t)(ns - s->last) : 0;
	time_t seconds = at / NS_PER_S;
	char text[64], zone[16];
	struct tm tm;

	if (s->stamp == STAMP_NONE)
		return;
	if (s->stamp == STAMP_DELTA) {
		printf("%3jd.%06jd ", (intmax_t)(since / NS_PER_S), (intmax_t)(since % NS_PER_S / 1000));
		return;
	}
	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), s->stamp == STAMP_ISO ? "%FT%T" : "%T", &tm);
	strftime(zone, sizeof(zone), "%z", &tm);
	printf("%s.%06jd%s ", text, (intmax_t)(at % NS_PER_S / 1000), s->stamp == STAMP_ISO ? zone : "");
}

/* The word that names its target. */
static const char *trace_word(const struct trace_state *s, const struct trace_record *r)
{
	return targets_word(&s->targets, &s->targets.v[r->target]);
}

static void print_who(const struct trace_record *r)
{
	char who[128];
	const char *command = text_show(r->command);

	if (r->tid == r->pid)
		snprintf(who, sizeof(who), "%s %d", command, r->pid);
	else
		snprintf(who, sizeof(who), "%s %d/%d", command, r->pid, r->tid);
	printf("%-20s ", who);
}

static void print_sender(const struct trace_state *s, const struct trace_record *r, FILE *out)
{
	const struct sender *from = &s->senders[r->target];

	if (trace_is_receipt(r) && from->pid)
		fprintf(out, "  <- %s %d fd %d", text_show(from->command), from->pid, from->fd);
}

void trace_note_sender(struct trace_state *s, const struct trace_record *r)
{
	struct sender *from = &s->senders[r->target];

	if (!r->passed || r->result < 0 || trace_is_receipt(r))
		return;
	*from = (struct sender){.pid = r->pid, .fd = r->fd};
	memcpy(from->command, r->command, sizeof(r->command));
}

void trace_line(struct trace_state *s, const struct trace_record *r)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	trace_stamp(s, r->ns);
	if (s->targets.words.n > 1 && trace_size(s->trace) > 1)
		printf("%s: ", text_show(trace_word(s, r)));
	print_who(r);
	trace_print_call(r, out);
	fflush(out);
	fprintf(out, "%*s", len < 40 ? (int)(40 - len) : 0, "");
	trace_print_moves(r, out);
	print_sender(s, r, out);
	fclose(out);
	while (len > 0 && text[len - 1] == ' ')
		text[--len] = '\0';
	printf("%s\n", text);
	free(text);
}

static json_t *fds_of(const struct trace_record *r)
{
	json_t *array = json_array();

	for (int i = 0; i < r->n_fds && i < TRACE_FDS; i++)
		json_array_append_new(array, json_integer(((const int *)r->data)[i]));
	return array;
}

static bool fails(const struct trace_record *r)
{
	return r->result < 0 && r->result != TRACE_UNKNOWN;
}

void trace_json(struct trace_state *s, const struct trace_record *r)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	trace_print_call(r, out);
	fclose(out);
	json_t *o = json_pack("{s:o, s:I, s:i, s:i, s:o, s:s, s:o, s:o, s:o}", "target",
		json_bytes(trace_word(s, r)), "mono_ns", (json_int_t)r->ns, "pid", r->pid, "tid",
		r->tid, "command", json_bytes(r->command), "call", trace_name(r), "text",
		json_bytes(text), "result", r->result == TRACE_UNKNOWN ? json_null() : json_integer(r->result < 0 ? -1 : r->result),
		"errno", fails(r) ? json_string(names_errno((int)-r->result)) : json_null());
	json_object_set_new(o, "fd", json_integer(r->fd));
	json_object_set_new(o, "pos", json_pack("[I, I]", (json_int_t)r->pos_before, (json_int_t)r->pos_after));
	json_object_set_new(o, "size", json_pack("[I, I]", (json_int_t)r->size_before, (json_int_t)r->size_after));
	json_object_set_new(o, "flags", json_pack("[o, o]", json_flags((int)r->flags_before), json_flags((int)r->flags_after)));
	json_object_set_new(o, "passed", fds_of(r));
	json_object_set_new(o, "holders", json_integer(r->holders));
	json_line(o);
	free(text);
}
