/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about a pipe: its fill and capacity. */
#include "lib/look/facts-internal.h"
#include "lib/out/json-value.h"

#include <fcntl.h>
#include <sys/ioctl.h>

struct pipe_answer {
	int waiting, capacity;
};

/*
 * Both calls wait for the pipe's mutex. A reader holds it while it copies into memory that a
 * sleeping server has to provide (userfaultfd, a mapped FUSE file), and no signal ends that
 * wait.
 */
static void query_pipe(int fd, void *answer)
{
	struct pipe_answer *a = answer;

	a->capacity = fcntl(fd, F_GETPIPE_SZ);
	if (a->capacity < 0 || ioctl(fd, FIONREAD, &a->waiting) < 0)
		a->waiting = -1;
}

/*
 * The kernel itself implements a FIFO, whatever the file system that has its inode: pipes have
 * no flush operation, and a duplicate neither opens nor closes anything for their other end.
 */
void facts_add_pipe(const struct subject *s)
{
	struct pipe_answer a = {-1, -1};
	int64_t waiting = s->d->waiting, capacity = s->d->capacity;

	if (waiting < 0 && facts_ask(s, query_pipe, &a, sizeof(a))) {
		waiting = a.waiting;
		capacity = a.capacity;
	}
	facts_put(s, "waiting", json_maybe(waiting, -1));
	facts_put(s, "capacity", json_maybe(capacity, -1));
}
