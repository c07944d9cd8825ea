/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * epoll-watch: prints what epoll(7) says of descriptors, and what they give.
 *
 * A target that is ready and not read (--no-read, or what has no read) would be
 * ready again at once, for ever: it is looked at again after a second.
 */
#include "cmd/cli/command.h"
#include "cmd/cli/commands.h"
#include "cmd/cli/ending.h"
#include "cmd/client/target.h"
#include "cmd/view/decode.h"
#include "lib/base/child.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/loop/loop.h"
#include "lib/out/json.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOK_AGAIN NS_PER_S

struct watch;

struct watched {
	struct watch *watch;
	const char *name;
	char type[32];
	struct target target;
	struct loop_source *source, *server, *again, *reading;
	struct child reader;
	bool by_child, ended;
	uint32_t now;   /* the events of the line being printed */
	uint32_t later; /* those that came while a child was reading */
};

struct watch {
	struct words words;
	uint32_t events; /* -e; 0: EPOLLIN */
	bool edge, oneshot, no_read;
	long count, seen;
	struct wait_opts wait;
	struct policy trust;
	int64_t timeout;
	bool verbose, json;

	struct loop *loop;
	struct watched *all;
	size_t open; /* targets that have not ended */
	int signo;
};

/* --- options -------------------------------------------------------------------- */

static const struct {
	const char *word;
	uint32_t event;
} event_words[] = {{"in", EPOLLIN}, {"out", EPOLLOUT}, {"pri", EPOLLPRI}, {"rdhup", EPOLLRDHUP}};

static bool add_event(const char *word, size_t len, uint32_t *events)
{
	for (size_t i = 0; i < ARRAY_SIZE(event_words); i++)
		if (strlen(event_words[i].word) == len && strncmp(event_words[i].word, word, len) == 0) {
			*events |= event_words[i].event;
			return true;
		}
	return false;
}

static const char *parse_events(const char *arg, void *into)
{
	for (size_t len = strcspn(arg, ",");; arg += len + 1, len = strcspn(arg, ",")) {
		if (!add_event(arg, len, into))
			return "is no list of in, out, pri, rdhup";
		if (!arg[len])
			return NULL;
	}
}

static const char *take_target(const char *word, void *state)
{
	struct watch *w = state;

	words_add(&w->words, word);
	return target_fault(word);
}

#define INTO(member) offsetof(struct watch, member)

static const struct opt options[] = {
	{'e', "events", "EVENTS", "in (default), out, pri, rdhup, with commas", parse_events,
		INTO(events), WORD_LIST, "in out pri rdhup"},
	{0, "edge", NULL, "edge-triggered (EPOLLET)", opt_flag, INTO(edge)},
	{0, "oneshot", NULL, "one event of each TARGET (EPOLLONESHOT)", opt_flag, INTO(oneshot)},
	{0, "no-read", NULL, "only say that it is ready, and take nothing out", opt_flag, INTO(no_read)},
	{'n', "count", "COUNT", "end after COUNT events", opt_count, INTO(count)},
	{'t', "timeout", "TIME", "end after TIME, exit 124", opt_time, INTO(timeout)},
	OPT_WAIT(struct watch),
	OPT_FROM(struct watch),
	OPT_JSON(struct watch, "one object an event: name, events, type, mono_ns, and what it gave"),
	OPT_ANATOMY(struct watch),
	OPT_END,
};

/* --- printing -------------------------------------------------------------------- */

/* One line: what epoll said, and the fields of one record, which it takes. */
static void print_event(void *data, json_t *fields)
{
	struct watched *t = data;
	struct watch *w = t->watch;
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
	struct watch *w = t->watch;

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

static uint32_t interest(const struct watch *w)
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

/* After one event, epoll itself is silent until something new comes, or for good. */
static bool silent(const struct watch *w)
{
	return w->edge || w->oneshot;
}

/* It stays ready, since nothing was taken out: epoll would say so again at once. */
static void rest(struct watched *t)
{
	if (silent(t->watch))
		return;
	loop_remove(&t->source);
	t->again = loop_timer(t->watch->loop, LOOK_AGAIN, 0, watch_again, t);
}

/* What a read gave: n, or -1 with errno. */
static void tell_read(struct watched *t, const char *buf, ssize_t n)
{
	if (n > 0) {
		decode(t->type, buf, (size_t)n, print_event, t);
	} else if (n == 0) {
		print_event(t, json_object());
		end_target(t, "the other end hung up");
	} else if (errno != EAGAIN) { /* another holder took it: no event for us */
		print_event(t, json_pack("{s:s}", "read", names_errno(errno)));
		rest(t);
	}
}

static void last_of_oneshot(struct watched *t)
{
	if (t->watch->oneshot && !t->reading)
		end_target(t, "one event was all");
}

static void read_by_child(struct watched *t);

/* epoll's edge may have been for what that child has taken: no child is to wait for nothing. */
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
	tell_read(t, buf, n);
	last_of_oneshot(t);
	t->now = t->later;
	t->later = 0;
	if (t->now && !t->ended && is_ready(t))
		read_by_child(t);
	else if (!t->ended && !t->source && !t->again)
		watch_again(t, 0);
}

/* For the one event that is t->now: meanwhile it is ready still, and epoll would not cease to say so. */
static void read_by_child(struct watched *t)
{
	if (!silent(t->watch))
		loop_remove(&t->source);
	if (child_read_start(&t->reader, t->target.client.fd, CHILD_READ_MAX, true) == 0)
		t->reading = loop_add(t->watch->loop, t->reader.sock, EPOLLIN, on_child, t);
	if (!t->reading)
		end_target(t, strerror(errno));
}

static ssize_t read_once(struct watched *t, char *buf, size_t size)
{
	ssize_t n = desc_read_nowait(t->target.client.fd, buf, size);

	/* a signalfd gives each process its own signals, so that nobody can be faster */
	if (n < 0 && errno == EOPNOTSUPP && strcmp(t->type, "signalfd") == 0)
		n = read(t->target.client.fd, buf, size);
	return n;
}

static void take_out(struct watched *t)
{
	static char buf[CHILD_READ_MAX];
	ssize_t n = t->by_child ? -1 : read_once(t, buf, sizeof(buf));

	t->by_child = t->by_child || (n < 0 && errno == EOPNOTSUPP);
	if (t->by_child)
		read_by_child(t);
	else
		tell_read(t, buf, n);
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
		take_out(t);
	} else {
		print_event(t, json_object());
		if (events & (EPOLLHUP | EPOLLERR))
			end_target(t, "the other end hung up");
		else
			rest(t);
	}
	last_of_oneshot(t);
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
		report_hint("what is always ready (here: %s) cannot be waited for, so epoll takes none",
			t->type);
	return STATUS_FAIL;
}

static enum status watch_target(struct watched *t, const char *word)
{
	struct watch *w = t->watch;
	struct acquire_opts opts = {&w->trust, w->wait, w->timeout ? time_after(w->timeout) : NEVER};
	struct desc d;

	enum status st = target_open(&t->target, word, &opts);
	if (st != STATUS_OK)
		return st;
	if (desc_look(0, t->target.client.fd, &d) < 0)
		return report(STATUS_FAIL, word, "look at the descriptor", errno);
	memcpy(t->type, d.type, sizeof(t->type));
	t->source = loop_add(w->loop, t->target.client.fd, interest(w), on_target, t);
	if (!t->source)
		return cannot_wait(t);
	w->open++;
	if (t->target.client.sock < 0)
		return STATUS_OK;
	client_send_taken(&t->target.client);
	t->server = loop_add(w->loop, t->target.client.sock, EPOLLIN | EPOLLRDHUP, on_server, t);
	return t->server ? STATUS_OK : report(STATUS_FAIL, word, "epoll_ctl", errno);
}

/* --- all of them -------------------------------------------------------------------- */

static void on_timeout(void *data, uint32_t expirations)
{
	struct watch *w = data;

	(void)expirations;
	loop_stop(w->loop, STATUS_TIMEOUT);
}

static void on_signal(void *data, uint32_t signo)
{
	struct watch *w = data;

	w->signo = (int)signo;
	loop_stop(w->loop, STATUS_OK);
}

static void flush(void *data)
{
	struct watch *w = data;

	if (report_flush() != STATUS_OK)
		loop_stop(w->loop, STATUS_FAIL);
}

static enum status watch_all(struct watch *w)
{
	enum status st = STATUS_OK;

	w->all = must_calloc(w->words.n, sizeof(*w->all));
	for (size_t i = 0; i < w->words.n; i++) {
		w->all[i].watch = w;
		w->all[i].name = w->words.v[i];
		w->all[i].target.client.fd = w->all[i].target.client.sock = -1;
		w->all[i].reader = CHILD_NONE;
	}
	for (size_t i = 0; i < w->words.n && st == STATUS_OK; i++)
		st = watch_target(&w->all[i], w->words.v[i]);
	if (st != STATUS_OK)
		return st;
	loop_before_wait(w->loop, flush, w);
	if (!loop_signal(w->loop, SIGINT, on_signal, w) || !loop_signal(w->loop, SIGTERM, on_signal, w) ||
		(w->timeout && !loop_timer(w->loop, w->timeout, 0, on_timeout, w)))
		return report(STATUS_FAIL, "epoll", "set-up", errno);
	int ended = loop_run(w->loop);
	return ended < 0 ? report(STATUS_FAIL, "epoll", "wait", errno) : (enum status)ended;
}

static void clean_up(struct watch *w)
{
	loop_free(w->loop);
	for (size_t i = 0; w->all && i < w->words.n; i++) {
		child_stop(&w->all[i].reader, w->all[i].target.client.fd);
		client_close(&w->all[i].target.client);
	}
	free(w->all);
}

static enum status run(void *state, char **program)
{
	struct watch *w = state;

	(void)program;
	if (w->words.n == 0)
		return report_usage("there is no TARGET to watch");
	setlocale(LC_CTYPE, "");
	w->loop = loop_new();
	if (!w->loop)
		return report(STATUS_FAIL, "epoll", "set-up", errno);
	enum status st = watch_all(w);
	clean_up(w);
	end_by_signal(w->signo);
	return st;
}

static void release(void *state)
{
	struct watch *w = state;

	free(w->words.v);
	policy_free(&w->trust);
}

const struct cmd cmd_epoll_watch = {
	.name = "epoll-watch",
	.operands = "TARGET...",
	.summary = "print what epoll says of descriptors, and what they give",
	.text = "TARGET is an ADDRESS, PID:FD, or fd:N. It ends when every TARGET has hung up.\n",
	.opts = options,
	.state = sizeof(struct watch),
	.operand = take_target,
	.kind = WORD_NAME,
	.run = run,
	.release = release,
};
