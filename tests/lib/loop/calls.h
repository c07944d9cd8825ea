/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A loop, and a function that counts its calls: for the tests of loop.h. */
#ifndef FDTOOL_CALLS_H
#define FDTOOL_CALLS_H

#include "tests/unit/test.h"
#include "lib/loop/loop.h"

static struct loop *loop; /* the last new_loop, for functions that get no loop */

static inline struct loop *new_loop(void)
{
	loop = loop_new();
	CHECK(loop);
	return loop;
}

struct calls {
	int n;
	uint32_t events; /* of the last call */
};

/* A loop_fn; data is a struct calls. */
static inline void count(void *data, uint32_t events)
{
	struct calls *c = data;

	c->n++;
	c->events = events;
}

#endif
