/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machine output, by jansson: what more than one command puts into it. */
#ifndef FDTOOL_LIB_OUT_JSON_H
#define FDTOOL_LIB_OUT_JSON_H

#include <jansson.h>

#include "lib/base/peer.h"
#include "lib/out/json-value.h"

/* The status flags as an array of names, without the access mode. New reference. */
json_t *json_flags(int flags);

/* {"pid":…,"uid":…}; the pid is null in another pid namespace. New reference. */
json_t *json_peer(const struct peer *);

/*
 * Prints the object on a line of stdout, not flushed, and lets it go. What is not ASCII is
 * written as \uXXXX, so that no string steers a terminal. Returns 0, or -1 with errno.
 */
int json_line(json_t *object);

#endif
