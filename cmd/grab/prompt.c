/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grab's prompt: see prompt.h. */
#include "cmd/grab/prompt.h"
#include "cmd/cli/ending.h"
#include "cmd/prompt/prompt.h"
#include "cmd/prompt/session.h"
#include "lib/base/fd.h"
#include "lib/base/text.h"
#include "lib/loop/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

struct hands {
	struct session session;
	struct client *client;
	struct loop_source *server;
	int signo;
};

static void note(struct session *s, const char *op)
{
	const struct hands *h = s->host_data;

	client_send_note(h->client, op);
}

static const struct session_ops host = {.note = note};

static void on_watch(void *data, uint32_t expirations)
{
	struct hands *h = data;
	struct moves was;
	char text[512];

	(void)expirations;
	if (!moves_tick(&h->session.known, &was))
		return;
	moves_text(&was, &h->session.known, text, sizeof(text));
	prompt_say("%s: %s, by a holder who does not say\n", h->session.name, text);
	prompt_refresh();
}

static void tell_note(struct hands *h, const struct client_event *news)
{
	struct moves was;
	char text[512];

	if (!moves_look(&h->session.known, &was))
		return;
	moves_text(&was, &h->session.known, text, sizeof(text));
	prompt_say("%s: pid %d: %s: %s\n", h->session.name, news->pid, text_show(news->op), text);
	prompt_refresh();
}

static void on_server(void *data, uint32_t events)
{
	struct hands *h = data;
	struct client_event news = client_receive(h->client);

	(void)events;
	if (news.kind == CLIENT_NOTE)
		tell_note(h, &news);
	if (news.kind != CLIENT_GONE)
		return;
	loop_remove(&h->server);
	prompt_say("%s: the server left; the descriptor is yours still\n", h->session.name);
}

static void on_interrupt(void *data, uint32_t signo)
{
	struct hands *h = data;

	if (h->session.waiting)
		h->session.interrupted = true;
	else if (!prompt_interrupt()) {
		h->signo = (int)signo;
		loop_stop(h->session.loop, STATUS_OK);
	}
}

static void on_end(void *data, uint32_t signo)
{
	struct hands *h = data;

	h->signo = (int)signo;
	h->session.quits = true;
	loop_stop(h->session.loop, STATUS_OK);
}

static void flush(void *data)
{
	struct hands *h = data;

	if (report_flush() != STATUS_OK)
		loop_stop(h->session.loop, STATUS_FAIL);
}

static bool set_up(struct hands *h)
{
	struct loop *l = h->session.loop;

	loop_before_wait(l, flush, h);
	h->server = loop_add(l, h->client->sock, EPOLLIN | EPOLLRDHUP, on_server, h);
	return h->server && loop_timer(l, MOVES_INTERVAL, MOVES_INTERVAL, on_watch, h) &&
	       loop_signal(l, SIGINT, on_interrupt, h) && loop_signal(l, SIGTERM, on_end, h) &&
	       loop_signal(l, SIGHUP, on_end, h);
}

/* -c's commands, then the end, or with -i what follows: the prompt or standard input, as without -c. */
static enum status converse(struct hands *h, const struct grab_prompt *opts)
{
	struct session *s = &h->session;
	bool prompt = prompt_possible();

	color_start(opts->color, prompt && !opts->commands.n);
	enum status st = session_script(s, &opts->commands, opts->keep_going);
	if (s->quits || (st != STATUS_OK && !opts->keep_going) ||
		(opts->commands.n && !opts->interactive))
		return st;
	color_start(opts->color, prompt);
	enum status then = prompt ? prompt_run(s) : session_stdin(s, opts->keep_going);
	return st == STATUS_OK ? then : st;
}

/* The descriptor is 3, as it is for a program: the connection came first, and goes out of its way. */
static void make_it_3(struct client *c)
{
	enum { OUT_OF_THE_WAY = 10 };
	int sock = fcntl(c->sock, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);

	if (sock < 0)
		return; /* then it has another number, and that is all */
	fd_close(&c->sock);
	c->sock = sock;
	int fd = fcntl(c->fd, F_DUPFD_CLOEXEC, 3);
	if (fd >= 0) {
		fd_close(&c->fd);
		c->fd = fd;
	}
}

enum status grab_prompt(struct client *c, const char *name, const struct grab_prompt *opts)
{
	make_it_3(c);
	struct hands h = {.client = c};
	struct loop *l = loop_new();

	if (!l)
		return report(STATUS_FAIL, name, "epoll", errno);
	session_begin(&h.session, c->fd, name, l);
	h.session.host = &host;
	h.session.host_data = &h;
	client_send_taken(c);
	enum status st = set_up(&h) ? converse(&h, opts)
				    : report(STATUS_FAIL, name, "set-up", errno);
	loop_free(l);
	end_by_signal(h.signo);
	return st;
}
