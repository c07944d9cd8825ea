/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON values: see json-value.h. */
#include "lib/out/json-value.h"
#include "lib/base/text.h"
#include "lib/base/times.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *json_bytes(const char *bytes)
{
	return json_bytes_of(bytes, strlen(bytes));
}

json_t *json_bytes_of(const char *bytes, size_t len)
{
	json_t *string = json_stringn(bytes, len);

	if (string)
		return string;
	char *escaped = text_escape(bytes, len);
	string = json_string(escaped);
	free(escaped);
	return string;
}

json_t *json_maybe(int64_t number, int64_t unknown)
{
	return number == unknown ? json_null() : json_integer(number);
}

static void append(void *array, const char *name)
{
	json_array_append_new(array, json_string(name));
}

json_t *json_bits(const struct bitname *table, uint64_t bits)
{
	json_t *array = json_array();

	names_each(table, bits, append, array);
	return array;
}

/* --- the kernel's words -------------------------------------------------------------- */

json_t *json_number(unsigned long long n)
{
	char text[24];

	if (n <= INT64_MAX)
		return json_integer((json_int_t)n);
	snprintf(text, sizeof(text), "%llu", n); /* readers of JSON take no larger numbers */
	return json_string(text);
}

json_t *json_word(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	bool negative = text[0] == '-' && isdigit((unsigned char)text[1]);

	if (negative && strlen(text) < 19 && strspn(text + 1, "0123456789") == strlen(text + 1))
		return json_integer(strtoll(text, NULL, 10));
	if (digits && digits < 20 && !text[digits] && (text[0] != '0' || digits == 1))
		return json_number(strtoull(text, NULL, 10));
	return json_bytes(text);
}

json_t *json_opaque(unsigned long long n)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%llx", n);
	return json_string(text);
}

json_t *json_device(unsigned int maj, unsigned int min)
{
	char text[24];

	snprintf(text, sizeof(text), "%u:%u", maj, min);
	return json_string(text);
}

static json_t *timespec(const char *text)
{
	unsigned long long s, ns;

	if (sscanf(text, "(%llu, %llu)", &s, &ns) != 2)
		return json_bytes(text);
	return json_number(s * NS_PER_S + ns);
}

static json_t *signals(unsigned long long set)
{
	json_t *array = json_array();
	char name[24];

	for (int i = 0; i < 64; i++)
		if (set >> i & 1)
			json_array_append_new(
				array, json_string(names_signal(i + 1, name, sizeof(name))));
	return array;
}

static json_t *pids(const char *text)
{
	json_t *array = json_array();
	char *end;

	for (long pid = strtol(text, &end, 10); end != text; pid = strtol(text, &end, 10)) {
		json_array_append_new(array, json_integer(pid));
		text = end;
	}
	return array;
}

json_t *json_as(enum as format, const struct bitname *names, const char *text)
{
	unsigned long long hex = strtoull(text, NULL, 16);
	char name[NAMES_MAX];

	switch (format) {
	case AS_HEX:
		return json_number(hex);
	case AS_OPAQUE:
		return json_opaque(hex);
	case AS_BITS:
		return json_bits(names, hex);
	case AS_BITS_OCTAL:
		return json_bits(names, strtoull(text, NULL, 8));
	case AS_VALUE:
		return json_string(names_value(names, strtoull(text, NULL, 10), name, sizeof(name)));
	case AS_RING_MASK:
		return json_number(hex + 1);
	case AS_BOOL:
		return json_boolean(hex != 0);
	case AS_TIME:
		return timespec(text);
	case AS_SIGNALS:
		return signals(hex);
	case AS_PIDS:
		return pids(text);
	case AS_DEVICE:
		return json_device((unsigned int)(hex >> 20), (unsigned int)(hex & 0xfffff));
	case AS_WORD:
		break;
	}
	return json_word(text);
}
