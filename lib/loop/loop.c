/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The event loop: see loop.h. */
#include "lib/loop/loop.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/times.h"

#include <bsd/sys/queue.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct loop_source {
	struct loop *loop;
	int fd;      /* watched; -1 for a signal */
	bool own_fd; /* a timerfd of the loop's */
	int signo;   /* 0: not a signal */
	loop_fn *fn; /* NULL once removed */
	void *data;
	LIST_ENTRY(loop_source) link; /* until it is freed, so that a round can walk the list */
	SLIST_ENTRY(loop_source) removed_link;
};

struct loop {
	int epoll;
	int signals; /* signalfd, -1 until the first loop_signal */
	sigset_t handled;  /* the signals with a source */
	sigset_t old_mask; /* the signal mask before loop_new */
	LIST_HEAD(, loop_source) sources;
	SLIST_HEAD(, loop_source) removed; /* freed after the round: its events may point to them */
	int depth; /* of nested rounds: the function of a source may call loop_once */
	bool stopped;
	int status;
	void (*before_wait)(void *data);
	void *before_data;
};

struct loop *loop_new(void)
{
	struct loop *l = must_calloc(1, sizeof(*l));

	l->signals = -1;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0) {
		free(l);
		return NULL;
	}
	sigemptyset(&l->handled);
	sigprocmask(SIG_BLOCK, NULL, &l->old_mask);
	return l;
}

static void free_removed(struct loop *l)
{
	struct loop_source *s;

	while ((s = SLIST_FIRST(&l->removed))) {
		SLIST_REMOVE_HEAD(&l->removed, removed_link);
		LIST_REMOVE(s, link);
		free(s);
	}
}

void loop_free(struct loop *l)
{
	int saved = errno;

	if (!l)
		return;
	free_removed(l);
	while (!LIST_EMPTY(&l->sources)) {
		struct loop_source *s = LIST_FIRST(&l->sources);
		loop_remove(&s);
		free_removed(l);
	}
	fd_close(&l->signals);
	fd_close(&l->epoll);
	sigprocmask(SIG_SETMASK, &l->old_mask, NULL);
	free(l);
	errno = saved;
}

static struct loop_source *new_source(struct loop *l, int fd, loop_fn *fn, void *data)
{
	struct loop_source *s = must_calloc(1, sizeof(*s));

	*s = (struct loop_source){.loop = l, .fd = fd, .fn = fn, .data = data};
	LIST_INSERT_HEAD(&l->sources, s, link);
	return s;
}

static struct loop_source *discard(struct loop_source *s)
{
	int saved = errno;

	if (s->own_fd)
		fd_close(&s->fd);
	LIST_REMOVE(s, link);
	free(s);
	errno = saved;
	return NULL;
}

struct loop_source *loop_add(struct loop *l, int fd, uint32_t events, loop_fn *fn, void *data)
{
	struct loop_source *s = new_source(l, fd, fn, data);
	struct epoll_event e = {.events = events, .data.ptr = s};

	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
		return discard(s);
	return s;
}

int loop_change(struct loop_source *s, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.ptr = s};

	return epoll_ctl(s->loop->epoll, EPOLL_CTL_MOD, s->fd, &e);
}

int loop_timer_set(struct loop_source *s, int64_t ns, int64_t every)
{
	struct itimerspec spec = {time_spec(every), time_spec(ns)};

	return timerfd_settime(s->fd, 0, &spec, NULL);
}

struct loop_source *loop_timer(
	struct loop *l, int64_t ns, int64_t every, loop_fn *fn, void *data)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0)
		return NULL;
	struct loop_source *s = loop_add(l, fd, EPOLLIN, fn, data);
	if (!s) {
		fd_close(&fd);
		return NULL;
	}
	s->own_fd = true;
	if (loop_timer_set(s, ns, every) < 0)
		loop_remove(&s);
	return s;
}

/* The event of the signalfd has the loop as its data, not a source. */
static int watch_signals(struct loop *l)
{
	int fd = signalfd(l->signals, &l->handled, SFD_CLOEXEC | SFD_NONBLOCK);
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = l};

	if (fd < 0)
		return -1;
	if (l->signals >= 0)
		return 0;
	l->signals = fd;
	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e);
}

struct loop_source *loop_signal(struct loop *l, int signo, loop_fn *fn, void *data)
{
	struct loop_source *s = new_source(l, -1, fn, data);

	s->signo = signo;
	if (sigaddset(&l->handled, signo) < 0 || watch_signals(l) < 0)
		return discard(s);
	sigprocmask(SIG_BLOCK, &l->handled, NULL);
	return s;
}

void loop_remove(struct loop_source **source)
{
	struct loop_source *s = *source;
	int saved = errno;

	*source = NULL;
	if (!s)
		return;
	if (s->fd >= 0)
		epoll_ctl(s->loop->epoll, EPOLL_CTL_DEL, s->fd, NULL);
	if (s->own_fd)
		fd_close(&s->fd);
	s->fn = NULL;
	SLIST_INSERT_HEAD(&s->loop->removed, s, removed_link);
	errno = saved;
}

static void dispatch_signals(struct loop *l)
{
	struct signalfd_siginfo info;

	while (read(l->signals, &info, sizeof(info)) == sizeof(info)) {
		struct loop_source *s;
		LIST_FOREACH (s, &l->sources, link)
			if (s->signo == (int)info.ssi_signo && s->fn)
				s->fn(s->data, info.ssi_signo);
	}
}

static void dispatch_timer(struct loop_source *s)
{
	uint64_t expirations;

	/* another round's loop_timer_set may have taken the expiration back: EAGAIN */
	if (read(s->fd, &expirations, sizeof(expirations)) == sizeof(expirations))
		s->fn(s->data, expirations > UINT32_MAX ? UINT32_MAX : (uint32_t)expirations);
}

static void dispatch(const struct epoll_event *e)
{
	struct loop_source *s = e->data.ptr;

	if (!s->fn) /* removed earlier in this round */
		return;
	if (s->own_fd)
		dispatch_timer(s);
	else
		s->fn(s->data, e->events);
}

/* Waits in this epoll instance, and calls the functions of what it reports. */
static int run_round(struct loop *l, int epoll, int ms)
{
	enum { ROUND = 64 };
	struct epoll_event events[ROUND];
	int n = epoll_wait(epoll, events, ROUND, ms);

	if (n < 0)
		return errno == EINTR ? 0 : -1;
	l->depth++;
	/* signals first: Ctrl-C is meant for the line typed before it, not for the next one */
	for (int i = 0; i < n && !l->stopped; i++)
		if (events[i].data.ptr == l)
			dispatch_signals(l);
	for (int i = 0; i < n && !l->stopped; i++)
		if (events[i].data.ptr != l)
			dispatch(&events[i]);
	if (--l->depth == 0)
		free_removed(l);
	return 0;
}

int loop_once(struct loop *l, int ms)
{
	if (l->before_wait)
		l->before_wait(l->before_data);
	return l->stopped ? 0 : run_round(l, l->epoll, ms);
}

/* A second instance: in the first one a source that left and came back would be armed anew. */
static int add_to(int epoll, int fd, uint32_t events, void *ptr)
{
	struct epoll_event e = {.events = events, .data.ptr = ptr};

	return fd >= 0 ? epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) : 0;
}

int loop_once_held(struct loop *l, int fd, uint32_t events, loop_fn *fn, void *data)
{
	struct loop_source held = {.fd = fd, .fn = fn, .data = data};
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct loop_source *s;

	if (epoll < 0)
		return -1;
	int done = add_to(epoll, fd, events, &held);
	if (done == 0)
		done = add_to(epoll, l->signals, EPOLLIN, l);
	LIST_FOREACH (s, &l->sources, link)
		if (done == 0 && s->own_fd && s->fn)
			done = add_to(epoll, s->fd, EPOLLIN, s);
	if (done == 0)
		done = run_round(l, epoll, -1);
	fd_close(&epoll);
	return done;
}

int loop_run(struct loop *l)
{
	while (!l->stopped)
		if (loop_once(l, -1) < 0)
			return -1;
	l->stopped = false; /* for the next loop_run */
	return l->status;
}

void loop_stop(struct loop *l, int status)
{
	l->stopped = true;
	l->status = status;
}

bool loop_stopping(const struct loop *l)
{
	return l->stopped;
}

void loop_before_wait(struct loop *l, void (*fn)(void *data), void *data)
{
	l->before_wait = fn;
	l->before_data = data;
}
