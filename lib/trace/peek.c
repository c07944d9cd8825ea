/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the memory of another process, process_vm_readv(2): see peek.h. */
#include "lib/trace/peek.h"

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
	struct iovec v;

	if (peek(r->tid, at, &v, sizeof(v)) == sizeof(v))
		peek_bytes(r, (uintptr_t)v.iov_base, v.iov_len < length ? v.iov_len : length);
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
	case MEMORY_FCNTL:
		peek_bytes(r, at, 32); /* struct flock */
		break;
	case MEMORY_IOCTL:
		peek_bytes(r, at, sizeof(int));
		break;
	default:
		break;
	}
}

/* --- messages ------------------------------------------------------------------------- */

static size_t add_fds(const struct cmsghdr *c, size_t n, int *fds, size_t max)
{
	size_t here = (c->cmsg_len - CMSG_LEN(0)) / sizeof(*fds);

	if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return n;
	if (here > max - n)
		here = max - n;
	memcpy(fds + n, CMSG_DATA(c), here * sizeof(*fds));
	return n + here;
}

/* A length that another process wrote may be anything. */
static bool is_whole(const struct msghdr *m, const struct cmsghdr *c)
{
	size_t left = (size_t)((char *)m->msg_control + m->msg_controllen - (const char *)c);

	return c->cmsg_len >= CMSG_LEN(0) && c->cmsg_len <= left;
}

size_t peek_message(pid_t pid, uint64_t at, int *fds, size_t max)
{
	char control[CONTROL_MAX] __attribute__((aligned(8)));
	struct msghdr m;
	size_t n = 0;

	if (peek(pid, at, &m, sizeof(m)) != sizeof(m) || !m.msg_control)
		return 0;
	m.msg_controllen = peek(pid, (uintptr_t)m.msg_control, control,
		m.msg_controllen < sizeof(control) ? m.msg_controllen : sizeof(control));
	m.msg_control = control;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c && is_whole(&m, c); c = CMSG_NXTHDR(&m, c))
		n = add_fds(c, n, fds, max);
	return n;
}
