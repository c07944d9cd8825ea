/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One look of inspect, and how it is printed: for a single look and for --watch. */
#include "cmd/client/find.h"
#include "cmd/draw/graph.h"
#include "cmd/draw/picture.h"
#include "cmd/draw/scene.h"
#include "cmd/draw/svg.h"
#include "cmd/inspect/inspect.h"
#include "cmd/view/held.h"
#include "cmd/view/mapped.h"
#include "cmd/view/opens.h"
#include "cmd/view/sharing.h"
#include "lib/look/label.h"
#include "lib/look/pipeline.h"
#include "lib/out/json.h"

#include <errno.h>
#include <stdio.h>

enum status inspect_fault(const struct inspect *in, const struct share_target *of)
{
	return target_unseen(of ? targets_word(&in->targets, of) : "/proc");
}

static bool has_descriptor(const struct inspect *in)
{
	for (size_t i = 0; i < in->targets.n; i++)
		if (in->targets.v[i].fd >= 0)
			return true;
	return false;
}

bool inspect_draws(const struct inspect *in)
{
	return in->picture || in->dot || in->svg;
}

static unsigned need_of(const struct inspect *in)
{
	unsigned need = SHARE_INODE | (in->deleted ? SHARE_SIZE | SHARE_NAME : 0);

	if (in->grow)
		return need | SHARE_LABEL;
	if (in->json)
		return need | SHARING_JSON_NEED;
	if (inspect_draws(in))
		return need | SHARE_NAME | SHARE_STATUS;
	if (targets_have_port(&in->targets))
		need |= SHARE_CLOEXEC;
	return need | sharing_need(&in->table);
}

static struct share_request request_of(const struct inspect *in)
{
	return (struct share_request){
		.targets = in->all ? NULL : in->targets.v,
		.n_targets = in->targets.n,
		.only_shared = in->shared,
		.related = has_descriptor(in),
		.need = need_of(in),
	};
}

int inspect_take(const struct inspect *in, struct share *s, const struct share_target **fault)
{
	const struct share_request request = request_of(in);
	int done = share_look(&request, s, fault);

	if (done == 0)
		share_mark_own(s);
	if (done == 0 && in->deleted)
		deleted_keep(s);
	if (done == 0 && inspect_draws(in))
		share_label(s, &(struct label_opts){.ascii = !scene_utf8(), .by_inode = true});
	else if (done == 0 && !in->json && !in->limits && !in->grow)
		sharing_label(s, &in->table);
	return done;
}

static void print_opens(const struct inspect *in, const struct share *s, FILE *out)
{
	for (size_t i = 0; i < in->targets.n; i++) {
		const struct share_target *t = &in->targets.v[i];
		const char *word = targets_word(&in->targets, t);
		if (share_is_inode(t) && !port_is(word))
			opens_print(out, s, t, word);
	}
}

/*
 * For single descriptors also the details of their types, and for a file who shares it; a script
 * requests columns instead.
 */
static enum status print_table(
	const struct inspect *in, const struct share *s, const struct sharing_opts *opts)
{
	enum status st = sharing_table(s, opts);

	if (st != STATUS_OK || opts->raw || opts->no_headings || in->columns)
		return st;
	if (has_descriptor(in))
		sharing_details(s, opts->out);
	print_opens(in, s, opts->out);
	if (targets_have_port(&in->targets))
		held_print(opts->out, s);
	struct mapped mapped = mapped_find(s, in->mapped);
	mapped_print(opts->out, s, &mapped);
	mapped_free(&mapped);
	if (in->deleted)
		deleted_print_sum(opts->out, s);
	return st;
}

static void print_json(const struct inspect *in, const struct share *s)
{
	struct mapped mapped = mapped_find(s, in->mapped);

	sharing_json(s, has_descriptor(in), &mapped);
	mapped_free(&mapped);
}

enum status inspect_render(
	const struct inspect *in, const struct share *s, const bool *changed, FILE *out)
{
	struct sharing_opts opts = in->table;

	opts.changed = changed;
	opts.out = out;
	opts.group = "connections";
	if (in->growth)
		return growth_render(in->growth, s, out);
	if (in->json)
		print_json(in, s);
	else if (in->dot)
		graph_print(out, s, in->table.each);
	else if (in->svg)
		svg_print(out, s, in->table.each);
	else if (in->picture)
		picture_print(out, s, &(struct picture_opts){.changed = changed, .each = in->table.each});
	else
		return print_table(in, s, &opts);
	return STATUS_OK;
}
