/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Escapes: lib/base/text.h. What is escaped steers no terminal, and comes back. */
#include "tests/fuzz/fuzz.h"
#include "lib/base/text.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static void check_harmless(const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		CHECK(c >= ' ' && c != 0x7f);
	}
}

static void check_comes_back(char *escaped, const char *data, size_t size)
{
	check_harmless(escaped);
	CHECK(text_unescape(escaped) == (int)size && memcmp(escaped, data, size) == 0);
	free(escaped);
}

static void check_cut(const char *data, size_t size)
{
	char *text = text_escape(data, size);

	for (size_t columns = 0; columns < 12; columns++) {
		char *cut = text_cut(text, columns, "...");
		CHECK(text_width(cut) <= columns);
		CHECK(text_fit(text, columns) <= strlen(text));
		free(cut);
	}
	free(text);
}

FUZZ(escapes)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	check_comes_back(text_escape(data, size), data, size);
	check_comes_back(text_escape_ascii(data, size), data, size);
	char *c = text_escape_c(data, size);
	check_harmless(c);
	free(c);
	check_cut(data, size);
	char *word = fuzz_string(data, size);
	check_harmless(text_show(word));
	CHECK(strspn(word, " \t") == (size_t)(text_skip_blanks(word) - word));
	CHECK(text_begins(word, text_skip_blanks("")));
	CHECK(text_unescape(word) <= (int)size);
	free(word);
	text_is(data, size);
}
