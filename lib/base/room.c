/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Room at a number: see room.h. */
#include "lib/base/room.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Moves what is open at the number to any other. */
static int displace(struct room *r)
{
	if (fcntl(r->at, F_GETFD) < 0)
		return 0;
	r->displaced = fcntl(r->at, F_DUPFD_CLOEXEC, 0);
	if (r->displaced < 0)
		return -1;
	close(r->at);
	return 0;
}

static int fill_below(struct room *r, int fd)
{
	for (;;) {
		int filler = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (filler < 0)
			return -1;
		if (filler >= r->at) {
			fd_close(&filler);
			return 0;
		}
		r->fillers = must_grow(r->fillers, r->n, sizeof(*r->fillers));
		r->fillers[r->n++] = filler;
	}
}

int room_make(struct room *r, int at, int fd)
{
	*r = (struct room){.at = at, .displaced = -1};
	int possible = fcntl(fd, F_DUPFD_CLOEXEC, at);
	if (possible < 0 && errno == EINVAL)
		return -1;
	fd_close(&possible);
	if (displace(r) == 0 && fill_below(r, fd) == 0)
		return 0;
	room_end(r, false);
	return -1;
}

void room_end(struct room *r, bool taken)
{
	int err = errno;

	if (r->displaced >= 0 && !taken)
		dup2(r->displaced, r->at);
	fd_close(&r->displaced);
	while (r->n > 0)
		fd_close(&r->fillers[--r->n]);
	free(r->fillers);
	r->fillers = NULL;
	errno = err;
}
