/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/memory.h"
#include "lib/pass/protocol.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static char text[PROTOCOL_MAX + 1];
static struct protocol_in in;

static int parse(const char *message)
{
	snprintf(text, sizeof(text), "%s", message);
	return protocol_parse(text, strlen(text), &in);
}

TEST(what_is_written_is_lines)
{
	struct protocol_out out;

	protocol_begin(&out, PROTOCOL_OFFER);
	protocol_add(&out, "name", "notes");
	protocol_add_number(&out, "fds", 1);
	protocol_add_number(&out, "pos", -9223372036854775807LL - 1);
	CHECK_STR(out.text, "FDTOOL/1 OFFER\nname=notes\nfds=1\npos=-9223372036854775808\n");
	CHECK_INT(out.len, strlen(out.text));
}

TEST(every_verb_comes_back)
{
	struct protocol_out out;

	for (int verb = PROTOCOL_OFFER; verb < PROTOCOL_OTHER; verb++) {
		protocol_begin(&out, (enum protocol_verb)verb);
		CHECK_OK(protocol_parse(out.text, out.len, &in));
		CHECK_INT(in.verb, verb);
		CHECK_INT(in.n, 0);
	}
}

TEST(values_come_back_whatever_is_in_them)
{
	static const char *const values[] = {"", "a b", "two\nlines\n", "\033[2J\007",
		"back\\slash\\012", "a=b=c", "\303\244", "\377\001",
		"FDTOOL/1 DENY\nreason=forged"};
	struct protocol_out out;

	protocol_begin(&out, PROTOCOL_NOTE);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		char key[8];
		snprintf(key, sizeof(key), "k%zu", i);
		protocol_add(&out, key, values[i]);
	}
	CHECK_OK(protocol_parse(out.text, out.len, &in));
	CHECK_INT(in.verb, PROTOCOL_NOTE);
	CHECK_INT(in.n, ARRAY_SIZE(values));
	for (size_t i = 0; i < in.n; i++)
		CHECK_STR(in.values[i], values[i]);
}

TEST(the_same_bytes_are_written_in_any_locale)
{
	static const char value[] = "\303\244 \342\202\254 \377 \302\233 \n";
	struct protocol_out c, utf8;

	protocol_begin(&c, PROTOCOL_OFFER);
	protocol_add(&c, "path", value);
	CHECK(setlocale(LC_ALL, "C.UTF-8"));
	protocol_begin(&utf8, PROTOCOL_OFFER);
	protocol_add(&utf8, "path", value);
	CHECK_STR(utf8.text, c.text);
	CHECK_OK(protocol_parse(utf8.text, utf8.len, &in));
	CHECK_STR(protocol_get(&in, "path"), value);
}

TEST(another_version_is_told_from_rubbish)
{
	CHECK_ERR(parse("FDTOOL/2 OFFER\n"), EPROTONOSUPPORT);
	CHECK_ERR(parse("FDTOOL/10 OFFER\n"), EPROTONOSUPPORT);
	CHECK_ERR(parse("FDTOOL/2"), EPROTONOSUPPORT);
	CHECK_ERR(parse("FDTOOL/ OFFER\n"), EBADMSG);
	CHECK_ERR(parse("FDTOOL/1x OFFER\n"), EBADMSG);
	CHECK_ERR(parse("FDTOOL/-1 OFFER\n"), EBADMSG);
}

TEST(rubbish_is_a_bad_message)
{
	static const char *const messages[] = {"", "\n", "x", "FDTOOL", "FDTOOL/1", "FDTOOL/1\n",
		"fdtool/1 OFFER\n", " FDTOOL/1 OFFER\n", "\nFDTOOL/1 OFFER\n",
		"HTTP/1.1 200 OK\r\n"};

	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		errno = 0;
		if (parse(messages[i]) != -1 || errno != EBADMSG)
			test_fail(__FILE__, __LINE__, "\"%s\" is taken", messages[i]);
	}
}

TEST(an_unknown_verb_is_somebody_elses)
{
	CHECK_OK(parse("FDTOOL/1 SING\nsong=1\n"));
	CHECK_INT(in.verb, PROTOCOL_OTHER);
	CHECK_STR(protocol_get(&in, "song"), "1");
	CHECK_OK(parse("FDTOOL/1 offer\n"));
	CHECK_INT(in.verb, PROTOCOL_OTHER);
	CHECK_OK(parse("FDTOOL/1 OFFER "));
	CHECK_INT(in.verb, PROTOCOL_OTHER);
}

TEST(a_line_without_a_key_or_an_equals_sign_is_bad)
{
	CHECK_ERR(parse("FDTOOL/1 OFFER\nname\n"), EBADMSG);
	CHECK_ERR(parse("FDTOOL/1 OFFER\nname=a\nfds\n"), EBADMSG);
	CHECK_ERR(parse("FDTOOL/1 OFFER\n=value\n"), EBADMSG);
	CHECK_OK(parse("FDTOOL/1 OFFER\nname=\n"));
	CHECK_STR(protocol_get(&in, "name"), "");
}

TEST(a_value_that_is_escaped_wrongly_is_bad)
{
	CHECK_ERR(parse("FDTOOL/1 OFFER\nname=\\Mx\n"), EBADMSG);
	CHECK_ERR(parse("FDTOOL/1 OFFER\nname=a\\ b\n"), EBADMSG);
}

TEST(the_last_newline_may_be_missing_and_lines_empty)
{
	CHECK_OK(parse("FDTOOL/1 OFFER\n\nname=a\n\nfds=1"));
	CHECK_STR(protocol_get(&in, "name"), "a");
	CHECK_STR(protocol_get(&in, "fds"), "1");
	CHECK_OK(parse("FDTOOL/1 OFFER"));
}

TEST(a_nul_byte_is_bad_wherever_it_is)
{
	static const char message[] = "FDTOOL/1 OFFER\nname=a\n";

	for (size_t at = 0; at < sizeof(message) - 1; at++) {
		memcpy(text, message, sizeof(message));
		text[at] = '\0';
		CHECK_ERR(protocol_parse(text, sizeof(message) - 1, &in), EBADMSG);
	}
}

TEST(more_keys_than_there_is_room_for_are_skipped)
{
	size_t len = (size_t)snprintf(text, sizeof(text), "FDTOOL/1 OFFER\n");

	for (int i = 0; i < 3 * PROTOCOL_KEYS_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "k%d=%d\n", i, i);
	CHECK_OK(protocol_parse(text, len, &in));
	CHECK_INT(in.n, PROTOCOL_KEYS_MAX);
	CHECK_STR(protocol_get(&in, "k63"), "63");
	CHECK(!protocol_get(&in, "k64"));
}

TEST(the_first_of_two_values_counts)
{
	CHECK_OK(parse("FDTOOL/1 OFFER\nfds=1\nfds=2\n"));
	CHECK_STR(protocol_get(&in, "fds"), "1");
	CHECK(!protocol_get(&in, "fd"));
	CHECK(!protocol_get(&in, ""));
}

TEST(numbers_out_of_range_count_as_missing)
{
	CHECK_OK(parse("FDTOOL/1 OFFER\na=7\nb=-1\nc=7x\nd=\ne=99999999999999999999\nf=0x7\n"));
	CHECK_INT(protocol_get_number(&in, "a", 0, 9, -5), 7);
	CHECK_INT(protocol_get_number(&in, "a", 0, 6, -5), -5);
	CHECK_INT(protocol_get_number(&in, "b", 0, 9, -5), -5);
	CHECK_INT(protocol_get_number(&in, "b", -9, 9, -5), -1);
	CHECK_INT(protocol_get_number(&in, "c", 0, 9, -5), -5);
	CHECK_INT(protocol_get_number(&in, "d", 0, 9, -5), -5);
	CHECK_INT(protocol_get_number(&in, "e", 0, 9, -5), -5);
	CHECK_INT(protocol_get_number(&in, "f", 0, 9, -5), -5);
	CHECK_INT(protocol_get_number(&in, "none", 0, 9, -5), -5);
}

TEST(a_value_that_does_not_fit_is_left_out_whole)
{
	struct protocol_out out;
	char *longer = must_calloc(1, PROTOCOL_MAX + 1);

	memset(longer, '\n', PROTOCOL_MAX); /* four bytes each when escaped */
	protocol_begin(&out, PROTOCOL_OFFER);
	protocol_add(&out, "before", "1");
	protocol_add(&out, "longer", longer);
	protocol_add(&out, "after", "2");
	free(longer);
	CHECK_STR(out.text, "FDTOOL/1 OFFER\nbefore=1\nafter=2\n");
	CHECK_INT(out.len, strlen(out.text));
}

TEST(a_message_may_be_full_to_the_last_byte)
{
	struct protocol_out out;
	char value[PROTOCOL_MAX + 1];

	protocol_begin(&out, PROTOCOL_OFFER);
	size_t room = PROTOCOL_MAX - out.len - strlen("k=\n");
	memset(value, 'v', sizeof(value));
	value[room + 1] = '\0';
	protocol_add(&out, "k", value);
	CHECK_STR(out.text, "FDTOOL/1 OFFER\n");
	value[room] = '\0';
	protocol_add(&out, "k", value);
	CHECK_INT(out.len, PROTOCOL_MAX);
	protocol_add(&out, "x", "");
	CHECK_INT(out.len, PROTOCOL_MAX);
	CHECK_OK(protocol_parse(out.text, out.len, &in));
	CHECK_STR(protocol_get(&in, "k"), value);
}
