/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a user types for an ADDRESS, a SOURCE, a TIME; and the nearest word to it. */
#include "tests/fuzz/fuzz.h"
#include "lib/base/addr.h"
#include "lib/base/nearest.h"
#include "lib/base/times.h"
#include "lib/pass/source.h"

#include <stdlib.h>
#include <string.h>

static void try_address(const char *word)
{
	struct addr a;

	if (addr_parse(word, &a))
		return;
	CHECK(a.len > offsetof(struct sockaddr_un, sun_path) && a.len <= sizeof(a.un));
	CHECK(addr_is_path(&a) == (strchr(word, '/') && *word != '@'));
	if (!addr_name_fault(word))
		CHECK(strlen(word) <= ADDR_NAME_MAX && !addr_is_path(&a));
}

static void try_source(const char *word)
{
	struct source s;

	if (source_parse(word, &s))
		return;
	CHECK(s.word == word);
	CHECK(s.kind != SOURCE_FD || s.fd >= 0);
	CHECK(s.kind != SOURCE_PID_FD || (s.pid > 0 && s.fd >= 0));
	CHECK(s.kind != SOURCE_TIMERFD || s.period > 0);
	CHECK(s.period >= 0);
	free(source_name(&s));
}

static void try_time(const char *word)
{
	int64_t ns;

	if (time_parse(word, &ns) == 0)
		CHECK(ns >= 0 && ns <= INT64_C(101) * 366 * 24 * 3600 * NS_PER_S);
}

FUZZ(words)
{
	char *word = fuzz_string(data, size);
	struct nearest n = nearest_to(word);

	try_address(word);
	try_source(word);
	try_time(word);
	nearest_try(&n, "grab");
	nearest_try(&n, word);
	CHECK(!n.word || n.distance <= strlen(word) / 2);
	free(word);
}
