/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of a message: lib/pass/protocol.h. */
#include "tests/fuzz/fuzz.h"
#include "lib/base/memory.h"
#include "lib/pass/protocol.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* A key that is given twice is found by its first value. */
static bool is_first(const struct protocol_in *in, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(in->keys[j], in->keys[i]) == 0)
			return false;
	return true;
}

/* What was read can be written, and is the same when it is read again. */
static void write_again(const struct protocol_in *in)
{
	struct protocol_out out;
	struct protocol_in again;

	protocol_begin(&out, in->verb);
	for (size_t i = 0; i < in->n; i++)
		if (is_first(in, i))
			protocol_add(&out, in->keys[i], in->values[i]);
	CHECK(out.len <= PROTOCOL_MAX && strlen(out.text) == out.len);
	CHECK(protocol_parse(out.text, out.len, &again) == 0);
	CHECK(again.verb == in->verb);
	for (size_t i = 0; i < again.n; i++)
		CHECK(strcmp(again.values[i], protocol_get(in, again.keys[i])) == 0);
}

FUZZ(protocol)
{
	struct protocol_in in;
	char *text = must_calloc(size + 1, 1);

	memcpy(text, data, size);
	if (protocol_parse(text, size, &in) == 0) {
		CHECK(in.n <= PROTOCOL_KEYS_MAX);
		for (size_t i = 0; i < in.n; i++) {
			CHECK(*in.keys[i] && protocol_get(&in, in.keys[i]));
			long long n = protocol_get_number(&in, in.keys[i], 0, INT_MAX, -1);
			CHECK(n >= -1 && n <= INT_MAX);
		}
		CHECK(!protocol_get(&in, ""));
		if (in.verb != PROTOCOL_OTHER)
			write_again(&in);
	}
	free(text);
}
