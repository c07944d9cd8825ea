/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control data of a message, whose descriptors are taken: lib/base/msg.h. */
#include "tests/fuzz/fuzz.h"
#include "lib/base/memory.h"
#include "lib/base/msg.h"

#include <stdlib.h>
#include <string.h>

/* Each descriptor is in the data, in this order. */
static void check_order(const struct msg *m, const char *control, size_t room)
{
	const char *at = control;

	for (size_t i = 0; i < m->nfds; i++) {
		at = memmem(at, room - (size_t)(at - control), &m->fds[i], sizeof(int));
		CHECK(at);
		at += sizeof(int);
	}
}

/* The descriptors are the same when they come in one SCM_RIGHTS. */
static void collect_again(const struct msg *m)
{
	struct msg again;
	size_t bytes = m->nfds * sizeof(int), room = CMSG_SPACE(bytes);
	struct cmsghdr *c = must_calloc(1, room);
	struct msghdr h = {.msg_control = c, .msg_controllen = room};

	*c = (struct cmsghdr){CMSG_LEN(bytes), SOL_SOCKET, SCM_RIGHTS};
	memcpy(CMSG_DATA(c), m->fds, bytes);
	CHECK(msg_collect(&again, &h));
	CHECK(again.nfds == m->nfds && memcmp(again.fds, m->fds, bytes) == 0);
	free(c);
}

FUZZ(cmsgs)
{
	struct msg m;
	char *control = must_calloc(1, size ? size : 1); /* aligned, and of exactly that size */
	struct msghdr h = {.msg_control = control, .msg_controllen = size};

	memcpy(control, data, size);
	msg_collect(&m, &h);
	CHECK(m.nfds <= MSG_FDS_MAX && m.nfds * sizeof(int) <= size);
	check_order(&m, control, size);
	collect_again(&m);
	free(control);
}
