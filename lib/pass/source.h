/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SOURCE, the operand of serve: a path, PID:FD, or one of source_forms: fd:N, tcp:[HOST:]PORT
 * and so on. That table is what parsing, --help and completion know of them.
 */
#ifndef FDTOOL_LIB_PASS_SOURCE_H
#define FDTOOL_LIB_PASS_SOURCE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/addr.h"

enum source_kind {
	SOURCE_PATH,
	SOURCE_FD,
	SOURCE_PID_FD,
	SOURCE_EVENTFD,
	SOURCE_TIMERFD,
	SOURCE_SIGNALFD,
	SOURCE_INOTIFY,
	SOURCE_PIDFD,
	SOURCE_MEMFD,
	SOURCE_TCP,
	SOURCE_UDP,
	SOURCE_UNIX,
	SOURCE_PAIR,
	SOURCE_PIPE,
	SOURCE_MYPOLL
};

struct source_opts {
	int mode;  /* O_RDONLY, O_WRONLY, O_RDWR; -1: O_RDONLY for a path or a pipe, else as it is */
	int flags; /* more flags of open(2) for a path; O_NONBLOCK for a socket or a pipe, too */
	mode_t perm; /* of a file that O_CREAT makes */
	int backlog; /* of listen(2), for SOURCE_TCP and SOURCE_UNIX; 0: as many as the kernel allows */
	bool reuseport; /* SO_REUSEPORT, for SOURCE_TCP and SOURCE_UDP */
};

struct source {
	enum source_kind kind;
	const struct source_form *form; /* NULL for a path and PID:FD */
	const char *word; /* as the user wrote it; borrowed */
	const char *path; /* of SOURCE_PATH, _INOTIFY; SOURCE_MEMFD: the label; _TCP, _UDP: [HOST:]PORT */
	pid_t pid;
	int fd;
	unsigned int count; /* SOURCE_EVENTFD */
	int64_t period;     /* ns; SOURCE_TIMERFD, and SOURCE_MYPOLL (0: no timer) */
	sigset_t signals;   /* SOURCE_SIGNALFD */
	int type;           /* SOURCE_PAIR: SOCK_STREAM, … */
	struct addr addr;   /* SOURCE_UNIX; after source_open for addr_unbind_unused */

	/* set by source_open */
	int kept;           /* the other end of SOURCE_PAIR, SOURCE_PIPE; the caller closes it; else -1 */
	const char *failed; /* the call that failed: "bind" */
	int unresolved;     /* where that is "getaddrinfo": its EAI_NONAME, … */
};

/* A form of SOURCE that begins with a word and a colon. */
struct source_form {
	const char *word;    /* "eventfd:" */
	const char *operand; /* what follows the colon: "[COUNT]" */
	const char *help;
	enum source_kind kind;
	/* Returns NULL, or the fault as the end of a sentence. */
	const char *(*parse)(const char *rest, struct source *);
	int (*open)(struct source *, const struct source_opts *); /* as source_open */
	bool nonblock; /* whether `open` can make it O_NONBLOCK */
};

extern const struct source_form source_forms[]; /* ends with a row whose word is NULL */

/* The period of "mypoll:" without one, in ns. */
#define SOURCE_MYPOLL_PERIOD INT64_C(1000000000)

/* Parses a word. Returns NULL, or the fault as the end of a sentence ("is empty"). */
const char *source_parse(const char *word, struct source *);

/*
 * The default name of an offer: the last component of the path, or the word before
 * the colon. It need not be a valid NAME (addr_name_fault). The caller frees it.
 */
char *source_name(const struct source *);

/*
 * Opens the source; fd:N becomes a duplicate. Returns the descriptor, or -1 with
 * errno: those of open(2), socket(2), bind(2); EBADF for a descriptor that does not exist;
 * ESRCH and EPERM for PID:FD; EADDRNOTAVAIL for a host or service that getaddrinfo(3) does not
 * know; EINVAL for a mode that this kind cannot have, and for SOURCE_MYPOLL, which standin_open
 * opens.
 */
int source_open(struct source *, const struct source_opts *);

/*
 * The kind of a descriptor with which its holders can open or receive others: "directory"
 * (all files below it), "o_path", "unix" (an AF_UNIX socket). NULL for other kinds. Returns 0, or
 * -1 with errno where the kernel does not tell.
 */
int source_hazard(int fd, const char **hazard);

#endif
