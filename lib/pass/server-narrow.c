/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A narrowed description for a grant, see server.h. Opening a file may wait for its file
 * system's server, so a child does it, and passes the descriptor back.
 */
#include "lib/base/child.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/msg.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"
#include "lib/pass/server-internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define NARROW_TIMEOUT (5 * NS_PER_S)

struct narrowing {
	struct child child;
	struct loop_source *source, *timeout;
	narrow_fn *done;
};

/* In the child: the message is the errno, and bears the descriptor if that is 0. */
static void reopen(int sock, int fd, const void *data)
{
	int narrowed = desc_reopen_readonly(fd), err = narrowed < 0 ? errno : 0;
	char text[sizeof(err)];

	(void)data;
	memcpy(text, &err, sizeof(err));
	msg_send(sock, text, sizeof(text), &narrowed, narrowed >= 0, 0);
}

void narrow_stop(struct offer *o)
{
	struct narrowing *n = o->narrowing;

	if (!n)
		return;
	o->narrowing = NULL;
	loop_remove(&n->source);
	loop_remove(&n->timeout);
	child_stop(&n->child, o->fd);
	free(n);
}

/* Ends it, then tells the one that started it. */
static void finish(struct offer *o, int fd, int err)
{
	narrow_fn *done = o->narrowing->done;

	narrow_stop(o);
	done(o, fd, err);
	fd_close(&fd);
}

static void on_answer(void *data, uint32_t events)
{
	struct offer *o = data;
	struct msg m;
	int err = ECHILD, fd = -1; /* the child ended without an answer */

	(void)events;
	if (msg_recv(o->narrowing->child.sock, &m, 1, MSG_DONTWAIT) == (ssize_t)sizeof(err)) {
		memcpy(&err, m.text, sizeof(err));
		fd = m.nfds ? m.fds[0] : -1;
	}
	finish(o, fd, err);
}

static void on_timeout(void *data, uint32_t expirations)
{
	(void)expirations;
	finish(data, -1, ETIMEDOUT);
}

int narrow_start(struct offer *o, narrow_fn *done)
{
	struct loop *loop = o->server->loop;
	struct narrowing *n = must_calloc(1, sizeof(*n));

	n->done = done;
	n->child = CHILD_NONE;
	o->narrowing = n;
	if (child_start(&n->child, o->fd, reopen, NULL) == 0) {
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
