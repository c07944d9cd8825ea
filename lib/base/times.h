/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parsing TIME and INTERVAL, deadlines, and the monotonic clock. */
#ifndef FDTOOL_LIB_BASE_TIMES_H
#define FDTOOL_LIB_BASE_TIMES_H

#include <stdint.h>
#include <time.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

/* A deadline that never comes. */
#define NEVER INT64_MAX

/*
 * Parses "250ms", "2s", "1m", "1h", "0.5" (a number without unit is seconds) into *ns,
 * nanoseconds. Returns 0, or -1 with errno: EINVAL for other text, ERANGE for more than a
 * hundred years.
 */
int time_parse(const char *text, int64_t *ns);

/* CLOCK_MONOTONIC, in nanoseconds. */
int64_t time_now(void);

/* The deadline in `ns` nanoseconds, on the clock of time_now; NEVER stays NEVER. */
int64_t time_after(int64_t ns);

/* Milliseconds until the deadline, rounded up, for poll(2): -1 for NEVER, 0 if it has passed. */
int time_poll_ms(int64_t deadline);

/* Nanoseconds as a timespec. */
struct timespec time_spec(int64_t ns);

/* Sleeps for `ns` nanoseconds, or until a signal comes. */
void time_sleep(int64_t ns);

#endif
