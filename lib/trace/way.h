/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two ways to trace, behind trace.h. For lib/trace/ only. */
#ifndef FDTOOL_LIB_TRACE_WAY_H
#define FDTOOL_LIB_TRACE_WAY_H

#include "lib/trace/trace.h"

/* The functions of trace.h, of one way. */
struct trace_way {
	struct trace *(*open)(const struct trace_request *, const struct share_target **fault,
		const char **why);
	void (*close)(struct trace *);
	size_t (*size)(const struct trace *);
	int (*fd)(const struct trace *);
	int (*read)(struct trace *, void (*each)(void *data, const struct trace_record *), void *data);
	int (*is_held)(struct trace *);
	uint64_t (*lost)(const struct trace *);
	bool (*program_ended)(struct trace *, int *status);
};

/* Each way's own structure begins with this. */
struct trace {
	const struct trace_way *way;
	bool sees_requests; /* to io_uring(7) */
};

extern const struct trace_way trace_bpf, trace_ptrace;

#endif
