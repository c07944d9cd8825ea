/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/look/desc.h"
#include "lib/look/moves.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static struct moves m, was;
static char text[600];

TEST(an_offset_that_moved_is_seen_once)
{
	int fd = test_file("file", "hello", O_RDONLY);
	int copy = CHECK_OK(fcntl(fd, F_DUPFD_CLOEXEC, 3));

	moves_begin(&m, fd);
	CHECK(!moves_look(&m, &was));
	CHECK_OK(lseek(copy, 4, SEEK_SET));
	CHECK(moves_look(&m, &was));
	CHECK_INT(was.pos, 0);
	CHECK_INT(m.pos, 4);
	CHECK_STR(moves_text(&was, &m, text, sizeof(text)), "pos 0 -> 4");
	CHECK(!moves_look(&m, &was));
	CHECK_STR(moves_text(&was, &m, text, sizeof(text)), "");
	fd_close(&fd);
	fd_close(&copy);
}

TEST(flags_that_moved_are_seen)
{
	int pair[2];

	test_pipe(pair);
	moves_begin(&m, pair[1]);
	CHECK(m.pos == DESC_NO_POS);
	CHECK_OK(fcntl(pair[1], F_SETFL, O_NONBLOCK));
	CHECK(moves_look(&m, &was));
	moves_text(&was, &m, text, sizeof(text));
	CHECK_STR(text, "flags O_WRONLY -> O_WRONLY|O_NONBLOCK");
	fd_close_all(pair, 2);
}

TEST(both_are_one_line_and_too_little_room_cuts_it)
{
	const struct moves before = {.pos = 7, .flags = O_RDWR};
	const struct moves after = {.pos = 0, .flags = O_RDWR | O_APPEND};
	char all[] = "pos 7 -> 0, flags O_RDWR -> O_RDWR|O_APPEND";

	CHECK_STR(moves_text(&before, &after, text, sizeof(text)), all);
	for (size_t size = 1; size <= sizeof(all); size++) {
		memset(text, '#', sizeof(text));
		moves_text(&before, &after, text, size);
		CHECK_INT(strlen(text), size - 1);
		CHECK(strncmp(text, all, size - 1) == 0);
		CHECK_INT(text[size], '#');
	}
}

TEST(a_tick_waits_for_who_did_it_to_say_so)
{
	int fd = test_file("file", "hello", O_RDONLY);

	moves_begin(&m, fd);
	CHECK(!moves_tick(&m, &was));
	CHECK_OK(lseek(fd, 2, SEEK_SET));
	CHECK(!moves_tick(&m, &was));
	CHECK_INT(m.pos, 0); /* the known offset is the one before */
	CHECK(moves_tick(&m, &was));
	CHECK_INT(was.pos, 0);
	CHECK_INT(m.pos, 2);
	CHECK(!moves_tick(&m, &was));

	CHECK_OK(lseek(fd, 3, SEEK_SET));
	CHECK(!moves_tick(&m, &was));
	CHECK(moves_look(&m, &was)); /* somebody announced it */
	CHECK_INT(was.pos, 2);
	CHECK(!moves_tick(&m, &was));
	CHECK(!moves_tick(&m, &was));
	fd_close(&fd);
}

TEST(what_moved_back_between_two_ticks_did_not_move)
{
	int fd = test_file("file", "hello", O_RDONLY);

	moves_begin(&m, fd);
	CHECK_OK(lseek(fd, 2, SEEK_SET));
	CHECK(!moves_tick(&m, &was));
	CHECK_OK(lseek(fd, 0, SEEK_SET));
	CHECK(!moves_tick(&m, &was));
	CHECK_OK(lseek(fd, 4, SEEK_SET));
	CHECK(!moves_tick(&m, &was)); /* a new move: its first tick */
	CHECK(moves_tick(&m, &was));
	fd_close(&fd);
}
