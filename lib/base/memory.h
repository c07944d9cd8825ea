/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that is there: running out of it ends the process, and no caller asks. */
#ifndef FDTOOL_LIB_BASE_MEMORY_H
#define FDTOOL_LIB_BASE_MEMORY_H

#include <stddef.h>

/* How many elements an array has; only of an array, not of a pointer. */
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* As malloc, strdup and asprintf, but out of memory ends the process. */
void *must_calloc(size_t n, size_t size);
void *must_realloc(void *old, size_t n, size_t size);

/*
 * An array of n elements, with room for one more: it doubles at each power of two, and
 * has to have been grown one by one. Otherwise as must_realloc.
 */
void *must_grow(void *array, size_t n, size_t size);

char *must_strdup(const char *string);
char *must_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
