/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SOURCE, what serve offers: a path, fd:N, PID:FD, eventfd:[COUNT],
 * timerfd:INTERVAL, memfd:[LABEL], mypoll:[PERIOD].
 */
#ifndef FDTOOL_LIB_PASS_SOURCE_H
#define FDTOOL_LIB_PASS_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum source_kind {
	SOURCE_PATH,
	SOURCE_FD,
	SOURCE_PID_FD,
	SOURCE_EVENTFD,
	SOURCE_TIMERFD,
	SOURCE_MEMFD,
	SOURCE_MYPOLL
};

struct source {
	enum source_kind kind;
	const char *word; /* as the user wrote it; borrowed */
	const char *path; /* SOURCE_PATH; SOURCE_MEMFD: the label */
	pid_t pid;
	int fd;
	unsigned int count; /* SOURCE_EVENTFD */
	int64_t period;     /* ns; SOURCE_TIMERFD, and SOURCE_MYPOLL (0: no timer) */
};

/* The period of mypoll: where none is given. */
#define SOURCE_MYPOLL_PERIOD INT64_C(1000000000)

struct source_opts {
	int mode;  /* O_RDONLY, O_WRONLY, O_RDWR; -1: r of a path, all it has of others */
	int flags; /* further open(2) flags, of a path */
	mode_t perm;
};

/* Parses a word. Returns NULL, or what is wrong with it, as half a sentence. */
const char *source_parse(const char *word, struct source *);

/*
 * The name that it is offered under where none is given: the last component of
 * the path, the word before the colon. The caller frees. It may be no NAME
 * (addr_name_fault).
 */
char *source_name(const struct source *);

/*
 * Opens it; not SOURCE_MYPOLL, which needs somebody to make its events (mypoll.h).
 * fd:N becomes a duplicate. Returns the descriptor, or -1 with errno: those of
 * open(2); EBADF no such descriptor; ESRCH, EPERM for PID:FD; EINVAL for a mode
 * that this kind cannot have.
 */
int source_open(const struct source *, const struct source_opts *);

/*
 * What a descriptor gives away beyond itself: "directory" (all below it),
 * "o_path", "unix" (an AF_UNIX socket), or NULL for nothing of the kind.
 */
const char *source_hazard(int fd);

#endif
