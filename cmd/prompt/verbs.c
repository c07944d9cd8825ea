/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The verbs of the prompt: the table of all of them, and those that are about the prompt itself.
 * The verbs that act on the description are in verbs-*.c, one file a subject.
 */
#include "cmd/prompt/verbs.h"
#include "cmd/cli/wrap.h"
#include "cmd/prompt/command.h"
#include "cmd/prompt/why.h"
#include "lib/base/names.h"

#include <stdio.h>
#include <string.h>

/* --- serve's clients ---------------------------------------------------------------- */

static bool is_serving(const struct session *s)
{
	return s->ops && s->ops->clients;
}

static enum status verb_clients(struct session *s, const struct operands *o)
{
	(void)o;
	return s->ops->clients(s);
}

static enum status verb_kick(struct session *s, const struct operands *o)
{
	return s->ops->kick(s, (pid_t)o->number[0]);
}

/* --- the prompt itself ---------------------------------------------------------------- */

static enum status check_why(struct session *s, const struct verb *v, const struct operands *o)
{
	bool known = !*o->rest || strcmp(o->rest, "shared") == 0 || names_errno_number(o->rest);

	return known ? STATUS_OK : operands_misused(s, v, o->rest, "is not the name of an errno");
}

static enum status verb_why(struct session *s, const struct operands *o)
{
	return strcmp(o->rest, "shared") == 0 ? verb_why_shared(s) : why_explain(s, names_errno_number(o->rest));
}

static enum status verb_quit(struct session *s, const struct operands *o)
{
	(void)o;
	s->quits = true;
	return STATUS_OK;
}

static const char *shown_form(const struct verb *v)
{
	return v->shown ? v->shown : v->form;
}

/* "!PROGRAM", "read [N]" */
static int print_form(const struct verb *v, const char *form)
{
	return printf("  %s%s%.*s", v->name, *v->name == '!' || !*form ? "" : " ", (int)strcspn(form, "\n"),
		form);
}

static void help_all(const struct session *s)
{
	enum { COLUMN = 26 };

	for (const struct verb *v = verb_table; v->name; v++) {
		if (v->here && !v->here(s))
			continue;
		int width = print_form(v, shown_form(v));
		printf("%*s", width < COLUMN - 1 ? COLUMN - width : 2, "");
		wrap_print(width < COLUMN - 1 ? COLUMN : (size_t)width + 2, COLUMN, v->summary);
	}
	printf("  %-*s", COLUMN - 2, "-COMMAND");
	wrap_print(COLUMN, COLUMN, "ignore a failure of COMMAND");
	wrap_print(0, 0, "'help COMMAND' has more of each, and an example. The beginning of a command is enough.");
}

static void help_one(const struct verb *v)
{
	for (const char *form = shown_form(v); form; form = strchr(form, '\n') ? strchr(form, '\n') + 1 : NULL) {
		print_form(v, form);
		putchar('\n');
	}
	printf("    ");
	wrap_print(4, 4, v->summary);
	if (v->more) {
		printf("    ");
		wrap_print(4, 4, v->more);
	}
	printf("    for example: ");
	wrap_print(17, 17, v->example);
}

static enum status check_help(struct session *s, const struct verb *v, const struct operands *o)
{
	size_t len = strlen(o->rest);

	(void)v;
	return len == 0 || command_verb(s, o->rest, len) ? STATUS_OK : command_unknown(s, o->rest, len);
}

static enum status verb_help(struct session *s, const struct operands *o)
{
	if (*o->rest)
		help_one(command_verb(s, o->rest, strlen(o->rest)));
	else
		help_all(s);
	return STATUS_OK;
}

/* --- all verbs ------------------------------------------------------------------------ */

const struct verb verb_table[] = {
	{.name = "read", .form = "[-x] [N]", .run = verb_read, .max = READ_MAX,
		.summary = "read N bytes, default 64; -x: in hexadecimal",
		.more = "What was read is shown as a string of C, the first 256 bytes. A read waits as read(2) "
			"does; Ctrl-C ends the wait.",
		.example = "read 5\nread -x 1k"},
	{.name = "pread", .form = "[-x] OFF N", .run = verb_pread, .max = READ_MAX,
		.summary = "read N bytes at OFF; the offset stays",
		.more = "OFF comes first, as in pwrite: where, then what. pread(2) itself has it last.",
		.example = "pread 6 5"},
	{.name = "write", .form = "-u64 N\nTEXT", .shown = "TEXT\n-u64 N", .run = verb_write,
		.summary = "write TEXT, which may have C escapes",
		.more = "TEXT is the rest of the line; a pair of double quotes around it is removed. -u64 writes "
			"N as the 8 bytes of a counter, which an eventfd takes.",
		.example = "write one\\ntwo\\n\nwrite -u64 3"},
	{.name = "pwrite", .form = "OFF TEXT", .run = verb_pwrite,
		.summary = "write TEXT at OFF; the offset stays",
		.more = "With O_APPEND set, Linux appends and ignores OFF.",
		.example = "pwrite 0 HELLO"},
	{.name = "lseek", .form = "[OFF [set|cur|end|data|hole]]", .shown = "[OFF [WHENCE]]", .run = verb_lseek,
		.summary = "move the offset: set, cur, end, data, hole",
		.more = "Without OFF it shows the offset. The offset is the description's: it moves for all "
			"holders.",
		.example = "lseek 0\nlseek -3 end\nlseek 0x10 cur"},
	{.name = "flags", .form = "[FLAGS]", .shown = "[+FLAG|-FLAG]...", .run = verb_flags,
		.check = check_flags, .summary = "show or set the status flags, for all holders",
		.more = "FLAG is append, nonblock, direct, noatime or async; also sync, which the kernel "
			"ignores and says nothing.",
		.example = "flags +append\nflags -append +nonblock"},
	{.name = "stat", .form = "", .run = verb_stat, .summary = "show path, type, flags and offset",
		.example = "stat"},
	{.name = "limits", .form = "", .run = verb_limits,
		.summary = "show what can be done with it, and what cannot",
		.more = "An operation a line: whether it works, or the errno, and why.", .example = "limits"},
	{.name = "inspect", .form = "", .run = verb_inspect,
		.summary = "show who shares it, and who else has the file open",
		.more = "As 'fdtool inspect' does.", .example = "inspect"},
	{.name = "picture", .form = "", .run = verb_picture,
		.summary = "show the same as boxes: tables, descriptions, inodes", .example = "picture"},
	{.name = "wait", .form = "[TIME]", .run = verb_wait,
		.summary = "wait until epoll says that it is ready",
		.more = "It fails when TIME is up: 250ms, 2s, 1m. Without TIME, Ctrl-C ends the wait.",
		.example = "wait 10ms"},
	{.name = "lock", .form = "[sh|ex|un]", .run = verb_lock,
		.summary = "take or drop a lock by flock(2), or show those it has",
		.more = "The lock is the description's: every holder has it, and any of them can drop it. It "
			"waits for others; Ctrl-C ends the wait.",
		.example = "lock ex\nlock\nlock un"},
	{.name = "truncate", .form = "N", .run = verb_truncate, .summary = "make the file N bytes long",
		.more = "The offset stays where it is, also behind the end.", .example = "truncate 4k"},
	{.name = "dup", .form = "", .run = verb_dup, .summary = "duplicate the descriptor, and compare both",
		.more = "A duplicate has a number of its own, and the same description. It is closed again.",
		.example = "dup"},
	{.name = "cloexec", .form = "[on|off]", .run = verb_cloexec,
		.summary = "show or set FD_CLOEXEC, of this descriptor only",
		.more = "The one flag that no other holder sees. !PROGRAM has the descriptor as 3 in any case.",
		.example = "cloexec off\ncloexec on"},
	{.name = "seals", .form = "[SEALS]", .shown = "[+SEAL]...", .run = verb_seals, .check = check_seals,
		.summary = "show the seals of a memfd, or add some for good",
		.more = "SEAL is seal, shrink, grow, write, future_write or exec.",
		.example = "seals\nseals +shrink +grow"},
	{.name = "recv", .form = "[N]", .run = verb_recv, .max = READ_MAX,
		.summary = "receive a message of N bytes at most, default 64",
		.more = "Of a socket: flags such as MSG_TRUNC, and what came beside the data. Descriptors that came "
			"are counted, shown and closed.",
		.example = "recv 100"},
	{.name = "send", .form = "TEXT [fd]", .run = verb_send,
		.summary = "send TEXT as one message; with fd, this descriptor too",
		.more = "Quotes keep an fd at the end as text: send \"the fd\".",
		.example = "send hello"},
	{.name = "trigger", .form = "[N]", .run = verb_trigger, .min = 1,
		.summary = "make N manual events of mypoll, default 1",
		.more = "An eventfd counts up by N.", .example = "trigger 3"},
	{.name = "clients", .form = "", .run = verb_clients, .here = is_serving,
		.summary = "list the clients that are connected", .example = "clients"},
	{.name = "kick", .form = "PID", .run = verb_kick, .here = is_serving, .min = 1,
		.summary = "end that client's connection",
		.more = "The client keeps the descriptor: nobody can take that back.", .example = "kick 4711"},
	{.name = "use", .form = "[NAME]", .shown = "[N|NAME]", .run = verb_use, .check = check_use,
		.here = has_members, .summary = "change to another descriptor of the group, or list them",
		.more = "By its number or by its name, which the prompt then shows. All of them stay open.",
		.example = "use\nuse 4"},
	{.name = "expect", .form = "CONDITION", .run = verb_expect, .check = check_expect,
		.shown = "ERRNAME COMMAND\nok COMMAND\npos=N\ndata=TEXT\nflags+=FLAG\nflags-=FLAG",
		.summary = "COMMAND must fail with ERRNAME; or one of the other forms",
		.more = "data= is what the last read got, and flags+= that the flag is set.",
		.example = "expect EBADF write x\nexpect pos=5\nexpect data=hello"},
	{.name = "why", .form = "[NAME]", .shown = "[ERRNAME|shared]", .run = verb_why, .check = check_why,
		.summary = "explain the last failure, or why it is shared",
		.more = "With ERRNAME: why a call on this descriptor fails so.", .example = "why\nwhy EAGAIN"},
	{.name = "!", .form = "PROGRAM", .run = verb_run, .summary = "run PROGRAM with the descriptor as 3",
		.more = "By sh(1), with nothing else of fdtool open. It fails if the exit status is not 0.",
		.example = "!head -c 3 <&3"},
	{.name = "source", .form = "FILE", .run = verb_source, .check = check_source,
		.summary = "run the commands in FILE",
		.more = "All lines are checked before the first runs; it stops at the first that fails.",
		.example = "source lesson"},
	{.name = "repeat", .form = "N COMMAND", .run = verb_repeat, .check = check_repeat, .min = 1,
		.summary = "run COMMAND N times, until it fails",
		.example = "repeat 3 read 1"},
	{.name = "help", .form = "[NAME]", .shown = "[COMMAND]", .run = verb_help, .check = check_help,
		.summary = "list the commands, or explain one; also ?", .example = "help lseek"},
	{.name = "quit", .form = "", .run = verb_quit, .summary = "leave; also q, exit and Ctrl-D",
		.example = "quit"},
	{.name = NULL},
};
