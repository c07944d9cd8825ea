/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inspect: what is behind a descriptor, and who shares it. Here are the options, the operands,
 * and a single look; look.c prints a look, and watch.c repeats it for --watch and --grow.
 */
#include "cmd/inspect/inspect.h"
#include "cmd/cli/commands.h"
#include "cmd/client/acquire.h"
#include "cmd/client/find.h"
#include "cmd/view/limits.h"
#include "cmd/view/sharing.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/proc.h"
#include "lib/base/release.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"
#include "lib/out/json.h"
#include "lib/pass/catalog.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *take_word(const char *word, void *state)
{
	struct inspect *in = state;

	return targets_add(&in->targets, word);
}

static const char *opt_columns(const char *arg, void *into)
{
	return sharing_columns(arg, into);
}

static const char *opt_every(const char *arg, void *into)
{
	int64_t *every = into;

	*every = NS_PER_S;
	return arg ? opt_time(arg, every) : NULL;
}

#define INTO(member) offsetof(struct inspect, member)

static const struct opt options[] = {
	{'a', "all", NULL, "all processes that this user may inspect", opt_flag, INTO(all)},
	{0, "shared", NULL, "only descriptions with two descriptors or more", opt_flag, INTO(shared)},
	{0, "deleted", NULL, "only files that have no name any more, the largest first", opt_flag,
		INTO(deleted)},
	{0, "mapped", NULL, "also who has a file mapped without a descriptor", opt_flag, INTO(mapped)},
	{0, "limits", NULL, "what the descriptor can do, one operation a row", opt_flag, INTO(limits)},
	{0, "picture", NULL, "draw tables, descriptions and inodes as boxes", opt_flag, INTO(picture)},
	{0, "dot", NULL, "print the same as a graph for Graphviz", opt_flag, INTO(dot)},
	{0, "svg", NULL, "print the same as a drawing for a browser", opt_flag, INTO(svg)},
	{0, "watch", "[TIME]", "repeat it on the screen every TIME, default 1s; scrolls", opt_every,
		INTO(every)},
	{0, "grow", "[TIME]", "what was opened and not closed, with a look every TIME, default 1s",
		opt_every, INTO(grow)},
	{'o', "output", "COLS", "print these columns; '+COLS' adds them to the default", opt_columns,
		INTO(table), WORD_COLUMNS},
	{'n', "noheadings", NULL, "print no headings", opt_flag, INTO(table.no_headings)},
	{'r', "raw", NULL, "one blank between columns, for scripts", opt_flag, INTO(table.raw)},
	{0, "each", NULL, "a row for each descriptor, also of processes that are alike", opt_flag,
		INTO(table.each)},
	{'H', "list-columns", NULL, "list the columns, and end", opt_flag,
		INTO(list_columns)},
	OPT_JSON(struct inspect, "everything, as one object"),
	OPT_QUIET(struct inspect),
	{'v', "verbose", NULL, "print on stderr which method was used, and why", opt_flag,
		INTO(verbose)},
	OPT_END,
};

/* --- looking ------------------------------------------------------------------------------- */

static void print_method(const struct share *s)
{
	report_note("method: %s%s%s", s->method, *s->method_reason ? "; BPF not used: " : "",
		s->method_reason);
}

static enum status look_once(const struct inspect *in)
{
	const struct share_target *fault = NULL;
	struct share s;
	enum status st;

	if (inspect_take(in, &s, &fault) < 0) {
		st = inspect_fault(in, fault);
		share_free(&s);
		return st;
	}
	if (in->verbose)
		print_method(&s);
	if (in->verbose)
		report_gaps(&s);
	st = s.n_descriptions || !targets_have_inodes(&in->targets)
		     ? inspect_render(in, &s, NULL, stdout) : STATUS_OK;
	if (st == STATUS_OK)
		st = report_flush();
	if (st == STATUS_OK && !in->quiet && !in->json && !inspect_draws(in))
		report_unknowns(&s);
	if (st == STATUS_OK)
		st = targets_unheld(&in->targets, &s);
	share_free(&s);
	return st;
}

/* Probes a duplicate of each descriptor: a child makes harmless calls on it. */
static enum status print_limits(const struct inspect *in)
{
	enum status st = STATUS_OK;

	for (size_t i = 0; i < in->targets.n && st == STATUS_OK; i++) {
		const struct share_target *of = &in->targets.v[i];
		const char *word = targets_word(&in->targets, of);
		int fd = of->pid == getpid() ? fcntl(of->fd, F_DUPFD_CLOEXEC, 3)
					     : desc_getfd(of->pid, of->fd);
		if (fd < 0) {
			st = inspect_fault(in, of);
			break;
		}
		if (in->targets.n > 1 && !in->json)
			printf("%s%s:\n", i ? "\n" : "", text_show(word));
		st = in->json ? limits_print_json(fd, word) : limits_print(fd, word);
		release_fd(&fd);
	}
	return st;
}

/* --- the command ------------------------------------------------------------------------------ */

static bool has_process(const struct inspect *in)
{
	for (size_t i = 0; i < in->targets.n; i++)
		if (in->targets.v[i].fd < 0)
			return true;
	return false;
}

static enum status check_usage(struct inspect *in)
{
	int renderers = in->limits + in->picture + in->dot + in->svg + in->json;

	if (in->limits && in->json)
		renderers--;
	if (renderers > 1)
		return report_usage("--limits, --picture, --dot, --svg and --json exclude each other, "
				    "but --limits may have --json");
	if (in->all && in->targets.words.n)
		return report_usage("--all takes no TARGET or PID");
	if (!in->all && in->targets.words.n == 0)
		return report_usage("no TARGET: give a name, PID, PID:FD, fd:N, ./FILE, tcp:PORT or --all");
	if (in->every && (in->dot || in->svg))
		return report_usage("--watch excludes --dot and --svg");
	if (in->limits && (in->all || in->shared || in->every || in->deleted || in->mapped))
		return report_usage("--limits excludes --all, --shared, --deleted, --mapped and --watch");
	if (in->grow && (in->every || in->limits || inspect_draws(in) || in->shared || in->deleted ||
				in->mapped || in->table.each || in->columns))
		return report_usage("--grow excludes --watch, --limits, --picture, --dot, --svg, --shared, "
				    "--deleted, --mapped, --each and --output");
	return STATUS_OK;
}

static enum status run(void *state, char **program)
{
	struct inspect *in = state;
	enum status st;

	(void)program;
	if (in->list_columns) {
		sharing_list_columns();
		return STATUS_OK;
	}
	in->columns = in->table.n != 0;
	in->all = in->all || (in->deleted && in->targets.words.n == 0);
	if (!in->columns && in->deleted)
		sharing_columns("OFD,PID,COMMAND,FD,MODE,ALLOCATED,NAME", &in->table);
	else if (!in->columns)
		sharing_default(&in->table);
	st = check_usage(in);
	if (st == STATUS_OK)
		st = targets_find(&in->targets);
	if (st == STATUS_OK && in->limits)
		st = targets_resolve(&in->targets);
	if (st == STATUS_OK && in->limits && has_process(in))
		st = report_usage("--limits needs a descriptor, not a process: NAME, PID:FD or fd:N");
	if (st != STATUS_OK)
		return st;
	if (in->limits)
		return print_limits(in);
	if (in->grow)
		in->every = in->grow;
	return in->every ? inspect_watch(in) : look_once(in);
}

static void release(void *state)
{
	struct inspect *in = state;

	targets_free(&in->targets);
}

const struct cmd cmd_inspect = {
	.name = "inspect",
	.operands = "[TARGET]...",
	.summary = "what is behind a descriptor, and who shares it",
	.text = "TARGET is a NAME on offer, PID:FD, fd:N, PID, or what any process may have open:\n"
		"./FILE, tcp:[HOST:]PORT, udp:[HOST:]PORT, unix:PATH, unix:@NAME.\n"
		"One OFD letter is one open file description. inspect only looks: it does not\n"
		"read, move or change anything, and no server notices.\n",
	.opts = options,
	.state = sizeof(struct inspect),
	.operand = take_word,
	.kind = WORD_TARGET,
	.choices = TARGET_WORDS,
	.run = run,
	.release = release,
};
