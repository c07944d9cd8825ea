/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tests that print TAP. Each runs in a child, the leader of a process group that is
 * killed after the test: so a test that fails, hangs or leaves something behind does not
 * disturb the others.
 */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stddef.h>

struct tap_test {
	const char *name;
	void (*run)(void);
	const char *cannot; /* NULL, or why the subject cannot pass it */
};

enum { TAP_DEADLINE = 60 }; /* seconds for one test, and for each wait in it */

/* Runs all tests, and `after` after each. Returns how many failed. */
int tap_run(const struct tap_test *, size_t n, void (*after)(void));

/* Ends the test as failed; works in each of its processes. */
_Noreturn void tap_fail(const char *file, int line, const char *what);

#define must(condition) ((condition) ? (void)0 : tap_fail(__FILE__, __LINE__, #condition))

#endif
