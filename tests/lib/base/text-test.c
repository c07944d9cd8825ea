/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static void check_escape(const char *bytes, const char *want)
{
	char *escaped = text_escape(bytes, strlen(bytes));

	CHECK_STR(escaped, want);
	free(escaped);
}

TEST(control_characters_are_escaped)
{
	check_escape("plain text, 100%", "plain text, 100%");
	check_escape("\033[31mred", "\\033[31mred");
	check_escape("a\nb\tc\rd", "a\\012b\\011c\\015d");
	check_escape("back\\slash", "back\\134slash");
	check_escape("\177", "\\177");
	check_escape("", "");
}

TEST(without_a_locale_every_byte_above_127_is_escaped)
{
	CHECK(setlocale(LC_ALL, "C"));
	check_escape("\303\244", "\\303\\244");
}

TEST(what_the_locale_calls_printable_stays)
{
	CHECK(setlocale(LC_ALL, "C.UTF-8"));
	check_escape("\303\244\342\202\254", "\303\244\342\202\254");
	check_escape("\302\233" "31m", "\\302\\23331m"); /* U+009B, CSI in one character */
	check_escape("cut \303", "cut \\303");
	check_escape("\300\257", "\\300\\257"); /* an overlong encoding of '/' */
	check_escape("\377\376", "\\377\\376");
}

static void check_round_trip(const char *bytes, size_t len)
{
	char *text = text_escape(bytes, len);

	for (const char *p = text; *p; p++)
		CHECK((unsigned char)*p >= ' ' && *p != '\177');
	CHECK_INT(text_unescape(text), len);
	CHECK(memcmp(text, bytes, len) == 0);
	free(text);
}

TEST(every_byte_comes_back)
{
	char bytes[512];

	for (int i = 0; i < 512; i++)
		bytes[i] = (char)(i < 256 ? i : 511 - i);
	check_round_trip(bytes, sizeof(bytes));
	CHECK(setlocale(LC_ALL, "C.UTF-8"));
	check_round_trip(bytes, sizeof(bytes));
	check_round_trip("\303\244\\012\n", 7);
}

TEST(unescape_takes_what_unvis_takes)
{
	char octal[] = "a\\012b", letter[] = "a\\nb";
	char bad[] = "a\\Mb", hex[] = "\\xyz", space[] = "a\\ b";

	CHECK_INT(text_unescape(octal), 3);
	CHECK_STR(octal, "a\nb");
	CHECK_INT(text_unescape(letter), 3);
	CHECK_STR(letter, "a\nb");
	CHECK_ERR(text_unescape(bad), EINVAL);
	CHECK_ERR(text_unescape(hex), EINVAL);
	CHECK_ERR(text_unescape(space), EINVAL);
}

TEST(ascii_is_what_stays_in_any_locale)
{
	CHECK(setlocale(LC_ALL, "C.UTF-8"));
	char *text = text_escape_ascii("\303\244 a\n\0\\", 7);
	CHECK_STR(text, "\\303\\244 a\\012\\000\\134");
	free(text);
}

TEST(show_cuts_what_is_too_long)
{
	char longer[5000];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	const char *shown = text_show(longer);
	CHECK_INT(strlen(shown), 1023);
	CHECK_STR(shown + 1020, "...");
	longer[1023] = '\0';
	CHECK_STR(text_show(longer), longer);
}

TEST(show_is_good_for_four_calls)
{
	const char *first = text_show("one\n");

	text_show("two");
	text_show("three");
	text_show("four");
	CHECK_STR(first, "one\\012");
}

TEST(what_a_terminal_would_obey_is_no_text)
{
	CHECK(text_is("one\ttwo\r\n\303\244", 11));
	CHECK(text_is("", 0));
	CHECK(!text_is("\033[31m", 5));
	CHECK(!text_is("a\0", 2));
	CHECK(!text_is("\177", 1));
}

TEST(blanks_are_spaces_and_tabs)
{
	CHECK_STR(text_skip_blanks(" \t one "), "one ");
	CHECK_STR(text_skip_blanks("\none"), "\none");
	CHECK_STR(text_skip_blanks(" "), "");
}

static void check_cut(const char *text, size_t columns, const char *ellipsis, const char *want)
{
	char *cut = text_cut(text, columns, ellipsis);

	CHECK_STR(cut, want);
	free(cut);
}

TEST(what_is_too_wide_loses_its_middle)
{
	check_cut("short", 5, "...", "short");
	check_cut("/srv/a/long/notes.txt", 15, "...", "/s.../notes.txt");
	check_cut("/srv/a/long/notes.txt", 12, "...", "/srv...s.txt");
	check_cut("/srv/a/long/directory/n", 12, "...", "/srv...ory/n");
	check_cut("a/long/notes.txt", 11, "...", "a/lo....txt");
	check_cut("/srv/a/long/notes.txt", 3, "...", "...");
	check_cut("/srv/a/long/notes.txt", 2, "...", "..");
	check_cut("/srv/a/long/notes.txt", 0, "...", "");
}

TEST(width_is_that_of_a_terminal)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		test_skip("no locale C.UTF-8");
	CHECK_INT(text_width("a\xc3\xa4\xe4\xb8\xad"), 4);
	CHECK_INT(text_width("e\xcc\x81"), 1); /* a combining accent */
	/* two Chinese characters of two columns at either end */
	check_cut("\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad", 5, "\xe2\x80\xa6",
		"\xe4\xb8\xad\xe2\x80\xa6\xe4\xb8\xad");
	check_cut("\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad", 6, "\xe2\x80\xa6",
		"\xe4\xb8\xad\xe2\x80\xa6\xe4\xb8\xad");
}

TEST(what_turns_the_direction_of_writing_is_escaped)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		test_skip("no locale C.UTF-8");
	static const char name[] = "a\xe2\x80\xaetxt.exe";
	char *escaped = text_escape(name, sizeof(name) - 1);
	CHECK_STR(escaped, "a\\342\\200\\256txt.exe");
	free(escaped);
}

TEST(a_line_that_was_typed_keeps_its_backslashes)
{
	CHECK_STR(text_typed("write a\\n\\\\b"), "write a\\n\\\\b");
	CHECK_STR(text_typed("\033[31m\\x"), "\\033[31m\\x");
	CHECK_STR(text_typed(""), "");
	CHECK_STR(text_typed("\\"), "\\");
	char many[5000];
	memset(many, '\\', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	CHECK_INT(strlen(text_typed(many)), 1023);
}

static void check_lines(const char *text, size_t columns, const char *lines)
{
	char all[200] = "";
	const char *line;

	for (size_t len; (line = text_line(&text, columns, &len));)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%.*s/", (int)len, line);
	CHECK_STR(all, lines);
}

TEST(lines_break_between_words)
{
	check_lines("one two three", 7, "one two/three/");
	check_lines("one two three", 6, "one/two/three/");
	check_lines("one two three", 0, "one two three/");
	check_lines("one  two\nthree four", 20, "one  two/three four/");
	check_lines("unbreakable a", 4, "unbreakable/a/");
	check_lines("", 4, "");
}
