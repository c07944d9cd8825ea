/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is printed above the line that is being typed: see say.h. */
#include "cmd/prompt/say.h"
#include "cmd/cli/color.h"
#include "cmd/cli/output.h"
#include "cmd/cli/wrap.h"
#include "cmd/prompt/screen.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
	char *text; /* what could not be printed yet; NULL: nothing */
	size_t len;
} held;

static void hold(const char *text)
{
	size_t len = strlen(text);

	held.text = must_realloc(held.text, held.len + len + 1, 1);
	memcpy(held.text + held.len, text, len + 1);
	held.len += len;
}

void say_held(void)
{
	if (!held.text || screen_is_searching())
		return;
	if (screen.typing)
		screen_redraw(held.text);
	else
		fputs(held.text, stdout);
	free(held.text);
	held.text = NULL;
	held.len = 0;
}

/* The colour ends before the last newline, or it would fill the next line. */
static void paint(char **text)
{
	int len = (int)strlen(*text) - 1;
	char *painted = must_printf("%s%.*s%s\n", color(COLOR_EVENT), len, *text, color(COLOR_OFF));

	free(*text);
	*text = painted;
}

/* Takes the text. Returns false where the terminal takes no more. */
static bool say(char *unwrapped)
{
	bool taken = output_takes();
	char *text = wrap_text(STDOUT_FILENO, 0, 0, unwrapped);

	free(unwrapped);
	if (*color(COLOR_EVENT))
		paint(&text);
	if (taken && (!screen.session || screen.session->waiting)) {
		fputs(text, stdout); /* the loop flushes it before it waits again */
	} else if (taken) {
		hold(text);
		say_held();
	}
	free(text);
	return taken;
}

void prompt_say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(must_vprintf(format, ap));
	va_end(ap);
}

static char *moved_line(const char *name, const struct moves *was, const struct moves *is,
	pid_t pid, const char *op)
{
	char text[2 * NAMES_MAX + 64];

	moves_text(was, is, text, sizeof(text));
	if (op)
		return must_printf("%s: pid %d: %s: %s\n", name, pid, text_show(op), text);
	return must_printf("%s: %s, by a holder who does not say\n", name, text);
}

void prompt_say_moved(const char *name, const struct moves *was, const struct moves *is, pid_t pid,
	const char *op)
{
	if (say(moved_line(name, was, is, pid, op)))
		prompt_refresh();
}

void prompt_say_lost(void *unused, size_t n)
{
	(void)unused;
	prompt_say("%zu events were not shown\n", n);
	prompt_refresh();
}

void prompt_refresh(void)
{
	if (!screen.session)
		return;
	moves_begin(&screen.session->known, screen.session->fd);
	if (screen.typing && !screen_is_searching())
		screen_redraw("");
}
