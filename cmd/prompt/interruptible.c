/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls that may wait, with the prompt alive meanwhile: see interruptible.h. */
#include "cmd/prompt/interruptible.h"
#include "lib/base/child.h"
#include "lib/base/memory.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct waiting {
	bool ready, late;
	uint32_t events;
};

static void on_ready(void *data, uint32_t events)
{
	struct waiting *w = data;

	w->ready = true;
	w->events = events;
}

static void on_late(void *data, uint32_t expirations)
{
	struct waiting *w = data;

	(void)expirations;
	w->late = true;
}

int64_t interruptible_wait(struct session *s, int fd, uint32_t events, int64_t ns)
{
	struct waiting w = {0};
	struct loop_source *source = loop_add(s->loop, fd, events, on_ready, &w);
	struct loop_source *timer = NULL;
	int err = 0;

	if (!source)
		return -1;
	if (ns != NEVER)
		timer = loop_timer(s->loop, ns > 0 ? ns : 1, 0, on_late, &w);
	if (ns != NEVER && !timer) {
		loop_remove(&source);
		return -1;
	}
	s->waiting = true;
	s->interrupted = false;
	while (!w.ready && !w.late && !s->interrupted && !err && !loop_stopping(s->loop))
		if (loop_once(s->loop, -1) < 0)
			err = errno;
	s->waiting = false;
	loop_remove(&timer);
	loop_remove(&source);
	moves_begin(&s->before, s->fd); /* others moved what moved meanwhile */
	errno = err ? err : EINTR;
	/* Ctrl-C counts first: fd may be ready again and again, with nothing to read */
	if (w.ready && !s->interrupted)
		return (int64_t)w.events;
	return w.late ? 0 : -1;
}

/* One read by a child: for files that have neither RWF_NOWAIT nor epoll. */
static ssize_t read_by_child(struct session *s, char *buf, size_t size)
{
	struct child r;
	struct moves before = s->before;
	char *room = must_calloc(1, CHILD_READ_MAX + 1);
	ssize_t n = -1;
	int err = EINTR;

	if (child_read_start(&r, s->fd, size, true) < 0) {
		err = errno;
	} else {
		if (interruptible_wait(s, r.sock, EPOLLIN, NEVER) > 0) {
			n = child_read(&r, room, CHILD_READ_MAX + 1);
		}
		err = errno;
		child_stop(&r, s->fd);
	}
	s->before = before; /* the child's read is in the wait */
	if (n > 0)
		memcpy(buf, room, (size_t)n);
	free(room);
	errno = err;
	return n;
}

/* Then the call itself says EAGAIN, or does not wait. */
static bool is_nonblocking(int fd)
{
	int saved = errno;
	int flags = fcntl(fd, F_GETFL);

	errno = saved;
	return flags >= 0 && flags & O_NONBLOCK;
}

ssize_t interruptible_read(struct session *s, char *buf, size_t size)
{
	for (;;) {
		ssize_t n = desc_read_nowait(s->fd, buf, size);
		if (n >= 0 || (errno != EAGAIN && errno != EOPNOTSUPP))
			return n;
		/* RWF_NOWAIT has an EAGAIN of its own: the file's page is not in memory */
		if (errno == EAGAIN && !is_nonblocking(s->fd)) {
			if (interruptible_wait(s, s->fd, EPOLLIN, NEVER) > 0)
				continue; /* another holder may read first */
			if (errno != EPERM)
				return -1;
		}
		return read_by_child(s, buf, size);
	}
}

struct call_by_child {
	int (*call)(int fd, long long arg);
	long long arg;
};

static void run_call(int sock, int fd, const void *data)
{
	const struct call_by_child *c = data;

	signal(SIGXFSZ, SIG_IGN); /* the answer shows EFBIG */
	int err = c->call(fd, c->arg) < 0 ? errno : 0;
	send(sock, &err, sizeof(err), MSG_NOSIGNAL);
}

int interruptible_call(struct session *s, int (*call)(int fd, long long arg), long long arg)
{
	const struct call_by_child what = {call, arg};
	struct child c;
	int err = 0;

	if (child_start(&c, s->fd, run_call, &what) < 0)
		return -1;
	if (interruptible_wait(s, c.sock, EPOLLIN, NEVER) <= 0)
		err = errno;
	else if (recv(c.sock, &err, sizeof(err), MSG_DONTWAIT) != sizeof(err))
		err = ECHILD;
	child_stop(&c, s->fd);
	errno = err;
	return err ? -1 : 0;
}

static void do_nothing(int signo)
{
	(void)signo;
}

/* SIGTERM ends the process in such a call at once: no line is being typed. */
void interruptible_signals(bool on)
{
	static struct sigaction before;
	struct sigaction sa = {.sa_handler = do_nothing};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (on)
		sigaction(SIGINT, &sa, &before);
	sigprocmask(on ? SIG_UNBLOCK : SIG_BLOCK, &set, NULL);
	if (!on)
		sigaction(SIGINT, &before, NULL);
}

ssize_t interruptible_write(struct session *s, const char *bytes, size_t len)
{
	struct iovec iov = {(char *)bytes, len};

	for (;;) {
		ssize_t n = pwritev2(s->fd, &iov, 1, -1, RWF_NOWAIT);
		if (n >= 0 || (errno != EAGAIN && errno != EOPNOTSUPP))
			return n;
		if (errno == EAGAIN && !is_nonblocking(s->fd)) {
			if (interruptible_wait(s, s->fd, EPOLLOUT, NEVER) > 0)
				continue;
			if (errno != EPERM)
				return -1;
		}
		interruptible_signals(true);
		n = write(s->fd, bytes, len);
		interruptible_signals(false);
		return n;
	}
}
