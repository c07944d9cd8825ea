/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace: every system call on a description, by whichever process, and what it moved. */
#include "cmd/cli/command.h"
#include "cmd/cli/commands.h"
#include "cmd/cli/ending.h"
#include "cmd/cli/output.h"
#include "cmd/client/find.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/loop/loop.h"
#include "lib/out/json.h"
#include "lib/trace/bpf.h"
#include "lib/trace/calls.h"
#include "lib/trace/words.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

/* After a record that nobody holds it. */
enum { LOOKS = 20 };
#define LOOK_AGAIN (50 * NS_PER_MS)

enum { STAMP_TIME, STAMP_NONE, STAMP_ISO, STAMP_DELTA };

struct sender {
	char command[16];
	int pid, fd; /* pid 0: nobody was seen to */
};

struct trace_state {
	struct words words;
	struct share_target *of;
	uint32_t classes;
	unsigned stamp;
	long count;
	int64_t timeout;
	bool json, quiet, verbose;
	struct loop *loop;
	struct trace *trace;
	long seen;
	uint64_t last, lost; /* ns of the last line; losses that were said */
	int64_t epoch;       /* CLOCK_REALTIME where CLOCK_MONOTONIC is 0, when it began */
	struct sender *senders; /* of each target, who last sent it */
	struct loop_source *again; /* a record said that nobody holds it: look soon, so many times */
	int looks;
	int signo;
};

/* --- options ------------------------------------------------------------------------- */

static const struct list_word class_words[] = {{"move", TRACE_MOVE}, {"flags", TRACE_FLAGS},
	{"life", TRACE_LIFE}, {"io", TRACE_IO}, {"lock", TRACE_LOCK}, {"all", TRACE_ALL}, {NULL, 0}};

static const char *parse_classes(const char *arg, void *into)
{
	return list_parse(arg, class_words, into)
		       ? NULL
		       : "must be a list of move, flags, life, io, lock and all";
}

static const char *take_target(const char *word, void *state)
{
	struct trace_state *s = state;

	words_add(&s->words, word);
	return target_find_fault(word);
}

#define INTO(member) offsetof(struct trace_state, member)

static const struct opt options[] = {
	{'e', "events", "CLASS", "move, flags, life, io, lock, all, separated by commas; "
				 "default move,flags,life,lock",
		parse_classes, INTO(classes), WORD_LIST, "move flags life io lock all"},
	{'n', "count", "COUNT", "end after COUNT calls", opt_count, INTO(count)},
	{'t', "timeout", "TIME", "end after TIME, exit 124", opt_time, INTO(timeout)},
	{0, "timestamp", "HOW", "time (default), none, iso, or delta: the time since the last", NULL,
		INTO(stamp), WORD_CHOICE, "time none iso delta"},
	OPT_JSON(struct trace_state, "one object a call"),
	OPT_QUIET(struct trace_state),
	{'v', "verbose", NULL, "print on stderr how many descriptions are traced", opt_flag,
		INTO(verbose)},
	OPT_END,
};

/* --- a line ---------------------------------------------------------------------------- */

/* Once, so that the lines are in order even if somebody sets the clock. */
static int64_t epoch(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec - time_now();
}

static void print_stamp(struct trace_state *s, uint64_t ns)
{
	int64_t at = s->epoch + (int64_t)ns, since = s->last ? (int64_t)(ns - s->last) : 0;
	time_t seconds = at / NS_PER_S;
	char text[64], zone[16];
	struct tm tm;

	if (s->stamp == STAMP_NONE)
		return;
	if (s->stamp == STAMP_DELTA) {
		printf("%3jd.%06jd ", (intmax_t)(since / NS_PER_S), (intmax_t)(since % NS_PER_S / 1000));
		return;
	}
	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), s->stamp == STAMP_ISO ? "%FT%T" : "%T", &tm);
	strftime(zone, sizeof(zone), "%z", &tm);
	printf("%s.%06jd%s ", text, (intmax_t)(at % NS_PER_S / 1000), s->stamp == STAMP_ISO ? zone : "");
}

static void print_who(const struct trace_record *r)
{
	char who[128];
	const char *command = text_show(r->command);

	if (r->tid == r->pid)
		snprintf(who, sizeof(who), "%s %d", command, r->pid);
	else
		snprintf(who, sizeof(who), "%s %d/%d", command, r->pid, r->tid);
	printf("%-20s ", who);
}

static bool is_received(const struct trace_record *r)
{
	return r->passed && r->result >= 0 && strcmp(trace_name(r), "recvmsg") == 0;
}

static void print_sender(const struct trace_state *s, const struct trace_record *r, FILE *out)
{
	const struct sender *from = &s->senders[r->target];

	if (is_received(r) && from->pid)
		fprintf(out, "  <- %s %d fd %d", text_show(from->command), from->pid, from->fd);
}

static void note_sender(struct trace_state *s, const struct trace_record *r)
{
	struct sender *from = &s->senders[r->target];

	if (!r->passed || r->result < 0 || is_received(r))
		return;
	*from = (struct sender){.pid = r->pid, .fd = r->fd};
	memcpy(from->command, r->command, sizeof(r->command));
}

static void print_line(struct trace_state *s, const struct trace_record *r)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	print_stamp(s, r->ns);
	if (s->words.n > 1)
		printf("%s: ", text_show(s->words.v[r->target]));
	print_who(r);
	trace_print_call(r, out);
	fflush(out);
	fprintf(out, "%*s", len < 40 ? (int)(40 - len) : 0, "");
	trace_print_moves(r, out);
	print_sender(s, r, out);
	fclose(out);
	while (len > 0 && text[len - 1] == ' ')
		text[--len] = '\0';
	printf("%s\n", text);
	free(text);
}

static json_t *fds_of(const struct trace_record *r)
{
	json_t *array = json_array();

	for (int i = 0; i < r->n_fds; i++)
		json_array_append_new(array, json_integer(((const int *)r->data)[i]));
	return array;
}

static void print_json(struct trace_state *s, const struct trace_record *r)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	trace_print_call(r, out);
	fclose(out);
	json_t *o = json_pack("{s:o, s:I, s:i, s:i, s:o, s:s, s:o, s:I, s:o}", "target",
		json_bytes(s->words.v[r->target]), "mono_ns", (json_int_t)r->ns, "pid", r->pid, "tid",
		r->tid, "command", json_bytes(r->command), "call", trace_name(r), "text",
		json_bytes(text), "result", (json_int_t)(r->result < 0 ? -1 : r->result), "errno",
		r->result < 0 ? json_string(names_errno((int)-r->result)) : json_null());
	json_object_set_new(o, "fd", json_integer(r->fd));
	json_object_set_new(o, "pos", json_pack("[I, I]", (json_int_t)r->pos_before, (json_int_t)r->pos_after));
	json_object_set_new(o, "size", json_pack("[I, I]", (json_int_t)r->size_before, (json_int_t)r->size_after));
	json_object_set_new(o, "flags", json_pack("[o, o]", json_flags((int)r->flags_before), json_flags((int)r->flags_after)));
	json_object_set_new(o, "passed", fds_of(r));
	json_object_set_new(o, "holders", json_integer(r->holders));
	json_line(o);
	free(text);
}

static void on_record(void *data, const struct trace_record *r)
{
	struct trace_state *s = data;

	if (r->holders <= 0)
		s->looks = LOOKS;
	if (!r->wanted || (s->count && s->seen >= s->count))
		return;
	if (s->json)
		print_json(s, r);
	else
		print_line(s, r);
	note_sender(s, r);
	s->last = r->ns;
	if (++s->seen == s->count)
		loop_stop(s->loop, STATUS_OK);
}

/* --- the loop ---------------------------------------------------------------------------- */

static void say_lost(struct trace_state *s)
{
	uint64_t lost = trace_lost(s->trace);

	if (lost > s->lost)
		report_note("%ju calls were lost: they came faster than they can be printed",
			(uintmax_t)(lost - s->lost));
	s->lost = lost;
}

/* What a process had is closed after the record of its end. */
static void end_if_free(void *data, uint32_t expirations)
{
	struct trace_state *s = data;

	(void)expirations;
	if (trace_is_held(s->trace) == 0) {
		if (!s->quiet)
			report_note("nobody holds it any longer");
		loop_stop(s->loop, STATUS_OK);
	} else if (--s->looks > 0) {
		loop_timer_set(s->again, LOOK_AGAIN, 0);
	}
}

static void on_readable(void *data, uint32_t events)
{
	struct trace_state *s = data;

	(void)events;
	if (trace_read(s->trace, on_record, s) < 0) {
		loop_stop(s->loop, report(STATUS_FAIL, "the ring buffer", "read", errno));
		return;
	}
	say_lost(s);
	if (output_flush() != STATUS_OK)
		loop_stop(s->loop, STATUS_FAIL);
	else if (s->looks == LOOKS && !loop_stopping(s->loop))
		end_if_free(s, 0);
}

static void on_timeout(void *data, uint32_t expirations)
{
	struct trace_state *s = data;

	(void)expirations;
	loop_stop(s->loop, STATUS_TIMEOUT);
}

static void on_signal(void *data, uint32_t signo)
{
	struct trace_state *s = data;

	s->signo = (int)signo;
	loop_stop(s->loop, STATUS_OK);
}

static enum status report_no_trace(const struct trace_state *s, const struct share_target *fault, const char *why)
{
	int err = errno;

	if (fault)
		return target_unseen(s->words.v[fault - s->of]);
	report(STATUS_FAIL, "BPF", why, 0);
	if (err == EPERM)
		report_hint("run it as root: sudo fdtool trace %s", text_show(s->words.v[0]));
	return STATUS_FAIL;
}

static enum status start(struct trace_state *s)
{
	const struct share_target *fault;
	const char *why;

	s->trace = trace_open(s->of, s->words.n, s->classes, &fault, &why);
	if (!s->trace)
		return report_no_trace(s, fault, why);
	s->again = loop_timer(s->loop, 0, 0, end_if_free, s);
	if (!s->again || !loop_add(s->loop, trace_fd(s->trace), EPOLLIN, on_readable, s) ||
		!loop_signal(s->loop, SIGINT, on_signal, s) ||
		!loop_signal(s->loop, SIGTERM, on_signal, s) ||
		(s->timeout && !loop_timer(s->loop, s->timeout, 0, on_timeout, s)))
		return report(STATUS_FAIL, "epoll", "set-up", errno);
	if (s->verbose)
		report_note("BPF, raw tracepoints: %zu descriptions", trace_size(s->trace));
	if (!s->quiet)
		report_note("tracing %s%s", text_show(s->words.v[0]), s->words.n > 1 ? ", ..." : "");
	return STATUS_OK;
}

static enum status trace_all(struct trace_state *s)
{
	enum status st = start(s);

	if (st != STATUS_OK)
		return st;
	int ended = loop_run(s->loop);
	return ended < 0 ? report(STATUS_FAIL, "epoll", "wait", errno) : (enum status)ended;
}

static enum status run(void *state, char **program)
{
	struct trace_state *s = state;
	enum status st = STATUS_OK;

	(void)program;
	if (s->words.n == 0)
		return report_usage("there is no TARGET to trace");
	if (!s->classes)
		s->classes = TRACE_MOVE | TRACE_FLAGS | TRACE_LIFE | TRACE_LOCK;
	setlocale(LC_CTYPE, "");
	s->epoch = epoch();
	s->of = must_calloc(s->words.n, sizeof(*s->of));
	s->senders = must_calloc(s->words.n, sizeof(*s->senders));
	for (size_t i = 0; i < s->words.n && st == STATUS_OK; i++)
		st = target_find(s->words.v[i], &s->of[i]);
	if (st != STATUS_OK)
		return st;
	s->loop = loop_new();
	if (!s->loop)
		return report(STATUS_FAIL, "epoll", "set-up", errno);
	st = output_begin(s->loop, NULL, NULL);
	if (st == STATUS_OK)
		st = trace_all(s);
	enum status written = output_end();
	trace_close(s->trace);
	loop_free(s->loop);
	end_by_signal(s->signo);
	return st == STATUS_OK ? written : st;
}

static void release(void *state)
{
	struct trace_state *s = state;

	free(s->words.v);
	free(s->of);
	free(s->senders);
}

const struct cmd cmd_trace = {
	.name = "trace",
	.operands = "TARGET...",
	.summary = "print who does what to a description: each call, and what it moved",
	.text = "TARGET is a NAME on offer, PID:FD, fd:N, or PID: all that the process has.\n"
		"It ends when nobody has a descriptor of it any longer. It needs root.\n",
	.opts = options,
	.state = sizeof(struct trace_state),
	.operand = take_target,
	.kind = WORD_NAME,
	.run = run,
	.release = release,
};
