/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text on a terminal, escaped and measured: see text.h. */
#include "lib/base/text.h"
#include "lib/base/memory.h"

#include <bsd/string.h>
#define LIBBSD_OPENBSD_VIS /* a choice that vis.h asks for, about functions not used here */
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
 * Characters that iswprint(3) accepts, but that show nothing. Some of them, the bidi
 * controls, change the order of the characters around them.
 */
static bool is_invisible(wchar_t c)
{
	return c == 0x61c || c == 0x200b || c == 0x200e || c == 0x200f ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
	       (c >= 0xe0000 && c <= 0xe0fff);
}

/* The length of a printable multibyte character at p, or 0. */
static size_t printable_wide(const char *p, size_t len)
{
	mbstate_t state = {0};
	wchar_t c;
	size_t n = mbrtowc(&c, p, len, &state);

	if (n == (size_t)-1 || n == (size_t)-2 || n < 2)
		return 0;
	return iswprint((wint_t)c) && !is_invisible(c) ? n : 0;
}

/* vis(3) may take a byte above 127 for a character of the locale, so it does not get these. */
static char *escape_byte(char *to, unsigned char byte, int style, char next)
{
	if (byte < 0x80)
		return vis(to, byte, style | VIS_TAB | VIS_NL, next);
	return to + sprintf(to, "\\%03o", byte);
}

/* The number of bytes at the start that no style and locale escapes: mostly all. */
static size_t plain_length(const char *bytes, size_t len)
{
	size_t i = 0;

	while (i < len && bytes[i] >= ' ' && bytes[i] <= '~' && bytes[i] != '\\' && bytes[i] != '"')
		i++;
	return i;
}

/* wide: keeps the multibyte characters that the locale can print. */
static char *escape(const char *bytes, size_t len, int style, bool wide)
{
	size_t i = plain_length(bytes, len), n;
	/* an escape has at most four bytes */
	char *out = must_realloc(NULL, i + 4 * (len - i) + 1, 1);
	char *to = out + i;

	memcpy(out, bytes, i);
	while (i < len) {
		n = plain_length(bytes + i, len - i);
		if (n == 0 && wide)
			n = printable_wide(bytes + i, len - i);
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

/* Copies it, cut, to one of the four buffers of text_show; frees it. */
static const char *keep_shown(char *whole)
{
	static char shown[4][1024];
	static unsigned int next;
	char *out = shown[next++ % 4];

	if (strlcpy(out, whole, sizeof(shown[0])) >= sizeof(shown[0]))
		strlcpy(out + sizeof(shown[0]) - 4, "...", 4);
	free(whole);
	return out;
}

const char *text_show(const char *string)
{
	return keep_shown(text_escape(string, strlen(string)));
}

const char *text_typed(const char *string)
{
	char *out = must_strdup("");

	for (;; string++) {
		size_t len = strcspn(string, "\\");
		char *part = text_escape(string, len);
		char *longer = must_printf("%s%s%s", out, part, string[len] ? "\\" : "");
		free(part);
		free(out);
		out = longer;
		string += len;
		if (!*string || strlen(out) > 1024)
			return keep_shown(out);
	}
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
 * The columns of the character at p, and its length in *len. A byte that is not a character
 * counts as one column, a colour sequence as none.
 */
static size_t columns_of(const char *p, size_t *len)
{
	mbstate_t state = {0};
	wchar_t c;

	*len = 1;
	if (*p >= ' ' && *p < 0x7f) /* most characters: faster than asking the locale */
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

/* As text_fit; the number of columns that these bytes take is in *filled. */
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

size_t text_lines(const char *text)
{
	size_t n = 0;

	for (; *text; n++) {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return n;
}

size_t text_fit(const char *text, size_t columns)
{
	size_t filled;

	return bytes_within(text, columns, &filled);
}

/* Of the columns that both ends have: half, or what the last component of a path leaves. */
static size_t columns_of_head(const char *text, size_t columns)
{
	size_t last = *text == '/' ? text_width(strrchr(text, '/')) : 0;

	return last <= columns && columns - last < columns / 2 ? columns - last : columns / 2;
}

char *text_cut(const char *text, size_t columns, const char *ellipsis)
{
	size_t whole = text_width(text), gap = text_width(ellipsis), filled, left;

	if (whole <= columns)
		return must_strdup(text);
	if (columns <= gap)
		return must_printf("%.*s", (int)bytes_within(ellipsis, columns, &filled), ellipsis);
	size_t room = columns - gap;
	size_t head = bytes_within(text, columns_of_head(text, room), &filled);
	const char *tail = text + head;
	for (left = whole - filled; left > room - filled;) {
		size_t len, width = columns_of(tail, &len);
		tail += len;
		left -= width;
	}
	return must_printf("%.*s%s%s", (int)head, text, ellipsis, tail);
}

/* The columns of the first len bytes. */
static size_t width_of(const char *text, size_t len)
{
	size_t width = 0;

	for (size_t n; len > 0; text += n, len -= n)
		width += columns_of(text, &n);
	return width;
}

const char *text_line(const char **text, size_t columns, size_t *len)
{
	const char *line = *text + strspn(*text, " \n");

	*len = 0;
	for (size_t width = 0; line[*len] && line[*len] != '\n';) {
		size_t end = *len + strspn(line + *len, " ");
		end += strcspn(line + end, " \n");
		width += width_of(line + *len, end - *len);
		if (*len && columns && width > columns)
			break;
		*len = end;
	}
	*text = line + *len;
	return *len ? line : NULL;
}

int text_unescape(char *text)
{
	if (!strchr(text, '\\')) /* the usual case */
		return (int)strlen(text);
	int len = strunvis(text, text); /* in place: it never writes beyond what it has read */

	if (len < 0)
		errno = EINVAL;
	return len;
}
