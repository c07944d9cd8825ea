/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the memory of another process, process_vm_readv(2): see peek.h. */
#include "lib/trace/peek.h"
#include "lib/trace/layout.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { CONTROL_MAX = 4096 }; /* 253 descriptors, and credentials */

static void *address(uint64_t at)
{
	return (void *)(uintptr_t)at; /* NOLINT(performance-no-int-to-ptr): of another process */
}

/* Returns how many bytes there were. */
static size_t peek(pid_t pid, uint64_t at, void *out, size_t size)
{
	ssize_t n = process_vm_readv(pid, &(struct iovec){out, size}, 1,
		&(struct iovec){address(at), size}, 1, 0);

	return n > 0 ? (size_t)n : 0;
}

static void peek_bytes(struct trace_record *r, uint64_t at, uint64_t length)
{
	size_t n = length < TRACE_DATA ? (size_t)length : TRACE_DATA;

	r->length = length > UINT32_MAX ? UINT32_MAX : (uint32_t)length;
	r->n_data = peek(r->tid, at, r->data, n) == n ? (uint8_t)n : 0;
}

static void peek_vector(struct trace_record *r, uint64_t at, uint64_t length)
{
	struct user_vector_32 small;
	struct user_vector v;

	if (layout_is_32(r->abi)) {
		if (peek(r->tid, at, &small, sizeof(small)) != sizeof(small))
			return;
		v = (struct user_vector){small.base, small.length};
	} else if (peek(r->tid, at, &v, sizeof(v)) != sizeof(v)) {
		return;
	}
	peek_bytes(r, v.base, v.length < length ? v.length : length);
}

int peek_args(pid_t pid, uint64_t at, uint64_t *args, size_t n)
{
	uint32_t words[TRACE_ARGS];

	if (n > TRACE_ARGS || peek(pid, at, words, n * sizeof(*words)) != n * sizeof(*words))
		return -1;
	for (size_t i = 0; i < n; i++)
		args[i] = words[i];
	return 0;
}

enum { PAGE = 4096 }; /* the least that there is */

/* Page by page, since its last one may be the last that is mapped. */
static void peek_string(struct trace_record *r, uint64_t at)
{
	size_t n = 0, got, want;
	const char *end = NULL;

	do {
		want = PAGE - (at + n) % PAGE;
		if (want > TRACE_DATA - n)
			want = TRACE_DATA - n;
		got = peek(r->tid, at + n, r->data + n, want);
		end = memchr(r->data + n, '\0', got);
		n += got;
	} while (!end && got == want && n < TRACE_DATA);
	r->n_data = (uint8_t)(end ? end - r->data : (ptrdiff_t)n);
	r->length = end ? r->n_data : UINT32_MAX;
}

void peek_memory(struct trace_record *r, const struct trace_rule *rule, uint64_t length)
{
	uint64_t at = r->args[rule->pointer];

	switch (rule->memory) {
	case MEMORY_BYTES:
		peek_bytes(r, at, length);
		break;
	case MEMORY_VECTOR:
		peek_vector(r, at, length);
		break;
	case MEMORY_STRING:
		peek_string(r, at);
		break;
	case MEMORY_OFFSET: case MEMORY_CLONE:
		peek_bytes(r, at, sizeof(uint64_t));
		break;
	case MEMORY_LONG:
		peek_bytes(r, at, r->abi == ABI_COMPAT ? sizeof(int32_t) : sizeof(int64_t));
		break;
	case MEMORY_FCNTL:
		peek_bytes(r, at, layout_lock_size(r->abi, r->args[rule->pointer - 1]));
		break;
	case MEMORY_IOCTL:
		peek_bytes(r, at, sizeof(int));
		break;
	default:
		break;
	}
}

/* --- messages ------------------------------------------------------------------------- */

/* A control message of those that are left. Returns false if there is none: a process may write anything. */
static bool read_control(enum trace_abi abi, const char *at, size_t left, struct user_control *c)
{
	struct user_control_32 small;

	if (left < layout_control_size(abi))
		return false;
	if (layout_is_32(abi)) {
		memcpy(&small, at, sizeof(small));
		*c = (struct user_control){small.length, small.level, small.type};
	} else {
		memcpy(c, at, sizeof(*c));
	}
	return c->length >= layout_control_size(abi) && c->length <= left;
}

/* Its descriptors, if it has any. Returns how many. */
static size_t take_fds(const struct user_control *c, const char *at, size_t header, int *fds, size_t max)
{
	size_t n = (size_t)(c->length - header) / sizeof(*fds);

	if (c->level != SOL_SOCKET || c->type != SCM_RIGHTS)
		return 0;
	if (n > max)
		n = max;
	memcpy(fds, at + header, n * sizeof(*fds));
	return n;
}

/* Where its control data is, and how long that is. Returns false if it has none. */
static bool peek_header(pid_t pid, enum trace_abi abi, uint64_t at, uint64_t *control, uint64_t *length)
{
	struct user_message_32 small;
	struct user_message m;

	if (layout_is_32(abi)) {
		if (peek(pid, at, &small, sizeof(small)) != sizeof(small))
			return false;
		*control = small.control;
		*length = small.control_length;
	} else {
		if (peek(pid, at, &m, sizeof(m)) != sizeof(m))
			return false;
		*control = m.control;
		*length = m.control_length;
	}
	return *control != 0;
}

size_t peek_message(pid_t pid, enum trace_abi abi, uint64_t at, int *fds, size_t max)
{
	char data[CONTROL_MAX];
	struct user_control c;
	uint64_t control, length;
	size_t n = 0, size, next = 0;

	if (!peek_header(pid, abi, at, &control, &length))
		return 0;
	size = peek(pid, control, data, length < sizeof(data) ? (size_t)length : sizeof(data));
	while (next <= size && read_control(abi, data + next, size - next, &c)) {
		n += take_fds(&c, data + next, layout_control_size(abi), fds + n, max - n);
		next += (size_t)layout_control_step(abi, c.length);
	}
	return n;
}
