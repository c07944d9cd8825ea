/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The facts of an fdinfo: the first line is the type of the descriptor, the rest the text. */
#include "tests/fuzz/fuzz.h"
#include "lib/look/facts-internal.h"

#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

/* It can be printed, and is the same when it is read again. */
static void check_json(const json_t *facts)
{
	char *text = json_dumps(facts, JSON_ENCODE_ANY);

	CHECK(text);
	json_t *again = json_loads(text, JSON_DECODE_ANY, NULL);
	CHECK(again && json_equal(facts, again));
	json_decref(again);
	free(text);
}

FUZZ(facts)
{
	char *type = fuzz_string(data, size), *text = type;
	struct desc d = {.path = "/file"};
	const struct subject s = {.d = &d, .out = json_object()};

	strsep(&text, "\n");
	strlcpy(d.type, type, sizeof(d.type));
	if (text) {
		json_t *lock = facts_parse_lock(text);
		check_json(lock);
		json_decref(lock);
		facts_parse_fdinfo(&s, text);
	}
	check_json(s.out);
	json_decref(s.out);
	free(type);
}
