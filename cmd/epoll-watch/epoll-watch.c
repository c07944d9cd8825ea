/* SPDX-License-Identifier: GPL-3.0-or-later */
/* epoll-watch: prints what epoll(7) reports for descriptors, and what reads of them return. */
#include "cmd/cli/command.h"
#include "cmd/cli/commands.h"
#include "cmd/cli/ending.h"
#include "cmd/cli/output.h"
#include "cmd/epoll-watch/watched.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

/* --- options -------------------------------------------------------------------- */

static const struct list_word event_words[] = {{"in", EPOLLIN}, {"out", EPOLLOUT},
	{"pri", EPOLLPRI}, {"rdhup", EPOLLRDHUP}, {NULL, 0}};

static const char *parse_events(const char *arg, void *into)
{
	return list_parse(arg, event_words, into) ? NULL : "must be a list of in, out, pri and rdhup";
}

static const char *take_target(const char *word, void *state)
{
	struct epoll_watch *w = state;

	words_add(&w->words, word);
	return target_fault(word);
}

#define INTO(member) offsetof(struct epoll_watch, member)

static const struct opt options[] = {
	{'e', "events", "EVENTS", "in (default), out, pri, rdhup, separated by commas",
		parse_events, INTO(events), WORD_LIST, "in out pri rdhup"},
	{0, "edge", NULL, "edge-triggered (EPOLLET)", opt_flag, INTO(edge)},
	{0, "oneshot", NULL, "one event of each TARGET (EPOLLONESHOT)", opt_flag, INTO(oneshot)},
	{0, "no-read", NULL, "report that it is ready, and read nothing", opt_flag, INTO(no_read)},
	{'n', "count", "COUNT", "end after COUNT events", opt_count, INTO(count)},
	{'t', "timeout", "TIME", "end after TIME, exit 124", opt_time, INTO(timeout)},
	OPT_WAIT(struct epoll_watch),
	OPT_FROM(struct epoll_watch),
	OPT_JSON(struct epoll_watch,
		"one object an event: name, events, type, mono_ns, and what was read"),
	OPT_ANATOMY(struct epoll_watch),
	OPT_END,
};

/* --- all targets ------------------------------------------------------------------ */

static void on_timeout(void *data, uint32_t expirations)
{
	struct epoll_watch *w = data;

	(void)expirations;
	loop_stop(w->loop, STATUS_TIMEOUT);
}

static void on_signal(void *data, uint32_t signo)
{
	struct epoll_watch *w = data;

	w->signo = (int)signo;
	loop_stop(w->loop, STATUS_OK);
}

/* Before each wait: nothing more is read until the reader of our output has taken it. */
static void drain(void *data)
{
	struct epoll_watch *w = data;

	if (output_drain() != STATUS_OK)
		loop_stop(w->loop, STATUS_FAIL);
}

/* When the last TARGET has ended, signals and the deadline may still end the wait for a reader. */
static int run_loop(struct epoll_watch *w)
{
	int ended = loop_run(w->loop);

	if (ended == STATUS_OK && !w->signo)
		drain(w);
	return loop_stopping(w->loop) ? loop_run(w->loop) : ended;
}

static enum status watch_all(struct epoll_watch *w)
{
	enum status st = STATUS_OK;

	w->targets = must_calloc(w->words.n, sizeof(*w->targets));
	for (size_t i = 0; i < w->words.n; i++)
		watched_init(&w->targets[i], w, w->words.v[i]);
	for (size_t i = 0; i < w->words.n && st == STATUS_OK; i++)
		st = watched_start(&w->targets[i]);
	if (st != STATUS_OK)
		return st;
	loop_before_wait(w->loop, drain, w);
	if (!loop_signal(w->loop, SIGINT, on_signal, w) ||
		!loop_signal(w->loop, SIGTERM, on_signal, w) ||
		(w->timeout && !loop_timer(w->loop, w->timeout, 0, on_timeout, w)))
		return report(STATUS_FAIL, "epoll", "set-up", errno);
	int ended = run_loop(w);
	return ended < 0 ? report(STATUS_FAIL, "epoll", "wait", errno) : (enum status)ended;
}

static void clean_up(struct epoll_watch *w)
{
	loop_free(w->loop);
	for (size_t i = 0; w->targets && i < w->words.n; i++)
		watched_free(&w->targets[i]);
	free(w->targets);
}

static enum status run(void *state, char **program)
{
	struct epoll_watch *w = state;

	(void)program;
	if (w->words.n == 0)
		return report_usage("there is no TARGET to watch");
	setlocale(LC_CTYPE, "");
	w->loop = loop_new();
	if (!w->loop)
		return report(STATUS_FAIL, "epoll", "set-up", errno);
	enum status st = output_begin(w->loop, NULL, NULL);
	if (st == STATUS_OK)
		st = watch_all(w);
	enum status written = output_end();
	st = st == STATUS_OK ? written : st;
	clean_up(w);
	end_by_signal(w->signo);
	return st;
}

static void release(void *state)
{
	struct epoll_watch *w = state;

	free(w->words.v);
	policy_free(&w->trust);
}

const struct cmd cmd_epoll_watch = {
	.name = "epoll-watch",
	.operands = "TARGET...",
	.summary = "print what epoll says of descriptors, and what they give",
	.text = "TARGET is an ADDRESS, PID:FD, or fd:N. It ends when every TARGET has hung up.\n",
	.opts = options,
	.state = sizeof(struct epoll_watch),
	.operand = take_target,
	.kind = WORD_NAME,
	.run = run,
	.release = release,
};
