/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about a pipe: its fill and capacity, which a child process queries since it may hang. */
#include "lib/base/fd.h"
#include "lib/base/msg.h"
#include "lib/look/facts-internal.h"
#include "lib/out/json-value.h"

#include <bsd/unistd.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIPE_WAIT_MS = 300 };

struct pipe_answer {
	int waiting, capacity;
};

static void __attribute__((noreturn)) answer(int sock)
{
	struct msg m;

	/* if it gets stuck: who reads our output waits for its end */
	if (dup2(sock, 0) < 0)
		_exit(1);
	closefrom(1);
	msg_tracer = NULL;
	while (msg_recv(0, &m, 1, 0) > 0) {
		struct pipe_answer a = {-1, -1};
		a.capacity = m.nfds ? fcntl(m.fds[0], F_GETPIPE_SZ) : -1;
		if (a.capacity < 0 || ioctl(m.fds[0], FIONREAD, &a.waiting) < 0)
			a.waiting = -1;
		msg_close(&m);
		send(0, &a, sizeof(a), MSG_NOSIGNAL);
	}
	_exit(0);
}

static void start_asker(struct facts *f)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return;
	f->child = fork();
	if (f->child == 0)
		answer(pair[1]);
	fd_close(&pair[1]);
	f->asker = pair[0];
}

/* It ends by itself at the end of file; killed when stuck, it ends when the mutex is free. */
void facts_stop_asker(struct facts *f, bool stuck)
{
	fd_close(&f->asker);
	if (f->child > 0 && stuck)
		kill(f->child, SIGKILL);
	if (f->child > 0)
		waitpid(f->child, NULL, stuck ? WNOHANG : 0);
	f->child = 0;
}

/*
 * Both calls wait for the pipe's mutex, which a reader holds while it copies
 * into memory that a sleeping server has to bring (userfaultfd, a mapped FUSE file),
 * and no signal ends that wait. So a child is passed the descriptor and asks; one that
 * does not answer in time is killed and not waited for, and the next pipe has another.
 */
static void ask_pipe(struct facts *f, int fd, struct pipe_answer *a)
{
	msg_tracer_fn *tracer = msg_tracer;
	struct pollfd p = {.events = POLLIN};

	if (f->asker < 0)
		start_asker(f);
	p.fd = f->asker;
	msg_tracer = NULL; /* this one is between us */
	bool told = msg_send(f->asker, "?", 1, &fd, 1, 0) == 0 && poll(&p, 1, PIPE_WAIT_MS) == 1;
	msg_tracer = tracer;
	if (!told || recv(f->asker, a, sizeof(*a), MSG_DONTWAIT) != sizeof(*a))
		facts_stop_asker(f, true);
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
		ask_pipe(s->facts, fd, &a);
	fd_close(&taken);
	facts_put(s, "waiting", json_maybe(a.waiting));
	facts_put(s, "capacity", json_maybe(a.capacity));
}
