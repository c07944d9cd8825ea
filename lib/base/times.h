/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TIME and INTERVAL as people write them, and the monotonic clock. */
#ifndef FDTOOL_LIB_BASE_TIMES_H
#define FDTOOL_LIB_BASE_TIMES_H

#include <stdint.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

/* A deadline that never comes. */
#define NEVER INT64_MAX

/*
 * "250ms", "2s", "1m", "1h", "0.5" (bare numbers are seconds) into nanoseconds.
 * Returns 0; -1 with EINVAL for what is no time, ERANGE past a hundred years.
 */
int time_parse(const char *text, int64_t *ns);

/* CLOCK_MONOTONIC, in nanoseconds. */
int64_t time_now(void);

/* The deadline `ns` from now; NEVER stays NEVER. */
int64_t time_after(int64_t ns);

/* Milliseconds until the deadline, rounded up, for poll(2): -1 for NEVER, 0 when it has passed. */
int time_poll_ms(int64_t deadline);

/* Sleeps so long, or less when a signal comes. */
void time_sleep(int64_t ns);

#endif
