/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records of /dev/mypoll: lib/loop/record.h. */
#include "tests/fuzz/fuzz.h"
#include "lib/loop/record.h"

#include <string.h>

FUZZ(record)
{
	struct record whole, line;
	char text[RECORD_MAX];
	size_t n = record_take(data, size, &whole);

	CHECK(n <= size);
	if (n > 0) {
		CHECK(data[n - 1] == '\n' && whole.mono_ns >= 0);
		CHECK(record_parse(data, n - 1, &line));
		CHECK(line.event == whole.event && line.mono_ns == whole.mono_ns);
		CHECK(record_format(&whole, text) < RECORD_MAX);
		CHECK(record_take(text, strlen(text), &line) == strlen(text));
		CHECK(line.event == whole.event && strcmp(line.source, whole.source) == 0);
	}
	if (record_parse(data, size, &line))
		CHECK(line.mono_ns >= -1 && memchr(line.source, '\0', sizeof(line.source)));
}
