/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports, once, why a descriptor was not acquired, or not given, by the fault and errno. */
#ifndef FDTOOL_CMD_CLIENT_FAILED_H
#define FDTOOL_CMD_CLIENT_FAILED_H

#include "cmd/cli/command.h"
#include "lib/pass/client.h"

/* Reports, by errno, that nobody offers the word, and what else is on offer. STATUS_NOBODY. */
enum status report_nobody(const char *word);

/* Reports that the server is not trusted; waiting: and that this goes on waiting for another. */
enum status report_stranger(const char *word, const struct client *, bool waiting);

/*
 * Reports a fault of client_acquire, and of client_connect before something is given. `at` is the
 * requested number. STATUS_OK for CLIENT_OK.
 */
enum status failed_to_acquire(enum client_fault, const char *word, int at, const struct client *);
enum status failed_to_reach(enum client_fault, const char *word, int at, const struct client *);

/*
 * Reports those faults that are the same whoever the peer is ("the server"): CLIENT_PROTOCOL,
 * CLIENT_TIMEOUT, CLIENT_NUMBER, CLIENT_SYSTEM.
 */
enum status failed_to_take(
	enum client_fault, const char *peer, const char *word, int at, const struct client *);

/*
 * Reports that the name cannot be bound, and who has it; advice goes on, "; -n gives another
 * name", or is "".
 */
enum status report_in_use(const char *name, const char *advice);

#endif
