/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is tested: /dev/mypoll of the driver, or the stand-in that fdtool
 * serves; and what a test does with either. All of it fails the test, see
 * tap.h, where it cannot do what it says.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The stand-in of this fdtool; NULL for the driver. */
void subject_choose(const char *fdtool);
bool subject_is_driver(void);

/*
 * A device that makes an event every `period_ms` (0: only when triggered),
 * opened n times with flags O_RDONLY, O_WRONLY or O_RDWR, and O_NONBLOCK.
 */
void subject_open(int flags, unsigned int period_ms, int fds[], size_t n);

/* It goes away while it is open. */
void subject_go_away(void);

/* Makes it as it was, for the next test. */
void subject_reset(void);

/* Records that the queue of an O_RDONLY open holds. */
unsigned int subject_depth(void);

/* Of the driver: gives the parameter a value. 0, or the errno. */
int subject_set(const char *parameter, const char *value);

/* Of the driver: writes "mypoll" into bind or unbind. */
void subject_bind(const char *opts);

struct event {
	uint64_t number;
	char source[16];
	int64_t mono_ns;
};

enum { ONE_RECORD = 64 }; /* bytes: one record fits, in any test, and two do not */

/* Takes the first record off the text, which must be in exactly the form of mypoll(4). */
struct event event_parse(const char **text);

/* The next event, waited for. */
struct event event_next(int fd);

void event_trigger(int fd);

/* What poll(2) says of it within `ms`. */
short ready(int fd, short events, int ms);

int64_t now_ns(void);

/* Returns once the process sleeps, which it does nowhere but in what the test means. */
void wait_until_asleep(pid_t pid);

/* Waits for a child, which must end as a test that passes does. */
void wait_for_child(pid_t pid);

#endif
