/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes from outside, made fit for a terminal: see text.h. */
#include "lib/base/text.h"
#include "lib/base/memory.h"

#include <bsd/string.h>
#define LIBBSD_OPENBSD_VIS /* the order of arguments of two functions that are not used here */
#include <bsd/vis.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

/*
 * iswprint(3) takes these for printable: they show nothing, and some of them
 * (Unicode's "bidi" controls) turn the order of what stands around them.
 */
static bool is_unseen_control(wchar_t c)
{
	return c == 0x61c || c == 0x200b || c == 0x200e || c == 0x200f ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
	       (c >= 0xe0000 && c <= 0xe0fff);
}

/* The length of the printable character of more than one byte that starts here; 0 if none does. */
static size_t printable_wide(const char *p, size_t len)
{
	mbstate_t state = {0};
	wchar_t c;
	size_t n = mbrtowc(&c, p, len, &state);

	if (n == (size_t)-1 || n == (size_t)-2 || n < 2)
		return 0;
	return iswprint((wint_t)c) && !is_unseen_control(c) ? n : 0;
}

/* vis(3) asks the locale of a single byte, which is none of its characters above 127. */
static char *escape_byte(char *to, unsigned char byte, int style, char next)
{
	if (byte < 0x80)
		return vis(to, byte, style | VIS_TAB | VIS_NL, next);
	return to + sprintf(to, "\\%03o", byte);
}

/* How many bytes at the start stay as they are, in every style and locale: mostly all. */
static size_t plain_start(const char *bytes, size_t len)
{
	size_t i = 0;

	while (i < len && bytes[i] >= ' ' && bytes[i] <= '~' && bytes[i] != '\\' && bytes[i] != '"')
		i++;
	return i;
}

/* wide: what the locale calls printable stays, where it is more than one byte. */
static char *escape(const char *bytes, size_t len, int style, bool wide)
{
	size_t i = plain_start(bytes, len);
	char *out = must_realloc(NULL, i + 4 * (len - i) + 1, 1); /* four bytes for one at most */
	char *to = out + i;

	memcpy(out, bytes, i);
	while (i < len) {
		size_t n = wide ? printable_wide(bytes + i, len - i) : 0;
		if (n) {
			memcpy(to, bytes + i, n);
			to += n;
			i += n;
		} else {
			char next = i + 1 < len ? bytes[i + 1] : '\0';
			to = escape_byte(to, (unsigned char)bytes[i++], style, next);
		}
	}
	*to = '\0';
	return out;
}

char *text_escape(const char *bytes, size_t len)
{
	return escape(bytes, len, VIS_OCTAL, true);
}

char *text_escape_ascii(const char *bytes, size_t len)
{
	return escape(bytes, len, VIS_OCTAL, false);
}

char *text_escape_c(const char *bytes, size_t len)
{
	return escape(bytes, len, VIS_CSTYLE | VIS_OCTAL | VIS_DQ, true);
}

const char *text_show(const char *string)
{
	static char shown[4][1024];
	static unsigned int next;
	char *out = shown[next++ % 4];
	char *whole = text_escape(string, strlen(string));

	if (strlcpy(out, whole, sizeof(shown[0])) >= sizeof(shown[0]))
		strlcpy(out + sizeof(shown[0]) - 4, "...", 4);
	free(whole);
	return out;
}

bool text_is(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if ((c < ' ' && c != '\n' && c != '\t' && c != '\r') || c == 0x7f)
			return false;
	}
	return true;
}

bool text_begins(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

const char *text_skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

/*
 * A byte that is no character counts as one column, the sequence of a colour as none.
 * Its length into *len.
 */
static size_t columns_of(const char *p, size_t *len)
{
	mbstate_t state = {0};
	wchar_t c;

	*len = 1;
	if (*p >= ' ' && *p < 0x7f) /* what most is, without asking the locale */
		return 1;
	if (p[0] == '\033' && p[1] == '[') {
		*len = 2 + strcspn(p + 2, "m");
		*len += p[*len] == 'm';
		return 0;
	}
	*len = mbrtowc(&c, p, MB_CUR_MAX, &state);
	if (*len == 0 || *len == (size_t)-1 || *len == (size_t)-2) {
		*len = 1;
		return 1;
	}
	int width = wcwidth(c);
	return width < 0 ? 1 : (size_t)width;
}

size_t text_width(const char *text)
{
	size_t width = 0;

	for (size_t len; *text; text += len)
		width += columns_of(text, &len);
	return width;
}

/* The bytes at the beginning that fill at most so many columns; how many they do into *filled. */
static size_t bytes_within(const char *text, size_t columns, size_t *filled)
{
	size_t bytes = 0, width;

	*filled = 0;
	for (size_t len; text[bytes]; bytes += len) {
		width = columns_of(text + bytes, &len);
		if (*filled + width > columns)
			break;
		*filled += width;
	}
	return bytes;
}

size_t text_fit(const char *text, size_t columns)
{
	size_t filled;

	return bytes_within(text, columns, &filled);
}

char *text_cut(const char *text, size_t columns, const char *ellipsis)
{
	size_t whole = text_width(text), gap = text_width(ellipsis), filled, left;

	if (whole <= columns)
		return must_strdup(text);
	if (columns <= gap)
		return must_printf("%.*s", (int)bytes_within(ellipsis, columns, &filled), ellipsis);
	size_t head = bytes_within(text, (columns - gap) / 2, &filled);
	const char *tail = text + head;
	for (left = whole - filled; left > columns - gap - filled;) {
		size_t len, width = columns_of(tail, &len);
		tail += len;
		left -= width;
	}
	return must_printf("%.*s%s%s", (int)head, text, ellipsis, tail);
}

int text_unescape(char *text)
{
	if (!strchr(text, '\\')) /* nearly always */
		return (int)strlen(text);
	int len = strunvis(text, text); /* in place: it never writes ahead of what it reads */

	if (len < 0)
		errno = EINVAL;
	return len;
}
