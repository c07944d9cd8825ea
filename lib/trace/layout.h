/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process has in its memory for a call: struct iovec, msghdr and cmsghdr, with pointers of 64
 * bits and of 32. The BPF programs and lib/trace are built from this header.
 */
#ifndef FDTOOL_LIB_TRACE_LAYOUT_H
#define FDTOOL_LIB_TRACE_LAYOUT_H

#include "lib/trace/record.h"

struct user_vector {
	uint64_t base, length;
};

struct user_vector_32 {
	uint32_t base, length;
};

struct user_message {
	uint64_t name;
	uint32_t name_length, pad;
	uint64_t vector, vectors, control, control_length;
	int32_t flags;
};

struct user_message_32 {
	uint32_t name, name_length, vector, vectors, control, control_length;
	int32_t flags;
};

struct user_control {
	uint64_t length;
	int32_t level, type;
};

struct user_control_32 {
	uint32_t length;
	int32_t level, type;
};

static inline int layout_is_32(uint32_t abi)
{
	return abi != ABI_NATIVE && abi != ABI_REQUEST;
}

/* From one struct mmsghdr to the next. */
static inline uint32_t layout_message_step(uint32_t abi)
{
	return layout_is_32(abi) ? 32 : 64;
}

static inline uint32_t layout_control_size(uint32_t abi)
{
	return layout_is_32(abi) ? sizeof(struct user_control_32) : sizeof(struct user_control);
}

/* Of a control message: where the next one begins. */
static inline uint64_t layout_control_step(uint32_t abi, uint64_t length)
{
	uint64_t word = layout_is_32(abi) ? 4 : 8;

	return (length + word - 1) & ~(word - 1);
}

/* The flock of fcntl(2), all but l_pid: F_GETLK, F_SETLK and F_SETLKW of 32 bits have such numbers. */
static inline uint32_t layout_lock_size(uint32_t abi, uint64_t command)
{
	return abi == ABI_COMPAT && command >= 5 && command <= 7 ? 12 : 24;
}

#endif
