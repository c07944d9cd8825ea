/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * serve: opens files, devices and other descriptors, and offers each under a name until a signal
 * or an option ends it. Here is how it starts and ends; options.c and opening.c come before that,
 * events.c and prompt.c while it serves.
 *
 * The order matters: open and bind with the privileges that there are, then give them up, then
 * listen. So clients see the identity that goes on serving.
 */
#include "cmd/serve/serve.h"
#include "cmd/cli/commands.h"
#include "cmd/cli/ending.h"
#include "cmd/cli/output.h"
#include "cmd/cli/title.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/peer.h"
#include "lib/base/privilege.h"
#include "lib/base/times.h"
#include "lib/pass/notify.h"

#include <errno.h>
#include <locale.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	MAX_CLIENTS = 256,
	RESERVE = 64, /* descriptors that are for other things than clients: libbpf takes 21 */
};

/* --- starting ------------------------------------------------------------------------ */

/* The sockets change their owner too, so that the kernel's tables name the user that serves. */
static enum status become(struct serve *s)
{
	struct passwd *pw = peer_find_user(s->user);

	if (server_chown(s->server, pw->pw_uid, pw->pw_gid) < 0 || privilege_drop(pw) < 0)
		return report(STATUS_FAIL, s->user, "--user: cannot become that user", errno);
	return STATUS_OK;
}

/* For list and completion, which read the title and do not connect: see catalog.h. */
static void set_title(const struct serve *s)
{
	char *title = must_strdup(ADDR_SERVER_TITLE);

	for (size_t i = 0; i < s->n_served; i++) {
		const struct served *d = &s->served[i];
		char *longer = s->group && i > 0 ? must_printf("%s,%d", title, d->fd)
			: must_printf("%s %s=%d", title, offer_name(d->offer), d->fd);
		free(title);
		title = longer;
	}
	title_set(title);
	free(title);
}

static void on_signal(void *data, uint32_t signo)
{
	struct serve *s = data;

	if (signo == SIGINT && serve_interrupt())
		return;
	s->signo = (int)signo;
	loop_stop(s->loop, STATUS_OK);
}

static void on_timeout(void *data, uint32_t expirations)
{
	struct serve *s = data;

	(void)expirations;
	loop_stop(s->loop, STATUS_TIMEOUT);
}

/* A server whose output cannot be written ends; one whose output is not read goes on. */
static void before_wait(void *data)
{
	struct serve *s = data;
	enum status st = output_flush();

	if (st != STATUS_OK)
		loop_stop(s->loop, (int)st);
}

/* By a program that reads the events, or a person who sees them. */
static bool is_watched(const struct serve *s)
{
	return s->json || (!s->quiet && (s->interactive || isatty(STDOUT_FILENO)));
}

static bool start_movers(struct serve *s)
{
	if (s->no_trace || !is_watched(s))
		return true;
	int *fds = must_calloc(s->n_served, sizeof(*fds));
	for (size_t i = 0; i < s->n_served; i++)
		fds[i] = s->served[i].fd;
	s->movers = movers_new(s->loop, fds, s->n_served, serve_on_moved, s);
	free(fds);
	return s->movers != NULL;
}

/* SIGHUP stays ignored, as under nohup(1). SIGINT ends it even if a script's "&" ignored it. */
static bool set_up_loop(struct serve *s)
{
	loop_before_wait(s->loop, before_wait, s);
	if (!loop_signal(s->loop, SIGINT, on_signal, s) ||
		!loop_signal(s->loop, SIGTERM, on_signal, s))
		return false;
	if (!signal_is_ignored(SIGHUP) && !loop_signal(s->loop, SIGHUP, on_signal, s))
		return false;
	int64_t left = s->deadline - time_now();
	if (s->timeout && !loop_timer(s->loop, left > 0 ? left : 1, 0, on_timeout, s))
		return false;
	if (s->quiet && !s->json)
		return true;
	return start_movers(s) && loop_timer(s->loop, MOVES_INTERVAL, MOVES_INTERVAL, serve_on_watch, s);
}

static enum status notify_ready(const struct serve *s)
{
	int fd = s->ready_fd - 1;

	if (s->ready_fd && notify_ready_fd(&fd) < 0)
		return report(STATUS_FAIL, "--ready-fd", "write", errno);
	if (notify_manager("READY=1") < 0)
		report_note("NOTIFY_SOCKET: %s (%s)", names_errno(errno), strerror(errno));
	return STATUS_OK;
}

static enum status start(struct serve *s)
{
	enum status st = serve_open(s);

	if (st == STATUS_OK && s->user)
		st = become(s);
	if (st != STATUS_OK)
		return st;
	/* only now: until here a signal ends it at once, also where open(2) waits for a FIFO's end */
	if (!set_up_loop(s))
		return report(STATUS_FAIL, "epoll", "set-up", errno);
	set_title(s);
	peer_know_users();
	st = serve_listen(s);
	if (st != STATUS_OK)
		return st;
	for (size_t i = 0; i < s->n_served; i++)
		serve_announce(s, &s->served[i]);
	st = output_flush();
	return st == STATUS_OK ? notify_ready(s) : st;
}

static void end(struct serve *s)
{
	for (size_t i = 0; i < s->n_devices; i++)
		standin_free(s->devices[i]);
	free(s->devices);
	movers_free(s->movers);
	server_free(s->server);
	activation_free(&s->activation);
	for (size_t i = 0; i < s->n_served; i++) {
		fd_close(&s->served[i].kept);
		addr_unbind_unused(&s->served[i].made);
		free(s->served[i].name);
	}
	free(s->served);
	loop_free(s->loop);
}

static void release(void *state)
{
	struct serve *s = state;

	policy_free(&s->rules.policy);
	free(s->names.v);
	free(s->sources.v);
	free(s->types.v);
	free(s->commands.v);
}

/* Each connection is a descriptor, and a few must be left for the server itself. */
static size_t connections_max(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur <= 2 * RESERVE)
		return 0; /* then the table is full before that */
	return (size_t)r.rlim_cur - RESERVE;
}

static enum status run(void *state, char **program)
{
	struct serve *s = state;

	(void)program;
	enum status st = serve_check_usage(s);
	if (st != STATUS_OK)
		return st;
	s->deadline = s->timeout ? time_after(s->timeout) : NEVER;
	fd_raise_limit();
	s->rules.max_clients = s->max_clients ? (size_t)s->max_clients : MAX_CLIENTS;
	s->rules.max_total = connections_max();
	s->rules.count = s->once ? 1 : s->rules.count;
	s->rules.event = serve_on_event;
	s->rules.data = s;
	if (!s->json)
		setlocale(LC_CTYPE, "");
	s->loop = loop_new();
	s->server = s->loop ? server_new(s->loop, &s->rules) : NULL;
	if (!s->server)
		return report(STATUS_FAIL, "epoll", "set-up", errno);
	st = output_begin(s->loop, serve_on_lost, s);
	if (st == STATUS_OK)
		st = start(s);
	if (st == STATUS_OK)
		st = serve_converse(s);
	enum status written = output_end();
	st = st == STATUS_OK ? written : st;
	end(s);
	end_by_signal(s->signo);
	return st;
}

const struct cmd cmd_serve = {
	.name = "serve",
	.operands = "SOURCE...",
	.summary = "open a file or other descriptor and offer it under a name",
	.text = "NAME is the last part of the path or the word before the colon, unless -n\n"
		"gives another; it may be @RAW or a path.\n"
		"On a terminal a prompt comes up; otherwise it serves until a signal, --once,\n"
		"--count or --timeout ends it.\n",
	.opts = serve_options,
	.state = sizeof(struct serve),
	.operand = serve_add_source,
	.kind = WORD_SOURCE,
	.run = run,
	.release = release,
};
