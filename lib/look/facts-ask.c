/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls on a descriptor that may hang: a child makes them: facts_ask of facts-internal.h. */
#include "lib/base/child.h"
#include "lib/base/fd.h"
#include "lib/base/msg.h"
#include "lib/base/times.h"
#include "lib/look/facts-internal.h"

#include <string.h>
#include <sys/socket.h>

#define ASK_TIMEOUT (300 * NS_PER_MS)

/* What the child receives with a descriptor: it is a copy of this process. */
struct question {
	void (*query)(int fd, void *answer);
	size_t size;
};

/* In the child: answers for each descriptor that it receives, until the parent closes its end. */
static void answer_all(int sock, int fd, const void *data)
{
	struct msg m;

	(void)fd;
	(void)data;
	while (msg_recv(sock, &m, 1, 0) > 0) {
		char answer[FACTS_ANSWER_MAX] = "";
		struct question q = {NULL, 0};
		if (m.len == sizeof(q))
			memcpy(&q, m.text, sizeof(q));
		if (q.query && m.nfds)
			q.query(m.fds[0], answer);
		msg_close(&m);
		send(sock, answer, q.size, MSG_NOSIGNAL);
	}
}

static bool ask_child(
	const struct child *c, int fd, const struct question *q, void *answer)
{
	msg_tracer_fn *tracer = msg_tracer;

	msg_tracer = NULL; /* this message is not the user's */
	int sent = msg_send(c->sock, (const char *)q, sizeof(*q), &fd, 1, 0);
	msg_tracer = tracer;
	return sent == 0 && child_wait(c, time_after(ASK_TIMEOUT)) &&
	       recv(c->sock, answer, q->size, MSG_DONTWAIT) == (ssize_t)q->size;
}

/* One child answers all; if a descriptor gets it stuck, the next one has another child. */
static bool ask(struct child *c, int fd, const struct question *q, void *answer)
{
	if (child_is_stuck(fd) || (c->sock < 0 && child_start(c, -1, answer_all, NULL) < 0))
		return false;
	if (ask_child(c, fd, q, answer))
		return true;
	child_stop(c, fd);
	return false;
}

bool facts_ask(const struct subject *s, void (*query)(int fd, void *answer), void *answer,
	size_t size)
{
	const struct question q = {query, size};
	int taken;
	int fd = facts_borrow(s, &taken);
	bool done = fd >= 0 && ask(&s->facts->asked, fd, &q, answer);

	fd_close(&taken);
	return done;
}
