/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grab's prompt: see prompt.h. */
#include "cmd/grab/prompt.h"
#include "cmd/cli/ending.h"
#include "cmd/cli/output.h"
#include "cmd/prompt/movers.h"
#include "cmd/prompt/prompt.h"
#include "cmd/prompt/script.h"
#include "lib/base/memory.h"
#include "lib/loop/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

struct grab_session {
	struct session session;
	const struct client *client;
	struct loop_source *server;
	struct movers *movers; /* NULL: no prompt, or --no-trace */
	int signo;
};

static void note(struct session *s, const char *op)
{
	const struct grab_session *g = s->ops_data;
	struct client used = *g->client;

	used.fd = s->fd;
	client_send_note(&used, op);
}

static const struct session_ops ops = {.note = note};

static void on_watch(void *data, uint32_t expirations)
{
	struct grab_session *g = data;
	struct moves was;

	(void)expirations;
	movers_tick(g->movers);
	for (size_t i = 0; i < g->session.n_members; i++) {
		struct moves *known = session_known(&g->session, i);
		if (moves_tick(known, &was))
			prompt_say_moved(g->session.members[i].name, &was, known, 0, NULL);
	}
}

static void on_moved(void *data, size_t which, const struct moved *m)
{
	struct grab_session *g = data;
	const struct member *moved = &g->session.members[which];

	moves_begin(session_known(&g->session, which), moved->fd); /* nothing to find for polling */
	movers_say(moved->name, m);
}

static void on_note(struct grab_session *g, const struct client_event *news)
{
	struct session *s = &g->session;
	struct moves was, is;

	for (size_t i = 0; i < s->n_members; i++)
		if (movers_announced(g->movers, i, news->pid, session_known(s, i), &was, &is))
			prompt_say_moved(s->members[i].name, &was, &is, news->pid, news->op);
}

static void on_server(void *data, uint32_t events)
{
	struct grab_session *g = data;
	struct client_event news = client_receive(g->client);

	(void)events;
	if (news.kind == CLIENT_NOTE)
		on_note(g, &news);
	if (news.kind != CLIENT_GONE)
		return;
	loop_remove(&g->server);
	prompt_say("%s: the server left; the descriptor is still yours\n", g->session.name);
}

static void on_interrupt(void *data, uint32_t signo)
{
	struct grab_session *g = data;

	if (prompt_interrupt(&g->session))
		return;
	g->signo = (int)signo;
	loop_stop(g->session.loop, STATUS_OK);
}

static void on_end(void *data, uint32_t signo)
{
	struct grab_session *g = data;

	g->signo = (int)signo;
	g->session.quits = true;
	loop_stop(g->session.loop, STATUS_OK);
}

static void flush(void *data)
{
	struct grab_session *g = data;

	if (output_flush() != STATUS_OK)
		loop_stop(g->session.loop, STATUS_FAIL);
}

/* Commands of -c, or a script, alone end too soon. */
static bool start_movers(struct grab_session *g, const struct grab_prompt *opts)
{
	if (opts->no_trace || ((opts->commands.n || opts->script) && !opts->interactive))
		return true;
	int *fds = must_calloc(g->session.n_members, sizeof(*fds));
	for (size_t i = 0; i < g->session.n_members; i++)
		fds[i] = g->session.members[i].fd;
	g->movers = movers_new(g->session.loop, fds, g->session.n_members, on_moved, g);
	free(fds);
	return g->movers != NULL;
}

static bool start_loop(struct grab_session *g, const struct grab_prompt *opts)
{
	struct loop *l = g->session.loop;

	loop_before_wait(l, flush, g);
	if (g->client->sock >= 0) /* none where it was sent: see grab_listen */
		g->server = loop_add(l, g->client->sock, EPOLLIN | EPOLLRDHUP, on_server, g);
	return (g->server || g->client->sock < 0) && start_movers(g, opts) &&
	       loop_timer(l, MOVES_INTERVAL, MOVES_INTERVAL, on_watch, g) &&
	       loop_signal(l, SIGINT, on_interrupt, g) && loop_signal(l, SIGTERM, on_end, g) &&
	       (signal_is_ignored(SIGHUP) || loop_signal(l, SIGHUP, on_end, g));
}

/* The commands of -c. Without -c, or after them with -i: the prompt, or the lines of stdin. */
static enum status converse(struct grab_session *g, const struct grab_prompt *opts)
{
	struct session *s = &g->session;
	bool prompt = prompt_possible() && !opts->script;

	s->keep_going = opts->keep_going;
	color_start(opts->color, prompt && !opts->commands.n);
	enum status st = script_words(s, &opts->commands);
	if (s->quits || st == STATUS_USAGE || (st != STATUS_OK && !opts->keep_going) ||
		(opts->commands.n && !opts->interactive && !opts->script))
		return st;
	color_start(opts->color, prompt);
	enum status then = opts->script ? script_file(s, opts->script)
			   : prompt     ? prompt_run(s)
					: script_stdin(s);
	return st == STATUS_OK ? then : st;
}

enum status grab_prompt(
	const struct client *c, struct member *members, size_t n, const struct grab_prompt *opts)
{
	const char *name = members->name;
	struct grab_session g = {.client = c};
	struct loop *l = loop_new();

	if (!l)
		return report(STATUS_FAIL, name, "epoll", errno);
	session_begin_on(&g.session, members, n, l);
	g.session.ops = &ops;
	g.session.ops_data = &g;
	client_send_taken(c);
	enum status st = output_begin(l, prompt_say_lost, NULL);
	if (st == STATUS_OK)
		st = start_loop(&g, opts) ? converse(&g, opts)
				    : report(STATUS_FAIL, name, "set-up", errno);
	script_grade(&g.session);
	session_end(&g.session);
	enum status written = output_end();
	st = st == STATUS_OK ? written : st;
	movers_free(g.movers);
	loop_free(l);
	end_by_signal(g.signo ? g.signo : g.session.signo);
	return st;
}
