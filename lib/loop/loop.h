/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One epoll(7), one signalfd(2), timerfds. Raw epoll, because epoll is
 * what fdtool is about.
 */
#ifndef FDTOOL_LIB_LOOP_LOOP_H
#define FDTOOL_LIB_LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_source;

/* events: EPOLLIN, EPOLLHUP, …; for a signal its number; for a timer the expirations. */
typedef void loop_fn(void *data, uint32_t events);

/* A new loop, or NULL with errno. */
struct loop *loop_new(void);

/* Frees the loop and every source still in it. The descriptors it watched stay their owners'. */
void loop_free(struct loop *);

/*
 * Watches fd (borrowed) for events, epoll_ctl(2)'s. Returns the source, or NULL
 * with errno: EPERM for what cannot be waited for (a regular file, a directory).
 *
 * Take the source out with loop_remove before fd is closed: epoll watches the
 * description, and goes on reporting it while any duplicate lives.
 */
struct loop_source *loop_add(struct loop *, int fd, uint32_t events, loop_fn *, void *data);

/* Watches it for other events from now on; this arms an EPOLLONESHOT again. 0, or -1 with errno. */
int loop_change(struct loop_source *, uint32_t events);

/*
 * A timer: first after `ns`, then every `every` ns (0: once). 0 ns stops it.
 * loop_timer_set moves it.
 */
struct loop_source *loop_timer(struct loop *, int64_t ns, int64_t every, loop_fn *, void *data);
int loop_timer_set(struct loop_source *, int64_t ns, int64_t every);

/*
 * Takes a signal in the loop instead of by its disposition; loop_free gives it
 * back. Returns NULL with errno when it cannot.
 */
struct loop_source *loop_signal(struct loop *, int signo, loop_fn *, void *data);

/*
 * Takes a source out and forgets it; *source is NULL afterwards. Safe at any
 * time, also in the source's own function or in another's of the same round.
 */
void loop_remove(struct loop_source **);

/* Runs until loop_stop. Returns what loop_stop was given, or -1 with errno. */
int loop_run(struct loop *);
void loop_stop(struct loop *, int status);

/* True between loop_stop and the end of loop_run: who waits in the middle of something gives up. */
bool loop_stopping(const struct loop *);

/*
 * One round: waits up to ms (-1: for ever) and dispatches. A source's function
 * may call it, to wait in the middle of something. Returns 0, or -1 with errno.
 */
int loop_once(struct loop *, int ms);

/* Called before each wait, to do what is better done once a round: flush, say. */
void loop_before_wait(struct loop *, void (*)(void *data), void *data);

#endif
