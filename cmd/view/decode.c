/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decodes the bytes of one read: see decode.h. */
#include "cmd/view/decode.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/out/json.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>

typedef void each_fn(void *data, json_t *fields);

static void decode_number(const char *name, const char *bytes, each_fn *each, void *data)
{
	uint64_t n;

	memcpy(&n, bytes, sizeof(n));
	each(data, json_pack("{s:o}", name, json_number(n)));
}

static void decode_signals(const char *bytes, size_t len, each_fn *each, void *data)
{
	struct signalfd_siginfo si;

	for (; len >= sizeof(si); bytes += sizeof(si), len -= sizeof(si)) {
		memcpy(&si, bytes, sizeof(si));
		const char *name = names_find(names_signals, si.ssi_signo);
		json_t *o = json_pack("{s:i, s:i, s:I}", "signo", (int)si.ssi_signo, "pid",
			(int)si.ssi_pid, "uid", (json_int_t)si.ssi_uid);
		if (name)
			json_object_set_new(o, "signal", json_string(name));
		each(data, o);
	}
}

static void decode_inotify(const char *bytes, size_t len, each_fn *each, void *data)
{
	struct inotify_event e;

	while (len >= sizeof(e)) {
		memcpy(&e, bytes, sizeof(e));
		if (e.len > len - sizeof(e))
			return;
		json_t *o = json_pack(
			"{s:i, s:o}", "wd", e.wd, "mask", json_bits(names_inotify, e.mask));
		if (e.cookie)
			json_object_set_new(o, "cookie", json_integer(e.cookie));
		if (e.len) {
			char *file = must_printf("%.*s", (int)e.len, bytes + sizeof(e));
			json_object_set_new(o, "file", json_bytes(file));
			free(file);
		}
		each(data, o);
		bytes += sizeof(e) + e.len;
		len -= sizeof(e) + e.len;
	}
}

static void decode_text(const char *bytes, size_t len, each_fn *each, void *data)
{
	while (len > 0) {
		const char *end = memchr(bytes, '\n', len);
		size_t n = end ? (size_t)(end - bytes) : len;
		each(data, json_pack("{s:o}", "text", json_bytes_of(bytes, n)));
		n += end != NULL;
		bytes += n;
		len -= n;
	}
}

char *hex_text(const char *bytes, size_t len, bool spaced)
{
	static const char digits[] = "0123456789abcdef";
	char *hex = must_calloc(len + 1, 3), *end = hex;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (i && spaced)
			*end++ = ' ';
		*end++ = digits[c >> 4];
		*end++ = digits[c & 15];
	}
	return hex;
}

static void decode_hex(const char *bytes, size_t len, each_fn *each, void *data)
{
	char *hex = hex_text(bytes, len, false);

	each(data, json_pack("{s:s}", "hex", hex));
	free(hex);
}

void decode(const char *type, const char *bytes, size_t len, each_fn *each, void *data)
{
	if (strcmp(type, "eventfd") == 0 && len == sizeof(uint64_t))
		decode_number("count", bytes, each, data);
	else if (strcmp(type, "timerfd") == 0 && len == sizeof(uint64_t))
		decode_number("expirations", bytes, each, data);
	else if (strcmp(type, "signalfd") == 0)
		decode_signals(bytes, len, each, data);
	else if (strcmp(type, "inotify") == 0)
		decode_inotify(bytes, len, each, data);
	else if (text_is(bytes, len))
		decode_text(bytes, len, each, data);
	else
		decode_hex(bytes, len, each, data);
}

/* In quotes where it could be taken for more than one word. */
static void print_string(const char *string, size_t len)
{
	char *text = text_escape_c(string, len);
	const char *quote = len == 0 || strpbrk(text, " \"") ? "\"" : "";

	printf("%s%s%s", quote, text, quote);
	free(text);
}

static void print_value(const json_t *value)
{
	const json_t *name;
	size_t i;

	if (json_is_integer(value)) {
		printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
	} else if (json_is_string(value)) {
		print_string(json_string_value(value), json_string_length(value));
	} else {
		json_array_foreach (value, i, name)
			printf("%s%s", i ? "|" : "", json_string_value(name));
	}
}

void decode_print(const json_t *fields)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)fields, key, value) {
		printf(" %s=", key);
		print_value(value);
	}
}
