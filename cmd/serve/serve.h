/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of serve share: its state, and what each file does for the others. */
#ifndef FDTOOL_CMD_SERVE_SERVE_H
#define FDTOOL_CMD_SERVE_SERVE_H

#include "cmd/cli/color.h"
#include "cmd/cli/command.h"
#include "cmd/client/offer-event.h"
#include "cmd/prompt/movers.h"
#include "lib/look/moves.h"
#include "lib/loop/loop.h"
#include "lib/loop/standin.h"
#include "lib/pass/activation.h"
#include "lib/pass/server.h"

/* One offer, and the last known offset and flags of its description. */
struct served {
	struct offer *offer;
	int fd;     /* borrowed from the offer */
	char *name; /* of the offer; in a group "GROUP:MEMBER" */
	struct moves known;
	struct standin *device; /* of a mypoll: source; borrowed; otherwise NULL */
	int kept;         /* the other end of a pair: or pipe: source; otherwise -1 */
	struct addr made; /* of a unix: source: its socket file */
};

struct serve {
	struct words names, sources, types;
	int mode; /* O_RDONLY, ... + 1; 0: not given */
	long backlog;
	bool append, reuseport, nonblock, trunc, excl;
	const char *create; /* "" without PERM */
	struct server_rules rules;
	long max_clients;
	bool once, narrow, group;
	const char *user;
	int64_t timeout, deadline;
	int ready_fd; /* + 1; 0: not given */
	struct words commands; /* -c */
	bool interactive, keep_going, no_trace;
	const char *script;
	enum color_when color;
	bool quiet, verbose, json;

	struct activation activation; /* the sockets to serve at, where a service manager gave some */

	struct loop *loop;
	struct server *server;
	struct served *served;
	size_t n_served;
	struct movers *movers; /* NULL: nobody watches, or --no-trace */
	struct standin **devices;
	size_t n_devices;
	int signo;
	struct denials denials;
};

/* --- options.c -------------------------------------------------------------- */

extern const struct opt serve_options[];

/* The operand's parser: takes one more SOURCE. */
const char *serve_add_source(const char *word, void *serve);

/* Reports options that do not go together. */
enum status serve_check_usage(const struct serve *);

/* --- activation.c ----------------------------------------------------------- */

/* Takes the sockets of a service manager, which are to be this server's addresses. Reports a fault. */
enum status serve_activate(struct serve *);

/* The socket for SOURCE i, which the caller takes; NULL: it has none, and binds its NAME. */
int *serve_socket_for(struct serve *, size_t i);

/* The name of the offer of SOURCE i at that socket: it need not be an address. The caller frees it. */
enum status serve_choose_name_at(const struct serve *, size_t i, int listener, char **name);

/* --- opening.c -------------------------------------------------------------- */

/* Opens every source and binds its name. Reports the first that fails. */
enum status serve_open(struct serve *);

/* Lets the clients come. Reports a failure. */
enum status serve_listen(struct serve *);

/* --- events.c: events as text or as JSON ------------------------------------- */

void serve_announce(const struct serve *, const struct served *);
void serve_on_event(void *serve, const struct offer_event *);
void serve_on_watch(void *serve, uint32_t expirations); /* a timer's: looks for unannounced moves */
void serve_on_moved(void *serve, size_t which, const struct moved *);
void serve_on_lost(void *serve, size_t n); /* output's: n events were not shown */

/* --- prompt.c --------------------------------------------------------------- */

/* Whether commands are to be read, from -c, a terminal or standard input. */
bool serve_prompts(const struct serve *);

/* Serves: runs the commands and the prompt where there are any, and the loop. */
enum status serve_converse(struct serve *);

/* Ctrl-C: returns whether the prompt used it. */
bool serve_interrupt(void);

#endif
