/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tests that print TAP. Each runs in a child, the leader of a process group
 * that is killed when the test is over: so one that fails, hangs or leaves
 * something behind spoils no other.
 */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stddef.h>

struct test {
	const char *name;
	void (*run)(void);
	const char *cannot; /* NULL, or why it is not for what is tested */
};

enum { TAP_DEADLINE = 60 }; /* seconds for one test, and for anything that it waits for */

/* Runs them all, `after` following each. Returns how many failed. */
int tap_run(const struct test *, size_t n, void (*after)(void));

/* Ends the test, in whichever of its processes, as failed. */
_Noreturn void tap_fail(const char *file, int line, const char *what);

#define must(condition) ((condition) ? (void)0 : tap_fail(__FILE__, __LINE__, #condition))

#endif
