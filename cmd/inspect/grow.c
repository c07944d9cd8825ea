/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inspect --grow: what processes opened and have not closed since the first look, and when they
 * reach their limit at that rate. watch.c repeats the look.
 */
#include "cmd/cli/report.h"
#include "cmd/draw/scene.h"
#include "cmd/inspect/inspect.h"
#include "lib/base/dir.h"
#include "lib/base/dl.h"
#include "lib/base/memory.h"
#include "lib/base/proc.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/look/grow.h"
#include "lib/look/label.h"
#include "lib/look/scan.h"
#include "lib/out/json.h"
#include "lib/out/table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct growth {
	const struct inspect *in;
	struct grow grow;
};

static bool is_target(const struct targets *targets, pid_t pid)
{
	for (size_t i = 0; i < targets->n; i++)
		if (targets->v[i].pid == pid)
			return true;
	return false;
}

/* Others may hold a description of a process that was requested, too: they do not count. */
static bool is_requested(const void *inspect, const struct share_table *t)
{
	const struct inspect *in = inspect;
	bool found = is_target(&in->targets, t->pid);

	for (size_t i = 0; i < t->n_others && !found; i++)
		found = is_target(&in->targets, t->others[i]);
	return found;
}

/* Whether only processes were requested, and so all descriptors of each. */
static bool has_processes_only(const struct targets *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (share_is_inode(&t->v[i]) || t->v[i].fd >= 0)
			return false;
	return !targets_have_inodes(t);
}

struct growth *growth_new(const struct inspect *in)
{
	struct growth *g = must_calloc(1, sizeof(*g));

	g->in = in;
	g->grow.data = in;
	g->grow.part = !has_processes_only(&in->targets);
	g->grow.every = !g->grow.part && !in->all;
	g->grow.counts = g->grow.every ? is_requested : NULL;
	return g;
}

void growth_free(struct growth *g)
{
	if (g)
		grow_free(&g->grow);
	free(g);
}

bool growth_look(struct growth *g, struct share *s)
{
	bool *fresh = grow_look(&g->grow, s, time_now());

	share_label(s, &(struct label_opts){.ascii = g->in->table.raw || !scene_utf8(),
				.by_kind = true, .only = fresh});
	free(fresh);
	return grow_group(&g->grow, s);
}

/* --- the limit ------------------------------------------------------------------------------ */

struct nofile {
	bool known, unlimited;
	uint64_t soft;  /* RLIMIT_NOFILE */
	uint64_t below; /* the descriptors whose numbers are below it: the others are from before it was set */
};

static bool count_below(void *data, int fd)
{
	struct nofile *l = data;

	l->below += (uint64_t)fd < l->soft;
	return true;
}

/* proc_pid_limits(5) */
static struct nofile nofile_of(const struct grow_process *p)
{
	static const char name[] = "\nMax open files";
	struct nofile l = {0};
	char path[64], text[4096], *line, *end;

	if (proc_read(scan_path(p->pid, p->tid, "limits", path, sizeof(path)), text, sizeof(text)) < 0)
		return l;
	line = strstr(text, name);
	if (!line)
		return l;
	line += strlen(name);
	line += strspn(line, " ");
	l.unlimited = text_begins(line, "unlimited");
	l.soft = strtoull(line, &end, 10);
	if (!l.unlimited && end == line)
		return l;
	l.known = l.unlimited ||
		  dir_each_number(scan_path(p->pid, p->tid, "fd", path, sizeof(path)), count_below, &l) == 0;
	return l;
}

static uint64_t room(const struct nofile *l)
{
	return l->soft > l->below ? l->soft - l->below : 0;
}

/* --- for people ----------------------------------------------------------------------------- */

/* "40 s", "2 min 40 s", "3 h 5 min", "12 days 3 h" */
static const char *duration(int64_t ns, char out[48])
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {{86400, "days"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	int64_t s = ns / NS_PER_S;
	size_t i = 0;

	while (i < ARRAY_SIZE(units) - 1 && s < units[i].seconds)
		i++;
	int64_t n = s / units[i].seconds, rest = s % units[i].seconds;
	int len = snprintf(out, 48, "%" PRId64 " %s", n, n == 1 && i == 0 ? "day" : units[i].name);
	if (i + 1 < ARRAY_SIZE(units) && rest / units[i + 1].seconds)
		snprintf(out + len, 48 - (size_t)len, " %" PRId64 " %s", rest / units[i + 1].seconds,
			units[i + 1].name);
	return out;
}

static void print_limit(const struct grow *g, const struct grow_process *p, FILE *out)
{
	const struct nofile l = nofile_of(p);
	char text[48];

	if (!l.known)
		fputs("; its limit is not known", out);
	else if (l.unlimited)
		fputs("; it has no limit", out);
	else if (room(&l) == 0)
		fprintf(out, "; %" PRIu64 " (its limit) is reached", l.soft);
	else
		fprintf(out, "; %" PRIu64 " (its limit) in %s", l.soft,
			duration(grow_until(g, p, room(&l)), text));
}

static void print_rate(double rate, FILE *out)
{
	if (rate >= 10)
		fprintf(out, "%.0f", rate);
	else
		fprintf(out, "%.2g", rate);
}

static void print_process(const struct grow *g, const struct grow_process *p, FILE *out)
{
	double rate = grow_per_minute(g, p);

	fprintf(out, "%s %d: ", text_show(p->command), p->tid);
	fprintf(out, grow_opened(p) ? "%zu opened and not closed" : "nothing opened and not closed",
		grow_opened(p));
	if (grow_closed(p))
		fprintf(out, ", %zu older closed", grow_closed(p));
	if (rate > 0) {
		fputs(grow_closed(p) ? ", so " : ", ", out);
		print_rate(rate, out);
		fputs(grow_closed(p) ? " more a minute" : " a minute", out);
		print_limit(g, p, out);
	}
	fputc('\n', out);
}

static enum status print_groups(const struct growth *g, FILE *out)
{
	static const struct table_column columns[] = {{"NEW", true, false}, {"PID", true, false},
		{"COMMAND", false, false}, {"TYPE", false, false}, {"NAME", false, false}};
	const struct table_opts opts = {
		.no_headings = g->in->table.no_headings, .raw = g->in->table.raw, .out = out};
	struct table *t = table_new(columns, ARRAY_SIZE(columns), &opts);

	if (!t)
		return report(STATUS_FAIL, "a table", dl_fault(), 0);
	for (size_t i = 0; i < g->grow.n_groups; i++) {
		const struct grow_group *group = &g->grow.groups[i];
		const struct grow_process *p = &g->grow.processes[group->process];
		char *cells[] = {must_printf("%zu", group->n), must_printf("%d", p->tid),
			text_escape(p->command, strlen(p->command)), must_strdup(group->type),
			text_escape(group->object, strlen(group->object))};
		table_row_taken(t, cells, false, NULL);
	}
	return table_print(t) < 0 ? report_output(errno) : STATUS_OK;
}

static int most_first(const void *a, const void *b)
{
	const struct grow_process *x = *(const struct grow_process *const *)a,
				  *y = *(const struct grow_process *const *)b;

	if (grow_opened(x) != grow_opened(y))
		return grow_opened(x) > grow_opened(y) ? -1 : 1;
	return (x->tid > y->tid) - (x->tid < y->tid);
}

/* The processes that are shown, the one with the most new descriptors first. The caller frees. */
static const struct grow_process **list_shown(const struct grow *g, size_t *n)
{
	const struct grow_process **all = must_calloc(g->n_processes + 1, sizeof(*all));

	*n = 0;
	for (size_t i = 0; i < g->n_processes; i++)
		if (grow_shows(g, &g->processes[i]))
			all[(*n)++] = &g->processes[i];
	qsort(all, *n, sizeof(*all), most_first);
	return all;
}

static void print_processes(const struct grow *g, FILE *out)
{
	size_t n;
	const struct grow_process **shown = list_shown(g, &n);

	for (size_t i = 0; i < n; i++)
		print_process(g, shown[i], out);
	free(shown);
	if (n == 0)
		fputs("nothing opened and not closed\n", out);
	if (g->n_groups)
		fputc('\n', out);
}

/* A script wants the rows only. */
static enum status print_text(const struct growth *g, FILE *out)
{
	if (!g->in->table.raw && !g->in->table.no_headings)
		print_processes(&g->grow, out);
	return g->grow.n_groups ? print_groups(g, out) : STATUS_OK;
}

/* --- for programs --------------------------------------------------------------------------- */

static json_t *groups_json(const struct grow *g, const struct grow_process *p)
{
	json_t *all = json_array();

	for (size_t i = 0; i < g->n_groups; i++)
		if (&g->processes[g->groups[i].process] == p)
			json_array_append_new(all, json_pack("{s:I,s:s,s:o}", "n",
				(json_int_t)g->groups[i].n, "type", g->groups[i].type, "name",
				*g->groups[i].object ? json_bytes(g->groups[i].object) : json_null()));
	return all;
}

static json_t *process_json(const struct grow *g, const struct grow_process *p)
{
	const struct nofile l = nofile_of(p);
	bool limited = l.known && !l.unlimited;
	int64_t until = limited ? grow_until(g, p, room(&l)) : NEVER;
	json_t *one = json_pack("{s:i,s:o,s:I,s:I,s:f,s:o,s:o,s:o}", "pid", p->pid, "command",
		json_bytes(p->command), "opened", (json_int_t)grow_opened(p), "closed",
		(json_int_t)grow_closed(p), "per_minute", grow_per_minute(g, p), "limit",
		limited ? json_integer((json_int_t)l.soft) : json_null(), "limit_in_ns",
		json_maybe(until, NEVER), "new", groups_json(g, p));

	if (p->tid != p->pid)
		json_object_set_new(one, "tid", json_integer(p->tid));
	return one;
}

static enum status print_json(const struct growth *g, const struct share *s)
{
	json_t *all = json_array();
	size_t n;
	const struct grow_process **shown = list_shown(&g->grow, &n);

	for (size_t i = 0; i < n; i++)
		json_array_append_new(all, process_json(&g->grow, shown[i]));
	free(shown);
	json_t *look = json_pack("{s:o,s:I,s:o}", "processes", all, "since_ns",
		(json_int_t)(g->grow.at - g->grow.begin), "unseen", sharing_unseen_json(s));
	return json_line(look) < 0 ? report_output(errno) : STATUS_OK;
}

enum status growth_render(const struct growth *g, const struct share *s, FILE *out)
{
	return g->in->json ? print_json(g, s) : print_text(g, out);
}
