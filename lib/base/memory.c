/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allocation that never fails: see memory.h. */
#include "lib/base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void no_memory(void)
{
	static const char message[] = "fdtool: out of memory\n";

	if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
		_exit(1);
	_exit(1);
}

void *must_calloc(size_t n, size_t size)
{
	void *p = calloc(n, size);
	if (!p)
		no_memory();
	return p;
}

void *must_realloc(void *old, size_t n, size_t size)
{
	void *p = reallocarray(old, n, size);
	if (!p)
		no_memory();
	return p;
}

void *must_grow(void *array, size_t n, size_t size)
{
	if ((n & (n - 1)) != 0)
		return array;
	return must_realloc(array, n ? 2 * n : 1, size);
}

char *must_strdup(const char *string)
{
	char *p = strdup(string);
	if (!p)
		no_memory();
	return p;
}

char *must_vprintf(const char *format, va_list ap)
{
	char *string;

	if (vasprintf(&string, format, ap) < 0)
		no_memory();
	return string;
}

char *must_printf(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	char *string = must_vprintf(format, ap);
	va_end(ap);
	return string;
}
