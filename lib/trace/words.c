/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records as strace(1) words them: see words.h. */
#include "lib/trace/words.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/trace/calls.h"
#include "lib/trace/layout.h"

#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

enum {
	STRING_MAX = 32, /* strace's */
	MMAP2_SHIFT = 12,
};

/* --- names -------------------------------------------------------------------------- */

static const char *name_of(const struct bitname *table, uint64_t value)
{
	static char text[NAMES_MAX];

	return names_value(table, value, text, sizeof(text));
}

/* --- arguments ------------------------------------------------------------------------ */

struct writer {
	const struct trace_record *r;
	FILE *out;
	bool recorded; /* the memory of the record has been printed */
};

static void print_string(const char *bytes, size_t n, bool more, FILE *out)
{
	size_t shown = n < STRING_MAX ? n : STRING_MAX;
	char *text = text_escape_c(bytes, shown);

	fprintf(out, "\"%s\"%s", text, more || shown < n ? "..." : "");
	free(text);
}

static void print_pointer(uint64_t value, FILE *out)
{
	if (value)
		fprintf(out, "%#jx", (uintmax_t)value);
	else
		fputs("NULL", out);
}

/* The bytes of the record, where this argument is the one that points to them. */
static void print_bytes(struct writer *w, uint64_t pointer, bool late)
{
	const struct trace_record *r = w->r;

	if (w->recorded || (late && r->result < 0) || (r->n_data == 0 && r->length > 0) || !pointer)
		print_pointer(pointer, w->out);
	else
		print_string(r->data, r->n_data, r->length > r->n_data, w->out);
	w->recorded = true;
}

static void print_vector(struct writer *w, uint64_t pointer, bool late)
{
	if (w->recorded || w->r->n_data == 0 || (late && w->r->result < 0)) {
		print_pointer(pointer, w->out);
		return;
	}
	fputs("[{", w->out);
	print_bytes(w, pointer, late);
	fputs("}...]", w->out);
}

/* A signed number of 4 or 8 bytes. */
static int64_t number_at(const char *data, size_t size)
{
	int32_t small;
	int64_t value;

	if (size < sizeof(value)) {
		memcpy(&small, data, sizeof(small));
		return small;
	}
	memcpy(&value, data, sizeof(value));
	return value;
}

static void print_offset_at(struct writer *w, uint64_t pointer)
{
	int64_t at;

	if (w->recorded || w->r->n_data == 0 || !pointer) {
		print_pointer(pointer, w->out);
		return;
	}
	at = number_at(w->r->data, w->r->n_data);
	fprintf(w->out, "[%jd]", (intmax_t)at);
	w->recorded = true;
}

static void print_rights(struct writer *w)
{
	const int *fds = (const int *)w->r->data;

	fputs("SCM_RIGHTS [", w->out);
	for (int i = 0; i < w->r->n_fds && i < TRACE_FDS; i++)
		fprintf(w->out, "%s%d", i > 0 ? ", " : "", fds[i]);
	fputs(w->r->n_fds > TRACE_FDS ? ", ...]" : "]", w->out);
}

/* Instead of the message and the flags: the descriptors, if it has any. */
static void print_message(struct writer *w)
{
	char flags[NAMES_MAX];

	if (w->r->n_fds > 0) {
		print_rights(w);
		return;
	}
	print_pointer(w->r->args[1], w->out);
	fprintf(w->out, ", %s", names_bits(names_msg, w->r->args[2], flags, sizeof(flags)));
}

/* Of several messages: the descriptors of all. */
static void print_messages(struct writer *w)
{
	if (w->r->n_fds > 0)
		print_rights(w);
	else
		print_pointer(w->r->args[1], w->out);
}

/* On i386 it has no room before l_start, which on arm has: but only with numbers of 64 bits. */
#if defined(__x86_64__) || defined(__i386__)
enum { COMPAT_LOCK_START = 4 };
#else
enum { COMPAT_LOCK_START = 8 };
#endif

static void print_lock(const struct trace_record *r, FILE *out)
{
	uint32_t size = layout_lock_size(r->abi, r->args[1]);
	bool small = size < 24;
	size_t number = small ? 4 : 8, start = small ? 4 : r->abi == ABI_COMPAT ? COMPAT_LOCK_START : 8;
	short type, whence;

	if (r->n_data < size) {
		print_pointer(r->args[2], out);
		return;
	}
	memcpy(&type, r->data, sizeof(type));
	memcpy(&whence, r->data + sizeof(type), sizeof(whence));
	fprintf(out, "{l_type=%s, ", name_of(names_lock, (uint64_t)type));
	fprintf(out, "l_whence=%s, l_start=%jd, l_len=%jd}", name_of(names_whence, (uint64_t)whence),
		(intmax_t)number_at(r->data + start, number),
		(intmax_t)number_at(r->data + start + number, number));
}

static void print_fcntl(const struct trace_record *r, FILE *out)
{
	unsigned int command = (unsigned int)r->args[1];
	char flags[NAMES_MAX];

	fputs(name_of(names_fcntl, command), out);
	switch (command) {
	case F_GETFD: case F_GETFL: case F_GETOWN: case F_GETSIG: case F_GETLEASE:
	case F_GETPIPE_SZ: case F_GET_SEALS:
		return;
	case F_SETFD:
		fprintf(out, ", %s", r->args[2] & FD_CLOEXEC ? "FD_CLOEXEC" : "0");
		return;
	case F_SETFL:
		fprintf(out, ", %s", names_flags((int)r->args[2], flags, sizeof(flags)));
		return;
	case 5: case 6: case 7: case 12: case 13: case 14: /* as in names_fcntl */
	case F_OFD_GETLK: case F_OFD_SETLK: case F_OFD_SETLKW:
		fputs(", ", out);
		print_lock(r, out);
		return;
	case F_SETLEASE:
		fprintf(out, ", %s", name_of(names_lock, r->args[2]));
		return;
	default:
		fprintf(out, ", %jd", (intmax_t)r->args[2]);
	}
}

static void print_ioctl(const struct trace_record *r, FILE *out)
{
	unsigned int request = (unsigned int)r->args[1];
	const char *name = names_find(names_ioctl, request);
	int value;

	if (name)
		fputs(name, out);
	else
		fprintf(out, "%#x", request);
	fputs(", ", out);
	if ((request == FIONBIO || request == FIOASYNC || request == FIONREAD) &&
		r->n_data == sizeof(value)) {
		memcpy(&value, r->data, sizeof(value));
		fprintf(out, "[%d]", value);
	} else {
		print_pointer(r->args[2], out);
	}
}

/* The lowest byte is the signal at the child's end. */
static void print_clone(uint64_t flags, FILE *out)
{
	char text[NAMES_MAX];

	fputs(names_bits(names_clone, flags & ~(uint64_t)CSIGNAL, text, sizeof(text)), out);
	if (flags & CSIGNAL)
		fprintf(out, "%s%s", flags > CSIGNAL ? "|" : "",
			names_signal((int)(flags & CSIGNAL), text, sizeof(text)));
}

static void print_clone_args(struct writer *w)
{
	uint64_t flags;

	if (w->r->n_data < sizeof(flags)) {
		print_pointer(w->r->args[0], w->out);
		return;
	}
	memcpy(&flags, w->r->data, sizeof(flags));
	fputs("{flags=", w->out);
	print_clone(flags, w->out);
	fputs(", ...}", w->out);
}

static void print_arg(struct writer *w, char letter, uint64_t value)
{
	char text[NAMES_MAX];

	switch (letter) {
	case 'd':
		fprintf(w->out, w->r->fixed ? "fixed %d" : "%d", (int)value);
		break;
	case 'i':
		fprintf(w->out, "%d", (int)value);
		break;
	case 'D':
		fprintf(w->out, (int)value == AT_FDCWD ? "AT_FDCWD" : "%d", (int)value);
		break;
	case 'b': case 'B': case 's':
		print_bytes(w, value, letter == 'B');
		break;
	case 'v': case 'V':
		print_vector(w, value, letter == 'V');
		break;
	case 'm': case 'M':
		print_message(w);
		break;
	case 'n': case 'N':
		print_messages(w);
		break;
	case 'q': case 'Q': case 't':
		print_offset_at(w, value);
		break;
	case 'c':
		print_fcntl(w->r, w->out);
		break;
	case 'k':
		print_ioctl(w->r, w->out);
		break;
	case 'w':
		fputs(name_of(names_whence, value), w->out);
		break;
	case 'e':
		fputs(name_of(names_epoll_ctl, value), w->out);
		break;
	case 'C':
		print_clone(value, w->out);
		break;
	case 'K':
		print_clone_args(w);
		break;
	case 'L':
		fputs(names_bits(names_flock, value, text, sizeof(text)), w->out);
		break;
	case 'g':
		fputs(value ? names_bits(names_msg, value, text, sizeof(text)) : "0", w->out);
		break;
	case 'f':
		fprintf(w->out, "%s%s", names_flags((int)value & ~O_CLOEXEC, text, sizeof(text)),
			value & O_CLOEXEC ? "|O_CLOEXEC" : "");
		break;
	case 'y':
		if (value == 0 || value == O_CLOEXEC)
			fputs(value ? "O_CLOEXEC" : "0", w->out);
		else
			fprintf(w->out, "0x%jx", (uintmax_t)value);
		break;
	case 'l': case 'h': case 'H': case 'u':
		fprintf(w->out, "%jd", (intmax_t)(int64_t)value);
		break;
	case 'z':
		fprintf(w->out, "%ju", (uintmax_t)value);
		break;
	case 'o':
		fprintf(w->out, "%#jo", (uintmax_t)value);
		break;
	case 'x': case 'X':
		fprintf(w->out, "%#jx", (uintmax_t)value);
		break;
	case 'P':
		fprintf(w->out, "%jd", (intmax_t)(value << MMAP2_SHIFT));
		break;
	default:
		print_pointer(value, w->out);
	}
}

/* --- the whole ---------------------------------------------------------------------------- */

static bool is_fcntl(const struct trace_record *r)
{
	return r->call == CALL_fcntl || r->call == CALL_fcntl64;
}

static bool maps(const struct trace_record *r)
{
	return r->call == CALL_mmap || r->call == CALL_mmap2;
}

unsigned trace_class(const struct trace_record *r)
{
	const struct trace_call *c = trace_call_of(r);

	if (r->passed || r->call == TRACE_ENDED)
		return TRACE_LIFE;
	if (is_fcntl(r))
		return trace_class_of_fcntl((unsigned)r->args[1]);
	if (r->call == CALL_ioctl)
		return trace_class_of_ioctl((unsigned)r->args[1]);
	return c ? c->classes : TRACE_OTHER;
}

/* A call that a signal interrupted: the kernel repeats it, or makes EINTR of this. */
enum { ERESTARTSYS = 512, ERESTART_RESTARTBLOCK = 516 };

static void print_result(const struct trace_record *r, FILE *out)
{
	char flags[NAMES_MAX];

	if (r->result == TRACE_UNKNOWN)
		fputs(" = ?", out);
	else if (r->result <= -ERESTARTSYS && r->result >= -ERESTART_RESTARTBLOCK)
		fputs(" = ? (interrupted)", out);
	else if (r->result < 0)
		fprintf(out, " = -1 %s", names_errno((int)-r->result));
	else if (maps(r))
		fprintf(out, " = %#jx", (uintmax_t)r->result);
	else
		fprintf(out, " = %jd", (intmax_t)r->result);
	if (is_fcntl(r) && r->args[1] == F_GETFL && r->result >= 0)
		fprintf(out, " (%s)", names_flags((int)r->result, flags, sizeof(flags)));
}

const char *trace_name(const struct trace_record *r)
{
	const struct trace_call *c = trace_call_of(r);

	return c ? c->name : "exit";
}

bool trace_is_receipt(const struct trace_record *r)
{
	const struct trace_call *c = trace_call_of(r);

	return c && r->passed && r->result >= 0 && strpbrk(c->args, "MN");
}

static void print_end(const struct trace_record *r, FILE *out)
{
	int status = (int)r->result; /* as wait(2) has it */
	char text[NAMES_MAX];

	if (WIFSIGNALED(status))
		fprintf(out, "+++ killed by %s +++", names_signal(WTERMSIG(status), text, sizeof(text)));
	else
		fprintf(out, "+++ exited with %d +++", WEXITSTATUS(status));
}

void trace_print_call(const struct trace_record *r, FILE *out)
{
	const struct trace_call *c = trace_call_of(r);
	struct writer w = {.r = r, .out = out};
	unsigned next = 0;

	if (!c) {
		print_end(r, out);
		return;
	}
	fprintf(out, "%s(", c->name);
	for (size_t i = 0; c->args[i] && c->args[i] != '='; i++) {
		if (i > 0)
			fputs(", ", out);
		print_arg(&w, c->args[i], trace_arg_value(c->args[i], r->abi, r->args, &next));
	}
	fputc(')', out);
	print_result(r, out);
}

/* --- what it moved -------------------------------------------------------------------------- */

struct flags_writer {
	FILE *out;
	char sign;
};

static void print_flag(void *data, const char *name)
{
	struct flags_writer *w = data;

	fprintf(w->out, " %c%s", w->sign, name);
}

/* An lseek or a read whose result is not the move that happened was not alone. */
static bool is_alone(const struct trace_record *r)
{
	int64_t moved = r->pos_after - r->pos_before;

	if (r->call == CALL_lseek)
		return r->result < 0 || r->pos_after == r->result;
	if (r->call == CALL__llseek)
		return r->result < 0 || r->n_data == 0 || r->pos_after == number_at(r->data, r->n_data);
	if (r->call == CALL_read || r->call == CALL_readv || r->call == REQUEST_READ)
		return r->result < 0 ? moved == 0 : moved == 0 || moved == r->result;
	return true;
}

/* Of a call by which there are more or fewer of its descriptors. */
static void print_holders(const struct trace_record *r, FILE *out)
{
	bool fewer = r->call == TRACE_ENDED || (!r->kept && !r->passed);

	if (r->result < 0 || trace_class(r) != TRACE_LIFE || maps(r) ||
		r->call == CALL_epoll_ctl)
		return;
	if (r->holders == 0)
		fputs("  nobody holds it", out);
	else
		fprintf(out, "  %s%d holder%s%s", fewer ? "" : "now ", r->holders,
			r->holders == 1 ? "" : "s", fewer ? " left" : "");
}

void trace_print_moves(const struct trace_record *r, FILE *out)
{
	uint32_t changed = r->flags_before ^ r->flags_after;

	print_holders(r, out);
	if (r->pos_before != r->pos_after)
		fprintf(out, "  pos %jd -> %jd%s", (intmax_t)r->pos_before, (intmax_t)r->pos_after,
			is_alone(r) ? "" : " (another moved it too)");
	if (r->size_before != r->size_after)
		fprintf(out, "  size %jd -> %jd", (intmax_t)r->size_before, (intmax_t)r->size_after);
	if (!changed)
		return;
	fputs("  flags", out);
	names_each(names_open, changed & r->flags_after, print_flag, &(struct flags_writer){out, '+'});
	names_each(names_open, changed & r->flags_before, print_flag, &(struct flags_writer){out, '-'});
}
