/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/trace/peek.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static const enum trace_abi OWN_ABI = sizeof(long) == 4 ? ABI_COMPAT : ABI_NATIVE;

static struct trace_record record(const void *argument)
{
	return (struct trace_record){.abi = OWN_ABI, .tid = getpid(), .args = {7, (uintptr_t)argument}};
}

#define RULE(what) (&(struct trace_rule){.memory = (what), .pointer = 1})

/* The last n bytes of two pages after which there is none. */
static char *end_of_memory(size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(pages != MAP_FAILED);
	CHECK_OK(munmap(pages + 2 * page, page));
	return pages + 2 * page - n;
}

TEST(bytes_are_as_many_as_the_call_says_or_as_the_record_takes)
{
	char text[200];
	struct trace_record r = record(text);

	memset(text, 'x', sizeof(text));
	peek_memory(&r, RULE(MEMORY_BYTES), 5);
	CHECK_INT(r.n_data, 5);
	CHECK_INT(r.length, 5);
	peek_memory(&r, RULE(MEMORY_BYTES), sizeof(text));
	CHECK_INT(r.n_data, TRACE_DATA);
	CHECK_INT(r.length, sizeof(text));
	CHECK(memcmp(r.data, text, TRACE_DATA) == 0);
}

TEST(what_is_not_mapped_is_left_out)
{
	struct trace_record r = record(NULL);

	peek_memory(&r, RULE(MEMORY_BYTES), 5);
	CHECK_INT(r.n_data, 0);
	CHECK_INT(r.length, 5);
	r = record(end_of_memory(3));
	peek_memory(&r, RULE(MEMORY_OFFSET), 0);
	CHECK_INT(r.n_data, 0);
}

TEST(a_string_may_end_where_the_memory_ends)
{
	char *at = end_of_memory(5);
	struct trace_record r = record(at);

	memcpy(at, "name", 5);
	peek_memory(&r, RULE(MEMORY_STRING), 0);
	CHECK_INT(r.n_data, 4);
	CHECK_INT(r.length, 4);
	CHECK_STR(r.data, "name");
}

TEST(a_string_may_be_longer_than_the_record_and_cross_a_page)
{
	char *at = end_of_memory(4096 + 10);
	struct trace_record r = record(at);

	memset(at, 'x', 100);
	peek_memory(&r, RULE(MEMORY_STRING), 0);
	CHECK_INT(r.n_data, TRACE_DATA);
	CHECK_INT(r.length, UINT32_MAX);
}

TEST(a_vector_shows_its_first_buffer)
{
	char text[] = "hello";
	struct iovec v = {text, 5};
	struct trace_record r = record(&v);

	peek_memory(&r, RULE(MEMORY_VECTOR), UINT32_MAX);
	CHECK_INT(r.n_data, 5);
	CHECK(memcmp(r.data, "hello", 5) == 0);
	peek_memory(&r, RULE(MEMORY_VECTOR), 2); /* that much was read into it */
	CHECK_INT(r.n_data, 2);
}

struct control {
	struct msghdr h;
	union {
		char bytes[512];
		struct cmsghdr align;
	} buffer;
};

static void add(struct control *c, int type, const void *data, size_t size)
{
	struct cmsghdr *at = (struct cmsghdr *)(void *)(c->buffer.bytes + c->h.msg_controllen);

	*at = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = type, .cmsg_len = CMSG_LEN(size)};
	memcpy(CMSG_DATA(at), data, size);
	c->h.msg_control = c->buffer.bytes;
	c->h.msg_controllen += CMSG_SPACE(size);
}

TEST(descriptors_of_several_control_messages)
{
	struct control c = {0};
	int fds[8];

	add(&c, SCM_RIGHTS, (int[]){3, 4}, 2 * sizeof(int));
	add(&c, SCM_CREDENTIALS, &(struct ucred){1, 2, 3}, sizeof(struct ucred));
	add(&c, SCM_RIGHTS, (int[]){9}, sizeof(int));
	CHECK_INT(peek_message(getpid(), OWN_ABI, (uintptr_t)&c.h, fds, 8), 3);
	CHECK(fds[0] == 3 && fds[1] == 4 && fds[2] == 9);
	CHECK_INT(peek_message(getpid(), OWN_ABI, (uintptr_t)&c.h, fds, 1), 1);
}

TEST(a_control_message_may_lie_about_its_length)
{
	struct control c = {0};
	int fds[8];

	add(&c, SCM_RIGHTS, (int[]){3, 4}, 2 * sizeof(int));
	c.buffer.align.cmsg_len = 1000000;
	CHECK_INT(peek_message(getpid(), OWN_ABI, (uintptr_t)&c.h, fds, 8), 0);
	c.buffer.align.cmsg_len = 0;
	CHECK_INT(peek_message(getpid(), OWN_ABI, (uintptr_t)&c.h, fds, 8), 0);
	c.h.msg_control = NULL;
	CHECK_INT(peek_message(getpid(), OWN_ABI, (uintptr_t)&c.h, fds, 8), 0);
	CHECK_INT(peek_message(getpid(), OWN_ABI, 0, fds, 8), 0);
}

/* At an address that has 32 bits. */
TEST(what_a_32_bit_process_has_in_memory)
{
	struct {
		uint32_t message[7], control[8], vector[2], text;
	} *m = mmap((void *)0x10000000, sizeof(*m), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t at = (uint32_t)(uintptr_t)m;
	uint64_t args[TRACE_ARGS];
	int fds[8];

	CHECK(m != MAP_FAILED && (uintptr_t)m <= UINT32_MAX);
	m->message[4] = at + sizeof(m->message);
	m->message[5] = sizeof(m->control);
	memcpy(m->control, (uint32_t[]){16, SOL_SOCKET, SCM_RIGHTS, 3, 16, SOL_SOCKET, SCM_RIGHTS, 9}, sizeof(m->control));
	CHECK_INT(peek_message(getpid(), ABI_COMPAT, at, fds, 8), 2);
	CHECK(fds[0] == 3 && fds[1] == 9);
	memcpy(&m->text, "abcd", 4);
	m->vector[0] = (uint32_t)(uintptr_t)&m->text;
	m->vector[1] = 4;
	struct trace_record r = record(m->vector);
	r.abi = ABI_COMPAT;
	peek_memory(&r, RULE(MEMORY_VECTOR), UINT32_MAX);
	CHECK(r.n_data == 4 && memcmp(r.data, "abcd", 4) == 0);
	CHECK(peek_args(getpid(), (uintptr_t)m->vector, args, 2) == 0 && args[1] == 4);
	CHECK(peek_args(getpid(), 0, args, 2) < 0);
}
