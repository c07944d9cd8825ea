/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call on a description, and what is known of each call. The BPF program, which writes such
 * records, and lib/trace are built from this header.
 */
#ifndef FDTOOL_LIB_TRACE_RECORD_H
#define FDTOOL_LIB_TRACE_RECORD_H

#include <stdint.h>

enum {
	TRACE_ARGS = 6,
	TRACE_DATA = 64,      /* bytes of a process's memory in a record */
	TRACE_FDS = TRACE_DATA / 4,
	TRACE_TARGETS = 4096,
};

/* What a call may do to a description. */
enum {
	TRACE_MOVE = 1,   /* the offset, or the size */
	TRACE_FLAGS = 2,  /* the status flags */
	TRACE_LIFE = 4,   /* which descriptors there are */
	TRACE_IO = 8,     /* data */
	TRACE_LOCK = 16,
	TRACE_OTHER = 32,
	TRACE_ALL = 63,
};

/* CALL_read, REQUEST_READ and so on: the rows of call-rows.def. */
enum trace_call_id {
#define CALL(name, ...) CALL_##name,
#define CALL_32 CALL
#define REQUEST(name, ...) REQUEST_##name,
#include "lib/trace/call-rows.def"
#undef CALL
#undef CALL_32
#undef REQUEST
	TRACE_CALLS,
	/* of a record that is no call: a process ended, and with it its table */
	TRACE_ENDED = TRACE_CALLS,
};

/*
 * By which conventions a call is made: they have numbers of their own. A 32-bit build of this
 * program makes calls of ABI_COMPAT itself.
 */
enum trace_abi {
	ABI_NATIVE,     /* of the kernel */
	ABI_COMPAT,     /* 32 bits: i386 on x86-64, arm on arm64 */
	ABI_X32,        /* registers of 64 bits, pointers of 32 */
	ABI_SOCKETCALL, /* ABI_COMPAT; the number is that of socketcall(2) */
	ABI_REQUEST,    /* no call, but a request to io_uring(7): IORING_OP_... */
	ABIS,
};

/* By a key a call is found: ABI * TRACE_NUMBERS + number. */
enum {
	TRACE_NUMBERS = 1024, /* numbers are lower */
	TRACE_KEYS = ABIS * TRACE_NUMBERS,
	X32_BIT = 0x40000000,
};

static inline uint32_t trace_key(enum trace_abi abi, uint32_t number)
{
	if (abi == ABI_X32)
		number &= ~(uint32_t)X32_BIT;
	return number < TRACE_NUMBERS ? abi * TRACE_NUMBERS + number : TRACE_KEYS;
}

/* Of a request that tells nobody its result (IOSQE_CQE_SKIP_SUCCESS): it begins. */
#define TRACE_UNKNOWN INT64_MIN

/* A pointer that a 32-bit process has as result is no error, whatever its upper bit is. */
static inline int64_t trace_result(enum trace_abi abi, int64_t result)
{
	return abi == ABI_COMPAT && result < -4095 ? (uint32_t)result : result;
}

/* What an argument points to, in the memory of the process. */
enum trace_memory {
	MEMORY_NONE,
	MEMORY_BYTES,   /* the next argument is the length; at exit, the result is */
	MEMORY_VECTOR,  /* struct iovec: the bytes of the first one */
	MEMORY_STRING,
	MEMORY_OFFSET,  /* loff_t */
	MEMORY_LONG,    /* off_t */
	MEMORY_FCNTL,   /* the third argument of fcntl(2): struct flock, or no pointer */
	MEMORY_IOCTL,   /* the third argument of ioctl(2): an int, or something else */
	MEMORY_FLAGS,   /* none: the first argument is the flags of clone(2) */
	MEMORY_CLONE,   /* struct clone_args: the flags */
	MEMORY_MESSAGE, /* struct msghdr: the descriptors in the control data */
};

/* The commands whose class is not TRACE_OTHER. Constants, since a BPF program has no libc. */
static inline unsigned trace_class_of_fcntl(unsigned command)
{
	switch (command) {
	case 0: case 1030: /* F_DUPFD, F_DUPFD_CLOEXEC */
		return TRACE_LIFE;
	case 4: /* F_SETFL */
		return TRACE_FLAGS;
	case 6: case 7: case 13: case 14: /* F_SETLK, F_SETLKW, F_SETLK64, F_SETLKW64 */
	case 37: case 38: case 1024: /* F_OFD_SETLK, F_OFD_SETLKW, F_SETLEASE */
		return TRACE_LOCK;
	default:
		return TRACE_OTHER;
	}
}

static inline unsigned trace_class_of_ioctl(unsigned request)
{
	return request == 0x5421 || request == 0x5452 ? TRACE_FLAGS : TRACE_OTHER; /* FIONBIO, FIOASYNC */
}

/* Whether a call acts on descriptors that are no arguments. */
enum trace_table {
	TABLE_NONE,
	TABLE_WHOLE,
	TABLE_RANGE, /* from the first argument to the second */
};

/* A call, as the BPF program needs it: see calls.h. */
struct trace_rule {
	uint8_t fds;     /* a bit for each argument that is a descriptor */
	uint8_t classes;
	uint8_t memory;  /* enum trace_memory */
	uint8_t pointer; /* the argument that points there */
	uint8_t late;    /* the memory is read after the call: the kernel writes it */
	uint8_t gives;   /* the result is a descriptor */
	uint8_t table;   /* enum trace_table */
	uint8_t many;    /* MEMORY_MESSAGE: struct mmsghdr, as many as the next argument or the result says */
	uint8_t boxed;   /* enum trace_boxed */
	uint8_t n_args;  /* registers, or words in memory */
	uint16_t call;   /* enum trace_call_id */
};

/* Whether the arguments are in memory, words of 32 bits each. */
enum trace_boxed {
	BOXED_NOT,
	BOXED_ARGS, /* the first argument points to them: mmap(2) of i386 */
	BOXED_CALL, /* the first is the number of a call of ABI_SOCKETCALL, the second points to them */
};

/* Set before the program is loaded. */
struct trace_config {
	uint32_t classes; /* those that are wanted */
	uint32_t self;    /* the tracer: not traced */
};

/* Set while it runs. */
struct trace_control {
	uint32_t wakes; /* 0: the tracer looks for records by itself. To wake it costs as much as ten calls */
	uint32_t level; /* of the tracer's pid namespace; before that, nothing is a target */
};

/* A call on a description, after it. */
struct trace_record {
	uint64_t ns;        /* CLOCK_MONOTONIC, at the end of the call */
	uint64_t identity;  /* the address of the description */
	uint64_t args[TRACE_ARGS];
	int64_t result;     /* negative: an errno */
	int64_t pos_before, pos_after;
	int64_t size_before, size_after; /* of the inode */
	uint32_t flags_before, flags_after;
	int32_t pid, tid;   /* in the pid namespace of the tracer; 0: not in it */
	uint32_t target;    /* which one it is */
	uint16_t call;      /* enum trace_call_id, or TRACE_ENDED */
	int32_t fd;         /* the number by which the call has it */
	int32_t holders;    /* what keeps it open: descriptors, messages in flight, mappings */
	uint8_t kept;       /* after a call on the table: whether the process has it as fd still */
	uint8_t wanted;     /* it is of a class that is; else it says only that nobody holds it */
	uint8_t n_data;     /* bytes */
	uint8_t n_fds;      /* MEMORY_MESSAGE: how many, up to 255; the first TRACE_FDS are in data */
	uint8_t passed;     /* MEMORY_MESSAGE: one of all is this description */
	uint8_t abi;        /* enum trace_abi, but ABI_SOCKETCALL */
	uint8_t fixed;      /* ABI_REQUEST: fd is the place of a registered file, and no descriptor */
	uint32_t length;    /* of what data is the beginning of */
	char command[16];   /* a string */
	char data[TRACE_DATA] __attribute__((aligned(8)));
};

/* --- which calls are printed, for all ways to trace -------------------------------------- */

enum { TRACE_CLONE_THREAD = 0x10000 }; /* CLONE_THREAD */

/* A thread has the table of its process. */
static inline int trace_makes_thread(const struct trace_rule *rule, const struct trace_record *r)
{
	return (rule->memory == MEMORY_FLAGS && r->args[0] & TRACE_CLONE_THREAD) ||
	       (rule->memory == MEMORY_CLONE && *(const uint64_t *)r->data & TRACE_CLONE_THREAD);
}

/* Whether a call, which has returned, is of one of the classes. */
static inline int trace_is_wanted(const struct trace_rule *rule, const struct trace_record *r,
	unsigned wanted)
{
	unsigned classes = rule->classes;

	if (rule->table && (r->result < 0 || trace_makes_thread(rule, r)))
		return 0;
	if (rule->memory == MEMORY_FCNTL)
		classes = trace_class_of_fcntl((unsigned)r->args[1]);
	else if (rule->memory == MEMORY_IOCTL)
		classes = trace_class_of_ioctl((unsigned)r->args[1]);
	else if (rule->table == TABLE_RANGE && r->kept)
		classes = TRACE_OTHER; /* CLOSE_RANGE_CLOEXEC */
	if (r->passed)
		classes |= TRACE_LIFE;
	if (r->pos_before != r->pos_after || r->size_before != r->size_after)
		classes |= TRACE_MOVE;
	if (r->flags_before != r->flags_after)
		classes |= TRACE_FLAGS;
	return (classes & wanted) != 0;
}

#endif
