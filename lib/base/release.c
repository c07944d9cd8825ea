/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Closing descriptors that came from elsewhere: see release.h. */
#include "lib/base/release.h"
#include "lib/base/fd.h"
#include "lib/base/inode.h"

#include <bsd/unistd.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

static bool left_open; /* a descriptor whose close may wait */

void release_fd(int *fd)
{
	if (*fd < 0)
		return;
	if (inode_may_have_server(*fd)) {
		left_open = true;
		*fd = -1;
	}
	fd_close(fd);
}

/* In the child. The standard ones first, since whoever reads our output waits for their end. */
static int close_everything(void *unused)
{
	(void)unused;
	fd_close_range(STDIN_FILENO, STDERR_FILENO);
	closefrom(STDERR_FILENO + 1);
	_exit(0);
}

/* The child shares the table of descriptors: the end of this process closes nothing. */
bool release_rest(void)
{
	static char stack[16384] __attribute__((aligned(16)));

	return left_open &&
	       clone(close_everything, stack + sizeof(stack), CLONE_FILES | SIGCHLD, NULL) > 0;
}
