/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fdtool words an error: one line that says what failed, one that says what to do. */
#include "cmd/cli/command.h"
#include "lib/base/names.h"
#include "lib/base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Put together only when something is said: a start-up that says nothing pays dearly for printf. */
static const char *called;

void report_as(const char *name)
{
	called = name;
}

static void say_who(void)
{
	fprintf(stderr, "fdtool%s%s", called ? " " : "", called ? called : "");
}

enum status report(enum status status, const char *object, const char *what, int err)
{
	say_who();
	fprintf(stderr, ": %s: %s", text_show(object), what);
	if (err)
		fprintf(stderr, ": %s (%s)", names_errno(err), strerror(err));
	fputc('\n', stderr);
	return status;
}

static void say(const char *format, va_list ap)
{
	say_who();
	fputs(": ", stderr);
	vfprintf(stderr, format, ap);
}

void report_hint(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fputs("  ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
}

enum status report_usage(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(format, ap);
	fputs("; see '", stderr);
	say_who();
	fputs(" --help'\n", stderr);
	va_end(ap);
	return STATUS_USAGE;
}

void report_note(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(format, ap);
	fputc('\n', stderr);
	va_end(ap);
}

enum status report_flush(void)
{
	static bool told;
	bool lost = ferror(stdout); /* an earlier write failed, and its errno is gone */

	if (fflush(stdout) == 0 && !lost)
		return STATUS_OK;
	if (!told)
		report(STATUS_FAIL, "standard output", "write", lost ? 0 : errno);
	told = true;
	return STATUS_FAIL;
}
