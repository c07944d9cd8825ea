/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of JSON: see value.h. */
#include "lib/value.h"
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>

json_t *json_bytes(const char *bytes)
{
	json_t *string = json_string(bytes);

	if (string)
		return string;
	char *escaped = text_escape(bytes, strlen(bytes));
	string = json_string(escaped);
	free(escaped);
	return string;
}

json_t *json_maybe(int64_t number)
{
	return number < 0 ? json_null() : json_integer(number);
}

static void append(void *array, const char *name)
{
	json_array_append_new(array, json_string(name));
}

json_t *json_bits(const struct bitname *table, unsigned long bits)
{
	json_t *array = json_array();

	names_each(table, bits, append, array);
	return array;
}
