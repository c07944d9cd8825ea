/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A parser of foreign input, given any bytes: nothing that it is given makes it crash, hang
 * or break what its header promises.
 *
 * A file here has one FUZZ(name) { ... }, with the bytes in data and size. "make fuzz" makes
 * a libFuzzer program of each. The unit tests run each with every file of
 * tests/fuzz/corpus/name, which is also where libFuzzer begins.
 */
#ifndef FDTOOL_FUZZ_H
#define FDTOOL_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "tests/unit/test.h"

#ifdef LIBFUZZER

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ(name)                                                                                 \
	static void fuzz_##name(const char *data, size_t size);                                    \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                               \
	{                                                                                          \
		fuzz_##name((const char *)data, size);                                             \
		return 0;                                                                          \
	}                                                                                          \
	static void fuzz_##name(const char *data, size_t size)

#undef CHECK
#define CHECK(condition) ((condition) ? (void)0 : abort())

#else

void fuzz_replay(const char *name, void (*fuzz)(const char *data, size_t size));

#define FUZZ(name)                                                                                 \
	static void fuzz_##name(const char *data, size_t size);                                    \
	TEST(name)                                                                                 \
	{                                                                                          \
		fuzz_replay(#name, fuzz_##name);                                                   \
	}                                                                                          \
	static void fuzz_##name(const char *data, size_t size)

#endif

/* The bytes as a string, up to the first NUL. The caller frees. */
char *fuzz_string(const char *data, size_t size);

#endif
