/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines for a descriptor whose reader may not read: see outlet.h. */
#include "lib/loop/outlet.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct outlet {
	struct loop *loop;
	int fd;
	int own;  /* another open of the same pipe or terminal, or -1 */
	bool is_sock;
	char *(*lost)(size_t n);
	struct loop_source *source; /* while the reader does not read */
	size_t dropped;
	int err; /* of the write that failed; 0: none did */
	size_t len;
	char kept[OUTLET_MAX];
};

/*
 * POLLOUT promises one byte of a terminal, and another writer may fill a pipe. So each is opened
 * once more: there O_NONBLOCK is ours alone. Returns -1 if that cannot be done.
 */
static int reopen_without_waiting(int fd)
{
	struct stat st;
	bool may_wait = fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || isatty(fd));

	return may_wait ? fd_reopen(fd, O_WRONLY | O_NONBLOCK | O_NOCTTY) : -1;
}

struct outlet *outlet_new(struct loop *loop, int fd, char *(*lost)(size_t n))
{
	struct outlet *o = must_calloc(1, sizeof(*o));
	struct stat st;

	o->loop = loop;
	o->lost = lost;
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error: EFBIG */
	o->is_sock = fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
	o->own = reopen_without_waiting(fd);
	o->fd = o->own >= 0 ? o->own : fd;
	return o;
}

static bool append(struct outlet *o, const char *line)
{
	size_t len = strlen(line);

	if (len > sizeof(o->kept) - o->len)
		return false;
	memcpy(o->kept + o->len, line, len);
	o->len += len;
	return true;
}

/* After all that was kept: from the first that is dropped on, none is kept until then. */
static void append_lost(struct outlet *o)
{
	char *line = o->lost(o->dropped);

	append(o, line);
	o->dropped = 0;
	free(line);
}

void outlet_line(struct outlet *o, const char *line)
{
	if (o->dropped || !append(o, line))
		o->dropped++;
}

/* Where nothing else keeps a write from waiting, it waits only if another writer came between. */
static bool is_ready(const struct outlet *o)
{
	struct pollfd p = {.fd = o->fd, .events = POLLOUT};

	return poll(&p, 1, 0) > 0; /* ready to fail is ready, too */
}

static void on_ready(void *data, uint32_t events)
{
	(void)events;
	outlet_flush(data);
}

/* What epoll does not take (EPERM) is always ready. */
static void wait_for_reader(struct outlet *o)
{
	if (!o->source)
		o->source = loop_add(o->loop, o->fd, EPOLLOUT, on_ready, o);
}

/* Returns whether more may be written at once. */
static bool write_some(struct outlet *o)
{
	size_t len = o->len < PIPE_BUF ? o->len : PIPE_BUF;
	ssize_t n = o->is_sock ? send(o->fd, o->kept, len, MSG_DONTWAIT)
			       : write(o->fd, o->kept, len);

	if (n < 0) {
		/* the reader takes no more, or a signal came */
		o->err = errno == EAGAIN || errno == EINTR ? 0 : errno;
		return false;
	}
	o->len -= (size_t)n;
	memmove(o->kept, o->kept + n, o->len);
	return true;
}

int outlet_flush(struct outlet *o)
{
	if (o->len == 0 && o->dropped) /* a line that is longer than all that can be kept */
		append_lost(o);
	while (!o->err && o->len > 0 && is_ready(o) && write_some(o))
		if (o->len == 0 && o->dropped)
			append_lost(o);
	if (o->len > 0 && !o->err)
		wait_for_reader(o);
	else
		loop_remove(&o->source);
	errno = o->err;
	return o->err ? -1 : 0;
}

void outlet_free(struct outlet *o)
{
	int saved = errno;

	if (!o)
		return;
	outlet_flush(o);
	loop_remove(&o->source);
	fd_close(&o->own);
	free(o);
	errno = saved;
}
