/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One TARGET that epoll-watch watches. */
#ifndef FDTOOL_CMD_EPOLL_WATCH_WATCHED_H
#define FDTOOL_CMD_EPOLL_WATCH_WATCHED_H

#include "cmd/client/target.h"
#include "lib/base/child.h"
#include "lib/loop/loop.h"

/* The state of the command. */
struct epoll_watch {
	struct words words;
	uint32_t events; /* -e; 0: EPOLLIN */
	bool edge, oneshot, no_read;
	long count, seen;
	struct wait_opts wait;
	struct policy trust;
	int64_t timeout;
	bool verbose, json;

	struct loop *loop;
	struct watched *targets; /* one for each of words */
	size_t open; /* targets that have not ended; when the last one ends, so does the loop */
	int signo;
};

struct watched {
	struct epoll_watch *watch;
	const char *name;
	char type[32];
	struct target target;
	struct loop_source *source, *server, *again, *reading;
	struct child reader;
	bool by_child, ended;
	uint32_t now;   /* the events of the line that is printed */
	uint32_t later; /* the events that came while a child was reading */
};

/* Prepares a target, so that watched_free may be called. */
void watched_init(struct watched *t, struct epoll_watch *w, const char *word);

/* Opens it, and adds it to the loop. A failure is reported. */
enum status watched_start(struct watched *t);

/* Closes it; call loop_free before. */
void watched_free(struct watched *t);

#endif
