/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Closing descriptors that came from elsewhere: see release.h. */
#include "lib/base/release.h"
#include "lib/base/fd.h"
#include "lib/base/inode.h"
#include "lib/base/memory.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static bool left_open; /* a descriptor whose close may wait */

/* The stack of a child, which has a copy of it. */
static char stack[16384] __attribute__((aligned(16)));

static int clone_sharing_table(int (*run)(void *unused))
{
	return clone(run, stack + sizeof(stack), CLONE_FILES | SIGCHLD, NULL);
}

/* --- in the background ---------------------------------------------------------- */

enum { CLOSERS_MAX = 8 };

static bool in_background;
static int *late; /* to be closed by the next child */
static size_t n_late;
static pid_t closers[CLOSERS_MAX]; /* 0: none */

static int close_late(void *unused)
{
	(void)unused;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd_close_all(late, n_late);
	_exit(0);
}

/* A slot for one more child, or NULL: all wait. */
static pid_t *find_slot(void)
{
	pid_t *free_slot = NULL;

	for (size_t i = 0; i < CLOSERS_MAX; i++) {
		if (closers[i] && waitpid(closers[i], NULL, WNOHANG) != 0)
			closers[i] = 0;
		if (!closers[i])
			free_slot = &closers[i];
	}
	return free_slot;
}

static void start_closer(void)
{
	pid_t *slot = find_slot();
	int pid = slot && n_late ? clone_sharing_table(close_late) : -1;

	if (pid < 0)
		return; /* they stay open until the next one is released */
	*slot = pid;
	n_late = 0;
}

void release_in_background(bool on)
{
	in_background = on;
}

/* Returns whether fd is left open. */
static bool leave_open(int *fd)
{
	if (!inode_may_have_server(*fd))
		return false;
	left_open = true;
	if (in_background) {
		late = must_grow(late, n_late, sizeof(*late));
		late[n_late++] = *fd;
	}
	*fd = -1;
	return true;
}

/* --- releasing --------------------------------------------------------------------- */

void release_fd(int *fd)
{
	int saved = errno;

	if (*fd < 0)
		return;
	if (!leave_open(fd))
		fd_close(fd);
	else if (in_background)
		start_closer();
	errno = saved;
}

void release_uninvited(int *fds, size_t n)
{
	int saved = errno;

	for (size_t i = 0; i < n && in_background; i++)
		if (fds[i] >= 0)
			leave_open(&fds[i]);
	fd_close_all(fds, n);
	if (in_background)
		start_closer();
	errno = saved;
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
	return left_open && clone_sharing_table(close_everything) > 0;
}
