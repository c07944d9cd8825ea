/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The C escapes in TEXT: see unescape.h. */
#include "cmd/prompt/unescape.h"
#include "lib/base/memory.h"

#include <stdlib.h>
#include <string.h>

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return !at ? -1 : at - digits < 16 ? (int)(at - digits) : (int)(at - digits) - 6;
}

static size_t unescape_hex(const char *p, char *out)
{
	int high = hex_digit(p[0]), low = high < 0 ? -1 : hex_digit(p[1]);

	*out = (char)(low < 0 ? high : high * 16 + low);
	return high < 0 ? 0 : low < 0 ? 1 : 2;
}

static size_t unescape_octal(const char *p, char *out)
{
	size_t n = 0;
	int value = 0;

	for (; n < 3 && p[n] >= '0' && p[n] <= '7'; n++)
		value = value * 8 + (p[n] - '0');
	*out = (char)value;
	return n;
}

/* p is behind the backslash. Returns how many characters belong to the escape; 0: it is not one. */
static size_t unescape_one(const char *p, char *out)
{
	static const char letters[] = "abefnrtv\\\"'", bytes[] = "\a\b\033\f\n\r\t\v\\\"'";
	const char *at = *p ? strchr(letters, *p) : NULL;

	if (at) {
		*out = bytes[at - letters];
		return 1;
	}
	if (*p != 'x')
		return unescape_octal(p, out);
	size_t digits = unescape_hex(p + 1, out);
	return digits ? 1 + digits : 0;
}

char *unescape_text(const char *text, size_t *len)
{
	size_t n = strlen(text);
	char *out = must_calloc(n + 1, 1);

	if (n >= 2 && text[0] == '"' && text[n - 1] == '"') {
		text++;
		n -= 2;
	}
	*len = 0;
	for (const char *p = text; p < text + n; p++) {
		if (*p != '\\') {
			out[(*len)++] = *p;
			continue;
		}
		size_t used = p + 1 < text + n ? unescape_one(p + 1, &out[*len]) : 0;
		if (used == 0) {
			free(out);
			return NULL;
		}
		(*len)++;
		p += used;
	}
	return out;
}
