/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON values, by jansson, of C values and of the kernel's text. All are new references. */
#ifndef FDTOOL_LIB_OUT_JSON_VALUE_H
#define FDTOOL_LIB_OUT_JSON_VALUE_H

#include <jansson.h>
#include <stdint.h>

#include "lib/base/names.h"

/* A string of any bytes. If they are not UTF-8, they are escaped as vis(3) does. */
json_t *json_bytes(const char *bytes);

/* The same of len bytes, which may contain NULs. */
json_t *json_bytes_of(const char *bytes, size_t len);

/* A number, or null if it is the one that means "unknown". */
json_t *json_maybe(int64_t number, int64_t unknown);

/* An array of the names of the bits that are set, as in names_bits. */
json_t *json_bits(const struct bitname *table, uint64_t bits);

/* A number; a string of its digits if it is too large for readers of JSON. */
json_t *json_number(unsigned long long);

/* A hexadecimal string, "0x1f", for an identifier or mask of the kernel's. */
json_t *json_opaque(unsigned long long);

/* "MAJOR:MINOR" */
json_t *json_device(unsigned int major, unsigned int minor);

/* How to read a word that the kernel wrote, and the JSON that it becomes. */
enum as {
	AS_WORD,       /* json_word */
	AS_HEX,        /* hexadecimal: a number */
	AS_OPAQUE,     /* hexadecimal: json_opaque */
	AS_BITS,       /* hexadecimal: json_bits */
	AS_BITS_OCTAL, /* octal: json_bits */
	AS_VALUE,      /* decimal: the name of the value */
	AS_RING_MASK,  /* hexadecimal, the size of a ring less one, "0x7": the size, 8 */
	AS_BOOL,       /* hexadecimal: false for 0 */
	AS_TIME,       /* "(seconds, nanoseconds)": nanoseconds */
	AS_SIGNALS,    /* hexadecimal, a signal set: the names of the signals */
	AS_PIDS,       /* "77 1", the pids of a process by pid namespace: an array */
	AS_DEVICE,     /* hexadecimal, a dev_t of the kernel, whose minor has 20 bits: json_device */
};

/* A decimal number as a number, any other text as a string. */
json_t *json_word(const char *text);

/* The kernel's word as JSON. names: for AS_BITS, AS_BITS_OCTAL and AS_VALUE. */
json_t *json_as(enum as, const struct bitname *names, const char *text);

#endif
