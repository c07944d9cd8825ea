/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stand-in for /dev/mypoll: see standin.h.
 *
 * A queue is a pipe in packet mode (O_DIRECT), so that each read gives a whole record,
 * however many readers share the description: from a stream one reader would get the
 * first half of a line and another reader the rest. For reading and writing the queue is
 * a SEQPACKET pair, which keeps records whole in both directions.
 */
#include "lib/loop/standin.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/msg.h"
#include "lib/base/times.h"
#include "lib/loop/record.h"

#include <bsd/string.h>
#include <bsd/sys/queue.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* One open of the device. */
struct opened {
	struct standin *device;
	int ours;   /* our end: we write events and read triggers */
	int theirs; /* the end that standin_open returned; borrowed */
	int drain;  /* theirs reopened, to drop records without waiting; -1 for a socket */
	bool gets_events;
	struct loop_source *source; /* for triggers; NULL if it was opened for reading only */
	LIST_ENTRY(opened) link;
};

struct standin {
	struct loop *loop;
	struct loop_source *timer;
	int64_t period;
	uint64_t event;
	LIST_HEAD(, opened) opens;
};

/* A pipe is read by drain, not by preadv2(2) from theirs: it has RWF_NOWAIT only since Linux 6.4. */
static void drop_oldest(const struct opened *o)
{
	char record[RECORD_MAX];
	ssize_t n = o->drain < 0 ? recv(o->theirs, record, sizeof(record), MSG_DONTWAIT)
				 : read(o->drain, record, sizeof(record));

	(void)n; /* fails if a reader took the record first */
}

static void enqueue(const struct opened *o, const char *record, size_t len)
{
	/* the second try succeeds, but for errors other than EAGAIN; the bound is for safety */
	for (int tries = 0; tries < STANDIN_DEPTH; tries++) {
		if (write(o->ours, record, len) >= 0 || errno != EAGAIN)
			return;
		drop_oldest(o);
	}
}

static void make_event(struct standin *d, const char *source)
{
	struct record r = {.event = ++d->event, .mono_ns = time_now()};
	char text[RECORD_MAX];
	struct opened *o;

	strlcpy(r.source, source, sizeof(r.source));
	size_t len = record_format(&r, text);
	LIST_FOREACH (o, &d->opens, link)
		if (o->gets_events)
			enqueue(o, text, len);
}

static void on_timer(void *data, uint32_t expirations)
{
	struct standin *d = data;

	/* late by more events than the queue holds: the ones that it would drop are only counted */
	if (expirations > STANDIN_DEPTH) {
		d->event += expirations - STANDIN_DEPTH;
		expirations = STANDIN_DEPTH;
	}
	while (expirations-- > 0)
		make_event(d, "timer");
}

void standin_trigger(struct standin *d)
{
	make_event(d, "manual");
}

static void on_write(void *data, uint32_t events)
{
	static const char word[] = "trigger\n";
	struct opened *o = data;
	char text[RECORD_MAX];

	/* a holder called shutdown(2), for all holders: the socket would stay readable for ever */
	if (events & (EPOLLRDHUP | EPOLLHUP)) {
		loop_remove(&o->source);
		return;
	}
	/* the driver fails other text with EINVAL; here write(2) has succeeded already */
	ssize_t n = read(o->ours, text, sizeof(text));
	if (n == sizeof(word) - 1 && memcmp(text, word, sizeof(word) - 1) == 0)
		standin_trigger(o->device);
}

struct standin *standin_new(struct loop *loop, int64_t period)
{
	struct standin *d = must_calloc(1, sizeof(*d));

	d->loop = loop;
	d->period = period;
	if (period) {
		d->timer = loop_timer(loop, period, period, on_timer, d);
		if (!d->timer) {
			free(d);
			return NULL;
		}
	}
	return d;
}

int64_t standin_period(const struct standin *d)
{
	return d->period;
}

/* pair[0] is theirs, pair[1] ours. */
static int make_pair(int mode, int pair[2])
{
	if (mode == O_RDWR) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
			return -1;
		msg_refuse_rights(pair[0]);
		msg_refuse_rights(pair[1]);
		return 0;
	}
	if (pipe2(pair, O_CLOEXEC | O_DIRECT) < 0)
		return -1;
	/* each packet takes a page; beyond the user's limit the pipe keeps its default size */
	fcntl(pair[0], F_SETPIPE_SZ, STANDIN_DEPTH * sysconf(_SC_PAGESIZE));
	if (mode == O_WRONLY) {
		int ours = pair[0];
		pair[0] = pair[1];
		pair[1] = ours;
	}
	return 0;
}

/* Only while both ends are new: later F_SETFL would change the flags of other holders, too. */
static int set_nonblock(int fd)
{
	return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

int standin_open(struct standin *d, int mode, bool nonblock)
{
	int pair[2];

	if (make_pair(mode, pair) < 0)
		return -1;
	struct opened *o = must_calloc(1, sizeof(*o));
	*o = (struct opened){.device = d, .ours = pair[1], .theirs = pair[0],
		.drain = -1, .gets_events = mode != O_WRONLY};
	if (set_nonblock(o->ours) < 0 || (nonblock && set_nonblock(o->theirs) < 0))
		goto fail;
	if (mode == O_RDONLY) {
		/* another description, so that nonblocking is not theirs, too */
		o->drain = fd_reopen(o->theirs, O_RDONLY | O_NONBLOCK);
		if (o->drain < 0)
			goto fail;
	} else {
		o->source = loop_add(d->loop, o->ours, EPOLLIN | EPOLLRDHUP, on_write, o);
		if (!o->source)
			goto fail;
	}
	LIST_INSERT_HEAD(&d->opens, o, link);
	return o->theirs;
fail:
	free(o);
	fd_close_all(pair, 2);
	return -1;
}

void standin_free(struct standin *d)
{
	if (!d)
		return;
	while (!LIST_EMPTY(&d->opens)) {
		struct opened *o = LIST_FIRST(&d->opens);
		LIST_REMOVE(o, link);
		loop_remove(&o->source);
		fd_close(&o->ours);
		fd_close(&o->drain);
		free(o);
	}
	loop_remove(&d->timer);
	free(d);
}
