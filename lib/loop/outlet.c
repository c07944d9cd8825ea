/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines for a descriptor whose reader may not read: see outlet.h. */
#include "lib/loop/outlet.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct outlet {
	struct loop *loop;
	int fd;
	char *(*lost)(size_t n);
	struct loop_source *source; /* while the reader does not read */
	size_t dropped;
	int err; /* of the write that failed; 0: none did */
	size_t len;
	char kept[OUTLET_MAX];
};

struct outlet *outlet_new(struct loop *loop, int fd, char *(*lost)(size_t n))
{
	struct outlet *o = must_calloc(1, sizeof(*o));

	o->loop = loop;
	o->fd = fd;
	o->lost = lost;
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

/* A pipe, a terminal or a socket that is ready takes PIPE_BUF bytes without waiting. */
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
	ssize_t n = write(o->fd, o->kept, o->len < PIPE_BUF ? o->len : PIPE_BUF);

	if (n < 0) {
		/* somebody else set O_NONBLOCK, or a signal came */
		o->err = errno == EAGAIN || errno == EINTR ? 0 : errno;
		return false;
	}
	o->len -= (size_t)n;
	memmove(o->kept, o->kept + n, o->len);
	return true;
}

int outlet_flush(struct outlet *o)
{
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
	free(o);
	errno = saved;
}
