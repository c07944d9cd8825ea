/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the other side does to a description, traced by this one: see lesson.h. */
#include "cmd/demo/lesson.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/trace/words.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

struct showing {
	pid_t other;
	void (*each)(void *data, const struct trace_record *);
	void *data;
};

static void nobody(void *data, pid_t pid, int err)
{
	(void)data;
	(void)pid;
	(void)err;
}

static struct trace *begin(enum trace_by by, pid_t pid, int fd, unsigned classes, const char **why)
{
	const struct share_target *fault;
	const struct share_target target = {pid, fd};
	const struct trace_request request = {
		.targets = &target, .n_targets = 1, .classes = classes, .untraced = nobody};

	return trace_open(by, &request, &fault, why);
}

struct trace *tracing_begin(const struct side *s, int fd, unsigned classes)
{
	const char *why;
	struct trace *t = begin(TRACE_BY_BPF, s->self, fd, classes, &why);
	const char *way = "BPF";

	if (!t) {
		t = begin(TRACE_BY_PTRACE, s->self, fd, classes, &why);
		way = "ptrace";
	}
	if (!t) {
		say(s, "trace: %s", why);
		give_up();
	}
	say(s, "traces %d:%d by %s", s->self, fd, way);
	return t;
}

static void show_record(void *data, const struct trace_record *r)
{
	const struct showing *showing = data;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!r->wanted || !out)
		return;
	trace_print_call(r, out);
	trace_print_moves(r, out);
	fclose(out);
	say(&(struct side){.name = r->pid == showing->other ? "worker" : text_show(r->command),
		    .self = r->pid},
		"%s", text);
	free(text);
	showing->each(showing->data, r);
}

void tracing_show(const struct side *s, struct trace *t,
	void (*each)(void *data, const struct trace_record *), void *data)
{
	struct pollfd p[] = {{.fd = s->baton, .events = POLLIN}, {.fd = trace_fd(t), .events = POLLIN}};
	struct showing showing = {s->other, each, data};

	do {
		poll(p, ARRAY_SIZE(p), -1);
		if (trace_read(t, show_record, &showing) < 0)
			give_up();
	} while (!(p[0].revents & (POLLIN | POLLHUP)));
	turn_take(s);
}

/* Whether a child may be traced: an emulator, or a container, may forbid it. */
static bool may_ptrace(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	bool may = pid > 0 && ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0;
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, __WALL);
	}
	return may;
}

const char *tracing_lacks(void)
{
	const char *why;
	int pair[2];

	if (may_ptrace())
		return NULL;
	if (pipe2(pair, O_CLOEXEC) < 0)
		return "no pipe";
	struct trace *t = begin(TRACE_BY_BPF, getpid(), pair[0], TRACE_MOVE, &why);
	close(pair[0]);
	close(pair[1]);
	trace_close(t);
	return t ? NULL : "no process may be traced here, neither by ptrace nor by BPF";
}
