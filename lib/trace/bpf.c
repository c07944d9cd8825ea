/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tracing by BPF: see trace.h. The program is lib/trace/bpf.bpf.c. */
#include "lib/trace/way.h"

#include <errno.h>

#ifndef TRACE_OBJECT

static struct trace *open_nothing(const struct trace_request *request,
	const struct share_target **fault, const char **why)
{
	(void)request;
	(void)fault;
	*why = "built without BPF";
	errno = ENOSYS;
	return NULL;
}

const struct trace_way trace_bpf = {.open = open_nothing};

#else

#include "lib/base/libbpf.h"
#include "lib/base/memory.h"
#include "lib/base/times.h"
#include "lib/look/bpf-scan.h"
#include "lib/trace/attached.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

LIBBPF_OBJECT(trace_object, TRACE_OBJECT);

/* As the BPF program has it. */
struct traced {
	uint64_t inode;
	uint32_t index;
};

struct found {
	uint64_t identity;
	struct traced traced;
};

#define LATER (5 * NS_PER_MS)

struct ended {
	pid_t pid;
	uint64_t ns;
};

struct by_bpf {
	struct trace trace;
	pid_t program;
	struct attached attached;
	int epoll, timer;
	bool looks; /* the timer runs, and records wake nobody */
	uint32_t level; /* of this process's pid namespace */
	struct found *found; /* the descriptions */
	size_t n_found;
	struct ended ended[64]; /* the last processes that ended */
	size_t n_ended;
	struct trace_record *records; /* of one trace_read */
	size_t n;
};

/* --- what to trace ------------------------------------------------------------------ */

struct search {
	const struct share_target *targets;
	size_t n_targets;
	bool *seen; /* of each target, that somebody has it */
	struct found found[TRACE_TARGETS];
	size_t n_found;
	uint32_t level;
};

/* Two targets, or two descriptors of a process, may be one description: the first names it. */
static bool is_found(const struct search *s, uint64_t identity)
{
	for (size_t i = 0; i < s->n_found; i++)
		if (s->found[i].identity == identity)
			return true;
	return false;
}

static int note_descriptor(void *data, const struct bpf_fd *f)
{
	struct search *s = data;

	s->level = f->level;
	for (size_t i = 0; i < s->n_targets; i++) {
		const struct share_target *t = &s->targets[i];
		if (t->pid != f->pid || (t->fd >= 0 && t->fd != f->fd))
			continue;
		s->seen[i] = true;
		if (is_found(s, f->identity))
			continue;
		if (s->n_found == TRACE_TARGETS) {
			errno = ENOMEM;
			return -1;
		}
		s->found[s->n_found++] = (struct found){f->identity, {f->inode, (uint32_t)i}};
	}
	return 0;
}

static const struct share_target *first_missing(const struct search *s)
{
	for (size_t i = 0; i < s->n_targets; i++)
		if (!s->seen[i])
			return &s->targets[i];
	return NULL;
}

static int search(struct search *s, const struct share_target **fault, const char **why)
{
	if (bpf_scan_each(0, note_descriptor, s, why) < 0) {
		if (s->n_found == TRACE_TARGETS)
			*why = "it has more descriptions than can be traced, 4096";
		return -1;
	}
	*fault = first_missing(s);
	if (!*fault)
		return 0;
	errno = kill((*fault)->pid, 0) < 0 && errno == ESRCH ? ESRCH : EBADF;
	return -1;
}

/* --- starting -------------------------------------------------------------------------- */

static int set_control(const struct by_bpf *t, bool wakes)
{
	const struct trace_control control = {.wakes = wakes, .level = t->level};

	return libbpf.bpf_map_update_elem(
		attached_map(&t->attached, ".data"), &(uint32_t){0}, &control, BPF_ANY);
}

static int set_targets(struct by_bpf *t, const struct search *s)
{
	int fd = attached_map(&t->attached, "targets");

	t->level = s->level;
	if (set_control(t, true) < 0)
		return -1;
	for (size_t i = 0; i < s->n_found; i++)
		if (libbpf.bpf_map_update_elem(
			    fd, &s->found[i].identity, &s->found[i].traced, BPF_ANY) < 0)
			return -1;
	return 0;
}

/* Each of the last threads of a process may have said that the process ended. */
static bool is_said(struct by_bpf *t, const struct trace_record *r)
{
	if (r->call != TRACE_ENDED)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(t->ended); i++)
		if (t->ended[i].pid == r->pid && r->ns - t->ended[i].ns < NS_PER_S)
			return true;
	t->ended[t->n_ended++ % ARRAY_SIZE(t->ended)] = (struct ended){r->pid, r->ns};
	return false;
}

static int take_record(void *data, void *bytes, size_t size)
{
	struct by_bpf *t = data;

	(void)size;
	if (is_said(t, bytes))
		return 0;
	t->records = must_grow(t->records, t->n, sizeof(*t->records));
	memcpy(&t->records[t->n++], bytes, sizeof(*t->records));
	return 0;
}

static void close_bpf(struct trace *trace)
{
	struct by_bpf *t = (struct by_bpf *)trace;

	attached_stop(&t->attached);
	close(t->timer);
	close(t->epoll);
	free(t->records);
	free(t->found);
	free(t);
}

static int watch(struct by_bpf *t)
{
	t->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	t->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (t->timer < 0 || t->epoll < 0 ||
		epoll_ctl(t->epoll, EPOLL_CTL_ADD, t->timer, &(struct epoll_event){EPOLLIN, {0}}) < 0)
		return -1;
	return epoll_ctl(t->epoll, EPOLL_CTL_ADD, attached_fd(&t->attached),
		&(struct epoll_event){EPOLLIN, {0}});
}

static int start(struct by_bpf *t, const struct trace_request *request, const char **why)
{
	static const char *const programs[] = {"process_ends", "call_ends", "call_begins", NULL};
	const struct trace_config config = {.classes = request->classes, .self = (uint32_t)getpid()};

	if (libbpf_need(why) < 0)
		return -1;
	if (sizeof(long) < sizeof(uint64_t)) { /* it does not know the kernel's own numbers */
		*why = "built for 32 bits: it would not see the calls of 64-bit processes";
		errno = ENOSYS;
		return -1;
	}
	if (attached_load(&t->attached, trace_object, trace_object_end, &config, sizeof(config)) == 0 &&
		attached_set_rules(&t->attached) == 0 && attached_start(&t->attached, programs, take_record, t) == 0 &&
		watch(t) == 0)
		return 0;
	*why = libbpf_explain(errno);
	return -1;
}

/* Where the kernel has io_uring(7); the beginning of a request has had two names. */
static bool see_requests(struct attached *a)
{
	return attached_add(a, "request_ends") == 0 &&
	       (attached_add(a, "request_begins") == 0 || attached_add(a, "request_begins_6_2") == 0);
}

/*
 * The programs run already, so that a description that ends from now on is a target no more: its
 * address is used again.
 */
static int find_targets(struct by_bpf *t, const struct trace_request *request,
	const struct share_target **fault, const char **why)
{
	struct search *s = must_calloc(1, sizeof(*s));

	s->targets = request->targets;
	s->n_targets = request->n_targets;
	s->seen = must_calloc(s->n_targets, sizeof(*s->seen));
	int done = search(s, fault, why);
	if (done == 0 && set_targets(t, s) < 0) {
		*why = libbpf_explain(errno);
		done = -1;
	}
	if (done == 0) {
		t->found = must_calloc(s->n_found, sizeof(*t->found));
		memcpy(t->found, s->found, s->n_found * sizeof(*t->found));
		t->n_found = s->n_found;
	}
	int saved = errno;
	free(s->seen);
	free(s);
	errno = saved;
	return done;
}

static struct trace *open_bpf(const struct trace_request *request,
	const struct share_target **fault, const char **why)
{
	struct by_bpf *t = must_calloc(1, sizeof(*t));

	t->trace.way = &trace_bpf;
	t->epoll = t->timer = -1;
	t->program = request->program;
	if (start(t, request, why) == 0 && find_targets(t, request, fault, why) == 0) {
		t->trace.sees_requests = see_requests(&t->attached);
		return &t->trace;
	}
	trace_close(&t->trace);
	return NULL;
}

/* --- reading ---------------------------------------------------------------------------- */

static size_t size(const struct trace *trace)
{
	return ((const struct by_bpf *)trace)->n_found;
}

static int fd(const struct trace *trace)
{
	return ((const struct by_bpf *)trace)->epoll;
}

/* Two CPUs may have written theirs in another order. */
static int earlier(const void *a, const void *b)
{
	const struct trace_record *x = a, *y = b;

	return x->ns < y->ns ? -1 : x->ns > y->ns;
}

/*
 * Records that come one after another are read together, a little later: then who makes the calls
 * does not pay for waking this process each time. When none came, the next one wakes it.
 */
static int look_or_sleep(struct by_bpf *t)
{
	const struct itimerspec later = {.it_value = time_spec(t->n > 0 ? LATER : 0)};
	bool wakes = t->n == 0;

	if (t->n == 0 && !t->looks)
		return 0;
	if (timerfd_settime(t->timer, 0, &later, NULL) < 0)
		return -1;
	if (t->looks == (t->n > 0))
		return 0;
	t->looks = t->n > 0;
	if (set_control(t, wakes) < 0)
		return -1;
	return wakes ? attached_read(&t->attached) : 0; /* one may have come just before */
}

static int read_ring(struct trace *trace, void (*each)(void *data, const struct trace_record *),
	void *data)
{
	struct by_bpf *t = (struct by_bpf *)trace;

	t->n = 0;
	if (attached_read(&t->attached) < 0 || look_or_sleep(t) < 0)
		return -1;
	if (t->n > 1)
		qsort(t->records, t->n, sizeof(*t->records), earlier);
	for (size_t i = 0; i < t->n; i++)
		each(data, &t->records[i]);
	return (int)t->n;
}

static int is_of_target(void *data, const struct bpf_fd *f)
{
	const struct by_bpf *t = data;

	for (size_t i = 0; i < t->n_found; i++)
		if (t->found[i].identity == f->identity && t->found[i].traced.inode == f->inode)
			return 1; /* ends the pass */
	return 0;
}

static int is_held(struct trace *t)
{
	const char *why;

	return bpf_scan_each(0, is_of_target, t, &why);
}

static uint64_t lost(const struct trace *trace)
{
	return attached_lost(&((const struct by_bpf *)trace)->attached);
}

static bool program_ended(struct trace *trace, int *status)
{
	return waitpid(((struct by_bpf *)trace)->program, status, WNOHANG) > 0;
}

const struct trace_way trace_bpf = {
	open_bpf, close_bpf, size, fd, read_ring, is_held, lost, program_ended};

#endif
