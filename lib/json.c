/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machine output: see json.h. */
#include "lib/json.h"
#include "lib/names.h"
#include "lib/text.h"

#include <fcntl.h>
#include <stdio.h>
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

static void append(void *array, const char *name)
{
	json_array_append_new(array, json_string(name));
}

json_t *json_flags(int flags)
{
	json_t *array = json_array();

	names_each(names_open, (unsigned int)flags & ~(unsigned int)O_ACCMODE, append, array);
	return array;
}

json_t *json_maybe(int64_t number)
{
	return number < 0 ? json_null() : json_integer(number);
}

json_t *json_peer(const struct peer *p)
{
	return json_pack("{s:o, s:I}", "pid", p->pid ? json_integer(p->pid) : json_null(), "uid",
		(json_int_t)p->uid);
}

json_t *json_same(enum desc_same same)
{
	return same == DESC_UNKNOWN ? json_null() : json_boolean(same == DESC_SAME);
}

int json_line(json_t *object)
{
	int done = json_dumpf(object, stdout, JSON_COMPACT);

	json_decref(object);
	return done < 0 || putchar('\n') == EOF ? -1 : 0;
}
