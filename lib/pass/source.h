/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SOURCE, the operand of serve: a path, fd:N, PID:FD, eventfd:[COUNT],
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
	const char *path; /* SOURCE_PATH: the path; SOURCE_MEMFD: the label */
	pid_t pid;
	int fd;
	unsigned int count; /* SOURCE_EVENTFD */
	int64_t period;     /* ns; SOURCE_TIMERFD, and SOURCE_MYPOLL (0: no timer) */
};

/* The period of "mypoll:" without one, in ns. */
#define SOURCE_MYPOLL_PERIOD INT64_C(1000000000)

struct source_opts {
	int mode;  /* O_RDONLY, O_WRONLY, O_RDWR; -1: O_RDONLY for a path, else as it is */
	int flags; /* more flags of open(2), for a path */
	mode_t perm; /* of a file that O_CREAT makes */
};

/* Parses a word. Returns NULL, or the fault as the end of a sentence ("is empty"). */
const char *source_parse(const char *word, struct source *);

/*
 * The default name of an offer: the last component of the path, or the word before
 * the colon. It need not be a valid NAME (addr_name_fault). The caller frees it.
 */
char *source_name(const struct source *);

/*
 * Opens the source; fd:N becomes a duplicate. Returns the descriptor, or -1 with
 * errno: those of open(2); EBADF for a descriptor that does not exist; ESRCH and
 * EPERM for PID:FD; EINVAL for a mode that this kind cannot have, and for
 * SOURCE_MYPOLL, which standin_open opens.
 */
int source_open(const struct source *, const struct source_opts *);

/*
 * The kind of a descriptor with which its holders can open or receive others: "directory"
 * (all files below it), "o_path", "unix" (an AF_UNIX socket). NULL for other kinds. Returns 0, or
 * -1 with errno where the kernel does not tell.
 */
int source_hazard(int fd, const char **hazard);

#endif
