/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tracing by ptrace(2): see trace.h. Each thread that is traced stops at the beginning and at the
 * end of each of its calls, and goes on after a look at it. Who holds a description is known from
 * one pass over /proc, and from the calls that came after it; kcmp(2) says what a descriptor that
 * arrives refers to.
 *
 * If this process ends, the kernel lets all of them go, whatever they are doing.
 */
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/proc.h"
#include "lib/base/times.h"
#include "lib/trace/ptrace-internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	SYSCALL_STOP = SIGTRAP | 0x80,
	BATCH = 1000, /* stops in one trace_read */
};

/* For holders that came by a way that was not seen. All that are traced wait meanwhile, so on a
 * machine with many descriptors, where a look takes long, it is taken less often. */
#define LOOK_EVERY (250 * NS_PER_MS)
#define LOOK_PAUSE 10 /* times what the last one took */

/* --- stops ------------------------------------------------------------------------------- */

static void on_event(struct by_ptrace *t, struct tracee *p, int event)
{
	unsigned long message = 0;

	ptrace(PTRACE_GETEVENTMSG, p->tid, NULL, &message);
	if (event == PTRACE_EVENT_EXEC)
		tracee_exec(t, p, (pid_t)message);
	else if (!tracee_find(t, (pid_t)message))
		tracee_begin(t, (pid_t)message);
}

static bool stops_process(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

int tracee_signal(int status)
{
	int sig = WSTOPSIG(status);

	return status >> 16 || sig == SYSCALL_STOP ? 0 : sig;
}

static void on_stop(struct by_ptrace *t, struct tracee *p, int status)
{
	int sig = WSTOPSIG(status), event = status >> 16;

	if (event == PTRACE_EVENT_STOP && stops_process(sig)) {
		ptrace(PTRACE_LISTEN, p->tid, NULL, NULL); /* it stays stopped until SIGCONT */
		return;
	}
	if (event == 0 && sig == SYSCALL_STOP)
		tracee_call(t, p);
	else if (event != 0 && event != PTRACE_EVENT_STOP)
		on_event(t, p, event);
	ptrace(PTRACE_SYSCALL, p->tid, NULL, tracee_signal(status));
}

static void on_end(struct by_ptrace *t, struct tracee *p, pid_t tid, int status)
{
	if (p && p->tid == p->pid)
		tracee_process_ended(t, p, status);
	if (p)
		tracee_remove(t, tid);
	if (tid == t->request.program) { /* a child, even if it may not be traced */
		t->ended = true;
		t->status = status;
	}
}

void tracee_status(struct by_ptrace *t, pid_t tid, int status)
{
	struct tracee *p = tracee_find(t, tid);

	if (WIFSTOPPED(status))
		on_stop(t, p ? p : tracee_begin(t, tid), status);
	else
		on_end(t, p, tid, status);
}

/* --- opening ------------------------------------------------------------------------------------------ */

static void close_ptrace(struct trace *trace)
{
	struct by_ptrace *t = (struct by_ptrace *)trace;

	for (size_t i = 0; i < t->n_tracees; i++) {
		tracee_let_go(t->tracees[i]);
		free(t->tracees[i]);
	}
	free(t->tracees);
	free(t->untraced);
	free(t->of);
	holders_free(&t->holders);
	fd_close(&t->fdinfo);
	close(t->timer);
	close(t->signals);
	close(t->epoll);
	sigprocmask(SIG_SETMASK, &t->mask, NULL);
	free(t);
}

/* Returns -1 and sets errno. */
static int look_after(const struct by_ptrace *t, int64_t ns)
{
	return timerfd_settime(t->timer, 0, &(struct itimerspec){.it_value = time_spec(ns)}, NULL);
}

static int watch(struct by_ptrace *t)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &t->mask);
	t->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	t->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	t->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (t->signals < 0 || t->timer < 0 || t->epoll < 0 ||
		look_after(t, LOOK_EVERY) < 0 ||
		epoll_ctl(t->epoll, EPOLL_CTL_ADD, t->signals, &(struct epoll_event){EPOLLIN, {0}}) < 0)
		return -1;
	return epoll_ctl(t->epoll, EPOLL_CTL_ADD, t->timer, &(struct epoll_event){EPOLLIN, {0}});
}

/* Why no holder may be traced. */
static const char *explain_refusal(int err)
{
	static char text[128];
	char scope[16];

	if (proc_read("/proc/sys/kernel/yama/ptrace_scope", scope, sizeof(scope)) > 0 && *scope != '0') {
		snprintf(text, sizeof(text), "Yama forbids it: kernel.yama.ptrace_scope is %c", *scope);
		return text;
	}
	snprintf(text, sizeof(text), "no holder may be traced: %s", names_errno(err));
	return text;
}

static struct trace *open_ptrace(const struct trace_request *request,
	const struct share_target **fault, const char **why)
{
	struct by_ptrace *t = must_calloc(1, sizeof(*t));

	t->trace.way = &trace_ptrace;
	t->fdinfo = -1;
	t->request = *request;
	if (watch(t) < 0 || traced_find(t, fault) < 0) {
		*why = names_errno(errno);
		trace_close(&t->trace);
		return NULL;
	}
	if (request->program)
		tracee_seize(t, request->program);
	if (t->n_tracees == 0 && t->refusal) {
		*why = explain_refusal(t->refusal);
		errno = t->refusal;
		trace_close(&t->trace);
		return NULL;
	}
	return &t->trace;
}

/* --- reading --------------------------------------------------------------------------------------------- */

static size_t size(const struct trace *trace)
{
	return ((const struct by_ptrace *)trace)->n_of;
}

static int fd(const struct trace *trace)
{
	return ((const struct by_ptrace *)trace)->epoll;
}

static bool is_due(const struct by_ptrace *t)
{
	struct signalfd_siginfo info;
	uint64_t expirations;

	while (read(t->signals, &info, sizeof(info)) > 0) {
	}
	return read(t->timer, &expirations, sizeof(expirations)) > 0;
}

static void look_again(struct by_ptrace *t)
{
	int64_t begun = time_now();

	traced_look_again(t);
	int64_t pause = LOOK_PAUSE * (time_now() - begun);
	look_after(t, pause > LOOK_EVERY ? pause : LOOK_EVERY);
}

static int read_stops(struct trace *trace, void (*each)(void *data, const struct trace_record *),
	void *data)
{
	struct by_ptrace *t = (struct by_ptrace *)trace;
	pid_t tid;
	int status, left = BATCH;

	t->each = each;
	t->data = data;
	t->n = 0;
	if (is_due(t))
		look_again(t);
	while (left > 0 && (tid = waitpid(-1, &status, __WALL | WNOHANG)) > 0) {
		tracee_status(t, tid, status);
		left--;
	}
	if (left == 0)
		kill(getpid(), SIGCHLD); /* there may be more */
	t->each = NULL;
	return t->n;
}

static int is_held(struct trace *trace)
{
	struct by_ptrace *t = (struct by_ptrace *)trace;

	traced_look_again(t);
	for (size_t i = 0; i < t->n_of; i++)
		if (t->of[i].in_flight > 0 || holders_any(&t->holders, (uint32_t)i))
			return 1;
	return 0;
}

static uint64_t lost(const struct trace *trace)
{
	(void)trace;
	return 0; /* the processes wait for us */
}

static bool program_ended(struct trace *trace, int *status)
{
	struct by_ptrace *t = (struct by_ptrace *)trace;
	bool ended = t->ended;

	*status = t->status;
	t->ended = false;
	return ended;
}

const struct trace_way trace_ptrace = {
	open_ptrace, close_ptrace, size, fd, read_stops, is_held, lost, program_ended};
