/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inspect: what is behind a descriptor, and who shares it. Here are the options, the operands,
 * and a single look; look.c prints a look, and watch.c is --watch.
 */
#include "cmd/inspect/inspect.h"
#include "cmd/cli/commands.h"
#include "cmd/client/acquire.h"
#include "cmd/client/target.h"
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
	{'a', "all", NULL, "all processes that this user may inspect", opt_flag, INTO(all)},
	{0, "shared", NULL, "only descriptions with two descriptors or more", opt_flag, INTO(shared)},
	{0, "limits", NULL, "what the descriptor can do, one operation a row", opt_flag, INTO(limits)},
	{0, "picture", NULL, "draw tables, descriptions and inodes as boxes", opt_flag, INTO(picture)},
	{0, "dot", NULL, "print the same as a graph for Graphviz", opt_flag, INTO(dot)},
	{0, "svg", NULL, "print the same as a drawing for a browser", opt_flag, INTO(svg)},
	{0, "watch", "[TIME]", "repeat it on the screen every TIME, default 1s", opt_watch,
		INTO(every)},
	{'o', "output", "COLS", "print these columns; '+COLS' adds them to the default", opt_columns,
		INTO(table), WORD_COLUMNS},
	{'n', "noheadings", NULL, "print no headings", opt_flag, INTO(table.no_headings)},
	{'r', "raw", NULL, "one blank between columns, for scripts", opt_flag, INTO(table.raw)},
	{'H', "list-columns", NULL, "list the columns, and end", opt_flag,
		INTO(list_columns)},
	OPT_JSON(struct inspect, "everything, as one object"),
	OPT_QUIET(struct inspect),
	{'v', "verbose", NULL, "print on stderr which method was used, and why", opt_flag,
		INTO(verbose)},
	OPT_END,
};

/* --- operands ---------------------------------------------------------------------------- */

/* The process that has the offer's socket, or the number of its descriptor, is not known. */
static enum status no_number(const char *word, pid_t pid)
{
	const char *fault = proc_fault();
	char what[64];

	if (fault)
		return report(STATUS_FAIL, "/proc", fault, 0);
	snprintf(what, sizeof(what), "pid %d does not say which descriptor it offers", pid);
	report(STATUS_FAIL, word, pid ? what : "no process that can be inspected has its socket", 0);
	report_hint("%stake it: fdtool grab %s -- fdtool inspect fd:3",
		pid || geteuid() == 0 ? "" : "run this as the server's user or as root, or ", word);
	return STATUS_FAIL;
}

/* @RAW, or a path: the kernel's tables show the socket, but not which descriptor is offered. */
static enum status not_a_name(const char *word)
{
	struct stat st;

	if ((*word == '@' ? catalog_accepts(word) : stat(word, &st)) < 0)
		return report_nobody(word);
	if (*word != '@' && !S_ISSOCK(st.st_mode)) {
		report(STATUS_FAIL, word, "is a file, not the socket of an offer", 0);
		report_hint("'fdtool inspect fd:0 <%s' shows who else has it open", text_show(word));
		return STATUS_FAIL;
	}
	report(STATUS_FAIL, word, "only its server knows which descriptor it offers", 0);
	report_hint("take it: fdtool grab %s -- fdtool inspect fd:3", text_show(word));
	return STATUS_FAIL;
}

/* The kernel's tables show who offers a name: no server notices, and no grant is used up. */
static enum status find_offer(const char *word, struct share_target *of)
{
	struct catalog c;
	enum status st = STATUS_OK;

	if (catalog_names(&c) < 0)
		return report(STATUS_FAIL, "/proc/net/unix", "read", errno);
	const struct catalog_entry *e = catalog_find(&c, word);
	if (e) {
		catalog_owners(&c);
		*of = (struct share_target){e->pid, e->fd};
		if (!e->pid || e->fd < 0)
			st = no_number(word, e->pid);
	} else if (addr_name_fault(word)) {
		st = not_a_name(word);
	} else {
		errno = ECONNREFUSED;
		st = report_nobody(word);
	}
	catalog_free(&c);
	return st;
}

static enum status resolve(const char *word, struct share_target *of)
{
	struct source source;

	of->fd = -1;
	if (is_pid(word, &of->pid))
		return STATUS_OK;
	if (!target_is_direct(word, &source))
		return find_offer(word, of);
	/* a descriptor that inspect opened itself does not count */
	if (source.kind == SOURCE_FD && !fd_is_inherited(source.fd))
		return report(STATUS_NOBODY, word, "no such descriptor", EBADF);
	*of = (struct share_target){source.kind == SOURCE_FD ? getpid() : source.pid, source.fd};
	return STATUS_OK;
}

static enum status resolve_all(struct inspect *in)
{
	enum status st = STATUS_OK;

	in->of = must_calloc(in->words.n + 1, sizeof(*in->of));
	for (size_t i = 0; i < in->words.n && st == STATUS_OK; i++)
		st = resolve(in->words.v[i], &in->of[i]);
	return st;
}

/* --- looking ------------------------------------------------------------------------------- */

static void print_method(const struct share *s)
{
	report_note("method: %s%s%s", s->method, *s->method_reason ? "; BPF not used: " : "",
		s->method_reason);
}

static enum status look_once(const struct inspect *in)
{
	const struct share_request ask = inspect_ask(in);
	const struct share_target *fault = NULL;
	struct share s;
	enum status st;

	if (share_look(&ask, &s, &fault) < 0) {
		st = inspect_fault(in, fault);
		share_free(&s);
		return st;
	}
	if (in->verbose)
		print_method(&s);
	st = inspect_render(in, &s, NULL, stdout);
	if (!in->quiet && !in->json && !inspect_draws(in) && st == STATUS_OK &&
		report_flush() == STATUS_OK)
		report_unknowns(&s);
	share_free(&s);
	return st;
}

/* Probes a duplicate of each descriptor: a child makes harmless calls on it. */
static enum status print_limits(const struct inspect *in)
{
	enum status st = STATUS_OK;

	for (size_t i = 0; i < in->words.n && st == STATUS_OK; i++) {
		const struct share_target *of = &in->of[i];
		const char *word = in->words.v[i];
		int fd = of->pid == getpid() ? fcntl(of->fd, F_DUPFD_CLOEXEC, 3)
					     : desc_getfd(of->pid, of->fd);
		if (fd < 0) {
			st = inspect_fault(in, of);
			break;
		}
		if (in->words.n > 1 && !in->json)
			printf("%s%s:\n", i ? "\n" : "", text_show(word));
		st = in->json ? limits_print_json(fd, word) : limits_print(fd, word);
		release_fd(&fd);
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
		return report_usage("--limits, --picture, --dot, --svg and --json exclude each other, "
				    "but --limits may have --json");
	if (in->all && in->words.n)
		return report_usage("--all takes no TARGET or PID");
	if (!in->all && in->words.n == 0)
		return report_usage("no TARGET: give a name, PID, PID:FD, fd:N or --all");
	if (in->every && (in->dot || in->svg))
		return report_usage("--watch excludes --dot and --svg");
	if (in->limits && (in->all || in->shared || in->every))
		return report_usage("--limits excludes --all, --shared and --watch");
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
		st = resolve_all(in);
	if (st == STATUS_OK && in->limits && has_process(in))
		st = report_usage("--limits needs a descriptor, not a process: NAME, PID:FD or fd:N");
	if (st != STATUS_OK)
		return st;
	if (in->limits)
		return print_limits(in);
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
	.text = "One OFD letter is one open file description. inspect only looks: it does not\n"
		"read, move or change anything, and no server notices.\n",
	.opts = options,
	.state = sizeof(struct inspect),
	.operand = take_word,
	.kind = WORD_NAME,
	.run = run,
	.release = release,
};
