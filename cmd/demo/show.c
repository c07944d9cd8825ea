/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a side of a lesson shows: calls, results, claims; and the baton. See lesson.h. */
#include "cmd/demo/lesson.h"
#include "lib/base/names.h"
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

/* Out at once: both sides write to the same stdout, in the order of what they do. */
static void put_out(void)
{
	if (report_flush() != STATUS_OK)
		give_up();
}

static char *vformat(const char *format, va_list ap)
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
	put_out();
}

static void show_call(const struct side *s, long result, const char *call, va_list ap)
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

long told(const struct side *s, long result, const char *call, ...)
{
	va_list ap;

	va_start(ap, call);
	show_call(s, result, call, ap);
	va_end(ap);
	return result;
}

long must(const struct side *s, long result, const char *call, ...)
{
	va_list ap;

	va_start(ap, call);
	show_call(s, result, call, ap);
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

void check(struct side *s, bool held, const char *client, ...)
{
	va_list ap;

	va_start(ap, client);
	char *text = vformat(client, ap);
	va_end(ap);
	printf("  %s %s\n", mark(held), text);
	free(text);
	put_out();
	s->held = s->held && held;
}

void check_kcmp(
	struct side *s, bool same, pid_t pid1, pid_t pid2, int fd1, int fd2, const char *client)
{
	int order = kcmp_descriptors(pid1, fd1, pid2, fd2);
	const char *err = order < 0 ? names_errno(errno) : "";
	/* 1 and 2 say which of two is the greater, so that they can be sorted; 3: it cannot tell */
	bool held = same ? order == 0 : order == 1 || order == 2;

	check(s, held, "%s: kcmp(%d, %d, KCMP_FILE, %d, %d) = %d%s%s", client, pid1, pid2, fd1, fd2,
		order, *err ? " " : "", err);
}

/* What the other side ended with says why: this is only what follows from it. */
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
