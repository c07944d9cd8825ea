/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mypoll-tail: prints the events of /dev/mypoll, or of any device that gives
 * records, until the server that passed the descriptor hangs up.
 *
 * There are two hang-ups. The socket's means that the server has gone; the descriptor may
 * live on. The device's means that no more will come.
 */
#include "cmd/cli/command.h"
#include "cmd/cli/commands.h"
#include "cmd/cli/ending.h"
#include "cmd/mypoll-tail/tail.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/out/json.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *take_where(const char *word, void *state)
{
	struct tail *t = state;
	struct addr addr;

	if (t->where)
		return "is one word too many";
	t->where = word;
	return strchr(word, '/') ? NULL : addr_parse(word, &addr);
}

#define INTO(member) offsetof(struct tail, member)

static const struct opt options[] = {
	{'n', "count", "COUNT", "end after COUNT events", opt_count, INTO(printer.count)},
	{'t', "timeout", "TIME", "end after TIME, exit 124", opt_time, INTO(timeout)},
	OPT_WAIT(struct tail),
	{'F', "follow", NULL, "when the server hangs up, wait for it to come back", opt_flag,
		INTO(follow)},
	{0, "timestamp", "HOW", "none (default), iso, or delta: the time since the last", NULL,
		INTO(printer.stamp), WORD_CHOICE, "none iso delta"},
	{0, "format", "FORMAT", "auto (default), event, text, hex", NULL, INTO(printer.format),
		WORD_CHOICE, "auto event text hex"},
	OPT_FROM(struct tail),
	{0, "json", NULL, "one object an event: event, source, mono_ns, missed", opt_flag,
		INTO(printer.json)},
	OPT_QUIET(struct tail),
	OPT_ANATOMY(struct tail),
	OPT_END,
};

static bool is_device(const char *where)
{
	struct stat st;

	return strchr(where, '/') && !(stat(where, &st) == 0 && S_ISSOCK(st.st_mode));
}

static enum status open_device(struct tail *t)
{
	t->client = (struct client){.fd = -1, .sock = -1};
	t->client.fd = open(t->where, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (t->client.fd >= 0)
		return STATUS_OK;
	int err = errno;
	report(STATUS_FAIL, t->where, "open", err);
	if (err == EACCES)
		report_hint("a process that may open it can serve it to you: fdtool serve %s "
			    "--allow-user ...",
			text_show(t->where));
	return STATUS_FAIL;
}

/* While it waits for a server, signals have their default disposition. */
static enum status connect_to_server(struct tail *t, bool again)
{
	struct acquire_opts opts = {.trust = &t->trust,
		.wait = t->wait,
		.deadline = t->deadline,
		.patient = t->follow,
		.quiet = t->quiet};

	opts.wait.on = opts.wait.on || t->follow;
	if (again)
		opts.wait.max = 0;
	enum status st = acquire(t->where, &opts, &t->client);
	if (st == STATUS_OK)
		client_send_taken(&t->client);
	return st;
}

static void report_counts(const struct tail *t, const char *what)
{
	if (!t->quiet)
		report_note("%s: %s: %" PRIu64 " event%s, %" PRIu64 " missed", text_show(t->where),
			what, t->printer.seen, t->printer.seen == 1 ? "" : "s", t->printer.missed);
}

static enum status report_end(const struct tail *t)
{
	switch (t->end) {
	case END_SERVER:
		report_counts(t, "the server hung up");
		return STATUS_OK;
	case END_DEVICE:
		if (t->err == ECHILD)
			return report(STATUS_FAIL, t->where,
				"the child process that reads it was killed", 0);
		report_counts(t, t->err ? "the device is gone" : "the device hung up");
		if (t->err && t->err != ENODEV)
			return report(STATUS_FAIL, t->where, "read", t->err);
		return STATUS_OK;
	case END_TIMEOUT:
		report_counts(t, "the time is up");
		return STATUS_TIMEOUT;
	case END_FAULT:
		return STATUS_FAIL;
	case END_NOT_YET:
	case END_COUNT:
	case END_SIGNAL:
		break;
	}
	return STATUS_OK;
}

static enum status tail_all(struct tail *t)
{
	bool device = is_device(t->where);

	for (bool again = false;; again = true) {
		enum status st = device ? open_device(t) : connect_to_server(t, again);
		if (st == STATUS_OK)
			st = tail_connection(t);
		if (st != STATUS_OK || t->end != END_SERVER || !t->follow)
			return st == STATUS_OK ? report_end(t) : st;
		report_counts(t, "the server hung up; waiting for it to come back");
	}
}

static enum status run(void *state, char **program)
{
	struct tail *t = state;

	(void)program;
	if (!t->where)
		t->where = "mypoll";
	if (t->follow && is_device(t->where))
		return report_usage("--follow is for a server, not for a device");
	setlocale(LC_CTYPE, "");
	t->deadline = t->timeout ? time_after(t->timeout) : NEVER;
	/* seed 0: soon after boot jansson would wait for random numbers while a queue overflows */
	if (t->printer.json)
		json_object_seed(0);
	enum status st = tail_all(t);
	end_by_signal(t->signo);
	return st;
}

static void release(void *state)
{
	struct tail *t = state;

	policy_free(&t->trust);
}

const struct cmd cmd_mypoll_tail = {
	.name = "mypoll-tail",
	.operands = "[ADDRESS | /dev/...]",
	.summary = "print the events of /dev/mypoll until the server hangs up",
	.text = "ADDRESS is 'mypoll' by default. Two tails of one offer share a queue: each event\n"
		"reaches one of them. Two offers are two opens, and each has all events.\n",
	.opts = options,
	.state = sizeof(struct tail),
	.operand = take_where,
	.kind = WORD_NAME,
	.run = run,
	.release = release,
};
