/* SPDX-License-Identifier: GPL-3.0-or-later */
/* serve's prompt: a session on the description that it serves. */
#include "cmd/client/who.h"
#include "cmd/prompt/prompt.h"
#include "cmd/prompt/script.h"
#include "cmd/serve/serve.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static struct session session; /* of the one prompt that a process can have */

static struct served *served_by(struct session *s)
{
	return s->ops_data;
}

static void note(struct session *s, const char *op)
{
	struct served *d = served_by(s);

	if (d->kept >= 0)
		return; /* what changed is our end, and no client has that */
	/* otherwise our own change would be reported as unannounced */
	moves_begin(&d->known, s->fd);
	offer_note(d->offer, op, getpid());
}

static void print_client(void *data, const struct peer *p, int sock)
{
	size_t *client_count = data;

	puts(who(sock, p));
	++*client_count;
}

static enum status clients(struct session *s)
{
	size_t client_count = 0;

	offer_each_client(served_by(s)->offer, print_client, &client_count);
	if (client_count == 0)
		puts("nobody is connected (clients that left may still have the descriptor)");
	return STATUS_OK;
}

static enum status kick(struct session *s, pid_t pid)
{
	if (offer_kick(served_by(s)->offer, pid) > 0)
		return STATUS_OK;
	return session_fail(s, "no client has that pid; 'clients' lists them");
}

static bool trigger(struct session *s)
{
	struct standin *device = served_by(s)->device;

	if (device)
		standin_trigger(device);
	return device != NULL;
}

static const struct session_ops ops = {
	.note = note, .clients = clients, .kick = kick, .trigger = trigger};

bool serve_prompts(const struct serve *s)
{
	return s->commands.n || s->interactive || s->script ||
	       (s->sources.n == 1 && !s->json && !s->quiet && prompt_possible());
}

bool serve_interrupt(void)
{
	return prompt_interrupt(&session);
}

static enum status just_serve(struct serve *s)
{
	int ended = loop_run(s->loop);

	return ended < 0 ? report(STATUS_FAIL, "epoll", "wait", errno) : (enum status)ended;
}

/* The end of standard input, or of the script, ends the server, as Ctrl-D does. */
static enum status after_commands(struct serve *s)
{
	bool prompt = prompt_possible() && !s->script;

	color_start(s->color, prompt);
	if (s->script)
		return script_file(&session, s->script);
	if (prompt)
		return prompt_run(&session);
	return s->interactive ? script_stdin(&session) : just_serve(s);
}

/* A command of -c that failed shows in the status even if -k went on after it. */
static enum status run_commands(struct serve *s)
{
	enum status st = script_words(&session, &s->commands);

	if (loop_stopping(s->loop)) {
		enum status ended = just_serve(s); /* returns what the loop was stopped with */
		return st == STATUS_OK ? ended : st;
	}
	if (session.quits || st == STATUS_USAGE || (st != STATUS_OK && !s->keep_going))
		return st;
	enum status then = after_commands(s);
	s->signo = s->signo ? s->signo : session.signo;
	return st == STATUS_OK ? then : st;
}

enum status serve_converse(struct serve *s)
{
	if (!serve_prompts(s))
		return just_serve(s);
	const struct served *d = &s->served[0];
	session_begin(&session, d->kept >= 0 ? d->kept : d->fd, d->name, s->loop);
	session.ops = &ops;
	session.ops_data = &s->served[0];
	session.keep_going = s->keep_going;
	color_start(s->color, prompt_possible() && !s->commands.n);
	enum status st = run_commands(s);
	script_grade(&session);
	session_end(&session);
	return st;
}
