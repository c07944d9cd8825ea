/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * grab --listen: waits at an ADDRESS until somebody gives something, and receives it.
 *
 * While it waits, it reads nothing: a connection that stays silent holds up nobody, a stranger's is
 * denied, and one that closes again is forgotten. When somebody has spoken who is trusted, it stops
 * listening, and receives all that this one gives.
 */
#include "cmd/cli/ending.h"
#include "cmd/client/failed.h"
#include "cmd/grab/grab.h"
#include "lib/base/fd.h"
#include "lib/base/msg.h"
#include "lib/base/peer.h"
#include "lib/base/times.h"
#include "lib/loop/loop.h"
#include "lib/pass/fdsend.h"
#include "lib/pass/receiver.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { VISITORS_MAX = 64, STRANGERS_SHOWN = 8 };

struct listening {
	struct grab *grab;
	struct loop *loop;
	struct addr addr;
	int listener;
	struct receiver_rules rules;
	struct receiver *receiver;
	int strangers;
	int signo;
};

/* --- waiting ------------------------------------------------------------------- */

static void choose(struct listening *l, struct client *c)
{
	l->grab->wanted[0].client = *c;
	c->sock = -1;
	loop_stop(l->loop, STATUS_OK);
}

/* The first one who speaks is the one. What it says is received when the loop has gone. */
static bool on_spoke(void *data, struct client *c)
{
	choose(data, c);
	return false;
}

static void report_visitor(struct listening *l, const struct client *c)
{
	if (l->grab->quiet || l->strangers++ >= STRANGERS_SHOWN)
		return;
	report_note("%s: pid %d of user %s wants to send, and is not trusted: --from %s would let it",
		l->grab->wanted[0].word, c->server.pid, peer_user(c->server.uid),
		peer_user(c->server.uid));
}

static void on_denied(void *data, const struct client *c, const char *why)
{
	if (strcmp(why, "policy") == 0)
		report_visitor(data, c);
}

static void on_stalled(void *data, int err)
{
	struct listening *l = data;

	loop_stop(l->loop, report(STATUS_FAIL, l->grab->wanted[0].word, "accept", err));
}

/* Nobody connects to a datagram socket: each message says whose it is. */
static void on_datagram(void *data, uint32_t events)
{
	struct listening *l = data;
	struct client c;

	(void)events;
	switch (client_datagram(l->listener, &l->grab->trust, &c)) {
	case CLIENT_OK:
		choose(l, &c);
		break;
	case CLIENT_UNTRUSTED:
		report_visitor(l, &c);
		break;
	case CLIENT_SYSTEM:
		loop_stop(l->loop, report(STATUS_FAIL, l->grab->wanted[0].word, c.call, errno));
		break;
	case CLIENT_NOBODY:
	case CLIENT_DENIED:
	case CLIENT_PROTOCOL:
	case CLIENT_TIMEOUT:
	case CLIENT_NUMBER:
		break;
	}
}

static void on_signal(void *data, uint32_t signo)
{
	struct listening *l = data;

	l->signo = (int)signo;
	loop_stop(l->loop, STATUS_FAIL);
}

static void on_timeout(void *data, uint32_t expirations)
{
	struct listening *l = data;

	(void)expirations;
	loop_stop(l->loop, report(STATUS_TIMEOUT, l->grab->wanted[0].word, "nobody sends", ETIMEDOUT));
}

static int type_of_socket(const struct grab *g)
{
	static const int types[] = {
		[AS_FDTOOL] = SOCK_SEQPACKET,
		[AS_FDSEND] = SOCK_STREAM,
		[AS_RAW] = SOCK_STREAM,
		[AS_RAW_DGRAM] = SOCK_DGRAM,
		[AS_RAW_SEQPACKET] = SOCK_SEQPACKET,
	};

	return types[g->as];
}

static bool receive(struct listening *l)
{
	if (l->grab->as == AS_RAW_DGRAM)
		return loop_add(l->loop, l->listener, EPOLLIN, on_datagram, l);
	l->rules = (struct receiver_rules){.trust = &l->grab->trust,
		.foreign = l->grab->as != AS_FDTOOL,
		.max_visitors = VISITORS_MAX,
		.spoke = on_spoke,
		.denied = on_denied,
		.stalled = on_stalled,
		.data = l};
	l->receiver = receiver_new(l->loop, &l->rules, l->listener);
	return l->receiver;
}

static bool set_up(struct listening *l)
{
	l->loop = loop_new();
	return l->loop && receive(l) &&
	       loop_signal(l->loop, SIGINT, on_signal, l) && loop_signal(l->loop, SIGTERM, on_signal, l) &&
	       (signal_is_ignored(SIGHUP) || loop_signal(l->loop, SIGHUP, on_signal, l)) &&
	       (!l->grab->timeout || loop_timer(l->loop, l->grab->timeout, 0, on_timeout, l));
}

static int start_listening(const struct listening *l)
{
	static const int yes = 1;

	if (l->grab->as == AS_RAW_DGRAM)
		return setsockopt(l->listener, SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes));
	if (fcntl(l->listener, F_SETFL, O_NONBLOCK) < 0) /* a sender may go before it is accepted */
		return -1;
	return listen(l->listener, SOMAXCONN);
}

static enum status bind_address(struct listening *l)
{
	const char *word = l->grab->wanted[0].word;
	bool fdsend = l->grab->as == AS_FDSEND;

	if (fdsend)
		fdsend_make_directory(word);
	const char *fault = (fdsend ? fdsend_parse : addr_parse)(word, &l->addr);
	if (fault)
		return report_usage("'%s' %s", word, fault);
	l->listener = addr_bind_as(&l->addr, type_of_socket(l->grab));
	if (l->listener < 0 && errno == EADDRINUSE)
		return report_in_use(word, "");
	if (l->listener < 0)
		return report(STATUS_FAIL, word, l->addr.failed, errno);
	if (start_listening(l) < 0)
		return report(STATUS_FAIL, word, "listen", errno);
	return STATUS_OK;
}

static void say_waiting(const struct grab *g)
{
	const char *word = g->wanted[0].word;

	if (g->quiet || !isatty(STDERR_FILENO))
		return;
	if (g->as == AS_FDTOOL)
		report_note("%s: waiting for 'fdtool send SOURCE %s'", word, word);
	else
		report_note("%s: waiting for a sender", word);
}

/* Waits until somebody has spoken: grab->wanted[0] has the connection then. */
static enum status wait_for_sender(struct listening *l)
{
	const char *word = l->grab->wanted[0].word;
	enum status st = bind_address(l);

	if (st == STATUS_OK)
		say_waiting(l->grab);
	if (st == STATUS_OK && !set_up(l))
		st = report(STATUS_FAIL, word, "set-up", errno);
	if (st == STATUS_OK) {
		int ended = loop_run(l->loop);
		st = ended < 0 ? report(STATUS_FAIL, word, "epoll_wait", errno) : (enum status)ended;
	}
	receiver_free(l->receiver);
	if (l->loop)
		loop_free(l->loop);
	addr_unbind(&l->addr);
	fd_close(&l->listener);
	end_by_signal(l->signo);
	return st;
}

/* --- receiving ------------------------------------------------------------------- */

static enum status failed(
	enum client_fault fault, const char *word, int at, const struct client *c)
{
	int err = errno;

	client_deny(c, fault == CLIENT_PROTOCOL ? "protocol" : "system", err);
	errno = err;
	if (fault == CLIENT_NOBODY && c->foreign)
		return report(STATUS_FAIL, word, "the sender left without giving a descriptor", err);
	if (fault == CLIENT_PROTOCOL && c->foreign && err == EBADMSG)
		return report(STATUS_FAIL, word,
			"the sender sent no byte with its descriptor; it is closed again", err);
	if (fault == CLIENT_NOBODY)
		return report(STATUS_FAIL, word, "the sender left before it had given all", err);
	return failed_to_take(fault, "the sender", word, at, c);
}

static enum status take(struct grab *g, struct wanted *w, int64_t deadline)
{
	int at = grab_receive_at(g, w);
	enum client_fault fault =
		client_take(&w->client, deadline != NEVER ? deadline : time_after(ANSWER_TIMEOUT), at);

	if (fault != CLIENT_OK)
		return failed(fault, w->word, at, &w->client);
	enum status st = grab_check(g, w);
	if (st != STATUS_OK)
		client_deny(&w->client, "expect", 0);
	return st;
}

/* The connection goes on with the next one. */
static struct wanted *next(struct grab *g, bool program)
{
	struct wanted *w = grab_add(g, g->wanted[0].word, -1);
	struct client *before = &w[-1].client;

	w->client.server = before->server;
	w->client.server_fd = -1;
	w->client.sock = before->sock;
	before->sock = -1;
	if (program)
		grab_choose_numbers(g);
	return w;
}

enum status grab_listen(struct grab *g, bool program)
{
	struct listening l = {.grab = g, .listener = -1};
	int64_t deadline = g->timeout ? time_after(g->timeout) : NEVER;
	enum status st = wait_for_sender(&l);
	struct wanted *w = g->wanted;

	if (st == STATUS_OK)
		st = take(g, w, deadline);
	while (st == STATUS_OK && w->client.more > 0) {
		client_send_taken(&w->client);
		w = next(g, program);
		st = take(g, w, deadline);
	}
	return st;
}

void grab_answer(struct grab *g)
{
	struct client *last = &g->wanted[g->n - 1].client;

	client_send_taken(last);
	fd_close(&last->sock);
}
