/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Acquires a descriptor on offer: see acquire.h. */
#include "cmd/client/acquire.h"
#include "cmd/client/failed.h"
#include "lib/base/interrupt.h"
#include "lib/base/text.h"
#include "lib/base/times.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

const char *opt_wait(const char *arg, void *into)
{
	struct wait_opts *w = into;

	w->on = true;
	return arg ? opt_time(arg, &w->max) : NULL;
}

static int64_t min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* How an attempt to reach the peer is made, and its failure reported. */
struct attempt {
	enum client_fault (*try)(struct addr *, const struct acquire_opts *, int64_t deadline, int at,
		struct client *);
	enum status (*failed)(enum client_fault, const char *word, int at, const struct client *);
	enum status (*stranger)(const char *word, const struct client *, bool waiting);
	const char *nobody, *nobody_trusted;
};

/* A person at a terminal is told, after a moment, why nothing happens. */
static bool say_waiting(const char *word, const struct acquire_opts *opts, int64_t since)
{
	enum { MOMENT_MS = 200 };

	if (time_now() - since < MOMENT_MS * NS_PER_MS)
		return false;
	if (!opts->quiet && isatty(STDERR_FILENO))
		report_note("waiting for %s", text_show(word));
	return true;
}

/* The kernel gives no notification of a new name, so it is tried, more and more slowly. */
static enum status attempt(const struct attempt *how, const char *word,
	const struct acquire_opts *opts, int at, struct client *c)
{
	int64_t wait = opts->wait.on && opts->wait.max ? time_after(opts->wait.max) : NEVER;
	int64_t pause = NS_PER_MS;
	const int64_t since = time_now();
	pid_t stranger = 0;
	bool said = false;
	struct addr addr;

	const char *bad = opts->parse ? opts->parse(word, &addr) : addr_parse(word, &addr);
	if (bad)
		return report_usage("'%s' %s", text_show(word), bad);
	for (;;) {
		int64_t answer =
			opts->deadline != NEVER ? opts->deadline : time_after(ANSWER_TIMEOUT);
		enum client_fault fault = how->try(&addr, opts, answer, at, c);
		if (fault != CLIENT_OK && interrupted())
			return STATUS_FAIL; /* by the user, to whom nothing has to be said */
		bool waits = fault == CLIENT_NOBODY || (fault == CLIENT_UNTRUSTED && opts->patient);
		if (!waits || !opts->wait.on)
			return how->failed(fault, word, at, c);
		if (fault == CLIENT_UNTRUSTED && c->server.pid != stranger)
			how->stranger(word, c, true);
		stranger = fault == CLIENT_UNTRUSTED ? c->server.pid : stranger;
		said = said || stranger || say_waiting(word, opts, since);
		int64_t now = time_now();
		if (now >= opts->deadline)
			return report(STATUS_TIMEOUT, word,
				stranger ? how->nobody_trusted : how->nobody, ETIMEDOUT);
		if (now >= wait)
			return how->failed(fault, word, at, c);
		time_sleep(min(pause, min(opts->deadline, wait) - now));
		pause = min(2 * pause, 100 * NS_PER_MS);
	}
}

static enum client_fault try_to_acquire(struct addr *addr, const struct acquire_opts *opts,
	int64_t deadline, int at, struct client *c)
{
	return opts->group ? client_acquire_group(addr, opts->trust, deadline, at, c)
			   : client_acquire(addr, opts->trust, deadline, at, c);
}

enum status acquire_at(
	const char *word, const struct acquire_opts *opts, int at, struct client *c)
{
	static const struct attempt acquiring = {try_to_acquire, failed_to_acquire, report_stranger,
		"nobody offers it", "nobody who is trusted offers it"};

	return attempt(&acquiring, word, opts, at, c);
}

enum status acquire(const char *word, const struct acquire_opts *opts, struct client *c)
{
	return acquire_at(word, opts, -1, c);
}

/* A path has one socket, an abstract name may have one of each type: another is another's fault. */
static enum client_fault try_to_reach(struct addr *addr, const struct acquire_opts *opts,
	int64_t deadline, int at, struct client *c)
{
	static const int ours[] = {SOCK_SEQPACKET, 0};
	enum client_fault fault = CLIENT_OK;

	(void)at;
	for (const int *type = opts->types ? opts->types : ours; *type; type++) {
		fault = client_connect(addr, *type, opts->trust, deadline, c);
		if (fault != CLIENT_NOBODY && !(fault == CLIENT_SYSTEM && errno == EPROTOTYPE))
			return fault;
	}
	return fault;
}

enum status reach(const char *word, const struct acquire_opts *opts, struct client *c)
{
	static const struct attempt reaching = {try_to_reach, failed_to_reach, NULL,
		"nobody waits there", NULL};

	return attempt(&reaching, word, opts, -1, c);
}
