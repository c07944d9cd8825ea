/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lessons of demo. A lesson is two functions, each run by a process of its
 * own and read from top to bottom. What they do they show, as strace(1) would;
 * what they claim they check; and they keep in step by a baton, never by
 * waiting so long that the other must have got there.
 */
#ifndef FDTOOL_CMD_DEMO_LESSON_H
#define FDTOOL_CMD_DEMO_LESSON_H

#include "cmd/cli/command.h"
#include "lib/base/msg.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>

/* One of the two processes, as its function sees it. */
struct side {
	const char *name;  /* "opener" or "worker" */
	pid_t self, other; /* pids */
	int sock;          /* AF_UNIX SOCK_SEQPACKET; the other side has the other end */
	int baton;         /* the same once more, for turn_give and turn_take */
	const char *file;  /* path of a file that holds LESSON_TEXT; NULL: not asked for */
	bool held;         /* every check so far */
};

struct lesson {
	const char *name;
	const char *summary; /* half a line, for the list and the title */
	const char *watch;   /* one sentence: what to look at */
	const char *learnt;  /* one sentence: what has been seen, when all of it held */
	bool file;           /* wants side->file */
	/* Why it cannot be given here, as half a sentence, or NULL. NULL itself: it always can. */
	const char *(*lacks)(void);
	void (*opener)(struct side *);
	void (*worker)(struct side *);
};

/* Its words begin at 0, 4, 8, 14 and 19. */
#define LESSON_TEXT "one two three four five\n"

extern const struct lesson lesson_numbers;
extern const struct lesson lesson_offset;
extern const struct lesson lesson_flags;
extern const struct lesson lesson_ebadf;
extern const struct lesson lesson_eventfd;
extern const struct lesson lesson_mypoll;
extern const struct lesson lesson_broker;
extern const struct lesson lesson_outlive;
extern const struct lesson lesson_anatomy;
extern const struct lesson lesson_sockets;

/* --- lesson-run.c ------------------------------------------------------------ */

/*
 * Runs one in two new processes, and leaves neither them nor a file behind.
 * STATUS_OK if every check held. A failure has been reported. A signal that is
 * to end fdtool ends it from here, after all is tidy.
 */
enum status lesson_run(const struct lesson *);

/*
 * Has this side killed when parent, which is getppid(), ends. Asked for before
 * the lesson begins, and forgotten by the kernel when a side changes its uid.
 */
void end_with_parent(pid_t parent);

/* --- lesson-show.c: what a side shows ------------------------------------------ */

/* What the process of a side ends with. */
enum { SIDE_HELD, SIDE_NOT_HELD, SIDE_GAVE_UP, SIDE_LEFT_ALONE };

/* A line with the side's name and pid in front. */
void say(const struct side *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Shows a call and its result, with the errno that stands beside -1. Returns
 * the result, errno kept. must() is for a call that the lesson cannot go on
 * without: where it gave -1 it ends this side, and with it the lesson.
 */
long told(const struct side *, long result, const char *call, ...)
	__attribute__((format(printf, 3, 4)));
long must(const struct side *, long result, const char *call, ...)
	__attribute__((format(printf, 3, 4)));

/* Shows a claim, and whether it holds. Where it does not the lesson goes on, and has failed. */
void check(struct side *, bool held, const char *client, ...)
	__attribute__((format(printf, 3, 4)));

/* Checks the claim that two descriptors are, or are not, one description: kcmp(2) KCMP_FILE. */
enum { SAME = true, OTHER = false };
void check_kcmp(struct side *, bool same, pid_t pid1, pid_t pid2, int fd1, int fd2,
	const char *client);

/* Ends this side at once: the lesson cannot go on. */
void give_up(void) __attribute__((noreturn));

/*
 * The baton, not shown: turn_give lets the other side go on, with a number that
 * it needs to know; turn_take waits for that. An other side that has ended ends this one.
 */
void turn_give(const struct side *, long number);
long turn_take(const struct side *);

/* --- lesson-calls.c: calls that several lessons make, shown --------------------- */

/* Each ends this side where the call fails. Descriptors are close-on-exec. */
int call_open(const struct side *, const char *path, int flags);
void call_close(const struct side *, int *fd);
off_t call_lseek(const struct side *, int fd, off_t offset, int whence);
/* NUL-terminated, so at most size - 1 bytes. */
ssize_t call_read(const struct side *, int fd, char *buf, size_t size);
/* fcntl(2) F_GETFL and F_SETFL. */
int call_getfl(const struct side *, int fd);
void call_setfl(const struct side *, int fd, int flags);

/* epoll(7); the descriptor itself is the data of its events. */
int call_epoll(const struct side *);
void call_watch(const struct side *, int epoll, int fd, uint32_t events);
/* One event; where none came in good time it ends this side. */
struct epoll_event call_wait(const struct side *, int epoll);

void call_send(const struct side *, int sock, const char *text, const int *fds, size_t nfds);
/* Any kind of AF_UNIX socket; what was received is the caller's to msg_close. */
ssize_t call_recv(const struct side *, int sock, struct msg *);

/*
 * One descriptor over side->sock, and the turn after it: it is received when the
 * send has been shown, or the two lines might come the other way round.
 */
void call_pass(const struct side *, const char *text, int fd);
int call_take(const struct side *);

#endif
