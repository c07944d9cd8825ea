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

struct send {
	struct words names, operands; /* operands: SOURCEs, then the ADDRESS */
	struct gift *gifts;
	size_t n;
	int mode; /* O_RDONLY, ... + 1; 0: not given */
	struct wait_opts wait;
	struct policy to;
	int64_t timeout;
	bool json, quiet, verbose;
};

#endif
