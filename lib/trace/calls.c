/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The system calls that reach descriptions: see calls.h. */
#include "lib/trace/calls.h"
#include "lib/base/memory.h"
#include "lib/trace/numbers.h"

#include <stdbool.h>
#include <string.h>

enum {
	MOVE = TRACE_MOVE,
	FLAGS = TRACE_FLAGS,
	LIFE = TRACE_LIFE,
	IO = TRACE_IO,
	LOCK = TRACE_LOCK,
	OTHER = TRACE_OTHER,
};

const struct trace_call trace_calls[TRACE_CALLS] = {
#define CALL(name, i386, arm, classes, args) [CALL_##name] = {#name, SYS_##name, i386, arm, 0, classes, args},
#define CALL_32(name, i386, arm, classes, args) [CALL_##name] = {#name, -1, i386, arm, 0, classes, args},
#define REQUEST(name, number, classes, args) [REQUEST_##name] = {"io_uring: " #name, -1, 0, 0, number, classes, args},
#include "lib/trace/call-rows.def"
};

const struct trace_left_out trace_left_out[] = {
	{"poll", "waits, and changes nothing"},
	{"ppoll", "waits, and changes nothing"},
	{"select", "waits, and changes nothing"},
	{"pselect6", "waits, and changes nothing"},
	{"_newselect", "waits, and changes nothing"},
	{"ppoll_time64", "waits, and changes nothing"},
	{"pselect6_time64", "waits, and changes nothing"},
	{"io_submit", "has its descriptors in memory, and the kernel works on them later"},
	{"io_getevents", "has no descriptor"},
	{"bpf", "has its descriptors in memory"},
	{"waitid", "has a pidfd only with P_PIDFD, and a number that is none otherwise"},
	{"prctl", "sets the executable of a process, and acts on no description"},
	{"unshare", "copies the table of a thread, and acts on no description"},
	{NULL, NULL},
};

const struct trace_call *trace_call_of(const struct trace_record *r)
{
	return r->call < TRACE_CALLS ? &trace_calls[r->call] : NULL;
}

/* --- numbers ---------------------------------------------------------------------------- */

#if defined(__aarch64__) || defined(__arm__)
enum { HAS_ARM = 1, HAS_X32 = 0 };
#else
enum { HAS_ARM = 0, HAS_X32 = 1 };
#endif

/* Where x32 has not the number of x86-64: a call whose arguments in memory have pointers. */
static const struct {
	enum trace_call_id call;
	short number;
} x32_numbers[] = {
	{CALL_ioctl, 514}, {CALL_readv, 515}, {CALL_writev, 516}, {CALL_recvfrom, 517},
	{CALL_sendmsg, 518}, {CALL_recvmsg, 519}, {CALL_execve, 520}, {CALL_mq_notify, 527},
	{CALL_vmsplice, 532}, {CALL_preadv, 534}, {CALL_pwritev, 535}, {CALL_recvmmsg, 537},
	{CALL_sendmmsg, 538}, {CALL_setsockopt, 541}, {CALL_getsockopt, 542},
	{CALL_execveat, 545}, {CALL_preadv2, 546}, {CALL_pwritev2, 547},
};

static int x32_number(const struct trace_call *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(x32_numbers); i++)
		if (&trace_calls[x32_numbers[i].call] == c)
			return x32_numbers[i].number;
	return c->number;
}

/* By the number that socketcall(2) has for it. */
static const enum trace_call_id socketcalls[] = {
	[2] = CALL_bind, [3] = CALL_connect, [4] = CALL_listen, [5] = CALL_accept, [6] = CALL_getsockname,
	[7] = CALL_getpeername, [9] = CALL_send, [10] = CALL_recv, [11] = CALL_sendto,
	[12] = CALL_recvfrom, [13] = CALL_shutdown, [14] = CALL_setsockopt, [15] = CALL_getsockopt,
	[16] = CALL_sendmsg, [17] = CALL_recvmsg, [18] = CALL_accept4, [19] = CALL_recvmmsg,
	[20] = CALL_sendmmsg,
};

static int socketcall_number(const struct trace_call *c)
{
	for (size_t i = 2; i < ARRAY_SIZE(socketcalls); i++)
		if (socketcalls[i] && &trace_calls[socketcalls[i]] == c)
			return (int)i;
	return -1;
}

static int or_none(short number)
{
	return number ? number : -1;
}

/* -1: none */
static int number_of(const struct trace_call *c, enum trace_abi abi)
{
	switch (abi) {
	case ABI_COMPAT:
		return or_none(HAS_ARM ? c->arm : c->i386);
	case ABI_X32:
		return HAS_X32 ? x32_number(c) : -1;
	case ABI_SOCKETCALL:
		return HAS_ARM ? -1 : socketcall_number(c);
	case ABI_REQUEST:
		return or_none(c->request);
	case ABI_NATIVE: case ABIS:
		break;
	}
	return c->number;
}

/* --- arguments ----------------------------------------------------------------------------- */

static bool is_pair(char letter, enum trace_abi abi)
{
	if (letter == 'u')
		return abi != ABI_X32;
	return abi == ABI_COMPAT && letter && strchr("hHX", letter);
}

static bool is_aligned(char letter)
{
	return HAS_ARM && (letter == 'h' || letter == 'X');
}

/* The register in which it begins. */
static unsigned take_place(char letter, enum trace_abi abi, unsigned *next)
{
	bool pair = is_pair(letter, abi);
	unsigned at = *next + (pair && is_aligned(letter) && *next % 2);

	*next = at + 1 + pair;
	return at;
}

uint64_t trace_arg_value(char letter, enum trace_abi abi, const uint64_t args[TRACE_ARGS], unsigned *next)
{
	unsigned at = take_place(letter, abi, next);

	if (*next > TRACE_ARGS)
		return 0;
	if (abi != ABI_COMPAT)
		return args[at];
	if (is_pair(letter, abi))
		return letter == 'H' ? args[at] << 32 | args[at + 1] : args[at + 1] << 32 | args[at];
	return letter == 'l' ? (uint64_t)(int32_t)args[at] : args[at];
}

static const struct {
	char letter;
	enum trace_memory memory;
	bool late;
} pointers[] = {
	{'b', MEMORY_BYTES, false},   {'B', MEMORY_BYTES, true},
	{'v', MEMORY_VECTOR, false},  {'V', MEMORY_VECTOR, true},
	{'s', MEMORY_STRING, false},  {'q', MEMORY_OFFSET, false},
	{'Q', MEMORY_OFFSET, true},   {'t', MEMORY_LONG, false},
	{'m', MEMORY_MESSAGE, false}, {'M', MEMORY_MESSAGE, true},
	{'n', MEMORY_MESSAGE, false}, {'N', MEMORY_MESSAGE, true},
	{'c', MEMORY_FCNTL, true},    {'k', MEMORY_IOCTL, true},
	{'C', MEMORY_FLAGS, false},   {'K', MEMORY_CLONE, false},
};

/* The first argument that points somewhere is the one whose memory is recorded. */
static void add_memory(struct trace_rule *rule, char letter, uint8_t arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(pointers) && !rule->memory; i++)
		if (pointers[i].letter == letter) {
			rule->memory = pointers[i].memory;
			rule->late = pointers[i].late;
			/* of a command and its argument, the second */
			rule->pointer = arg + (letter == 'c' || letter == 'k');
		}
}

/* A message has flags behind it, a command its argument. */
static unsigned more_args(char letter)
{
	return letter && strchr("mMck", letter) ? 1 : 0;
}

/* --- rules --------------------------------------------------------------------------------- */

struct trace_rule trace_rule_of(const struct trace_call *c, enum trace_abi abi)
{
	struct trace_rule rule = {.classes = c->classes, .call = (uint16_t)(c - trace_calls)};
	unsigned next = 0;

	for (const char *at = c->args; *at && *at != '='; at++) {
		unsigned arg = take_place(*at, abi, &next);
		if (*at == 'd' || *at == 'D')
			rule.fds |= (uint8_t)(1 << arg);
		add_memory(&rule, *at, (uint8_t)arg);
		next += more_args(*at);
	}
	rule.n_args = (uint8_t)next;
	rule.many = strpbrk(c->args, "nN") != NULL;
	rule.gives = strstr(c->args, "=d") != NULL;
	rule.table = strstr(c->args, "=t") ? TABLE_WHOLE : strstr(c->args, "=r") ? TABLE_RANGE : TABLE_NONE;
	if (*c->args == 'A')
		rule.boxed = BOXED_CALL;
	else if (abi == ABI_COMPAT && !HAS_ARM && rule.call == CALL_mmap)
		rule.boxed = BOXED_ARGS;
	return rule;
}

static void fill(struct trace_rule rules[TRACE_KEYS])
{
	for (unsigned abi = 0; abi < ABIS; abi++)
		for (const struct trace_call *c = trace_calls; c < trace_calls + TRACE_CALLS; c++) {
			int number = number_of(c, abi);
			if (number >= 0 && number < TRACE_NUMBERS)
				rules[trace_key(abi, (uint32_t)number)] = trace_rule_of(c, abi);
		}
}

const struct trace_rule *trace_rule_find(uint32_t key)
{
	static struct trace_rule rules[TRACE_KEYS]; /* without classes: none */
	static bool filled;

	if (!filled)
		fill(rules);
	filled = true;
	return key < TRACE_KEYS && rules[key].classes ? &rules[key] : NULL;
}
