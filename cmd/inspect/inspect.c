/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inspect: what is behind a descriptor, and who shares it. Here are its options, what
 * its words mean, and one look; inspect-look.c has the look itself.
 */
#include "cmd/inspect/inspect.h"
#include "cmd/cli/commands.h"
#include "cmd/client/acquire.h"
#include "cmd/client/target.h"
#include "cmd/view/limits.h"
#include "cmd/view/sharing.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
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
#include <unistd.h>

static bool is_pid(const char *word, pid_t *pid)
{
	const char *fault;

	*pid = (pid_t)strtonum(word, 1, INT_MAX, &fault);
	return !fault;
}

static const char *take_word(const char *word, void *state)
{
	struct inspect *in = state;
	pid_t pid;

	words_add(&in->words, word);
	return is_pid(word, &pid) ? NULL : target_fault(word);
}

static const char *opt_columns(const char *arg, void *into)
{
	return sharing_columns(arg, into);
}

static const char *opt_watch(const char *arg, void *into)
{
	int64_t *every = into;

	*every = NS_PER_S;
	return arg ? opt_time(arg, every) : NULL;
}

#define INTO(member) offsetof(struct inspect, member)

static const struct opt options[] = {
	{'a', "all", NULL, "every process that may be seen", opt_flag, INTO(all)},
	{0, "shared", NULL, "only descriptions with two descriptors or more", opt_flag, INTO(shared)},
	{0, "limits", NULL, "what the descriptor can do, an operation a row", opt_flag, INTO(limits)},
	{0, "picture", NULL, "tables, descriptions and inodes as boxes", opt_flag, INTO(picture)},
	{0, "dot", NULL, "the same as a graph for Graphviz", opt_flag, INTO(dot)},
	{0, "svg", NULL, "the same as a drawing for a browser", opt_flag, INTO(svg)},
	{0, "watch", "[TIME]", "keep it on the screen, a look each TIME, default 1s", opt_watch,
		INTO(every)},
	{'o', "output", "COLS", "these columns, or with a '+' in front these, too", opt_columns,
		INTO(table), WORD_COLUMNS},
	{'n', "noheadings", NULL, "no headings", opt_flag, INTO(table.no_headings)},
	{'r', "raw", NULL, "a blank between columns, for scripts", opt_flag, INTO(table.raw)},
	{'H', "list-columns", NULL, "the columns that there are, and end", opt_flag,
		INTO(list_columns)},
	OPT_JSON(struct inspect, "everything, as one object"),
	OPT_QUIET(struct inspect),
	{'v', "verbose", NULL, "say on stderr which way it was found out, and why", opt_flag,
		INTO(verbose)},
	OPT_END,
};

/* --- what the words mean ----------------------------------------------------------------- */

static enum status no_number(const char *word)
{
	report(STATUS_FAIL, word, "its server's descriptors may not be seen", EACCES);
	report_hint("as the server's user, or as root; or take it: fdtool grab %s -- fdtool inspect fd:3",
		word);
	return STATUS_FAIL;
}

/* @RAW, or a path: the kernel's tables have no more than the socket. */
static enum status not_a_name(const char *word)
{
	if ((*word == '@' ? catalog_accepts(word) : access(word, F_OK)) < 0)
		return report_nobody(word);
	report(STATUS_FAIL, word, "whose descriptor it is only its server knows", 0);
	report_hint("take it: fdtool grab %s -- fdtool inspect fd:3", text_show(word));
	return STATUS_FAIL;
}

/* Who offers a name is in the kernel's tables: no server is asked, no grant used up. */
static enum status find_offer(const char *word, struct share_of *of)
{
	struct catalog c;
	enum status st = STATUS_OK;

	if (catalog_names(&c) < 0)
		return report(STATUS_FAIL, "/proc/net/unix", "read", errno);
	const struct catalog_entry *e = catalog_find(&c, word);
	if (e) {
		catalog_owners(&c);
		*of = (struct share_of){e->pid, e->fd};
		if (!e->pid || e->fd < 0)
			st = no_number(word);
	} else if (addr_name_fault(word)) {
		st = not_a_name(word);
	} else {
		errno = ECONNREFUSED;
		st = report_nobody(word);
	}
	catalog_free(&c);
	return st;
}

static enum status find(const char *word, struct share_of *of)
{
	struct source source;

	of->fd = -1;
	if (is_pid(word, &of->pid))
		return STATUS_OK;
	if (!target_is_direct(word, &source))
		return find_offer(word, of);
	if (source.kind == SOURCE_FD && !fd_is_inherited(source.fd)) /* and none of those it opens to look */
		return report(STATUS_NOBODY, word, "no such descriptor", EBADF);
	*of = (struct share_of){source.kind == SOURCE_FD ? getpid() : source.pid, source.fd};
	return STATUS_OK;
}

static enum status find_all(struct inspect *in)
{
	enum status st = STATUS_OK;

	in->of = must_calloc(in->words.n + 1, sizeof(*in->of));
	for (size_t i = 0; i < in->words.n && st == STATUS_OK; i++)
		st = find(in->words.v[i], &in->of[i]);
	return st;
}

/* --- looking ------------------------------------------------------------------------------- */

static void tell_way(const struct share *s)
{
	report_note("looked by %s%s%s", s->way, *s->method_reason ? ", since " : "", s->method_reason);
}

static enum status look_once(const struct inspect *in)
{
	const struct share_ask ask = inspect_ask(in);
	const struct share_of *fault = NULL;
	struct share s;
	enum status st;

	if (share_look(&ask, &s, &fault) < 0) {
		st = inspect_fault(in, fault);
		share_free(&s);
		return st;
	}
	if (in->verbose)
		tell_way(&s);
	st = inspect_render(in, &s, NULL, stdout);
	if (!in->quiet && !in->json && !inspect_draws(in) && st == STATUS_OK && report_flush() == STATUS_OK)
		report_unknowns(&s);
	share_free(&s);
	return st;
}

/*
 * Its own copy of each, since what it can do is asked of it: harmless calls, and a
 * child that makes them.
 */
static enum status look_at_limits(const struct inspect *in)
{
	enum status st = STATUS_OK;

	for (size_t i = 0; i < in->words.n && st == STATUS_OK; i++) {
		const struct share_of *of = &in->of[i];
		const char *word = in->words.v[i];
		int fd = of->pid == getpid() ? fcntl(of->fd, F_DUPFD_CLOEXEC, 3) : desc_getfd(of->pid, of->fd);
		if (fd < 0) {
			st = inspect_fault(in, of);
			break;
		}
		if (in->words.n > 1 && !in->json)
			printf("%s%s:\n", i ? "\n" : "", text_show(word));
		st = in->json ? limits_print_json(fd, word) : limits_print(fd, word);
		fd_close(&fd);
	}
	return st;
}

/* --- the command ------------------------------------------------------------------------------ */

static bool has_process(const struct inspect *in)
{
	for (size_t i = 0; i < in->words.n; i++)
		if (in->of[i].fd < 0)
			return true;
	return false;
}

static enum status check_usage(struct inspect *in)
{
	int renderers = in->limits + in->picture + in->dot + in->svg + in->json;

	if (in->limits && in->json)
		renderers--;
	if (renderers > 1)
		return report_usage("only one of --limits, --picture, --dot, --svg and --json");
	if (in->all && in->words.n)
		return report_usage("--all is every process: no TARGET or PID beside it");
	if (!in->all && in->words.n == 0)
		return report_usage("what? a name on offer, PID, PID:FD, fd:N, or --all");
	if (in->every && (in->dot || in->svg))
		return report_usage("--watch is of a table, --picture or --json");
	if (in->limits && (in->all || in->shared || in->every))
		return report_usage("--limits is of a descriptor, and of one moment");
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
	if (!in->columns)
		sharing_default(&in->table);
	st = check_usage(in);
	if (st == STATUS_OK)
		st = find_all(in);
	if (st == STATUS_OK && in->limits && has_process(in))
		st = report_usage("--limits is of a descriptor: NAME, PID:FD or fd:N");
	if (st != STATUS_OK)
		return st;
	if (in->limits)
		return look_at_limits(in);
	return in->every ? inspect_watch(in) : look_once(in);
}

static void release(void *state)
{
	struct inspect *in = state;

	free(in->words.v);
	free(in->of);
}

const struct cmd cmd_inspect = {
	.name = "inspect",
	.operands = "[TARGET|PID]...",
	.summary = "what is behind a descriptor, and who shares it",
	.text = "One OFD letter is one open file description. It only looks: nothing is read,\n"
		"moved or changed, and no server notices.\n",
	.opts = options,
	.state = sizeof(struct inspect),
	.operand = take_word,
	.kind = WORD_NAME,
	.run = run,
	.release = release,
};
