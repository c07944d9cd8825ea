/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mypoll-tail: prints the events of /dev/mypoll, or of any device that gives
 * records, until the server that passed the descriptor hangs up.
 *
 * Two hang-ups that are not the same: the socket's says that the server has
 * gone, and the descriptor may well live on; the device's own says that no more
 * will come.
 */
#include "cmd/cli/command.h"
#include "cmd/cli/commands.h"
#include "cmd/cli/ending.h"
#include "cmd/client/acquire.h"
#include "cmd/view/printer.h"
#include "lib/base/child.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"
#include "lib/loop/loop.h"
#include "lib/out/json.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum why { GOING_ON, ENOUGH, TIMED_OUT, SIGNALLED, SERVER_GONE, DEVICE_GONE, FAILED };

enum { RECORD_LEAST = 64 };

/* What may be waiting when the server goes; a device that always has more is not read for ever. */
enum { MOST_QUEUED = 1024 };

enum { ROUND = 256 }; /* reads in a row, before the loop looks at signals and the server again */

struct tail {
	const char *where;
	int64_t timeout;
	struct wait_opts wait;
	bool follow;
	struct policy trust;
	bool quiet, verbose;
	struct printer printer;

	int64_t deadline; /* -t */
	struct loop *loop;
	struct client client; /* sock is -1 for a device that was opened here */
	struct loop_source *device;
	struct child reader;
	bool by_child;
	bool is_char;
	size_t record_size; /* what one record fits into, and two do not */
	bool emptied;       /* the last read gave several records, and had room for more */
	enum why why;
	int err; /* DEVICE_GONE: of its read, 0 for end of file */
	int signo;
};

/* --- options -------------------------------------------------------------------- */

static const char *choose(const char *arg, const char *const *words, void *into, const char *fault)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], arg) == 0) {
			*(unsigned int *)into = (unsigned int)i;
			return NULL;
		}
	return fault;
}

static const char *parse_format(const char *arg, void *into)
{
	static const char *const words[] = {"auto", "event", "text", "hex", NULL};

	return choose(arg, words, into, "is none of auto, event, text, hex");
}

static const char *parse_stamp(const char *arg, void *into)
{
	static const char *const words[] = {"none", "iso", "delta", NULL};

	return choose(arg, words, into, "is none of none, iso, delta");
}

static const char *take_where(const char *word, void *state)
{
	struct tail *t = state;
	struct addr addr;

	if (t->where)
		return "is one word too many";
	t->where = word;
	return strchr(word, '/') ? NULL : addr_parse(word, &addr);
}

#define INTO(member) offsetof(struct tail, member)

static const struct opt options[] = {
	{'n', "count", "COUNT", "end after COUNT events", opt_count, INTO(printer.count)},
	{'t', "timeout", "TIME", "end after TIME, exit 124", opt_time, INTO(timeout)},
	OPT_WAIT(struct tail),
	{'F', "follow", NULL, "when the server goes, wait for it to come back", opt_flag, INTO(follow)},
	{0, "timestamp", "HOW", "none (default), iso, or delta since the last", parse_stamp, INTO(printer.stamp),
		WORD_CHOICE, "none iso delta"},
	{0, "format", "FORMAT", "auto (default), event, text, hex", parse_format, INTO(printer.format),
		WORD_CHOICE, "auto event text hex"},
	OPT_FROM(struct tail),
	{0, "json", NULL, "one object an event: event, source, mono_ns, missed", opt_flag,
		INTO(printer.json)},
	OPT_QUIET(struct tail),
	OPT_ANATOMY(struct tail),
	OPT_END,
};

/* --- reading ------------------------------------------------------------------------- */

static void end(struct tail *t, enum why why)
{
	if (t->why == GOING_ON)
		t->why = why;
	loop_stop(t->loop, 0);
}

/*
 * A device gives as many records as fit, and with -n the ones too many would be
 * lost to whoever reads next. So one at a time: two do not fit into what one of
 * them needs. (A packet in a pipe is one record, and would be cut.)
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

/* The file cannot read without waiting (EOPNOTSUPP), so a child waits in our place. */
static int read_by_child(struct tail *t)
{
	loop_remove(&t->device);
	if (child_read_start(&t->reader, t->client.fd, CHILD_READ_MAX, false) < 0)
		return -1;
	t->by_child = true;
	t->device = loop_add(t->loop, t->reader.sock, EPOLLIN, on_device, t);
	return t->device ? 0 : -1;
}

/* One read. Returns whether the next may give something, too. */
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
		end(t, ENOUGH);
	} else if (n < 0 && errno == EINVAL && read_size(t, sizeof(buf)) < sizeof(buf)) {
		t->record_size *= 2; /* too short for a whole one */
		return true;
	} else if (n < 0 && errno == EOPNOTSUPP && !t->by_child) {
		if (read_by_child(t) < 0)
			end(t, FAILED);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		t->err = n < 0 ? errno : 0;
		end(t, DEVICE_GONE);
	}
	return false;
}

/*
 * As many reads as there are records, then one write of all the lines: see flush.
 * Where a read gives as many records as fit, one that had room says that there are
 * no more, and what comes after it epoll will tell.
 */
static void on_device(void *data, uint32_t events)
{
	struct tail *t = data;

	errno = 0;
	for (int i = 0; i < ROUND && read_some(t) && !t->emptied; i++)
		;
	/* an error that reading does not take away would be there at once again, for ever */
	if ((events & EPOLLERR) && errno == EAGAIN)
		end(t, DEVICE_GONE);
}

/* It may have sent a NOTE, or have gone. */
static void on_server(void *data, uint32_t events)
{
	struct tail *t = data;
	char ignored[4096];
	ssize_t n = recv(t->client.sock, ignored, sizeof(ignored), MSG_DONTWAIT);

	(void)events;
	if (n > 0 || (n < 0 && errno == EAGAIN))
		return;
	end(t, SERVER_GONE);
}

/* --- one connection -------------------------------------------------------------------- */

/*
 * A server that ends takes a device that it made itself with it, and either
 * hang-up may come first: give the socket's a moment before the device is blamed.
 */
static bool server_has_gone(const struct tail *t)
{
	struct pollfd p = {.fd = t->client.sock, .events = POLLRDHUP};

	return t->client.sock >= 0 && poll(&p, 1, 100) > 0;
}

/* What was queued when the server went is still to be had. */
static void read_the_rest(struct tail *t)
{
	struct pollfd p = {.fd = t->reader.sock, .events = POLLIN};

	t->why = GOING_ON;
	do {
		for (int i = 0; i < MOST_QUEUED && read_some(t); i++)
			;
	} while (t->by_child && t->why == GOING_ON && poll(&p, 1, 50) > 0);
	printer_end(&t->printer);
	t->why = SERVER_GONE;
}

static void on_timeout(void *data, uint32_t expirations)
{
	(void)expirations;
	end(data, TIMED_OUT);
}

static void on_signal(void *data, uint32_t signo)
{
	struct tail *t = data;

	t->signo = (int)signo;
	end(t, SIGNALLED);
}

/* Before each wait, so when there is nothing more to read: idle is flushed, a burst is one write. */
static void flush(void *data)
{
	if (report_flush() != STATUS_OK)
		end(data, FAILED);
}

static enum status cannot_wait(const struct tail *t)
{
	int err = errno;

	report(STATUS_FAIL, t->where, "epoll_ctl", err);
	if (err == EPERM)
		report_hint("what is always ready (a regular file, a directory) cannot be waited for");
	return STATUS_FAIL;
}

static bool set_up(struct tail *t)
{
	int64_t left = t->deadline - time_now();

	loop_before_wait(t->loop, flush, t);
	if (!loop_signal(t->loop, SIGINT, on_signal, t) || !loop_signal(t->loop, SIGTERM, on_signal, t))
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

/* Tails what was taken until something ends it, which t->why then says. */
static enum status tail(struct tail *t)
{
	enum status st = STATUS_OK;

	t->why = GOING_ON;
	t->is_char = is_char(t->client.fd);
	t->record_size = RECORD_LEAST;
	t->printer.last_event = 0; /* another open: what it did not see is no gap */
	t->loop = loop_new();
	if (!t->loop)
		return report(STATUS_FAIL, t->where, "epoll", errno);
	if (!set_up(t))
		st = cannot_wait(t);
	else if (loop_run(t->loop) < 0)
		st = report(STATUS_FAIL, t->where, "epoll", errno);
	if (t->why == DEVICE_GONE && server_has_gone(t))
		t->why = SERVER_GONE;
	else if (t->why == SERVER_GONE)
		read_the_rest(t);
	printer_end(&t->printer);
	loop_free(t->loop);
	if (t->by_child)
		child_stop(&t->reader, t->client.fd);
	t->by_child = false;
	client_close(&t->client);
	return st;
}

/* --- all of it --------------------------------------------------------------------------- */

static bool is_device(const char *where)
{
	struct stat st;

	return strchr(where, '/') && !(stat(where, &st) == 0 && S_ISSOCK(st.st_mode));
}

static enum status open_device(struct tail *t)
{
	t->client = (struct client){.fd = -1, .sock = -1};
	t->client.fd = open(t->where, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (t->client.fd >= 0)
		return STATUS_OK;
	int err = errno;
	report(STATUS_FAIL, t->where, "open", err);
	if (err == EACCES)
		report_hint("a process that may open it can serve it to you: fdtool serve %s "
			    "--allow-user ...",
			text_show(t->where));
	return STATUS_FAIL;
}

/* Signals are as they were while it waits for a server: they end it. */
static enum status connect_to_it(struct tail *t, bool again)
{
	struct acquire_opts opts = {&t->trust, t->wait, t->deadline};

	opts.wait.on = opts.wait.on || t->follow;
	if (again)
		opts.wait.max = 0;
	enum status st = acquire(t->where, &opts, &t->client);
	if (st == STATUS_OK)
		client_send_taken(&t->client);
	return st;
}

static void report_counts(const struct tail *t, const char *what)
{
	if (!t->quiet)
		report_note("%s: %s: %" PRIu64 " events, %" PRIu64 " missed", text_show(t->where), what,
			t->printer.seen, t->printer.missed);
}

static enum status end_of_it(const struct tail *t)
{
	switch (t->why) {
	case SERVER_GONE:
		report_counts(t, "the server hung up");
		return STATUS_OK;
	case DEVICE_GONE:
		if (t->err == ECHILD)
			return report(STATUS_FAIL, t->where, "the child process that reads it was killed", 0);
		report_counts(t, t->err ? "the device is gone" : "the device hung up");
		if (t->err && t->err != ENODEV)
			return report(STATUS_FAIL, t->where, "read", t->err);
		return STATUS_OK;
	case TIMED_OUT:
		report_counts(t, "the time is up");
		return STATUS_TIMEOUT;
	case FAILED:
		return STATUS_FAIL;
	case GOING_ON:
	case ENOUGH:
	case SIGNALLED:
		break;
	}
	return STATUS_OK;
}

static enum status tail_again_and_again(struct tail *t)
{
	bool device = is_device(t->where);

	for (bool again = false;; again = true) {
		enum status st = device ? open_device(t) : connect_to_it(t, again);
		if (st == STATUS_OK)
			st = tail(t);
		if (st == STATUS_OK)
			st = report_flush();
		if (st != STATUS_OK || t->why != SERVER_GONE || !t->follow)
			return st == STATUS_OK ? end_of_it(t) : st;
		report_counts(t, "the server hung up; waiting for it to come back");
	}
}

static enum status run(void *state, char **program)
{
	struct tail *t = state;

	(void)program;
	if (!t->where)
		t->where = "mypoll";
	if (t->follow && is_device(t->where))
		return report_usage("--follow is for a server, not for a device");
	setlocale(LC_CTYPE, "");
	static char buffer[CHILD_READ_MAX]; /* glibc ignores the size where it is to bring its own */
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	t->deadline = t->timeout ? time_after(t->timeout) : NEVER;
	/* soon after boot it waits for random numbers, and meanwhile a queue would run over */
	if (t->printer.json)
		json_object_seed(0);
	enum status st = tail_again_and_again(t);
	end_by_signal(t->signo);
	return st;
}

static void release(void *state)
{
	struct tail *t = state;

	policy_free(&t->trust);
}

const struct cmd cmd_mypoll_tail = {
	.name = "mypoll-tail",
	.operands = "[ADDRESS | /dev/...]",
	.summary = "print the events of /dev/mypoll until the server hangs up",
	.text = "ADDRESS is 'mypoll' where none is given. Two tails of one offer share a queue:\n"
		"each event reaches one of them. Two offers are two opens, and each has them all.\n",
	.opts = options,
	.state = sizeof(struct tail),
	.operand = take_where,
	.kind = WORD_NAME,
	.run = run,
	.release = release,
};
