/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of /proc/PID/mountinfo: lib/base/mounts.h. Whoever mounts chooses names and types. */
#include "tests/fuzz/fuzz.h"
#include "lib/base/memory.h"
#include "lib/base/mounts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

static size_t seen, wanted;

static bool is_same(void *data, const struct mount *m)
{
	const struct mount *first = data;

	CHECK(m->id == first->id && m->dev == first->dev);
	CHECK(strcmp(m->at, first->at) == 0 && strcmp(m->type, first->type) == 0);
	seen++;
	return true;
}

/* What was read is the same when the kernel writes it again. */
static void read_again(struct mount *m)
{
	char *line = must_printf("%d 1 %u:%u /a\fb %s rw - %s none rw", m->id, major(m->dev),
		minor(m->dev), m->at, m->type);
	size_t before = seen;

	mounts_parse(line, is_same, m);
	CHECK(seen == before + 1);
	free(line);
}

static bool look(void *data, const struct mount *m)
{
	struct mount copy = *m;
	size_t *n = data;

	CHECK(!strpbrk(m->at, " \n") && !strpbrk(m->type, " \n"));
	if (*m->at == '/' && *m->type)
		read_again(&copy);
	return ++*n < wanted;
}

static size_t count_lines(const char *text)
{
	size_t n = 1;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

FUZZ(mounts)
{
	char *text = fuzz_string(data, size), *again = must_strdup(text);
	size_t all = 0, some = 0;

	wanted = SIZE_MAX;
	mounts_parse(text, look, &all);
	CHECK(all <= count_lines(again));
	wanted = 1; /* stops after the first */
	mounts_parse(again, look, &some);
	CHECK(some == (all > 0));
	mounts_parse(NULL, look, &some);
	free(text);
	free(again);
}
