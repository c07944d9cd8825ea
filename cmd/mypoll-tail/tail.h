/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tail of one connection: from a descriptor that was received or opened, until it ends. */
#ifndef FDTOOL_CMD_MYPOLL_TAIL_TAIL_H
#define FDTOOL_CMD_MYPOLL_TAIL_TAIL_H

#include "cmd/client/acquire.h"
#include "cmd/view/printer.h"
#include "lib/base/child.h"
#include "lib/loop/loop.h"

/* Why a tail ended. */
enum tail_end {
	END_NOT_YET,
	END_COUNT, /* enough is printed */
	END_TIMEOUT,
	END_SIGNAL,
	END_SERVER, /* it hung up */
	END_DEVICE, /* it hung up, or failed */
	END_FAULT   /* reported already, or the output is gone */
};

struct tail {
	/* the command line */
	const char *where; /* ADDRESS or a path */
	int64_t timeout;
	struct wait_opts wait;
	bool follow;
	struct policy trust;
	bool quiet, verbose;
	struct printer printer;

	int64_t deadline; /* of timeout */
	int signo;        /* END_SIGNAL */

	/* one connection */
	struct client client; /* sock is -1 for a device that was opened here */
	enum tail_end end;
	int err; /* END_DEVICE: of its read, 0 for end of file */
	struct loop *loop;
	struct loop_source *device;
	struct child reader;
	bool by_child;
	bool is_char;
	size_t record_size; /* one record fits into it, two do not */
	bool emptied;       /* the last read gave several records, and had room for more */
};

/*
 * Prints what t->client.fd gives until something ends it, and sets t->end. Closes t->client.
 * A failure of the loop is reported and returned.
 */
enum status tail_connection(struct tail *t);

#endif
