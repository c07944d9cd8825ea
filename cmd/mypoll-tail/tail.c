/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads and prints one connection in a loop: see tail.h. */
#include "cmd/mypoll-tail/tail.h"
#include "cmd/cli/output.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { RECORD_MIN = 64 }; /* the first guess of record_size */

/* The most reads after the server has gone: a device may always have more. */
enum { READS_QUEUED_MAX = 1024 };

/* The most reads in a row, before the loop looks at signals and the server again. */
enum { READS_MAX = 256 };

/* --- reading ------------------------------------------------------------------------- */

/* The first reason counts; but when enough was printed, nothing more is read or waited for. */
static void end_tail(struct tail *t, enum tail_end end)
{
	if (t->end == END_NOT_YET || end == END_COUNT)
		t->end = end;
	loop_stop(t->loop, 0);
}

/*
 * A read of a device returns as many records as fit, and with -n those beyond the count would
 * be lost to the next reader. So read one at a time: into a buffer with room for one. (Not from
 * a pipe: a packet is one record, and would be cut.)
 */
static size_t read_size(const struct tail *t, size_t max)
{
	return t->printer.count && t->is_char && t->record_size < max ? t->record_size : max;
}

static ssize_t read_once(struct tail *t, char *buf, size_t size)
{
	size = t->by_child ? size : read_size(t, size);
	return t->by_child ? child_read(&t->reader, buf, size)
			   : desc_read_nowait(t->client.fd, buf, size);
}

static void on_device(void *data, uint32_t events);

/* For a file that does not support RWF_NOWAIT (EOPNOTSUPP): a child waits in our place. */
static int read_by_child(struct tail *t)
{
	loop_remove(&t->device);
	if (child_read_start(&t->reader, t->client.fd, CHILD_READ_MAX, false) < 0)
		return -1;
	t->by_child = true;
	t->device = loop_add(t->loop, t->reader.sock, EPOLLIN, on_device, t);
	return t->device ? 0 : -1;
}

/* Reads once. Returns whether another read may return something, too. */
static bool read_some(struct tail *t)
{
	static char buf[CHILD_READ_MAX + 1];
	uint64_t before = t->printer.seen;
	ssize_t n = read_once(t, buf, sizeof(buf));

	t->emptied = false;
	if (n > 0) {
		printer_read(&t->printer, buf, (size_t)n);
		t->emptied = t->printer.seen > before + 1 && (size_t)n <= sizeof(buf) / 2;
		if (!printer_enough(&t->printer))
			return true;
		end_tail(t, END_COUNT);
	} else if (n < 0 && errno == EINVAL && read_size(t, sizeof(buf)) < sizeof(buf)) {
		t->record_size *= 2; /* too short for a record */
		return true;
	} else if (n < 0 && errno == EOPNOTSUPP && !t->by_child) {
		if (read_by_child(t) < 0) {
			report(STATUS_FAIL, t->where, "start a child that reads it", errno);
			end_tail(t, END_FAULT);
		}
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		t->err = n < 0 ? errno : 0;
		end_tail(t, END_DEVICE);
	}
	return false;
}

/*
 * Reads all that is there; the lines are written at once: see flush. A read that returned
 * several records, and had room for more, was the last: epoll reports what comes later.
 */
static void on_device(void *data, uint32_t events)
{
	struct tail *t = data;

	errno = 0;
	for (int i = 0; i < READS_MAX && read_some(t) && !t->emptied && !output_is_behind(); i++)
		;
	/* reading does not clear this error, so epoll would report it again at once, for ever */
	if ((events & EPOLLERR) && errno == EAGAIN)
		end_tail(t, END_DEVICE);
}

/* It sent a NOTE, which is ignored, or it has gone. */
static void on_server(void *data, uint32_t events)
{
	struct tail *t = data;
	char ignored[4096];
	ssize_t n = recv(t->client.sock, ignored, sizeof(ignored), MSG_DONTWAIT);

	(void)events;
	if (n > 0 || (n < 0 && errno == EAGAIN))
		return;
	end_tail(t, END_SERVER);
}

/* --- writing -------------------------------------------------------------------------- */

/*
 * Runs before each wait, when there is nothing more to read: so a burst is one write. Nothing more
 * is read until the reader of our output has taken it.
 */
static void drain(void *data)
{
	if (output_drain() != STATUS_OK)
		end_tail(data, END_FAULT);
}

/* What ends the tail before our reader has taken the rest counts more than why it ended. */
static void drain_the_rest(struct tail *t)
{
	enum tail_end end = t->end;

	if (end == END_TIMEOUT || end == END_SIGNAL || end == END_FAULT)
		return;
	if (loop_stopping(t->loop)) /* by what read_the_rest met: the wait for our reader is a new one */
		loop_run(t->loop);
	t->end = END_NOT_YET;
	drain(t);
	t->end = t->end == END_NOT_YET ? end : t->end;
}

/* --- hang-ups -------------------------------------------------------------------------- */

/*
 * When a server ends, so does a device that it made itself, and either hang-up may come
 * first. So wait a moment for the socket's before the device is blamed.
 */
static bool server_has_gone(const struct tail *t)
{
	struct pollfd p = {.fd = t->client.sock, .events = POLLRDHUP};

	return t->client.sock >= 0 && poll(&p, 1, 100) > 0;
}

/* Reads what was queued when the server went. */
static void read_the_rest(struct tail *t)
{
	struct pollfd p = {.fd = t->reader.sock, .events = POLLIN};

	t->end = END_NOT_YET;
	do {
		for (int i = 0; i < READS_QUEUED_MAX && t->end == END_NOT_YET && read_some(t); i++)
			if (output_is_behind())
				drain(t);
	} while (t->by_child && t->end == END_NOT_YET && poll(&p, 1, 50) > 0);
	if (t->end == END_NOT_YET || t->end == END_DEVICE)
		t->end = END_SERVER;
}

/* --- the loop ---------------------------------------------------------------------------- */

static void on_timeout(void *data, uint32_t expirations)
{
	(void)expirations;
	end_tail(data, END_TIMEOUT);
}

static void on_signal(void *data, uint32_t signo)
{
	struct tail *t = data;

	t->signo = (int)signo;
	end_tail(t, END_SIGNAL);
}

static enum status cannot_wait(const struct tail *t)
{
	int err = errno;

	report(STATUS_FAIL, t->where, "epoll_ctl", err);
	if (err == EPERM)
		report_hint("a file of this type is always ready: it cannot be waited for");
	return STATUS_FAIL;
}

static bool set_up(struct tail *t)
{
	int64_t left = t->deadline - time_now();

	loop_before_wait(t->loop, drain, t);
	if (!loop_signal(t->loop, SIGINT, on_signal, t) ||
		!loop_signal(t->loop, SIGTERM, on_signal, t))
		return false;
	if (t->timeout && !loop_timer(t->loop, left > 0 ? left : 1, 0, on_timeout, t))
		return false;
	if (t->client.sock >= 0 &&
		!loop_add(t->loop, t->client.sock, EPOLLIN | EPOLLRDHUP, on_server, t))
		return false;
	t->device = loop_add(t->loop, t->client.fd, EPOLLIN, on_device, t);
	return t->device != NULL;
}

static bool is_char(int fd)
{
	struct desc d;

	return desc_look(0, fd, &d) == 0 && S_ISCHR(d.perm);
}

static enum status run_loop(struct tail *t)
{
	enum status st = STATUS_OK;

	t->is_char = is_char(t->client.fd);
	t->record_size = RECORD_MIN;
	t->printer.counting = false; /* this open misses nothing that came before it */
	t->loop = loop_new();
	if (!t->loop)
		return report(STATUS_FAIL, t->where, "epoll", errno);
	st = output_begin(t->loop, NULL, NULL);
	if (st == STATUS_OK && !set_up(t))
		st = cannot_wait(t);
	else if (st == STATUS_OK && loop_run(t->loop) < 0)
		st = report(STATUS_FAIL, t->where, "epoll", errno);
	if (t->end == END_DEVICE && server_has_gone(t))
		t->end = END_SERVER;
	else if (t->end == END_SERVER)
		read_the_rest(t);
	printer_end(&t->printer);
	drain_the_rest(t);
	if (output_end() != STATUS_OK)
		t->end = END_FAULT;
	loop_free(t->loop);
	if (t->by_child)
		child_stop(&t->reader, t->client.fd);
	t->by_child = false;
	return st;
}

enum status tail_connection(struct tail *t)
{
	enum status st = STATUS_OK;

	t->end = END_NOT_YET;
	if (child_try_poll(t->client.fd, t->deadline) == 0)
		st = run_loop(t);
	else if (errno == ETIMEDOUT)
		t->end = END_TIMEOUT;
	else
		st = report(STATUS_FAIL, t->where, "poll", errno);
	client_close(&t->client);
	return st;
}
