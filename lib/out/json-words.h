/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON as a line of text for people. */
#ifndef FDTOOL_LIB_OUT_JSON_WORDS_H
#define FDTOOL_LIB_OUT_JSON_WORDS_H

#include <jansson.h>

/*
 * Writes an object as one line: "size 12, locks FLOCK WRITE by 123". Long lists are cut
 * ("and 12 more"); a key that ends in "_ns" is shown in seconds. Does not escape. Returns a
 * string that the caller frees.
 */
char *json_words(const json_t *);

#endif
