/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tier 1. Values of JSON, by jansson, of what C and the kernel have. New references, all of them. */
#ifndef FDTOOL_VALUE_H
#define FDTOOL_VALUE_H

#include <jansson.h>
#include <stdint.h>

#include "lib/names.h"

/* A string of any bytes. What is not UTF-8 is escaped as vis(3) does. */
json_t *json_bytes(const char *bytes);

/* A number, or null where there is none (negative). */
json_t *json_maybe(int64_t number);

/* An array of the names of the bits set, as names_bits has them. */
json_t *json_bits(const struct bitname *table, unsigned long bits);

#endif
