/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TARGET, a description to act on: an ADDRESS, PID:FD, or fd:N. */
#ifndef FDTOOL_CMD_CLIENT_TARGET_H
#define FDTOOL_CMD_CLIENT_TARGET_H

#include "cmd/cli/command.h"
#include "cmd/client/acquire.h"
#include "lib/pass/source.h"

struct target {
	const char *word;   /* as the user wrote it; borrowed */
	struct client client; /* sock is -1 where no server is behind it */
};

/*
 * Whether it is PID:FD or fd:N, which are words that serve has for the same; everything
 * else is an ADDRESS.
 */
bool target_is_direct(const char *word, struct source *);

/* NULL, or why the word cannot be a TARGET. */
const char *target_fault(const char *word);

/*
 * Opens it. On STATUS_OK t->client is the caller's to client_close; anything else
 * has been reported.
 */
enum status target_open(struct target *t, const char *word, const struct acquire_opts *opts);

/* Reports why source_open, with that errno, gave no descriptor for a word that is no path. */
enum status target_no_descriptor(const struct source *, int err);

#endif
