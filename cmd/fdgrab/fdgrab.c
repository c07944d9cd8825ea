/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fdgrab, a builtin for bash: the shell that runs it receives a descriptor on offer, as fdtool grab
 * does for a program.
 *
 * It runs in the process of the shell, and must leave nothing open, allocated or changed there but
 * the descriptor and the variable.
 */
#include "cmd/fdgrab/fdgrab.h"
#include "cmd/cli/parse.h"
#include "cmd/cli/usage.h"
#include "cmd/client/acquire.h"
#include "lib/base/fd.h"
#include "lib/base/interrupt.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/base/times.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct shell *shell;

struct fdgrab {
	const char *word, *variable;
	int at; /* -u, + 1; 0: not given */
	struct wait_opts wait;
	struct policy trust;
	int64_t timeout;
};

static const char *take_operand(const char *word, void *state)
{
	struct fdgrab *f = state;
	struct addr addr;

	if (!f->word) {
		f->word = word;
		return addr_parse(word, &addr);
	}
	if (f->variable)
		return "is one word too many";
	f->variable = word;
	return shell->is_name(word) ? NULL : "is not the name of a variable";
}

static const struct opt options[] = {
	{'u', "fd", "FD", "make it descriptor FD; default: the first that is free from 10 on",
		opt_number, offsetof(struct fdgrab, at)},
	OPT_FROM(struct fdgrab),
	OPT_WAIT(struct fdgrab),
	{'t', "timeout", "TIME", "give up after TIME, exit 124; default 10s for an answer", opt_time,
		offsetof(struct fdgrab, timeout)},
	OPT_END,
};

static const struct cmd fdgrab = {
	.name = "fdgrab",
	.operands = "ADDRESS VAR",
	.summary = "receive a descriptor on offer in this shell, its number in VAR",
	.opts = options,
	.alone = true,
	.state = sizeof(struct fdgrab),
	.operand = take_operand,
};

/* --- receiving ----------------------------------------------------------------- */

/* The numbers below 10 are the user's, as for {VAR}<FILE. Returns the number, or -1 with errno. */
static int first_free_from_ten(void)
{
	int probe = open("/dev/null", O_PATH | O_CLOEXEC);
	int at = probe < 0 ? -1 : fcntl(probe, F_DUPFD_CLOEXEC, 10);
	int number = at;

	fd_close(&probe);
	fd_close(&at);
	return number;
}

static enum status choose_number(const struct fdgrab *f, int *at)
{
	*at = f->at ? f->at - 1 : first_free_from_ten();
	if (*at < 0) {
		report(STATUS_FAIL, f->word, "no room in the descriptor table", errno);
		report_hint("'ulimit -n' shows and sets how many descriptors a process may have");
		return STATUS_FAIL;
	}
	if (f->at)
		shell->clear(*at);
	return STATUS_OK;
}

/* As a descriptor of {VAR}<FILE, programs that the shell starts have it too. */
static enum status keep(const struct fdgrab *f, struct client *c)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", c->fd);
	if (fd_inherit(c->fd) < 0 || !shell->assign(f->variable, number)) {
		client_close(c);
		return report(STATUS_FAIL, f->variable, "set the variable", 0);
	}
	c->fd = -1;
	client_close(c);
	return STATUS_OK;
}

static enum status run(const struct fdgrab *f)
{
	const struct acquire_opts opts = {
		&f->trust, f->wait, f->timeout ? time_after(f->timeout) : NEVER, false};
	struct client c;
	int at;

	if (!f->word)
		return report_usage("no ADDRESS to grab from");
	if (!f->variable)
		return report_usage("no VAR for the number of the descriptor");
	/* before anything is received, which would stay open without a name */
	if (shell->is_readonly(f->variable))
		return report(STATUS_FAIL, f->variable, "the variable is read-only", 0);
	enum status st = choose_number(f, &at);
	if (st == STATUS_OK)
		st = acquire_at(f->word, &opts, at, &c);
	return st == STATUS_OK ? keep(f, &c) : st;
}

static enum status parse_and_run(int argc, char **argv, struct fdgrab *f)
{
	char **program;

	switch (cmd_parse(&fdgrab, argc, argv, f, &program)) {
	case PARSED_WRONG:
		return STATUS_USAGE;
	case PARSED_HELP:
		usage_command(&fdgrab);
		return STATUS_OK;
	case PARSED_VERSION:
		puts("fdgrab of fdtool " FDTOOL_VERSION);
		return STATUS_OK;
	case PARSED_RUN:
		break;
	}
	return run(f);
}

int fdgrab_run(int argc, char **argv, const struct shell *s)
{
	struct fdgrab f = {0};

	shell = s;
	interrupt_asked = s->is_interrupted;
	report_program("fdgrab");
	enum status st = parse_and_run(argc, argv, &f);
	policy_free(&f.trust);
	return (int)st;
}
