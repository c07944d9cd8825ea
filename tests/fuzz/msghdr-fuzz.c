/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The control data of a message, as it is dumped: lib/pass/msghdr-dump.h. The first byte says how
 * much of the rest is payload. What the kernel writes adds up; this need not.
 */
#include "tests/fuzz/fuzz.h"
#include "lib/base/memory.h"
#include "lib/pass/msghdr-dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

FUZZ(msghdr)
{
	size_t payload = size ? (unsigned char)data[0] % size : 0;
	size_t room = size - payload;
	char *control = must_calloc(1, room ? room : 1); /* aligned, and of exactly that size */
	struct iovec iov = {(void *)data, payload};
	struct msghdr h = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room};
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	memcpy(control, data + payload, room);
	h.msg_flags = size ? data[size - 1] : 0;
	msghdr_dump(f, MSG_RECEIVED, -1, &h, (ssize_t)payload);
	msghdr_dump(f, MSG_SENT, -1, &h, -1);
	fclose(f);
	CHECK(strlen(text) == len);
	free(text);
	free(control);
}
