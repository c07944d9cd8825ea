/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A BPF object whose programs are attached to tracepoints, and write records into its ring buffer
 * "records". Its constants are one structure; its first variable counts the records that were
 * lost. Only for files that are built with BPF.
 */
#ifndef FDTOOL_LIB_TRACE_ATTACHED_H
#define FDTOOL_LIB_TRACE_ATTACHED_H

#include "lib/base/libbpf.h"

#include <stddef.h>
#include <stdint.h>

/* Starts as {0}. */
struct attached {
	struct bpf_object *object;
	struct bpf_link *links[6];
	struct ring_buffer *ring;
};

/* These return 0, or -1 with the errno of bpf(2). */

/* The level of this process's pid namespace, for the constants. With *why in words. */
int attached_level(uint32_t *level, const char **why);

int attached_load(struct attached *, const char *object, const char *end, const void *constants,
	size_t size);

/* Calls take for each record, in attached_read. The programs end with NULL, and start in that order. */
int attached_start(struct attached *, const char *const programs[], ring_buffer_sample_fn take,
	void *data);

/* Starts one more program. Fails with ENOENT where the kernel has not its tracepoint. */
int attached_add(struct attached *, const char *program);

/* Takes the records that are there. */
int attached_read(struct attached *);

/* Fills the map "rules", from calls.h. */
int attached_set_rules(const struct attached *);

/* The descriptor (borrowed) of a map; one that can be read while there are records. */
int attached_map(const struct attached *, const char *name);
int attached_fd(const struct attached *);

uint64_t attached_lost(const struct attached *);

void attached_stop(struct attached *);

#endif
