/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes requests on descriptor 7 through an io_uring(7), one after another. With the argument
 * "sqpoll" a thread of the kernel takes them.
 */
#include "uring.h"

#include <stdio.h>

static const char hello[] = "hello";

int main(int argc, char **argv)
{
	struct uring u;
	char bytes[8];
	const struct io_uring_sqe requests[] = {
		{.opcode = IORING_OP_READ, .fd = 7, .addr = (uintptr_t)bytes, .len = 5, .off = UINT64_MAX},
		{.opcode = IORING_OP_WRITE, .fd = 7, .addr = (uintptr_t)hello, .len = 5, .off = 20},
		{.opcode = IORING_OP_READ, .fd = 0, .flags = IOSQE_FIXED_FILE, .addr = (uintptr_t)bytes, .len = 3,
			.off = UINT64_MAX},
		{.opcode = IORING_OP_FSYNC, .fd = 7, .flags = IOSQE_CQE_SKIP_SUCCESS},
		{.opcode = IORING_OP_FALLOCATE, .fd = 7, .addr = 30},
		{.opcode = IORING_OP_READ, .fd = 7, .addr = 1, .len = 5},
		{.opcode = IORING_OP_CLOSE, .fd = 7},
	};

	(void)argv;
	if (uring_set_up(&u, argc > 1 ? IORING_SETUP_SQPOLL : 0) < 0 || uring_register(&u, 7) < 0) {
		perror("io_uring");
		return 1;
	}
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++)
		uring_request(&u, requests[i]);
	return 0;
}
