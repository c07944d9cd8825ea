/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TARGET, a description to act on: an ADDRESS, PID:FD, or fd:N. */
#ifndef FDTOOL_CMD_CLIENT_TARGET_H
#define FDTOOL_CMD_CLIENT_TARGET_H

#include "cmd/cli/command.h"
#include "cmd/client/acquire.h"
#include "lib/pass/source.h"

struct target {
	const char *word;   /* as the user wrote it; borrowed */
	struct client client; /* sock is -1 without a server */
};

/* Whether it is PID:FD or fd:N, which are sources of serve, too. Anything else is an ADDRESS. */
bool target_is_direct(const char *word, struct source *);

/* Returns NULL, or why the word cannot be a TARGET. */
const char *target_fault(const char *word);

/*
 * Opens it. On STATUS_OK the caller has to client_close t->client; anything else has been
 * reported.
 */
enum status target_open(struct target *t, const char *word, const struct acquire_opts *opts);

/* Reports that a process that has ended, and still has its number, has no descriptors. */
enum status target_ended(const char *word, pid_t pid);

/* Reports that source_open failed with that errno, for such a word or pidfd:PID. */
enum status target_no_descriptor(const struct source *, int err);

#endif
