/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A child process that makes calls which may hang, at the other end of a socket pair. The
 * parent waits for its answers as long as it likes, and its loop goes on meanwhile.
 *
 * A child may be stuck in the kernel (state D), where no signal ends it: nobody waits for
 * such a child. It keeps nothing open but its socket and the descriptor that it asks, and
 * no second child is started for the same inode while it is stuck.
 */
#ifndef FDTOOL_LIB_BASE_CHILD_H
#define FDTOOL_LIB_BASE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct child {
	int sock; /* SEQPACKET; readable when the child has answered or ended; -1: none runs */
	pid_t pid;
};

#define CHILD_NONE ((struct child){.sock = -1})

/*
 * Starts a child that calls run, then ends. It has fd (borrowed; -1: none) and its own end
 * of the socket, under the numbers that they have here, and everything else is closed, the
 * standard descriptors too. It dies with its parent. Returns 0, or -1 with errno:
 *   EBUSY  a child is stuck with this inode, or two children are stuck with others
 *   and those of socketpair(2) and fork(2)
 */
int child_start(struct child *, int fd, void (*run)(int sock, int fd, const void *data),
	const void *data);

/*
 * Gives the child one more descriptor (borrowed), which it receives with msg_recv. Returns 0, or -1
 * with the errno of sendmsg(2).
 */
int child_give(const struct child *, int fd);

/* Waits until the child has answered or ended. Returns false when the deadline has passed. */
bool child_wait(const struct child *, int64_t deadline);

/*
 * Kills the child and waits up to 200 ms for its end. A child that does not end is remembered as
 * stuck with the inode of fd: the descriptor given to child_start, or the last one sent to the
 * child. Keeps errno. Does nothing if no child runs.
 */
void child_stop(struct child *, int fd);

/* Whether a child is stuck with the inode of fd: then the next one would be, too. */
bool child_is_stuck(int fd);

/*
 * Starts a child, waits until the deadline for its one message, which is an answer of that size,
 * and stops the child. Returns 0, or -1 with errno:
 *   ETIMEDOUT  no answer until the deadline
 *   ECHILD     the child ended without an answer
 *   and those of child_start
 */
int child_ask(int fd, void (*run)(int sock, int fd, const void *data), const void *data,
	void *answer, size_t size, int64_t deadline);

/*
 * Finds out whether poll(2) and epoll_ctl(2) of fd return, for a file that may have a server.
 * Returns 0, or -1 with the errno of child_ask.
 */
int child_try_poll(int fd, int64_t deadline);

/* --- read(2) by a child ------------------------------------------------------------ */

/*
 * For a descriptor whose read may wait although poll(2) said that it would not: another
 * holder of the description may be faster, and O_NONBLOCK belongs to all holders.
 */

enum { CHILD_READ_MAX = 65536 };

/*
 * Starts a child that reads fd (borrowed) until end of file or an error, up to size bytes
 * a read, CHILD_READ_MAX at most. With once it reads once, so that it takes nothing that
 * was not requested. Returns as child_start.
 */
int child_read_start(struct child *, int fd, size_t size, bool once);

/*
 * Gets what one read of the child returned; size is at least CHILD_READ_MAX + 1. Never
 * waits. Returns its length, 0 at end of file, or -1 with the errno of that read(2);
 * EAGAIN: nothing yet; ECHILD: the child ended, or was killed, without an answer.
 */
ssize_t child_read(struct child *, void *buf, size_t size);

#endif
