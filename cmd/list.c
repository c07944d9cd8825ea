/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list: prints the names on offer, without connecting to any server. */
#include "cmd/cli/command.h"
#include "cmd/cli/commands.h"
#include "lib/base/dl.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/peer.h"
#include "lib/base/text.h"
#include "lib/look/desc.h"
#include "lib/out/json.h"
#include "lib/out/table.h"
#include "lib/pass/catalog.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct list {
	bool quiet, json;
};

static const struct opt options[] = {
	{'q', "quiet", NULL, "the names only, one a line", opt_flag, offsetof(struct list, quiet)},
	OPT_JSON(struct list, "an array of objects"),
	OPT_END,
};

static bool look(const struct catalog_entry *e, struct desc *d)
{
	return e->pid && e->fd >= 0 && desc_look(e->pid, e->fd, d) == 0;
}

static void add_row(struct table *t, const struct catalog_entry *e)
{
	struct desc d;
	bool seen = look(e, &d);
	char pid[16] = "?";
	char *object = seen && e->n_rest ? must_printf("%s and %zu more", text_show(d.path), e->n_rest)
					 : must_strdup(seen ? text_show(d.path) : "?");

	if (e->pid)
		snprintf(pid, sizeof(pid), "%d", e->pid);
	table_row(t, (const char *const[]){e->name, pid, e->uid_known ? peer_user(e->uid) : "?",
			     seen ? names_mode(d.flags) : "?", seen ? d.type : "?",
			     object});
	free(object);
}

static enum status print_table(const struct catalog *c)
{
	static const struct table_column columns[] = {{"NAME", false}, {"PID", true},
		{"USER", false}, {"MODE", false}, {"TYPE", false}, {"OBJECT", false}};

	setlocale(LC_CTYPE, ""); /* before the library measures the width of names */
	struct table *t = table_new(columns, ARRAY_SIZE(columns), &(struct table_opts){0});

	if (!t)
		return report(STATUS_FAIL, "libsmartcols", dl_fault(), 0);
	for (size_t i = 0; i < c->n; i++)
		add_row(t, &c->entries[i]);
	if (table_print(t) < 0)
		return report(STATUS_FAIL, "standard output", "write", errno);
	return STATUS_OK;
}

/* The numbers of all descriptors of a group. */
static json_t *json_group(const struct catalog_entry *e)
{
	json_t *fds = json_array();

	json_array_append_new(fds, json_integer(e->fd));
	for (size_t i = 0; i < e->n_rest; i++)
		json_array_append_new(fds, json_integer(e->rest[i]));
	return fds;
}

static json_t *object_of(const struct catalog_entry *e)
{
	struct desc d;
	bool seen = look(e, &d);

	json_t *o = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name", e->name, "pid",
		e->pid ? json_integer(e->pid) : json_null(), "uid",
		e->uid_known ? json_integer(e->uid) : json_null(), "fd", json_maybe(e->fd, -1), "mode",
		seen ? json_string(names_mode(d.flags)) : json_null(), "flags",
		seen ? json_flags(d.flags) : json_null(), "pos",
		seen ? json_maybe(d.pos, DESC_NO_POS) : json_null(), "type",
		seen ? json_string(d.type) : json_null(), "path",
		seen ? json_bytes(d.path) : json_null());
	if (e->n_rest)
		json_object_set_new(o, "group", json_group(e));
	return o;
}

static enum status print_json(const struct catalog *c)
{
	json_t *all = json_array();

	for (size_t i = 0; i < c->n; i++)
		json_array_append_new(all, object_of(&c->entries[i]));
	json_line(all);
	return STATUS_OK;
}

static enum status print_names(const struct catalog *c)
{
	for (size_t i = 0; i < c->n; i++)
		puts(c->entries[i].name);
	return STATUS_OK;
}

static enum status run(void *state, char **program)
{
	const struct list *l = state;
	struct catalog c;
	enum status st;

	(void)program;
	if (catalog_names(&c) < 0)
		return report(STATUS_FAIL, "/proc/net/unix", "read", errno);
	if (!l->quiet || l->json)
		catalog_owners(&c);
	st = l->json ? print_json(&c) : l->quiet ? print_names(&c) : print_table(&c);
	catalog_free(&c);
	return st;
}

const struct cmd cmd_list = {
	.name = "list",
	.summary = "the names on offer, and whose they are",
	.text = "Reads the kernel's tables only: no server notices, and no grant is used up.\n"
		"'?' is unknown.\n",
	.opts = options,
	.state = sizeof(struct list),
	.run = run,
};
