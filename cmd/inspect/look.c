/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One look of inspect, and how it is printed: for a single look and for --watch. */
#include "cmd/client/find.h"
#include "cmd/draw/graph.h"
#include "cmd/draw/picture.h"
#include "cmd/draw/svg.h"
#include "cmd/inspect/inspect.h"
#include "cmd/view/held.h"
#include "cmd/view/opens.h"
#include "cmd/view/sharing.h"
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

struct share_request inspect_ask(const struct inspect *in)
{
	return (struct share_request){
		.targets = in->all ? NULL : in->targets.v,
		.n_targets = in->targets.n,
		.only_shared = in->shared,
		.related = has_descriptor(in),
		.need = in->json      ? SHARING_JSON_NEED
			: inspect_draws(in) ? SHARE_NAME | SHARE_STATUS | SHARE_INODE
				    : sharing_need(&in->table) | SHARE_INODE |
					(targets_have_port(&in->targets) ? SHARE_CLOEXEC : 0),
	};
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
	return st;
}

enum status inspect_render(
	const struct inspect *in, const struct share *s, const bool *changed, FILE *out)
{
	struct sharing_opts opts = in->table;

	opts.changed = changed;
	opts.out = out;
	opts.group = "connections";
	if (in->json)
		json_line(sharing_json(s, has_descriptor(in)));
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
