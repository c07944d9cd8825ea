/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prints the events of one target, and what a read of it returns: see watched.h.
 *
 * With --no-read, or if it cannot be read, a target stays ready, and epoll would report it
 * again at once, for ever. So it is out of the loop for a second (WATCH_AGAIN).
 */
#include "cmd/epoll-watch/watched.h"
#include "cmd/view/decode.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/out/json.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define WATCH_AGAIN NS_PER_S

/* --- printing -------------------------------------------------------------------- */

/* Prints one line: the events, and the fields of one record. Takes the fields. */
static void print_event(void *data, json_t *fields)
{
	struct watched *t = data;
	struct epoll_watch *w = t->watch;
	char names[NAMES_MAX];

	w->seen++;
	if (w->count && w->seen >= w->count)
		loop_stop(w->loop, STATUS_OK);
	if (w->count && w->seen > w->count) {
		json_decref(fields);
		return;
	}
	if (w->json) {
		json_t *o = json_pack("{s:o, s:o, s:s, s:I}", "name", json_bytes(t->name), "events",
			json_bits(names_epoll, t->now), "type", t->type, "mono_ns",
			(json_int_t)time_now());
		json_object_update(o, fields);
		json_line(o);
	} else {
		printf("%s: %s %s", t->name, names_bits(names_epoll, t->now, names, sizeof(names)),
			t->type);
		decode_print(fields);
		putchar('\n');
	}
	json_decref(fields);
}

/* --- one target -------------------------------------------------------------------- */

static void end_target(struct watched *t, const char *why)
{
	struct epoll_watch *w = t->watch;

	if (t->ended)
		return;
	t->ended = true;
	report_note("%s: %s", text_show(t->name), why);
	loop_remove(&t->again);
	loop_remove(&t->source);
	loop_remove(&t->reading);
	child_stop(&t->reader, t->target.client.fd);
	loop_remove(&t->server);
	if (--w->open == 0)
		loop_stop(w->loop, STATUS_OK);
}

static uint32_t interest(const struct epoll_watch *w)
{
	return (w->events ? w->events : (uint32_t)EPOLLIN) | (w->edge ? (uint32_t)EPOLLET : 0U) |
	       (w->oneshot ? (uint32_t)EPOLLONESHOT : 0U);
}

static void on_target(void *data, uint32_t events);

static void watch_again(void *data, uint32_t expirations)
{
	struct watched *t = data;

	(void)expirations;
	loop_remove(&t->again);
	t->source = loop_add(t->watch->loop, t->target.client.fd, interest(t->watch), on_target, t);
	if (!t->source)
		end_target(t, strerror(errno));
}

/* With EPOLLET or EPOLLONESHOT epoll does not go on reporting a target that stays ready. */
static bool is_silent(const struct epoll_watch *w)
{
	return w->edge || w->oneshot;
}

/* Takes it out of the loop for a while, since it stays ready. */
static void pause_target(struct watched *t)
{
	if (is_silent(t->watch))
		return;
	loop_remove(&t->source);
	t->again = loop_timer(t->watch->loop, WATCH_AGAIN, 0, watch_again, t);
	if (!t->again)
		end_target(t, strerror(errno));
}

/* Prints the result of a read: n bytes, or -1 with errno. */
static void print_read(struct watched *t, const char *buf, ssize_t n)
{
	if (n > 0) {
		decode(t->type, buf, (size_t)n, print_event, t);
	} else if (n == 0) {
		print_event(t, json_object());
		end_target(t, "the other end hung up");
	} else if (errno != EAGAIN) { /* EAGAIN: another holder was faster, no event for us */
		print_event(t, json_pack("{s:s}", "read", names_errno(errno)));
		pause_target(t);
	}
}

static void end_oneshot(struct watched *t)
{
	if (t->watch->oneshot && !t->reading)
		end_target(t, "one event was all");
}

static void read_by_child(struct watched *t);

/* The edge may announce what the child has read already; a second child would wait in vain. */
static bool is_ready(const struct watched *t)
{
	struct pollfd p = {.fd = t->target.client.fd, .events = POLLIN | POLLPRI};

	return poll(&p, 1, 0) > 0;
}

static void on_child(void *data, uint32_t events)
{
	static char buf[CHILD_READ_MAX + 1];
	struct watched *t = data;
	ssize_t n = child_read(&t->reader, buf, sizeof(buf));

	(void)events;
	loop_remove(&t->reading);
	child_stop(&t->reader, t->target.client.fd); /* keeps errno */
	print_read(t, buf, n);
	end_oneshot(t);
	t->now = t->later;
	t->later = 0;
	if (t->now && !t->ended && is_ready(t))
		read_by_child(t);
	else if (!t->ended && !t->source && !t->again)
		watch_again(t, 0);
}

/*
 * Reads for the event t->now. The target leaves the loop meanwhile, or epoll would report it
 * again.
 */
static void read_by_child(struct watched *t)
{
	if (!is_silent(t->watch))
		loop_remove(&t->source);
	if (child_read_start(&t->reader, t->target.client.fd, CHILD_READ_MAX, true) == 0)
		t->reading = loop_add(t->watch->loop, t->reader.sock, EPOLLIN, on_child, t);
	if (!t->reading)
		end_target(t, strerror(errno));
}

static ssize_t read_once(struct watched *t, char *buf, size_t size)
{
	ssize_t n = desc_read_nowait(t->target.client.fd, buf, size);

	/* safe: a signalfd gives each process its own signals, so nobody can be faster */
	if (n < 0 && errno == EOPNOTSUPP && strcmp(t->type, "signalfd") == 0)
		n = read(t->target.client.fd, buf, size);
	return n;
}

static void read_target(struct watched *t)
{
	static char buf[CHILD_READ_MAX];
	ssize_t n = t->by_child ? -1 : read_once(t, buf, sizeof(buf));

	t->by_child = t->by_child || (n < 0 && errno == EOPNOTSUPP);
	if (t->by_child)
		read_by_child(t);
	else
		print_read(t, buf, n);
}

static void on_target(void *data, uint32_t events)
{
	struct watched *t = data;

	if (t->reading) {
		t->later |= events;
		return;
	}
	t->now = events;
	if ((events & (EPOLLIN | EPOLLPRI)) && !t->watch->no_read) {
		read_target(t);
	} else {
		print_event(t, json_object());
		if (events & (EPOLLHUP | EPOLLERR))
			end_target(t, "the other end hung up");
		else
			pause_target(t);
	}
	end_oneshot(t);
}

static void on_server(void *data, uint32_t events)
{
	struct watched *t = data;

	(void)events;
	if (client_receive(&t->target.client).kind == CLIENT_GONE)
		end_target(t, "the server hung up");
}

static enum status cannot_wait(const struct watched *t)
{
	int err = errno;

	report(STATUS_FAIL, t->name, "epoll_ctl", err);
	if (err == EPERM)
		report_hint("a type that is always ready (here: %s) cannot be waited for", t->type);
	return STATUS_FAIL;
}

void watched_init(struct watched *t, struct epoll_watch *w, const char *word)
{
	t->watch = w;
	t->name = word;
	t->target.client.fd = t->target.client.sock = -1;
	t->reader.sock = -1;
}

enum status watched_start(struct watched *t)
{
	struct epoll_watch *w = t->watch;
	struct acquire_opts opts = {
		&w->trust, w->wait, w->timeout ? time_after(w->timeout) : NEVER};
	struct desc d;

	enum status st = target_open(&t->target, t->name, &opts);
	if (st != STATUS_OK)
		return st;
	if (desc_look(0, t->target.client.fd, &d) < 0)
		return report_look(t->name, "look at the descriptor");
	memcpy(t->type, d.type, sizeof(t->type));
	if (child_try_poll(t->target.client.fd, opts.deadline) < 0)
		return errno == ETIMEDOUT ? STATUS_TIMEOUT : report(STATUS_FAIL, t->name, "poll", errno);
	t->source = loop_add(w->loop, t->target.client.fd, interest(w), on_target, t);
	if (!t->source)
		return cannot_wait(t);
	w->open++;
	if (t->target.client.sock < 0)
		return STATUS_OK;
	client_send_taken(&t->target.client);
	t->server = loop_add(w->loop, t->target.client.sock, EPOLLIN | EPOLLRDHUP, on_server, t);
	return t->server ? STATUS_OK : report(STATUS_FAIL, t->name, "epoll_ctl", errno);
}

void watched_free(struct watched *t)
{
	child_stop(&t->reader, t->target.client.fd);
	client_close(&t->target.client);
}
