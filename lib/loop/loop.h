/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The event loop: one epoll(7), one signalfd(2), and timerfds. It uses epoll directly,
 * because fdtool is about epoll.
 */
#ifndef FDTOOL_LIB_LOOP_LOOP_H
#define FDTOOL_LIB_LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_source;

/* events: EPOLLIN, EPOLLHUP, …; of a signal its number; of a timer the number of expirations. */
typedef void loop_fn(void *data, uint32_t events);

/* A new loop, or NULL with errno. */
struct loop *loop_new(void);

/*
 * Frees the loop and all its sources, and restores the signal mask of loop_new. Does not
 * close the descriptors that it watched. Keeps errno.
 */
void loop_free(struct loop *);

/*
 * Watches fd (borrowed) for the events, which are those of epoll_ctl(2). Returns the
 * source, or NULL with errno: EPERM for a file that does not support it (a regular file,
 * a directory).
 *
 * Call loop_remove before fd is closed: epoll watches the open file description, and
 * reports it as long as it has any descriptor.
 */
struct loop_source *loop_add(struct loop *, int fd, uint32_t events, loop_fn *, void *data);

/* Watches for other events from now on; arms EPOLLONESHOT again. Returns 0, or -1 with errno. */
int loop_change(struct loop_source *, uint32_t events);

/*
 * Adds a timer that expires after `ns` nanoseconds (0: never), and then every `every`
 * nanoseconds (0: only once). Returns the source, or NULL with errno. loop_timer_set sets
 * new times; it returns 0, or -1 with errno.
 */
struct loop_source *loop_timer(struct loop *, int64_t ns, int64_t every, loop_fn *, void *data);
int loop_timer_set(struct loop_source *, int64_t ns, int64_t every);

/*
 * Blocks the signal, and calls the function from the loop when it comes. Returns the
 * source, or NULL with errno.
 */
struct loop_source *loop_signal(struct loop *, int signo, loop_fn *, void *data);

/*
 * Removes a source and sets *source to NULL; does nothing if it is NULL. Allowed at any
 * time, also in the function of this source or of another one. Keeps errno.
 */
void loop_remove(struct loop_source **);

/* Runs rounds until loop_stop. Returns the status that loop_stop got, or -1 with errno. */
int loop_run(struct loop *);

/* Ends loop_run after the function that calls this. */
void loop_stop(struct loop *, int status);

/* True between loop_stop and the end of loop_run: a function that runs rounds must return. */
bool loop_stopping(const struct loop *);

/*
 * Runs one round: waits for events up to `ms` milliseconds (-1: without limit) and calls
 * the functions. The function of a source may call it, too, to wait for something.
 * Returns 0, or -1 with errno.
 */
int loop_once(struct loop *, int ms);

/*
 * Runs one round in which only the signals, the timers and this fd (borrowed) are served, while
 * all other sources stay as they are. For a caller that can take no more input until fd is
 * ready. Allowed wherever loop_once is. Returns 0, or -1 with errno.
 */
int loop_once_held(struct loop *, int fd, uint32_t events, loop_fn *, void *data);

/* Sets a function to call before each wait, for work to do once a round, such as fflush(3). */
void loop_before_wait(struct loop *, void (*)(void *data), void *data);

#endif
