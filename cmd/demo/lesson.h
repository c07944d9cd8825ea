/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lessons of demo. A lesson is two functions; each runs in its own process and is read from
 * top to bottom. They show their calls, as strace(1) would, and check their claims. A baton keeps
 * them in step, never a wait that is meant to be long enough.
 */
#ifndef FDTOOL_CMD_DEMO_LESSON_H
#define FDTOOL_CMD_DEMO_LESSON_H

#include "cmd/cli/command.h"
#include "lib/base/msg.h"
#include "lib/trace/trace.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>

/* One of the two processes, as its function sees it. */
struct side {
	const char *name;  /* "opener" or "worker" */
	pid_t self, other; /* pids */
	int sock;          /* AF_UNIX SOCK_SEQPACKET; the other side has the other end */
	int baton;         /* a second pair of sockets, for turn_give and turn_take */
	const char *file;  /* path of a file with LESSON_TEXT; NULL: the lesson needs none */
	bool paused;       /* after each claim it waits for Enter */
	bool *held;        /* every claim so far, of both sides */
};

/* What to type, in one of two terminals. */
struct attempt {
	int terminal; /* 1 or 2; 0: the end */
	const char *line;
};

enum { ATTEMPTS_MAX = 8 };

struct lesson {
	const char *name;
	const char *summary; /* half a line, for the list and the title */
	const char *watch;   /* one sentence: what to look at */
	const char *learnt;  /* what it has shown, printed when every claim held */
	/* The first two start fdtool in terminals 1 and 2; demo.bats types them all. */
	struct attempt tries[ATTEMPTS_MAX];
	bool file;           /* it needs side->file */
	/* Returns why it cannot run here, as half a sentence, or NULL. NULL: it always can. */
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
extern const struct lesson lesson_pair;
extern const struct lesson lesson_trace;
extern const struct lesson lesson_nonblock;

/* How a lesson ended: every claim held, it failed, the user ended it; the last two, or both. */
enum { LESSON_HELD = 0, LESSON_FAILED = 1, LESSON_QUIT = 2 };

/* --- stage.c ------------------------------------------------------------------ */

/*
 * Runs a lesson in two new processes, and leaves neither a process nor a file behind. With
 * paused, the user lets it go on after each claim, or ends it. Reports a failure. A signal that
 * should end fdtool ends it from here, after the clean-up.
 */
unsigned int lesson_run(const struct lesson *, bool paused);

/*
 * Makes the kernel kill this side when parent, which is getppid(), ends. Called before the lesson
 * begins, and again after a change of the uid, at which the kernel drops it (PR_SET_PDEATHSIG).
 */
void end_with_parent(pid_t parent);

/* --- show.c: what a side shows -------------------------------------------------- */

/* The exit status of a side. */
enum { SIDE_DONE, SIDE_GAVE_UP, SIDE_LEFT_ALONE, SIDE_QUIT };

/* A line with the side's name and pid in front. */
void say(const struct side *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Shows a call and its result, and the errno of -1. Returns the result, errno kept. must() is for
 * a call that has to succeed: -1 ends this side, and with it the lesson.
 */
long show_call(const struct side *, long result, const char *call, ...)
	__attribute__((format(printf, 3, 4)));
long must(const struct side *, long result, const char *call, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Shows a claim, and whether it holds. If it does not, the lesson goes on, and has failed. A side
 * that is paused then waits for Enter, and ends at a q.
 */
void check(struct side *, bool held, const char *claim, ...)
	__attribute__((format(printf, 3, 4)));

/* Checks with kcmp(2) that two descriptors are one description, or two. */
void check_same(struct side *, pid_t pid1, pid_t pid2, int fd1, int fd2, const char *claim);
void check_different(struct side *, pid_t pid1, pid_t pid2, int fd1, int fd2, const char *claim);

/* Ends this side at once: the lesson cannot go on. */
void give_up(void) __attribute__((noreturn));

/*
 * The baton, which is not shown: turn_give lets the other side go on, and sends it a number;
 * turn_take waits for that, and returns the number. If the other side has ended, this one ends.
 */
void turn_give(const struct side *, long number);
long turn_take(const struct side *);

/* --- calls.c: calls that several lessons make and show -------------------------- */

/* Each ends this side if the call fails. New descriptors are close-on-exec. */
int call_open(const struct side *, const char *path, int flags);
void call_close(const struct side *, int *fd);
off_t call_lseek(const struct side *, int fd, off_t offset, int whence);
/* Adds a NUL, so it reads at most size - 1 bytes. */
ssize_t call_read(const struct side *, int fd, char *buf, size_t size);
/* fcntl(2) F_GETFL and F_SETFL. */
int call_getfl(const struct side *, int fd);
void call_setfl(const struct side *, int fd, int flags);

/* epoll(7); the data of an event is its descriptor. */
int call_epoll(const struct side *);
void call_watch(const struct side *, int epoll, int fd, uint32_t events);
/* One event; if none comes in time, this side ends. */
struct epoll_event call_wait(const struct side *, int epoll);

void call_send(const struct side *, int sock, const char *text, const int *fds, size_t nfds);
/* Passes one end of a new socket pair, of the type with that name; returns the other. */
int call_pass_end(const struct side *, int type, const char *name);
/* From any kind of AF_UNIX socket. The caller closes what was received, with msg_close. */
ssize_t call_recv(const struct side *, int sock, struct msg *);

/*
 * Passes one descriptor over side->sock, then the turn: call_take receives after the send has been
 * shown, so that the two lines always come in this order.
 */
void call_pass(const struct side *, const char *text, int fd);
int call_take(const struct side *);

/* --- ask.c ---------------------------------------------------------------------- */

/*
 * Asks a question at the terminal, drops what was typed before, and puts the answer into line,
 * without blanks around it. False if the user wants no more: q, or end of file.
 */
bool ask(const char *question, char *line, size_t size);

/* Takes the question and the answer off the screen. The caller flushes. */
void ask_erase(void);

/* --- tracing.c: what the other side, and whom it starts, do ------------------------ */

/*
 * Traces calls of these classes on fd's description, by BPF or by ptrace. trace_close ends it. If
 * it cannot be, this side ends; tracing_lacks says why, as in struct lesson.
 */
struct trace *tracing_begin(const struct side *, int fd, unsigned classes);
const char *tracing_lacks(void);

/* Shows each call, and calls each for it, until the other side gives the turn, which is taken. */
void tracing_show(const struct side *, struct trace *,
	void (*each)(void *data, const struct trace_record *), void *data);

#endif
