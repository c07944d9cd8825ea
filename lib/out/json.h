/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON output, by jansson: objects that several commands print. */
#ifndef FDTOOL_LIB_OUT_JSON_H
#define FDTOOL_LIB_OUT_JSON_H

#include <jansson.h>

#include "lib/base/peer.h"
#include "lib/out/json-value.h"

/* The names of the status flags, without the access mode, as an array. New reference. */
json_t *json_flags(int flags);

/* {"pid":…,"uid":…}; pid is null for a peer in another pid namespace. New reference. */
json_t *json_peer(const struct peer *);

/*
 * Prints the object as a line on stdout, without flushing, and drops the reference. What
 * is not ASCII becomes \uXXXX, so that no string can control a terminal. Returns 0, or -1
 * with errno.
 */
int json_line(json_t *object);

/* The same, without the end of the line: a part of a larger object. */
int json_put(json_t *object);

/* The same line as a string, which the caller frees. Drops the reference. */
char *json_text(json_t *object);

#endif
