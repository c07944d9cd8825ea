/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stream for a descriptor whose reader may not read: see outlet.h. */
#include "lib/loop/outlet.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct outlet {
	struct loop *loop;
	FILE *stream;
	int fd;
	int own;       /* another open of the same pipe or terminal, or -1 */
	bool is_sock;
	bool may_wait; /* only poll(2) tells whether a write of up to PIPE_BUF bytes waits */
	void (*lost)(void *data, size_t n);
	void *data;
	struct loop_source *source; /* while the reader does not read */
	size_t refused;
	int err; /* of the write that failed; 0: none did */
	char *kept; /* from `taken` to `len` */
	size_t taken, len, size;
	char buffer[OUTLET_MAX]; /* the stream's */
};

/* --- writing ------------------------------------------------------------------------- */

bool outlet_is_behind(const struct outlet *o)
{
	return o->len > o->taken;
}

static bool is_ready(const struct outlet *o)
{
	struct pollfd p = {.fd = o->fd, .events = POLLOUT};

	return !o->may_wait || poll(&p, 1, 0) > 0; /* ready to fail is ready, too */
}

/* Writes once. Returns the bytes that were taken, 0 for none now or never. */
static size_t write_once(struct outlet *o, const char *bytes, size_t len)
{
	ssize_t n = 0;

	if (o->err || !is_ready(o))
		return 0;
	len = o->may_wait && len > PIPE_BUF ? PIPE_BUF : len;
	do {
		n = o->is_sock ? send(o->fd, bytes, len, MSG_DONTWAIT) : write(o->fd, bytes, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno != EAGAIN)
		o->err = errno;
	return n > 0 ? (size_t)n : 0;
}

static size_t write_all(struct outlet *o, const char *bytes, size_t len)
{
	size_t done = 0, n = 1;

	while (done < len && n > 0) {
		n = write_once(o, bytes + done, len - done);
		done += n;
	}
	return done;
}

static void keep(struct outlet *o, const char *bytes, size_t len)
{
	if (len > o->size - o->len) {
		o->size = 2 * (o->len + len);
		o->kept = must_realloc(o->kept, o->size, 1);
	}
	memcpy(o->kept + o->len, bytes, len);
	o->len += len;
}

static void write_kept(struct outlet *o)
{
	o->taken += write_all(o, o->kept + o->taken, o->len - o->taken);
	if (o->taken < o->len)
		return;
	free(o->kept);
	o->kept = NULL;
	o->taken = o->len = o->size = 0;
}

static void on_ready(void *data, uint32_t events)
{
	(void)events;
	outlet_flush(data);
}

static void watch_reader(struct outlet *o)
{
	if (!outlet_is_behind(o) || o->err) {
		loop_remove(&o->source);
	} else if (!o->source) {
		o->source = loop_add(o->loop, o->fd, EPOLLOUT, on_ready, o);
		o->err = o->source ? 0 : errno;
	}
}

/* The stream's write: takes all, or fails. */
static ssize_t take(void *cookie, const char *bytes, size_t len)
{
	struct outlet *o = cookie;
	int saved = errno;
	size_t done = outlet_is_behind(o) ? 0 : write_all(o, bytes, len);

	if (!o->err && done < len)
		keep(o, bytes + done, len - done);
	watch_reader(o);
	errno = o->err ? o->err : saved;
	return o->err ? 0 : (ssize_t)len;
}

/* --- the outlet ------------------------------------------------------------------------ */

/*
 * POLLOUT promises one byte of a terminal, and another writer may fill a pipe. So each is opened
 * once more: there O_NONBLOCK is ours alone. Where that cannot be done, poll(2) is asked.
 */
static void open_without_waiting(struct outlet *o, int fd)
{
	struct stat st = {0};

	o->own = -1;
	o->is_sock = fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
	if (S_ISFIFO(st.st_mode) || isatty(fd)) {
		o->own = fd_reopen(fd, O_WRONLY | O_NONBLOCK | O_NOCTTY);
		o->may_wait = o->own < 0;
	}
	o->fd = o->own >= 0 ? o->own : fd;
}

struct outlet *outlet_new(
	struct loop *loop, int fd, void (*lost)(void *data, size_t n), void *data)
{
	struct outlet *o = must_calloc(1, sizeof(*o));

	*o = (struct outlet){.loop = loop, .lost = lost, .data = data};
	o->stream = fopencookie(o, "w", (cookie_io_functions_t){.write = take});
	if (!o->stream) {
		free(o);
		return NULL;
	}
	setvbuf(o->stream, o->buffer, isatty(fd) ? _IOLBF : _IOFBF, sizeof(o->buffer));
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error: EFBIG */
	open_without_waiting(o, fd);
	return o;
}

FILE *outlet_stream(struct outlet *o)
{
	return o->stream;
}

bool outlet_takes(struct outlet *o)
{
	if (o->refused || o->len - o->taken > OUTLET_MAX)
		o->refused++;
	return o->refused == 0;
}

static void say_lost(struct outlet *o)
{
	size_t n = o->refused;

	o->refused = 0;
	if (o->lost)
		o->lost(o->data, n);
	fflush(o->stream);
}

static int result(const struct outlet *o)
{
	errno = o->err ? o->err : errno;
	return o->err ? -1 : 0;
}

int outlet_flush(struct outlet *o)
{
	fflush(o->stream);
	write_kept(o);
	if (!outlet_is_behind(o) && o->refused && !o->err)
		say_lost(o);
	watch_reader(o);
	return result(o);
}

int outlet_drain(struct outlet *o)
{
	while (outlet_flush(o) == 0 && outlet_is_behind(o) && !loop_stopping(o->loop))
		if (loop_once_held(o->loop, o->fd, EPOLLOUT, on_ready, o) < 0)
			o->err = errno;
	return result(o);
}

size_t outlet_free(struct outlet *o)
{
	int saved = errno;

	outlet_flush(o);
	size_t left = o->len - o->taken;
	loop_remove(&o->source);
	fclose(o->stream);
	fd_close(&o->own);
	free(o->kept);
	free(o);
	errno = saved;
	return left;
}
