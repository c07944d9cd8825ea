/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An object of JSON in words: see json-words.h. */
#include "lib/out/json-words.h"
#include "lib/base/memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAX = 8 };

static void say(FILE *out, const char *key, const json_t *value, bool inner);
static void say_name(FILE *out, const char *name, size_t len);

static void say_scalar(FILE *out, const json_t *v)
{
	if (json_is_string(v))
		fputs(*json_string_value(v) ? json_string_value(v) : "none", out);
	else if (json_is_integer(v))
		fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else
		fputs(json_is_null(v) ? "unknown" : json_is_true(v) ? "yes" : "no", out);
}

static void say_object(FILE *out, const json_t *object, bool inner)
{
	const char *key, *between = "";
	json_t *v;

	json_object_foreach((json_t *)object, key, v)
	{
		fputs(between, out);
		say(out, key, v, inner);
		between = inner ? " " : ", ";
	}
}

/* Words are joined by '|', as bits are; things of more than one word by ';'. */
static void say_array(FILE *out, const json_t *array)
{
	size_t n = json_array_size(array);

	if (n == 0)
		fputs("none", out);
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_array_get(array, i);
		bool object = json_is_object(v);
		if (object && i == SHOWN_MAX) {
			fprintf(out, "; and %zu more", n - i);
			return;
		}
		if (i)
			fputs(object ? "; " : json_is_string(v) ? "|" : " ", out);
		if (object)
			say_object(out, v, true);
		else
			say_scalar(out, v);
	}
}

/* "it_value_ns": nanoseconds, said in seconds. Returns whether it was one. */
static bool say_time(FILE *out, const char *key, const json_t *v)
{
	size_t len = strlen(key);

	if (len < 4 || strcmp(key + len - 3, "_ns") != 0 || !json_is_integer(v))
		return false;
	long long ns = json_integer_value(v);
	say_name(out, key, len - 3);
	fprintf(out, " %lld.%09lld s", ns / 1000000000, ns % 1000000000);
	return true;
}

/* Inside a list these need no name, or another one. */
static const char *inner_name(const char *key)
{
	static const char *const names[][2] = {{"kind", ""}, {"state", ""}, {"access", ""}, {"fd", ""},
		{"events", ""}, {"mask", ""}, {"pid", "by"}, {NULL, NULL}};

	for (size_t i = 0; names[i][0]; i++)
		if (strcmp(names[i][0], key) == 0)
			return names[i][1];
	return key;
}

static void say_name(FILE *out, const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		fputc(name[i] == '_' ? ' ' : name[i], out);
}

static void say(FILE *out, const char *key, const json_t *v, bool inner)
{
	const char *name = inner ? inner_name(key) : key;

	if (say_time(out, key, v))
		return;
	if (json_is_false(v))
		fputs("not ", out);
	say_name(out, name, strlen(name));
	if (json_is_boolean(v))
		return;
	if (*name)
		fputc(' ', out);
	if (json_is_array(v))
		say_array(out, v);
	else if (json_is_object(v))
		say_object(out, v, true);
	else
		say_scalar(out, v);
}

char *json_words(const json_t *facts)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out) {
		say_object(out, facts, false);
		fclose(out);
	}
	return text ? text : must_strdup("");
}
