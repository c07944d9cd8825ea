/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about a pipe: its fill and capacity, which a child process queries since it may hang. */
#include "lib/base/child.h"
#include "lib/base/fd.h"
#include "lib/base/msg.h"
#include "lib/base/times.h"
#include "lib/look/facts-internal.h"
#include "lib/out/json-value.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define PIPE_TIMEOUT (300 * NS_PER_MS)

struct pipe_answer {
	int waiting, capacity;
};

/* In the child: queries each pipe that it receives, until the parent closes its end. */
static void query_pipes(int sock, int fd, const void *data)
{
	struct msg m;

	(void)fd;
	(void)data;
	while (msg_recv(sock, &m, 1, 0) > 0) {
		struct pipe_answer a = {-1, -1};
		a.capacity = m.nfds ? fcntl(m.fds[0], F_GETPIPE_SZ) : -1;
		if (a.capacity < 0 || ioctl(m.fds[0], FIONREAD, &a.waiting) < 0)
			a.waiting = -1;
		msg_close(&m);
		send(sock, &a, sizeof(a), MSG_NOSIGNAL);
	}
}

static bool ask_child(const struct child *c, int fd, struct pipe_answer *a)
{
	msg_tracer_fn *tracer = msg_tracer;

	msg_tracer = NULL; /* this message is not the user's */
	int sent = msg_send(c->sock, "?", 1, &fd, 1, 0);
	msg_tracer = tracer;
	return sent == 0 && child_wait(c, time_after(PIPE_TIMEOUT)) &&
	       recv(c->sock, a, sizeof(*a), MSG_DONTWAIT) == sizeof(*a);
}

/*
 * Both calls wait for the pipe's mutex. A reader holds it while it copies into memory that a
 * sleeping server has to provide (userfaultfd, a mapped FUSE file), and no signal ends that
 * wait. One child queries all pipes; if one of them gets it stuck, the next pipe has another.
 */
static void query_pipe(struct facts *f, int fd, struct pipe_answer *a)
{
	if (child_is_stuck(fd))
		return;
	if (f->pipes.sock < 0 && child_start(&f->pipes, -1, query_pipes, NULL) < 0)
		return;
	if (!ask_child(&f->pipes, fd, a)) {
		*a = (struct pipe_answer){-1, -1};
		child_stop(&f->pipes, fd);
	}
}

/*
 * The kernel itself implements a FIFO, whatever the file system that has its inode: pipes have
 * no flush operation, and a duplicate neither opens nor closes anything for their other end.
 */
void facts_add_pipe(const struct subject *s)
{
	struct pipe_answer a = {-1, -1};
	int taken;
	int fd = facts_borrow(s, &taken);

	if (fd >= 0)
		query_pipe(s->facts, fd, &a);
	fd_close(&taken);
	facts_put(s, "waiting", json_maybe(a.waiting, -1));
	facts_put(s, "capacity", json_maybe(a.capacity, -1));
}
