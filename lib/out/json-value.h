/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of JSON, by jansson, of what C and the kernel have. New references, all of them. */
#ifndef FDTOOL_LIB_OUT_JSON_VALUE_H
#define FDTOOL_LIB_OUT_JSON_VALUE_H

#include <jansson.h>
#include <stdint.h>

#include "lib/base/names.h"

/* A string of any bytes. What is not UTF-8 is escaped as vis(3) does. */
json_t *json_bytes(const char *bytes);

/* The same of len bytes, NULs among them. */
json_t *json_bytes_of(const char *bytes, size_t len);

/* A number, or null where there is none (negative). */
json_t *json_maybe(int64_t number);

/* An array of the names of the bits set, as names_bits has them. */
json_t *json_bits(const struct bitname *table, unsigned long bits);

/* Of a number; a string where it is too large for JSON's readers. */
json_t *json_number(unsigned long long);

/* "0x1f": a number that means nothing to us. */
json_t *json_opaque(unsigned long long);

/* "4:64" */
json_t *json_device(unsigned int major, unsigned int minor);

/* How a word that the kernel wrote is meant. */
enum as {
	AS_WORD,    /* a decimal number if it is one, else a string */
	AS_HEX,     /* a number in hexadecimal */
	AS_OPAQUE,  /* shown in hexadecimal: it means nothing to us */
	AS_BITS,    /* in hexadecimal, by their names */
	AS_BITS_OCTAL, /* the same in octal */
	AS_VALUE,   /* a number by its name */
	AS_RING_MASK,    /* 0x7: 8 of them */
	AS_BOOL,
	AS_TIME,    /* "(seconds, nanoseconds)": nanoseconds */
	AS_SIGNALS,
	AS_PIDS,    /* "77 1": by pid namespace */
	AS_DEVICE,  /* the kernel's own dev_t: 12 bits of major, 20 of minor */
};

/* A decimal number if it is one, else a string. */
json_t *json_word(const char *text);

/* The word as it is meant; `names` for those that have them. */
json_t *json_as(enum as, const struct bitname *names, const char *text);

#endif
