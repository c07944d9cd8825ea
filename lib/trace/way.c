/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tracing by either way: see trace.h. */
#include "lib/trace/way.h"

#include <errno.h>

struct trace *trace_open(enum trace_by by, const struct trace_request *request,
	const struct share_target **fault, const char **why)
{
	*fault = NULL;
	*why = "";
	return (by == TRACE_BY_BPF ? &trace_bpf : &trace_ptrace)->open(request, fault, why);
}

void trace_close(struct trace *t)
{
	int saved = errno;

	if (t)
		t->way->close(t);
	errno = saved;
}

size_t trace_size(const struct trace *t)
{
	return t->way->size(t);
}

bool trace_sees_requests(const struct trace *t)
{
	return t->sees_requests;
}

int trace_fd(const struct trace *t)
{
	return t->way->fd(t);
}

int trace_read(struct trace *t, void (*each)(void *data, const struct trace_record *), void *data)
{
	return t->way->read(t, each, data);
}

int trace_is_held(struct trace *t)
{
	return t->way->is_held(t);
}

uint64_t trace_lost(const struct trace *t)
{
	return t->way->lost(t);
}

bool trace_program_ended(struct trace *t, int *status)
{
	return t->way->program_ended(t, status);
}
