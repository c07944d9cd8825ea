/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tier 2. Machine output, by jansson: what more than one command puts into it. */
#ifndef FDTOOL_JSON_H
#define FDTOOL_JSON_H

#include <jansson.h>
#include <stdint.h>

#include "lib/desc.h"
#include "lib/peer.h"

/* A string of any bytes. What is not UTF-8 is escaped as vis(3) does. New reference. */
json_t *json_bytes(const char *bytes);

/* The status flags as an array of names, without the access mode. New reference. */
json_t *json_flags(int flags);

/* A number, or null where there is none (negative). New reference. */
json_t *json_maybe(int64_t number);

/* {"pid":…,"uid":…}; the pid is null in another pid namespace. New reference. */
json_t *json_peer(const struct peer *);

/* true, false, or null where it cannot be told. New reference. */
json_t *json_same(enum desc_same);

/* Prints the object on a line of stdout, not flushed, and lets it go. Returns 0, or -1 with errno. */
int json_line(json_t *object);

#endif
