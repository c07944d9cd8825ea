/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What JSON says, in words. */
#ifndef FDTOOL_LIB_OUT_JSON_WORDS_H
#define FDTOOL_LIB_OUT_JSON_WORDS_H

#include <jansson.h>

/*
 * An object in words, on one line: "size 12, locks FLOCK WRITE by 123". Long lists are
 * cut, and say so; what ends in "_ns" is said in seconds. Not escaped. The caller frees.
 */
char *json_words(const json_t *);

#endif
