/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each colour can be read on a dark and on a light terminal: its contrast, as WCAG 2 defines it, in
 * xterm's palette, is 3 or more before each of some usual backgrounds.
 */
#include "cmd/cli/color.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

/* The 16 colours of xterm. */
static const unsigned int palette[] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
	0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff,
	0xffffff};

/* xterm's, VS Code's, Ubuntu's and Solarized's. */
static const unsigned int backgrounds[] = {0x000000, 0xffffff, 0x1e1e1e, 0x300a24, 0x002b36, 0xfdf6e3};

/* sRGB's curve, without libm; its error is below 1 %. */
static double linear(unsigned int byte)
{
	double c = (byte & 0xff) / 255.0;

	return c * (c * (c * 0.305306011 + 0.682171111) + 0.012522878);
}

static double luminance(unsigned int rgb)
{
	return 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8) + 0.0722 * linear(rgb);
}

static double contrast(unsigned int a, unsigned int b)
{
	double x = luminance(a) + 0.05, y = luminance(b) + 0.05;

	return x > y ? x / y : y / x;
}

static void check_readable(unsigned int rgb)
{
	for (size_t i = 0; i < sizeof(backgrounds) / sizeof(*backgrounds); i++)
		if (contrast(rgb, backgrounds[i]) < 3)
			test_fail(__FILE__, __LINE__, "#%06x on #%06x: %.1f", rgb, backgrounds[i],
				contrast(rgb, backgrounds[i]));
}

TEST(the_contrast_of_colours_that_are_known)
{
	CHECK_INT((int)(contrast(0x000000, 0xffffff) * 10 + 0.5), 210);
	CHECK_INT((int)(contrast(0x777777, 0xffffff) * 10 + 0.5), 45);
	CHECK(contrast(palette[3], 0xffffff) < 2); /* yellow */
}

TEST(each_colour_is_readable_on_dark_and_on_light)
{
	color_start(COLOR_ALWAYS, false);
	CHECK_STR(color(COLOR_PROMPT), "\033[1m"); /* bold, in the colour of the terminal */
	for (enum color c = COLOR_PROMPT + 1; c < COLOR_OFF; c++) {
		char *end;
		CHECK(strncmp(color(c), "\033[", 2) == 0);
		long sgr = strtol(color(c) + 2, &end, 10);
		CHECK_STR(end, "m");
		CHECK((sgr >= 30 && sgr < 38) || (sgr >= 90 && sgr < 98));
		check_readable(palette[sgr < 90 ? sgr - 30 : sgr - 90 + 8]);
	}
	color_start(COLOR_NEVER, false);
}

/* Whether --color=auto has colours at a prompt, with these variables; NULL: not set. */
static bool has_colors(const char *term, const char *no_color)
{
	term ? setenv("TERM", term, 1) : unsetenv("TERM");
	no_color ? setenv("NO_COLOR", no_color, 1) : unsetenv("NO_COLOR");
	color_start(COLOR_AUTO, true);
	return *color(COLOR_FAULT);
}

TEST(no_colours_where_they_are_not_wanted)
{
	CHECK(has_colors("xterm", NULL));
	CHECK(has_colors("xterm", ""));
	CHECK(!has_colors("xterm", "1"));
	CHECK(!has_colors("dumb", NULL));
	CHECK(!has_colors("", NULL));
	CHECK(!has_colors(NULL, NULL));
	color_start(COLOR_AUTO, false); /* not a prompt on a terminal */
	CHECK_STR(color(COLOR_FAULT), "");
	CHECK_STR(color(COLOR_OFF), "");
}
