/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/shapes.h"
#include "tests/unit/test.h"
#include "cmd/cli/color.h"
#include "cmd/draw/picture.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* The caller frees. */
static char *picture_of(const char *shape, size_t width, bool utf8)
{
	struct shape *s = shape_named(shape);
	char *text = NULL;
	size_t size;

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		test_skip("no locale C.UTF-8");
	FILE *f = open_memstream(&text, &size);
	CHECK(f != NULL);
	picture_print(f, &s->share,
		&(struct picture_opts){.width = width, .utf8 = utf8, .changed = s->changed});
	fclose(f);
	shape_free(s);
	return text;
}

/* Line by line, so that a failure shows the line that differs. */
static void check_picture(const char *shape, size_t width, bool utf8, const char *const *want)
{
	char *text = picture_of(shape, width, utf8), *rest = text;

	for (; *want; want++)
		CHECK_STR(strsep(&rest, "\n"), *want);
	CHECK_STR(rest, "");
	free(text);
}

#define PICTURE(shape, width, utf8, ...)                                                           \
	TEST(shape##_##width##_##utf8)                                                             \
	{                                                                                          \
		static const char *const want[] = {__VA_ARGS__, NULL};                             \
		check_picture(#shape, width, *#utf8 == 'u', want);                                 \
	}

PICTURE(pair, 80, utf8,
	" descriptor tables    open file descriptions  inodes",
	"┌ serve 1234 ┐       ┌ A ─────────────┐      ┌ regular ───────┐",
	"│       fd 4 ├─┬────►│ mode rw        ├─────►│ /srv/notes.txt │",
	"└────────────┘ │     │ pos 120        │      │ inode 7 on 8:1 │",
	"┌ grab 1240 ─┐ │     │ O_APPEND       │      └────────────────┘",
	"│       fd 3 ├─┘     └────────────────┘",
	"└────────────┘",
	"",
	"serve (1234) fd 4 and grab (1240) fd 3 share one open file description (A): one",
	"offset, one set of status flags.")

PICTURE(dup, 80, utf8,
	" descriptor tables  open file descriptions  inodes",
	"┌ bash 1200 ─┐     ┌ A ─────────────┐      ┌ char ──────────┐",
	"│     fd 0-2 ├────►│ mode rw        ├─────►│ /dev/pts/3     │",
	"└────────────┘     │ pos 0          │      │ inode 3 on 8:1 │",
	"                   │ O_NONBLOCK     │      └────────────────┘",
	"                   └────────────────┘",
	"",
	"bash (1200) fds 0, 1, 2 are one open file description (A): one offset, one set",
	"of status flags.")

PICTURE(opens, 80, utf8,
	" descriptor tables    open file descriptions  inodes",
	"┌ serve 1234 ┐       ┌ A ─────────────┐      ┌ regular ───────┐",
	"│       fd 4 ├─┬────►│ mode rw        ├──┬──►│ /srv/notes.txt │",
	"└────────────┘ │     │ pos 120        │  │   │ inode 7 on 8:1 │",
	"┌ grab 1240 ─┐ │     │ O_APPEND       │  │   └────────────────┘",
	"│       fd 3 ├─┘     └────────────────┘  │",
	"└────────────┘                           │",
	"┌ less 1300 ─┐       ┌ B ─────────────┐  │",
	"│       fd 3 ├──────►│ mode r         ├──┘",
	"└────────────┘       │ pos 0          │",
	"                     └────────────────┘",
	"",
	"serve (1234) fd 4 and grab (1240) fd 3 share one open file description (A): one",
	"offset, one set of status flags. less (1300) fd 3 is a second open of the same",
	"file (B): its offset is its own.")

PICTURE(pipeline, 80, utf8,
	" descriptor tables   open file descriptions  inodes",
	"┌ bash 1200 ┐       ┌ A ─────────────┐      ┌ char ───────────┐",
	"│    fd 0-1 ├─┬────►│ mode rw        ├─────►│ /dev/pts/3      │",
	"└───────────┘ │     │ pos 0          │      │ inode 3 on 8:1  │",
	"┌ cat 1600 ─┐ │     └────────────────┘      └─────────────────┘",
	"│      fd 0 ├─┤     ┌ B ─────────────┐      ┌ pipe ───────────┐",
	"│      fd 1 ├─│────►│ mode w         ├──┬──►│ pipe:[99]       │",
	"└───────────┘ │     │                │  │   │ inode 99 on 8:1 │",
	"┌ grep 1601 ┐ │     └────────────────┘  │   └─────────────────┘",
	"│      fd 1 ├─┘     ┌ C ─────────────┐  │",
	"│      fd 0 ├──────►│ mode r         ├──┘",
	"└───────────┘       │                │",
	"                    └────────────────┘",
	"",
	"bash (1200) fds 0, 1, cat (1600) fd 0 and grep (1601) fd 1 share one open file",
	"description (A): one offset, one set of status flags. cat (1600) fd 1 is one end",
	"of a pipe (B). grep (1601) fd 0 is the other end of the same pipe (C).")

PICTURE(crossing, 80, utf8,
	" descriptor tables         open file descriptions  inodes",
	"┌ parent 1500 ┐           ┌ A ─────────────┐      ┌ regular ────────┐",
	"│        fd 0 ├─┬────────►│ mode r         ├─────►│ /srv/a          │",
	"│             │ │         │ pos 0          │      │ inode 10 on 8:1 │",
	"│             │ │         └────────────────┘      └─────────────────┘",
	"│             │ │         ┌ B ─────────────┐      ┌ regular ────────┐",
	"│        fd 1 ├─│─┬──────►│ mode r         ├─────►│ /srv/b          │",
	"│             │ │ │       │ pos 1          │      │ inode 11 on 8:1 │",
	"│             │ │ │       └────────────────┘      └─────────────────┘",
	"│             │ │ │       ┌ C ─────────────┐      ┌ regular ────────┐",
	"│        fd 2 ├─│─│─┬────►│ mode r         ├─────►│ /srv/c          │",
	"└─────────────┘ │ │ │     │ pos 2          │      │ inode 12 on 8:1 │",
	"┌ child 1501 ─┐ │ │ │     └────────────────┘      └─────────────────┘",
	"│        fd 5 ├─┘ │ │",
	"│        fd 4 ├───┘ │",
	"│        fd 3 ├─────┘",
	"└─────────────┘",
	"",
	"parent (1500) fd 0 and child (1501) fd 5 share one open file description (A):",
	"one offset, one set of status flags. parent (1500) fd 1 and child (1501) fd 4",
	"share another (B). parent (1500) fd 2 and child (1501) fd 3 share another (C).")

PICTURE(gaps, 120, utf8,
	" descriptor tables    open file descriptions  inodes",
	"┌ serve 1234 ┐       ┌ A? ────────────┐      ┌ regular ───────┐",
	"│       fd 4 ├─┬────►│ mode rw        ├──┬──►│ /srv/notes.txt │",
	"└────────────┘ │     │ pos 120        │  │   │ inode 7 on 8:1 │",
	"┌ grab 1240 ─┐ │     │ O_APPEND       │  │   └────────────────┘",
	"│       fd 3 ├─┘     └────────────────┘  │",
	"└────────────┘                           │",
	"┌ less 1300 ─┐       ┌ B? ────────────┐  │",
	"│       fd 3 ├──────►│ mode r         ├──┘",
	"└────────────┘       │ pos 0          │",
	"                     └────────────────┘",
	"",
	"serve (1234) fd 4 and grab (1240) fd 3 share one open file description (A?): one offset, one set of status flags. less",
	"(1300) fd 3 is a second open of the same file (B?): its offset is its own. 12 processes could not be inspected: there",
	"may be more holders. /proc does not show the processes of others: there may be more holders. kcmp is forbidden here:",
	"letters with a '?' may be one description.")

PICTURE(many, 80, utf8,
	" descriptor tables           open file descriptions  inodes",
	"┌ nginx ×21 from 2000 ┐     ┌ A ─────────────┐      ┌ socket ────────┐",
	"│                fd 6 ├────►│ mode rw        ├─────►│ socket:[4711]  │",
	"└─────────────────────┘     │ O_NONBLOCK     │      │ inode 8 on 8:1 │",
	"                            └────────────────┘      └────────────────┘",
	"",
	"nginx (2000) fd 6 and 20 other processes share one open file description (A):",
	"one set of status flags.")

PICTURE(ten, 60, ascii,
	" fd tables           descriptions    inodes",
	"+ worker 1400 +     + A -----+      + regular --------+",
	"|        fd 3 +---->| mode r +----->| /srv/a          |",
	"|             |     | pos 0  |      | inode 10 on 8:1 |",
	"|             |     +--------+      +-----------------+",
	"|             |     + B -----+      + regular --------+",
	"|        fd 4 +---->| mode r +----->| /srv/b          |",
	"|             |     | pos 1  |      | inode 11 on 8:1 |",
	"|             |     +--------+      +-----------------+",
	"|             |     + C -----+      + regular --------+",
	"|        fd 5 +---->| mode r +----->| /srv/c          |",
	"|             |     | pos 2  |      | inode 12 on 8:1 |",
	"|             |     +--------+      +-----------------+",
	"|             |     + D -----+      + regular --------+",
	"|        fd 6 +---->| mode r +----->| /srv/d          |",
	"|             |     | pos 3  |      | inode 13 on 8:1 |",
	"|             |     +--------+      +-----------------+",
	"|             |     + E -----+      + regular --------+",
	"|        fd 7 +---->| mode r +----->| /srv/e          |",
	"|             |     | pos 4  |      | inode 14 on 8:1 |",
	"|             |     +--------+      +-----------------+",
	"|             |     + F -----+      + regular --------+",
	"|        fd 8 +---->| mode r +----->| /srv/f          |",
	"|             |     | pos 5  |      | inode 15 on 8:1 |",
	"|             |     +--------+      +-----------------+",
	"|             |     + G -----+      + regular --------+",
	"|        fd 9 +---->| mode r +----->| /srv/g          |",
	"|             |     | pos 6  |      | inode 16 on 8:1 |",
	"|             |     +--------+      +-----------------+",
	"|             |     + H -----+      + regular --------+",
	"|       fd 10 +---->| mode r +----->| /srv/h          |",
	"|             |     | pos 7  |      | inode 17 on 8:1 |",
	"|             |     +--------+      +-----------------+",
	"|             |     + I -----+      + regular --------+",
	"|       fd 11 +---->| mode r +----->| /srv/i          |",
	"|             |     | pos 8  |      | inode 18 on 8:1 |",
	"|             |     +--------+      +-----------------+",
	"|             |     + J -----+      + regular --------+",
	"|       fd 12 +---->| mode r +----->| /srv/j          |",
	"+-------------+     | pos 9  |      | inode 19 on 8:1 |",
	"                    +--------+      +-----------------+",
	"",
	"10 open file descriptions, none of them shared.")

PICTURE(bands, 60, ascii,
	" fd tables             descriptions    inodes",
	"+ parent 1500 +       + A -----+      + regular --------+",
	"|        fd 0 +-+---->| mode r +--+-->| /srv/a          |",
	"+ child 1501 -+ |     | pos 0  |  |   | inode 10 on 8:1 |",
	"|        fd 0 +-+     +--------+  |   +-----------------+",
	"+-------------+                   |",
	"+ parent 1500 +       + B -----+  |",
	"|        fd 1 +-+---->| mode r +--+",
	"+ child 1501 -+ |     | pos 1  |",
	"|        fd 1 +-+     +--------+",
	"+-------------+",
	"+ parent 1500 +       + C -----+      + regular --------+",
	"|        fd 2 +-+---->| mode r +--+-->| /srv/b          |",
	"+ child 1501 -+ |     | pos 2  |  |   | inode 11 on 8:1 |",
	"|        fd 2 +-+     +--------+  |   +-----------------+",
	"+-------------+                   |",
	"+ parent 1500 +       + D -----+  |",
	"|        fd 3 +-+---->| mode r +--+",
	"+ child 1501 -+ |     | pos 3  |",
	"|        fd 3 +-+     +--------+",
	"+-------------+",
	"+ parent 1500 +       + E -----+      + regular --------+",
	"|        fd 4 +-+---->| mode r +--+-->| /srv/c          |",
	"+ child 1501 -+ |     | pos 4  |  |   | inode 12 on 8:1 |",
	"|        fd 4 +-+     +--------+  |   +-----------------+",
	"+-------------+                   |",
	"+ parent 1500 +       + F -----+  |",
	"|        fd 5 +-+---->| mode r +--+",
	"+ child 1501 -+ |     | pos 5  |",
	"|        fd 5 +-+     +--------+",
	"|             |       + G -----+      + regular --------+",
	"|        fd 9 +------>| mode r +----->| /srv/alone      |",
	"+-------------+       | pos 0  |      | inode 20 on 8:1 |",
	"                      +--------+      +-----------------+",
	"",
	"7 open file descriptions, 6 of them shared: A (2 processes),",
	"B (2 processes), C (2 processes), D (2 processes) and 2",
	"more. Separate opens of one inode, each with its own offset",
	"and flags: A and B; C and D; E and F. A process that holds",
	"several descriptions may be drawn more than once.")

PICTURE(crossing, 60, ascii,
	" fd tables             descriptions    inodes",
	"+ parent 1500 +       + A -----+      + regular --------+",
	"|        fd 0 +-+---->| mode r +----->| /srv/a          |",
	"+-------------+ |     | pos 0  |      | inode 10 on 8:1 |",
	"+ child 1501 -+ |     +--------+      +-----------------+",
	"|        fd 5 +-+",
	"+-------------+",
	"+ parent 1500 +       + B -----+      + regular --------+",
	"|        fd 1 +-+---->| mode r +----->| /srv/b          |",
	"+-------------+ |     | pos 1  |      | inode 11 on 8:1 |",
	"+ child 1501 -+ |     +--------+      +-----------------+",
	"|        fd 4 +-+",
	"+-------------+",
	"+ parent 1500 +       + C -----+      + regular --------+",
	"|        fd 2 +-+---->| mode r +----->| /srv/c          |",
	"+-------------+ |     | pos 2  |      | inode 12 on 8:1 |",
	"+ child 1501 -+ |     +--------+      +-----------------+",
	"|        fd 3 +-+",
	"+-------------+",
	"",
	"parent (1500) fd 0 and child (1501) fd 5 share one open file",
	"description (A): one offset, one set of status flags. parent",
	"(1500) fd 1 and child (1501) fd 4 share another (B). parent",
	"(1500) fd 2 and child (1501) fd 3 share another (C). A",
	"process that holds several descriptions may be drawn more",
	"than once.")

PICTURE(anonymous, 60, ascii,
	" fd tables         descriptions        inodes",
	"+ loop 1700 +     + A ---------+      + eventfd -----------+",
	"|      fd 4 +---->| mode rw    +----->| anon_in...eventfd] |",
	"|           |     |            |      |                    |",
	"|           |     +------------+      +--------------------+",
	"|           |     + B ---------+      + timerfd -----------+",
	"|    fd 5,9 +---->| mode r     +----->| anon_in...timerfd] |",
	"+-----------+     | O_NONBLOCK |      |                    |",
	"                  +------------+      +--------------------+",
	"",
	"loop (1700) fds 5, 9 are one open file description (B): one",
	"set of status flags. loop (1700) fd 4 is the only descriptor",
	"of its open file description.")

PICTURE(hostile, 60, ascii,
	" fd tables            descriptions          inodes",
	"+ \\0...4l 1800 +     + A -----------+      + regular ------+",
	"|         fd 3 +---->| mode r       +----->| /srv/...0\\256 |",
	"+--------------+     | pos 0        |      | inode 7       |",
	"                     +--------------+      +---------------+",
	"+ ...s 1234567 +     + B -----------+      + regular ------+",
	"|      fd 1023 +---->| mode rw      +----->| /home...1.txt |",
	"+--------------+     | pos ...75807 |      | inode 8       |",
	"                     | O_APPEND     |      +---------------+",
	"                     | O_NONBLOCK   |",
	"                     | 0x40000000   |",
	"                     +--------------+",
	"",
	"A and B have one descriptor each: nobody shares them.")

PICTURE(hostile, 120, utf8,
	" descriptor tables               open file descriptions           inodes",
	"┌ \\033[2J<&>\"\\134l 1800 ──┐     ┌ A ──────────────────────┐      ┌ regular ────────────────────────────────────────────┐",
	"│                    fd 3 ├────►│ mode r                  ├─────►│ /srv/\\033[31m<b>&\"\\134N|{}\\377\\012\\342\\200\\256      │",
	"└─────────────────────────┘     │ pos 0                   │      │ inode 7 on 8:1                                      │",
	"                                └─────────────────────────┘      └─────────────────────────────────────────────────────┘",
	"┌ fifteen-letters 1234567 ┐     ┌ B ──────────────────────┐      ┌ regular ────────────────────────────────────────────┐",
	"│                 fd 1023 ├────►│ mode rw                 ├─────►│ /home/中文中文中文/a/very…/box/has/room/for/été.txt │",
	"└─────────────────────────┘     │ pos 9223372036854775807 │      │ inode 8 on 8:1                                      │",
	"                                │ O_APPEND                │      └─────────────────────────────────────────────────────┘",
	"                                │ O_NONBLOCK              │",
	"                                │ 0x40000000              │",
	"                                └─────────────────────────┘",
	"",
	"A and B have one descriptor each: nobody shares them.")

PICTURE(changed, 60, ascii,
	" fd tables            descriptions      inodes",
	"+ serve 1234 +       + A * -----+      + regular -------+",
	"|       fd 4 +-+---->| mode rw  +--+-->| /srv/notes.txt |",
	"+------------+ |     | pos 120  |  |   | inode 7 on 8:1 |",
	"+ grab 1240 -+ |     | O_APPEND |  |   +----------------+",
	"|       fd 3 +-+     +----------+  |",
	"+------------+                     |",
	"+ less 1300 -+       + B -------+  |",
	"|       fd 3 +------>| mode r   +--+",
	"+------------+       | pos 0    |",
	"                     +----------+",
	"",
	"serve (1234) fd 4 and grab (1240) fd 3 share one open file",
	"description (A): one offset, one set of status flags. less",
	"(1300) fd 3 is a second open of the same file (B): its",
	"offset is its own.")

TEST(what_changed_has_a_colour_where_there_are_colours)
{
	color_start(COLOR_ALWAYS, 1);
	char *text = picture_of("changed", 60, true);
	color_start(COLOR_NEVER, 0);
	CHECK(strstr(text, "\033[35m┌ A ─"));
	CHECK(!strstr(text, "\033[35m┌ B ─"));
	CHECK(!strstr(text, "*"));
	free(text);
}

static void check_widths(const char *shape, size_t width, bool utf8)
{
	char *text = picture_of(shape, width, utf8), *rest = text;

	for (char *line; (line = strsep(&rest, "\n"));) {
		CHECK(text_width(line) <= width);
		CHECK(!strpbrk(line, "\033\r\t"));
		for (const char *p = line; *p && !utf8; p++)
			CHECK((unsigned char)*p < 0x80);
	}
	free(text);
}

TEST(no_line_is_wider_than_the_terminal)
{
	static const size_t widths[] = {40, 60, 80, 120, 200};

	for (size_t i = 0; shape_names[i]; i++)
		for (size_t k = 0; k < ARRAY_SIZE(widths); k++) {
			check_widths(shape_names[i], widths[k], false);
			check_widths(shape_names[i], widths[k], true);
		}
}
