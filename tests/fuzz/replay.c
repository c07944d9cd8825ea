/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the fuzz targets have in common: see fuzz.h. */
#include "tests/fuzz/fuzz.h"
#include "lib/base/memory.h"

#include <string.h>

char *fuzz_string(const char *data, size_t size)
{
	char *string = must_calloc(size + 1, 1);

	return memcpy(string, data, size);
}

#ifndef LIBFUZZER

#include "lib/base/proc.h"

#include <dirent.h>
#include <stdlib.h>

/* A copy of exactly that size, so that a sanitizer sees a read past its end. */
static void replay_file(const char *path, void (*fuzz)(const char *data, size_t size))
{
	size_t size;
	char *text = proc_read_all(path, &size);

	CHECK(text);
	char *exact = must_calloc(1, size ? size : 1);
	memcpy(exact, text, size);
	free(text);
	fuzz(exact, size);
	free(exact);
}

void fuzz_replay(const char *name, void (*fuzz)(const char *data, size_t size))
{
	const char *corpus = getenv("FUZZ_CORPUS"); /* where it is not that of the build */
	char *dir = must_printf("%s/%s", corpus ? corpus : FUZZ_CORPUS, name);
	DIR *d = opendir(dir);
	size_t n = 0;

	CHECK(d);
	for (struct dirent *e = readdir(d); e; e = readdir(d)) {
		if (e->d_name[0] == '.')
			continue;
		char *path = must_printf("%s/%s", dir, e->d_name);
		replay_file(path, fuzz);
		free(path);
		n++;
	}
	closedir(d);
	free(dir);
	CHECK(n > 0);
	fuzz("", 0);
}

#endif
