/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of send share: its state. */
#ifndef FDTOOL_CMD_SEND_SEND_H
#define FDTOOL_CMD_SEND_SEND_H

#include "cmd/cli/command.h"
#include "cmd/client/acquire.h"
#include "lib/base/addr.h"
#include "lib/base/peer.h"

/* A SOURCE of the command line, opened. */
struct gift {
	const char *word;
	char *name;
	int fd;
	struct addr made; /* of a unix: source: its socket file */
};

/* --as: what the receiver speaks. The order is that of the option's words. */
enum receiver_protocol { TO_FDTOOL, TO_FDSEND, TO_RAW, TO_SYSTEMD, TO_STDOUT };

struct send {
	struct words names, operands; /* operands: SOURCEs, then the ADDRESS */
	struct gift *gifts;
	size_t n;
	int mode; /* O_RDONLY, ... + 1; 0: not given */
	struct wait_opts wait;
	struct policy to;
	enum receiver_protocol as;
	const char *data; /* --data */
	int64_t expire, timeout;
	bool replace;
	bool json, quiet, verbose;
};

/* --- send.c ----------------------------------------------------------------- */

/* Says that it was taken, or sent: how, "taken by pid 4711". receiver: NULL if it is not known. */
void send_say(const struct send *, const struct gift *, const char *how, const struct peer *receiver);

/* --- foreign.c --------------------------------------------------------------- */

/* Gives all to a receiver that is not fdtool. word: the ADDRESS, if --as has one. */
enum status send_foreign(const struct send *, const char *word, const struct acquire_opts *);

#endif
