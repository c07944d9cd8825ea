/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BPF programs at tracepoints: see attached.h. */
#ifdef HAVE_BPF

#include "lib/trace/attached.h"
#include "lib/base/memory.h"
#include "lib/look/bpf-scan.h"
#include "lib/trace/calls.h"

#include <errno.h>

static int note_level(void *data, const struct bpf_fd *f)
{
	*(uint32_t *)data = f->level;
	return 1; /* ends the pass */
}

int attached_level(uint32_t *level, const char **why)
{
	return bpf_scan_each(0, note_level, level, why) < 0 ? -1 : 0;
}

int attached_load(struct attached *a, const char *object, const char *end, const void *constants,
	size_t size)
{
	a->object = libbpf.bpf_object__open_mem(object, (size_t)(end - object), NULL);
	if (!a->object)
		return -1;
	struct bpf_map *map = libbpf.bpf_object__find_map_by_name(a->object, ".rodata");
	if (libbpf.bpf_map__set_initial_value(map, constants, size) < 0)
		return -1;
	return libbpf.bpf_object__load(a->object);
}

int attached_add(struct attached *a, const char *program)
{
	for (size_t i = 0; i < ARRAY_SIZE(a->links); i++) {
		if (a->links[i])
			continue;
		a->links[i] = libbpf.bpf_program__attach(
			libbpf.bpf_object__find_program_by_name(a->object, program));
		return a->links[i] ? 0 : -1;
	}
	errno = ENOSPC;
	return -1;
}

int attached_start(struct attached *a, const char *const programs[], ring_buffer_sample_fn take,
	void *data)
{
	a->ring = libbpf.ring_buffer__new(attached_map(a, "records"), take, data, NULL);
	if (!a->ring)
		return -1;
	for (size_t i = 0; programs[i]; i++)
		if (attached_add(a, programs[i]) < 0)
			return -1;
	return 0;
}

int attached_set_rules(const struct attached *a)
{
	int fd = attached_map(a, "rules");

	for (uint32_t key = 0; key < TRACE_KEYS; key++) {
		const struct trace_rule *rule = trace_rule_find(key);
		if (rule && libbpf.bpf_map_update_elem(fd, &key, rule, BPF_ANY) < 0)
			return -1;
	}
	return 0;
}

int attached_read(struct attached *a)
{
	int err = libbpf.ring_buffer__consume(a->ring);

	if (err >= 0)
		return 0;
	errno = -err;
	return -1;
}

int attached_map(const struct attached *a, const char *name)
{
	return libbpf.bpf_map__fd(libbpf.bpf_object__find_map_by_name(a->object, name));
}

int attached_fd(const struct attached *a)
{
	return libbpf.ring_buffer__epoll_fd(a->ring);
}

uint64_t attached_lost(const struct attached *a)
{
	uint64_t n = 0;

	libbpf.bpf_map_lookup_elem(attached_map(a, ".bss"), &(uint32_t){0}, &n);
	return n;
}

void attached_stop(struct attached *a)
{
	for (size_t i = 0; i < ARRAY_SIZE(a->links); i++)
		if (a->links[i])
			libbpf.bpf_link__destroy(a->links[i]);
	if (a->ring)
		libbpf.ring_buffer__free(a->ring);
	if (a->object)
		libbpf.bpf_object__close(a->object);
	*a = (struct attached){0};
}

#endif
