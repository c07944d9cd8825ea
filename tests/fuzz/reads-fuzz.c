/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bytes that one read of a descriptor returned: cmd/view/decode.h. The first byte says its type.
 * Whoever may write chooses them, so what is printed must steer no terminal.
 */
#include "tests/fuzz/fuzz.h"
#include "cmd/view/decode.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <stdlib.h>
#include <string.h>

static const char *const types[] = {"eventfd", "timerfd", "signalfd", "inotify", "regular"};

static void add(void *array, json_t *fields)
{
	CHECK(json_is_object(fields));
	json_array_append_new(array, fields);
}

/* What it prints is one line, or a part of it, of characters that are printed. */
static void check_printed(const json_t *fields)
{
	char *text;
	size_t len;
	FILE *before = stdout;

	stdout = open_memstream(&text, &len);
	CHECK(stdout);
	decode_print(fields);
	fclose(stdout);
	stdout = before;
	CHECK(strlen(text) == len && text_is(text, len) && !strchr(text, '\n'));
	free(text);
}

/* It can be printed, and is the same when it is read again. */
static void check_json(const json_t *all)
{
	char *text = json_dumps(all, JSON_ENSURE_ASCII);

	CHECK(text);
	json_t *again = json_loads(text, JSON_ALLOW_NUL, NULL);
	CHECK(again && json_equal(again, all));
	json_decref(again);
	free(text);
}

/* All of it, in hexadecimal digits. */
static void check_hex(const char *bytes, size_t len)
{
	char *hex = hex_text(bytes, len, false), *spaced = hex_text(bytes, len, true);

	CHECK(strlen(hex) == 2 * len && strlen(spaced) == (len ? 3 * len - 1 : 0));
	for (size_t i = 0; i < len; i++) {
		char digits[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
		CHECK(strtoul(digits, NULL, 16) == (unsigned char)bytes[i]);
		CHECK(memcmp(spaced + 3 * i, digits, 2) == 0);
	}
	free(hex);
	free(spaced);
}

/* Without a type that has records, text has an object for each line. */
static size_t lines_of(const char *bytes, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += bytes[i] == '\n' || i + 1 == len;
	return n;
}

FUZZ(reads)
{
	const char *type = types[size ? (unsigned char)data[0] % ARRAY_SIZE(types) : 0];
	const char *bytes = size ? data + 1 : data;
	size_t len = size ? size - 1 : 0;
	json_t *all = json_array();

	decode(type, bytes, len, add, all);
	check_json(all);
	CHECK(json_array_size(all) <= len + 1);
	if (strcmp(type, "regular") == 0)
		CHECK(json_array_size(all) == (text_is(bytes, len) ? lines_of(bytes, len) : 1));
	for (size_t i = 0; i < json_array_size(all); i++)
		check_printed(json_array_get(all, i));
	check_hex(bytes, len);
	json_decref(all);
}
