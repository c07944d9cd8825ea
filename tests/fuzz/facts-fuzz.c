/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The facts of an fdinfo: the first line is the type of the descriptor, the rest the text. */
#include "tests/fuzz/fuzz.h"
#include "lib/base/text.h"
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

/* A line of a key that is in struct desc makes no value. */
static bool makes_value(const char *line)
{
	static const char *const known[] = {"pos:", "flags:", "ino:", NULL};
	bool made = *line && *line != '\n';

	for (size_t i = 0; known[i]; i++)
		made = made && !text_begins(line, known[i]);
	return made;
}

static size_t count_values(const json_t *facts)
{
	const char *key;
	json_t *value;
	size_t n = 0;

	json_object_foreach((json_t *)facts, key, value)
		n += json_array_size(value) ? json_array_size(value) : 1;
	return n;
}

/* No line of a file is lost, whatever bytes it has. Other types have keys whose value is a list. */
static void check_complete(const struct subject *s, char *text)
{
	size_t n = 0;

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		n += makes_value(line);
	facts_parse_fdinfo(s, text);
	CHECK(strcmp(s->d->type, "regular") != 0 || count_values(s->out) == n);
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
		check_complete(&s, text);
	}
	check_json(s.out);
	json_decref(s.out);
	free(type);
}
