/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON as a line of text for people: see json-words.h. */
#include "lib/out/json-words.h"
#include "lib/base/memory.h"
#include "lib/base/times.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAX = 8 }; /* objects of a list */

static void write_member(FILE *out, const char *key, const json_t *value, bool inner);
static void write_name(FILE *out, const char *name, size_t len);

static void write_scalar(FILE *out, const json_t *v)
{
	if (json_is_string(v))
		fputs(*json_string_value(v) ? json_string_value(v) : "none", out);
	else if (json_is_integer(v))
		fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else
		fputs(json_is_null(v) ? "unknown" : json_is_true(v) ? "yes" : "no", out);
}

static void write_object(FILE *out, const json_t *object, bool inner)
{
	const char *key, *separator = "";
	json_t *v;

	json_object_foreach((json_t *)object, key, v)
	{
		fputs(separator, out);
		write_member(out, key, v, inner);
		separator = inner ? " " : ", ";
	}
}

/* Strings are joined by '|', like names of bits; objects by ';'. */
static void write_array(FILE *out, const json_t *array)
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
			write_object(out, v, true);
		else
			write_scalar(out, v);
	}
}

/* Writes a key such as "it_value_ns" in seconds. Returns false for other keys. */
static bool write_time(FILE *out, const char *key, const json_t *v)
{
	size_t len = strlen(key);

	if (len < 4 || strcmp(key + len - 3, "_ns") != 0 || !json_is_integer(v))
		return false;
	long long ns = json_integer_value(v);
	write_name(out, key, len - 3);
	fprintf(out, " %lld.%09lld s", ns / (long long)NS_PER_S, ns % (long long)NS_PER_S);
	return true;
}

/* The name of a key inside a list, where some keys need no name, or another one. */
static const char *inner_name(const char *key)
{
	static const char *const names[][2] = {{"kind", ""}, {"state", ""}, {"access", ""},
		{"fd", ""}, {"events", ""}, {"mask", ""}, {"pid", "by"}, {NULL, NULL}};

	for (size_t i = 0; names[i][0]; i++)
		if (strcmp(names[i][0], key) == 0)
			return names[i][1];
	return key;
}

static void write_name(FILE *out, const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		fputc(name[i] == '_' ? ' ' : name[i], out);
}

static void write_member(FILE *out, const char *key, const json_t *v, bool inner)
{
	const char *name = inner ? inner_name(key) : key;

	if (write_time(out, key, v))
		return;
	if (json_is_false(v))
		fputs("not ", out);
	write_name(out, name, strlen(name));
	if (json_is_boolean(v))
		return;
	if (*name)
		fputc(' ', out);
	if (json_is_array(v))
		write_array(out, v);
	else if (json_is_object(v))
		write_object(out, v, true);
	else
		write_scalar(out, v);
}

char *json_words(const json_t *facts)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out) {
		write_object(out, facts, false);
		fclose(out);
	}
	return text ? text : must_strdup("");
}
