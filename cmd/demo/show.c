/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a side of a lesson shows calls, results and claims, and passes the baton. See lesson.h. */
#include "cmd/cli/wrap.h"
#include "cmd/demo/lesson.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/look/kcmp.h"

#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void give_up(void)
{
	_exit(SIDE_GAVE_UP);
}

/* After each line: both sides write to the same stdout, in the order of their calls. */
static void flush(void)
{
	if (report_flush() != STATUS_OK)
		give_up();
}

static char *__attribute__((format(printf, 1, 0))) vformat(const char *format, va_list ap)
{
	char *text;

	if (vasprintf(&text, format, ap) < 0)
		give_up();
	return text;
}

void say(const struct side *s, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	char *text = vformat(format, ap);
	va_end(ap);
	printf("  %s %d  %s\n", s->name, s->self, text);
	free(text);
	flush();
}

static void __attribute__((format(printf, 3, 0))) vshow_call(
	const struct side *s, long result, const char *call, va_list ap)
{
	int err = errno;
	char *text = vformat(call, ap);

	if (result < 0)
		say(s, "%s = %ld %s (%s)", text, result, names_errno(err), strerror(err));
	else
		say(s, "%s = %ld", text, result);
	free(text);
	errno = err;
}

long show_call(const struct side *s, long result, const char *call, ...)
{
	va_list ap;

	va_start(ap, call);
	vshow_call(s, result, call, ap);
	va_end(ap);
	return result;
}

long must(const struct side *s, long result, const char *call, ...)
{
	va_list ap;

	va_start(ap, call);
	vshow_call(s, result, call, ap);
	va_end(ap);
	if (result < 0)
		give_up();
	return result;
}

static const char *mark(bool held)
{
	bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

	if (held)
		return utf8 ? "✓" : "ok";
	return utf8 ? "✗ FAILED:" : "FAILED:";
}

static void wait_for_enter(void)
{
	char line[8];

	if (!ask("  (Enter: go on, q: end) ", line, sizeof(line)))
		_exit(SIDE_QUIT);
	ask_erase();
	flush();
}

void check(struct side *s, bool held, const char *claim, ...)
{
	va_list ap;

	va_start(ap, claim);
	char *text = vformat(claim, ap);
	va_end(ap);
	printf("  %s ", mark(held));
	wrap_print(3 + text_width(mark(held)), 4, text);
	free(text);
	flush();
	if (!held)
		*s->held = false;
	if (s->paused)
		wait_for_enter();
}

static void check_kcmp(struct side *s, bool expect_same, pid_t pid1, pid_t pid2, int fd1, int fd2,
	const char *claim)
{
	int order = kcmp_descriptors(pid1, fd1, pid2, fd2);
	const char *err = order < 0 ? names_errno(errno) : "";
	/* 1 and 2: different, and which one sorts first; 3: different, but not in any order */
	bool held = expect_same ? order == 0 : order == 1 || order == 2;

	check(s, held, "%s: kcmp(%d, %d, KCMP_FILE, %d, %d) = %d%s%s", claim, pid1, pid2, fd1, fd2,
		order, *err ? " " : "", err);
}

void check_same(struct side *s, pid_t pid1, pid_t pid2, int fd1, int fd2, const char *claim)
{
	check_kcmp(s, true, pid1, pid2, fd1, fd2, claim);
}

void check_different(struct side *s, pid_t pid1, pid_t pid2, int fd1, int fd2, const char *claim)
{
	check_kcmp(s, false, pid1, pid2, fd1, fd2, claim);
}

/* The other side has ended. Its exit status gives the reason; this one only follows from it. */
static _Noreturn void left_alone(void)
{
	_exit(SIDE_LEFT_ALONE);
}

void turn_give(const struct side *s, long number)
{
	if (send(s->baton, &number, sizeof(number), MSG_NOSIGNAL) != sizeof(number))
		left_alone();
}

long turn_take(const struct side *s)
{
	long number;

	if (recv(s->baton, &number, sizeof(number), 0) != sizeof(number))
		left_alone();
	return number;
}
