/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times, deadlines and the clock: see times.h. */
#include "lib/base/times.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const struct unit {
	const char *name;
	int64_t ns;
} units[] = {
	{"", NS_PER_S}, {"ns", 1}, {"us", 1000}, {"ms", NS_PER_MS}, {"s", NS_PER_S},
	{"m", 60 * NS_PER_S}, {"h", 3600 * NS_PER_S}, {NULL, 0},
};

static const struct unit *find_unit(const char *name)
{
	for (const struct unit *u = units; u->name; u++)
		if (strcmp(u->name, name) == 0)
			return u;
	errno = EINVAL;
	return NULL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * Not by strtod(3), which reads "inf", "0x1p3" and the locale's comma, nor by
 * strtonum(3), which reads neither a fraction nor a unit.
 */
int time_parse(const char *text, int64_t *ns)
{
	const int64_t max = INT64_C(100) * 366 * 24 * 3600 * NS_PER_S;
	const char *p = text;
	int64_t whole = 0, part = 0, scale = 1;

	if (!is_digit(*p) && !(*p == '.' && is_digit(p[1]))) {
		errno = EINVAL;
		return -1;
	}
	for (; is_digit(*p); p++) {
		if (whole > max / 10) {
			errno = ERANGE;
			return -1;
		}
		whole = whole * 10 + (*p - '0');
	}
	if (*p == '.')
		for (p++; is_digit(*p); p++)
			if (scale < NS_PER_S) {
				part = part * 10 + (*p - '0');
				scale *= 10;
			}
	const struct unit *u = find_unit(p);
	if (!u)
		return -1;
	if (whole > max / u->ns) {
		errno = ERANGE;
		return -1;
	}
	*ns = whole * u->ns + (int64_t)((double)part * (double)u->ns / (double)scale);
	return 0;
}

int64_t time_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

int64_t time_after(int64_t ns)
{
	return ns == NEVER ? NEVER : time_now() + ns;
}

int time_poll_ms(int64_t deadline)
{
	if (deadline == NEVER)
		return -1;
	int64_t left = deadline - time_now();
	if (left <= 0)
		return 0;
	int64_t ms = (left + NS_PER_MS - 1) / NS_PER_MS;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

struct timespec time_spec(int64_t ns)
{
	return (struct timespec){ns / NS_PER_S, ns % NS_PER_S};
}

void time_sleep(int64_t ns)
{
	struct timespec ts = time_spec(ns);

	nanosleep(&ts, NULL);
}
