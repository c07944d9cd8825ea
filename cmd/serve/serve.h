/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of serve share: its state, its events, its prompt. */
#ifndef FDTOOL_CMD_SERVE_SERVE_H
#define FDTOOL_CMD_SERVE_SERVE_H

#include "cmd/cli/color.h"
#include "cmd/cli/command.h"
#include "lib/look/moves.h"
#include "lib/loop/loop.h"
#include "lib/loop/mypoll.h"
#include "lib/pass/server.h"

/* One offer, with what is known of where its description stands. */
struct served {
	struct offer *offer;
	char *name;
	struct moves known;
	struct mypoll *device; /* a stand-in's; borrowed */
};

struct serve {
	struct words names, sources, types;
	int mode; /* mode + 1, so that 0 is "not said" */
	bool append, nonblock, trunc, excl;
	const char *create; /* "" without PERM */
	struct server_rules rules;
	long max_clients;
	bool once, narrow;
	const char *user;
	int64_t timeout;
	int ready_fd; /* + 1 */
	struct words commands; /* -c */
	bool interactive, keep_going;
	enum color_when color;
	bool quiet, verbose, json;

	struct loop *loop;
	struct server *offers;
	struct served *served;
	size_t nserved;
	struct mypoll **devices;
	size_t ndevices;
	int signo;
	int64_t denied_since; /* when the second began in which `denied` were */
	size_t denied;
};

/* serve-events.c: what happens, as text or as JSON. */
void serve_tell_start(const struct serve *, const struct served *);
void serve_on_event(void *serve, const struct offer_event *);
void serve_on_watch(void *serve, uint32_t expirations); /* for a timer: what moved, unannounced */

/* serve-prompt.c: true where there is one; runs it, and -c, or just serves. */
bool serve_prompts(const struct serve *);
enum status serve_converse(struct serve *);
/* Ctrl-C: true where the prompt took it. */
bool serve_interrupt(void);

#endif
