/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allocation that never fails: if memory runs out, the process ends with a message. */
#ifndef FDTOOL_LIB_BASE_MEMORY_H
#define FDTOOL_LIB_BASE_MEMORY_H

#include <stdarg.h>
#include <stddef.h>

/* The number of elements of an array (not of a pointer). */
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* As calloc(3) and reallocarray(3). The caller frees what these functions return. */
void *must_calloc(size_t n, size_t size);
void *must_realloc(void *old, size_t n, size_t size);

/*
 * Makes room for one more element in an array of n elements, and returns the array. It
 * doubles the array at each power of two, so call it before each element that is added.
 */
void *must_grow(void *array, size_t n, size_t size);

/* As strdup(3), asprintf(3) and vasprintf(3). */
char *must_strdup(const char *string);
char *must_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *must_vprintf(const char *format, va_list) __attribute__((format(printf, 1, 0)));

#endif
