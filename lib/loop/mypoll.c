/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The stand-in for /dev/mypoll: see mypoll.h.
 *
 * A queue is a pipe in packet mode (O_DIRECT), so that each read gives one
 * whole record to one reader however many share the description: out of a
 * stream, one would get the first half of a line and another the rest. Opened
 * for reading and writing it is a SEQPACKET pair, which is the same both ways.
 */
#include "lib/loop/mypoll.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/msg.h"
#include "lib/base/times.h"
#include "lib/loop/record.h"

#include <bsd/string.h>
#include <bsd/sys/queue.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct opened {
	struct mypoll *device;
	int ours;   /* events go in here, triggers come out */
	int theirs; /* borrowed */
	int oldest; /* theirs once more, to drop records from without waiting; -1 for a socket */
	bool gets_events;
	struct loop_source *source; /* for triggers; NULL where it cannot write */
	LIST_ENTRY(opened) link;
};

struct mypoll {
	struct loop *loop;
	struct loop_source *timer;
	int64_t period;
	uint64_t event;
	LIST_HEAD(, opened) opens;
};

/* preadv2 has RWF_NOWAIT for a pipe only from Linux 6.4 on, hence the descriptor of our own. */
static void drop_oldest(const struct opened *o)
{
	char record[RECORD_MAX];
	ssize_t n = o->oldest < 0 ? recv(o->theirs, record, sizeof(record), MSG_DONTWAIT)
				  : read(o->oldest, record, sizeof(record));

	(void)n; /* a reader may have been faster */
}

static void put(const struct opened *o, const char *record, size_t len)
{
	/* a reader may be faster than we are here, so the second try can fail only for another reason */
	for (int tries = 0; tries < MYPOLL_DEPTH; tries++) {
		if (write(o->ours, record, len) >= 0 || errno != EAGAIN)
			return;
		drop_oldest(o);
	}
}

static void make_event(struct mypoll *d, const char *source)
{
	struct record r = {.event = ++d->event, .mono_ns = time_now()};
	char text[RECORD_MAX];
	struct opened *o;

	strlcpy(r.source, source, sizeof(r.source));
	size_t len = record_format(&r, text);
	LIST_FOREACH (o, &d->opens, link)
		if (o->gets_events)
			put(o, text, len);
}

static void on_timer(void *data, uint32_t expirations)
{
	struct mypoll *d = data;

	/* late by more than the queue holds: the ones that it would drop are counted, not made */
	if (expirations > MYPOLL_DEPTH) {
		d->event += expirations - MYPOLL_DEPTH;
		expirations = MYPOLL_DEPTH;
	}
	while (expirations-- > 0)
		make_event(d, "timer");
}

void mypoll_trigger(struct mypoll *d)
{
	make_event(d, "manual");
}

static void on_write(void *data, uint32_t events)
{
	static const char word[] = "trigger\n";
	struct opened *o = data;
	char text[RECORD_MAX];

	/* a holder shut its half down, for all of them: it would be readable for ever */
	if (events & (EPOLLRDHUP | EPOLLHUP)) {
		loop_remove(&o->source);
		return;
	}
	/* any other text gets no EINVAL: it was taken before anyone could look at it */
	ssize_t n = read(o->ours, text, sizeof(text));
	if (n == sizeof(word) - 1 && memcmp(text, word, sizeof(word) - 1) == 0)
		mypoll_trigger(o->device);
}

struct mypoll *mypoll_new(struct loop *loop, int64_t period)
{
	struct mypoll *d = must_calloc(1, sizeof(*d));

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

int64_t mypoll_period(const struct mypoll *d)
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
	/* a packet takes a page, however short; more than the user may have leaves it at the default */
	fcntl(pair[0], F_SETPIPE_SZ, MYPOLL_DEPTH * sysconf(_SC_PAGESIZE));
	if (mode == O_WRONLY) {
		int ours = pair[0];
		pair[0] = pair[1];
		pair[1] = ours;
	}
	return 0;
}

/* Both ends are new and ours alone, the only time that F_SETFL is nobody else's business. */
static int set_nonblock(int fd)
{
	return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* The same pipe, another description: nonblocking is this one's alone. */
static int reopen_nonblock(int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

int mypoll_open(struct mypoll *d, int mode, bool nonblock)
{
	int pair[2];

	if (make_pair(mode, pair) < 0)
		return -1;
	struct opened *o = must_calloc(1, sizeof(*o));
	*o = (struct opened){.device = d, .ours = pair[1], .theirs = pair[0],
		.oldest = -1, .gets_events = mode != O_WRONLY};
	if (set_nonblock(o->ours) < 0 || (nonblock && set_nonblock(o->theirs) < 0))
		goto fail;
	if (mode == O_RDONLY) {
		o->oldest = reopen_nonblock(o->theirs);
		if (o->oldest < 0)
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

void mypoll_free(struct mypoll *d)
{
	if (!d)
		return;
	while (!LIST_EMPTY(&d->opens)) {
		struct opened *o = LIST_FIRST(&d->opens);
		LIST_REMOVE(o, link);
		loop_remove(&o->source);
		fd_close(&o->ours);
		fd_close(&o->oldest);
		free(o);
	}
	loop_remove(&d->timer);
	free(d);
}
