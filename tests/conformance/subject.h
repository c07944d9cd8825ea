/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The subject of the tests: the driver's /dev/mypoll, or the stand-in that fdtool serves;
 * and what a test does with either. A function that cannot do its work fails the test: see
 * tap.h.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Tests the stand-in of this fdtool, or with NULL the driver. */
void subject_choose(const char *fdtool);
bool subject_is_driver(void);

/*
 * Opens, n times, a device that makes an event every `period_ms` (0: only when triggered).
 * flags are O_RDONLY, O_WRONLY or O_RDWR, and O_NONBLOCK.
 */
void subject_open(int flags, unsigned int period_ms, int fds[], size_t n);

/* Makes the device go away while it is open. */
void subject_go_away(void);

/* Restores the device for the next test. */
void subject_reset(void);

/* Returns how many records the queue of an O_RDONLY open holds. */
unsigned int subject_depth(void);

/* Driver only: sets the parameter. Returns 0 or the errno. */
int subject_set(const char *parameter, const char *value);

/* Driver only: writes "mypoll" into the file "bind" or "unbind". */
void subject_bind(const char *file);

struct event {
	uint64_t number;
	char source[16];
	int64_t mono_ns;
};

enum { ONE_RECORD = 64 }; /* bytes: room for one record of any test, but not for two */

/* Parses the first record of *text, in exactly the form of mypoll(4), and skips it. */
struct event event_parse(const char **text);

/* Waits for the next event and returns it. */
struct event event_next(int fd);

void event_trigger(int fd);

/* Returns the events that poll(2) reports within `ms`. */
short ready(int fd, short events, int ms);

int64_t now_ns(void);

/* Returns when the process sleeps; it must sleep only in the call that the test is about. */
void wait_until_asleep(pid_t pid);

/* Waits for a child, which must exit like a test that passes. */
void wait_for_child(pid_t pid);

#endif
