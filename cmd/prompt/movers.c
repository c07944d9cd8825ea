/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who moves a description without announcing it: see movers.h. */
#include "cmd/prompt/movers.h"
#include "cmd/prompt/prompt.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"
#include "lib/trace/trace.h"
#include "lib/trace/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define START_AFTER (50 * NS_PER_MS)
#define ANNOUNCED_WITHIN (50 * NS_PER_MS) /* the call comes first, then its announcement */

enum { CALLS_MAX = 8 }; /* in an interval; of more, only the last is told, at its end */

struct watched {
	bool has_pos;
	struct moved untold; /* calls: 0 where there are none */
};

struct movers {
	struct loop *loop;
	struct share_target *targets;
	struct watched *watched; /* of each target */
	size_t n;
	movers_fn *on_moved;
	void *data;
	struct trace *trace; /* NULL: not yet, or the kernel does not tell */
	struct loop_source *start, *records, *wait;
	struct { /* they may still be announced */
		size_t which;
		struct moved moved;
	} waiting[CALLS_MAX];
	size_t n_waiting;
	size_t calls; /* of this interval */
	bool flood;   /* there were more than CALLS_MAX in the last interval: nothing is told at once */
};

/* --- a call ------------------------------------------------------------------------- */

static struct moved moved_by(const struct trace_record *r, bool has_pos)
{
	struct moved m = {.calls = 1, .pid = r->pid, .call = trace_name(r)};

	m.was.pos = has_pos ? r->pos_before : DESC_NO_POS;
	m.is.pos = has_pos ? r->pos_after : DESC_NO_POS;
	m.was.flags = (int)r->flags_before;
	m.is.flags = (int)r->flags_after;
	memcpy(m.command, r->command, sizeof(m.command));
	return m;
}

static void keep(struct watched *w, struct moved m)
{
	if (w->untold.calls > 0)
		m.was = w->untold.was;
	m.calls += w->untold.calls;
	w->untold = m;
}

static void on_record(void *data, const struct trace_record *r)
{
	struct movers *m = data;
	struct watched *w = &m->watched[r->target];
	struct moved moved = moved_by(r, w->has_pos);

	if (!r->wanted || (moved.was.pos == moved.is.pos && moved.was.flags == moved.is.flags))
		return;
	if (++m->calls > CALLS_MAX || m->n_waiting == CALLS_MAX || m->flood) {
		keep(w, moved);
		return;
	}
	if (m->n_waiting == 0)
		loop_timer_set(m->wait, ANNOUNCED_WITHIN, 0);
	m->waiting[m->n_waiting].which = r->target;
	m->waiting[m->n_waiting++].moved = moved;
}

/* Leaves out the first n that wait. */
static void forget(struct movers *m, size_t n)
{
	m->n_waiting -= n;
	memmove(m->waiting, m->waiting + n, m->n_waiting * sizeof(*m->waiting));
}

/* Tells the first n, and leaves the rest. */
static void tell(struct movers *m, size_t n)
{
	for (size_t i = 0; i < n; i++)
		m->on_moved(m->data, m->waiting[i].which, &m->waiting[i].moved);
	forget(m, n);
}

static void on_waited(void *data, uint32_t expirations)
{
	struct movers *m = data;

	(void)expirations;
	tell(m, m->n_waiting);
}

static void stop(struct movers *m)
{
	loop_remove(&m->records);
	trace_close(m->trace);
	m->trace = NULL;
}

static void look(struct movers *m)
{
	if (m->trace && trace_read(m->trace, on_record, m) < 0)
		stop(m); /* polling goes on */
}

static void on_readable(void *data, uint32_t events)
{
	(void)events;
	look(data);
}

/* Takes the move of that process out of those that wait. */
static bool take_waiting(struct movers *m, size_t which, pid_t pid, struct moved *moved)
{
	for (size_t i = 0; i < m->n_waiting; i++) {
		if (m->waiting[i].which != which || m->waiting[i].moved.pid != pid)
			continue;
		tell(m, i); /* those before it */
		*moved = m->waiting[0].moved;
		forget(m, 1);
		return true;
	}
	return false;
}

bool movers_announced(struct movers *m, size_t which, pid_t pid, struct moves *known,
	struct moves *was, struct moves *is)
{
	struct moved moved;

	if (m)
		look(m);
	if (m && take_waiting(m, which, pid, &moved)) {
		moves_begin(known, known->fd); /* nothing to find for polling */
		*was = moved.was;
		*is = moved.is;
		return true;
	}
	if (!moves_look(known, was))
		return false;
	*is = *known;
	return true;
}

static void tell_untold(struct movers *m, size_t which)
{
	struct moved *untold = &m->watched[which].untold;

	if (untold->calls == 0)
		return;
	tell(m, m->n_waiting); /* which were before */
	m->on_moved(m->data, which, untold);
	untold->calls = 0;
}

void movers_tick(struct movers *m)
{
	if (!m)
		return;
	look(m);
	for (size_t i = 0; i < m->n; i++)
		tell_untold(m, i);
	m->flood = m->calls > CALLS_MAX;
	m->calls = 0;
}

void movers_say(const char *name, const struct moved *m)
{
	char text[2 * NAMES_MAX + 64], more[64] = "";

	if (m->calls > 1)
		snprintf(more, sizeof(more), ", the last of %zu calls", m->calls);
	prompt_say("%s: %s %d: %s%s: %s\n", name, text_show(m->command), m->pid, m->call, more,
		moves_text(&m->was, &m->is, text, sizeof(text)));
	prompt_refresh();
}

/* --- starting ------------------------------------------------------------------------- */

static void on_start(void *data, uint32_t expirations)
{
	struct movers *m = data;
	const struct trace_request request = {
		.targets = m->targets, .n_targets = m->n, .classes = TRACE_MOVE | TRACE_FLAGS};
	const struct share_target *fault;
	const char *why;

	(void)expirations;
	loop_remove(&m->start);
	m->trace = trace_open(TRACE_BY_BPF, &request, &fault, &why);
	if (m->trace)
		m->records = loop_add(m->loop, trace_fd(m->trace), EPOLLIN, on_readable, m);
	if (!m->records)
		stop(m);
}

struct movers *movers_new(struct loop *l, const int *fds, size_t n, movers_fn *on_moved, void *data)
{
	struct movers *m = must_calloc(1, sizeof(*m));
	struct moves now;

	*m = (struct movers){.loop = l, .n = n, .on_moved = on_moved, .data = data};
	m->targets = must_calloc(n, sizeof(*m->targets));
	m->watched = must_calloc(n, sizeof(*m->watched));
	for (size_t i = 0; i < n; i++) {
		m->targets[i] = (struct share_target){.pid = getpid(), .fd = fds[i]};
		moves_begin(&now, fds[i]);
		m->watched[i].has_pos = now.pos != DESC_NO_POS;
	}
	m->start = loop_timer(l, START_AFTER, 0, on_start, m);
	if (m->start)
		m->wait = loop_timer(l, 0, 0, on_waited, m);
	if (m->wait)
		return m;
	movers_free(m);
	return NULL;
}

void movers_free(struct movers *m)
{
	int saved = errno;

	if (m) {
		stop(m);
		loop_remove(&m->start);
		loop_remove(&m->wait);
		free(m->watched);
		free(m->targets);
		free(m);
	}
	errno = saved;
}
