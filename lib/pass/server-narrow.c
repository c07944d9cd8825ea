/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A grant of a narrowed description, see server.h. To open a file may wait for its file system's
 * server, and so may to close it: so a child opens it and sends it to the client, and this process
 * never has it.
 */
#include "lib/base/child.h"
#include "lib/base/memory.h"
#include "lib/base/msg.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"
#include "lib/pass/server-internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define NARROW_TIMEOUT (5 * NS_PER_S)

struct narrowing {
	struct child child;
	struct loop_source *source, *timeout;
	narrow_fn *done;
};

/* What a child answers: the descriptor that it sent, or -1 and the errno. */
struct answer {
	int fd, err;
};

static struct answer try_to_grant(int client, int fd, const struct protocol_out *message)
{
	struct answer a = {.fd = desc_reopen_readonly(fd)};

	if (a.fd < 0 ||
		msg_send(client, message->text, message->len, &a.fd, 1, MSG_DONTWAIT) < 0)
		a.err = errno;
	return a;
}

/*
 * In the child. The client's socket comes in a message, and is closed before the child ends, which
 * may hang: the client has to see when the server's end is closed.
 */
static void grant_narrowed(int sock, int fd, const void *data)
{
	struct msg m;

	if (msg_recv(sock, &m, 1, 0) <= 0 || m.nfds != 1)
		return;
	struct answer a = try_to_grant(m.fds[0], fd, data);
	msg_close(&m);
	send(sock, &a, sizeof(a), MSG_NOSIGNAL);
}

void narrow_stop(struct offer *o)
{
	struct narrowing *n = o->narrowing;

	if (!n)
		return;
	o->narrowing = NULL;
	o->server->n_narrowing--;
	loop_remove(&n->source);
	loop_remove(&n->timeout);
	child_stop(&n->child, o->fds[0]);
	free(n);
}

/* Ends it, then tells the one that started it. */
static void finish(struct offer *o, int err)
{
	narrow_fn *done = o->narrowing->done;

	narrow_stop(o);
	done(o, err);
}

static void on_answer(void *data, uint32_t events)
{
	struct offer *o = data;
	struct answer a;

	(void)events;
	if (recv(o->narrowing->child.sock, &a, sizeof(a), MSG_DONTWAIT) != (ssize_t)sizeof(a))
		a.err = ECHILD; /* it ended without an answer */
	if (!a.err)
		msg_trace_sent(o->narrowing_sock, o->message.text, o->message.len, &a.fd, 1);
	finish(o, a.err);
}

static void on_timeout(void *data, uint32_t expirations)
{
	(void)expirations;
	finish(data, ETIMEDOUT);
}

int narrow_start(struct offer *o, int client, narrow_fn *done)
{
	struct loop *loop = o->server->loop;
	struct narrowing *n = must_calloc(1, sizeof(*n));

	n->done = done;
	n->child = CHILD_NONE;
	o->narrowing = n;
	o->server->n_narrowing++;
	if (child_start(&n->child, o->fds[0], grant_narrowed, &o->message) == 0 &&
		child_give(&n->child, client) == 0) {
		n->source = loop_add(loop, n->child.sock, EPOLLIN, on_answer, o);
		n->timeout = loop_timer(loop, NARROW_TIMEOUT, 0, on_timeout, o);
		if (n->source && n->timeout)
			return 0;
	}
	int err = errno;
	narrow_stop(o);
	errno = err;
	return -1;
}

static void try_to_open(int sock, int fd, const void *unused)
{
	int err = desc_reopen_readonly(fd) < 0 ? errno : 0;

	(void)unused;
	send(sock, &err, sizeof(err), MSG_NOSIGNAL);
}

int server_try_narrow(int fd)
{
	int err;

	if (child_ask(fd, try_to_open, NULL, &err, sizeof(err), time_after(NARROW_TIMEOUT)) < 0)
		return -1;
	errno = err;
	return err ? -1 : 0;
}
