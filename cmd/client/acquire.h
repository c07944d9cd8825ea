/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking an offer, for every command that does: waits, refuses, and words why it failed. */
#ifndef FDTOOL_CMD_CLIENT_ACQUIRE_H
#define FDTOOL_CMD_CLIENT_ACQUIRE_H

#include "cmd/cli/command.h"
#include "lib/pass/client.h"

/* How long a server may be silent, where no --timeout says otherwise. */
#define ANSWER_TIMEOUT INT64_C(10000000000)

struct wait_opts {
	bool on;
	int64_t max; /* ns, 0: for ever */
};

const char *opt_wait(const char *arg, void *into); /* struct wait_opts */

struct acquire_opts {
	const struct policy *trust;
	struct wait_opts wait;
	int64_t deadline; /* for all of it; NEVER: ANSWER_TIMEOUT for the answer */
};

/*
 * Takes the offer at a word that addr_parse accepts. On STATUS_OK c is the
 * caller's to client_close; otherwise the failure has been reported.
 */
enum status acquire(const char *word, const struct acquire_opts *, struct client *c);

/* Says that nobody offers the word, by errno, and what else is on offer. STATUS_NOBODY. */
enum status report_nobody(const char *word);

#endif
