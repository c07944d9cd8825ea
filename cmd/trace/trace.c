/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace: every system call on a description, by whichever process, and what it moved. */
#include "cmd/trace/trace.h"
#include "cmd/cli/commands.h"
#include "cmd/cli/ending.h"
#include "cmd/cli/output.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/proc.h"
#include "lib/base/text.h"
#include "lib/base/times.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* After a record that nobody holds it, or records that were lost. */
enum { LOOKS = 20 };
#define LOOK_AGAIN (50 * NS_PER_MS)

/* --- options ------------------------------------------------------------------------- */

static const struct list_word class_words[] = {{"move", TRACE_MOVE}, {"flags", TRACE_FLAGS},
	{"life", TRACE_LIFE}, {"io", TRACE_IO}, {"lock", TRACE_LOCK}, {"all", TRACE_ALL}, {NULL, 0}};

static const char *parse_classes(const char *arg, void *into)
{
	return list_parse(arg, class_words, into)
		       ? NULL
		       : "must be a list of move, flags, life, io, lock and all";
}

/* The one that is named; BY_FIRST: the first that can. */
enum { BY_FIRST, BY_BPF = 1 + TRACE_BY_BPF, BY_PTRACE = 1 + TRACE_BY_PTRACE };

static const char *parse_way(const char *arg, void *into)
{
	unsigned *by = into;

	*by = strcmp(arg, "bpf") == 0 ? BY_BPF : strcmp(arg, "ptrace") == 0 ? BY_PTRACE : BY_FIRST;
	return *by ? NULL : "must be bpf or ptrace";
}

static const char *take_target(const char *word, void *state)
{
	struct trace_state *s = state;

	return targets_add(&s->targets, word);
}

#define INTO(member) offsetof(struct trace_state, member)

static const struct opt options[] = {
	{'e', "events", "CLASS", "move, flags, life, io, lock, all, separated by commas; "
				 "default move,flags,life,lock",
		parse_classes, INTO(classes), WORD_LIST, "move flags life io lock all"},
	{0, "passed", NULL, "without TARGET: all descriptors that are passed on this machine", opt_flag,
		INTO(all_passed)},
	{'c', "summary", NULL, "no lines: at the end, how many calls of which process", opt_flag,
		INTO(count)},
	{0, "by", "WAY", "bpf: calls of everybody, for root; ptrace: of your own processes", parse_way,
		INTO(by), WORD_CHOICE, "bpf ptrace"},
	{'n', "count", "COUNT", "end after COUNT calls", opt_count, INTO(limit)},
	{'t', "timeout", "TIME", "end after TIME, exit 124", opt_time, INTO(timeout)},
	{0, "timestamp", "HOW", "time (default), none, iso, or delta: the time since the last", NULL,
		INTO(stamp), WORD_CHOICE, "time none iso delta"},
	OPT_JSON(struct trace_state, "one object a call"),
	OPT_QUIET(struct trace_state),
	{'v', "verbose", NULL, "print on stderr which way, and how many descriptions", opt_flag,
		INTO(verbose)},
	OPT_END,
};

/* --- a call ---------------------------------------------------------------------------- */

bool trace_may_print(struct trace_state *s)
{
	if (s->limit && s->seen >= s->limit)
		return false;
	if (s->by == BY_PTRACE && !s->count && !output_takes())
		return false; /* the processes do not wait for who reads this */
	if (++s->seen == s->limit)
		loop_stop(s->loop, STATUS_OK);
	return true;
}

static void on_record(void *data, const struct trace_record *r)
{
	struct trace_state *s = data;

	if (r->holders <= 0)
		s->looks = LOOKS;
	if (!r->wanted || !trace_may_print(s))
		return;
	if (s->count)
		trace_tally(s, r);
	else if (s->json)
		trace_json(s, r);
	else
		trace_line(s, r);
	trace_note_sender(s, r);
	s->last = r->ns;
}

/* --- the loop ---------------------------------------------------------------------------- */

static void say_lost(void *data, size_t n)
{
	(void)data;
	report_note("%zu calls were lost: they came faster than they can be printed", n);
}

static void say_dropped(struct trace_state *s)
{
	uint64_t lost = s->passed ? passed_lost(s->passed) : trace_lost(s->trace);

	if (lost > s->lost)
		say_lost(s, (size_t)(lost - s->lost));
	if (lost > s->lost && s->trace) { /* the end may be among them */
		s->looks = LOOKS - 1; /* soon, but not at each loss */
		loop_timer_set(s->again, LOOK_AGAIN, 0);
	}
	s->lost = lost;
}

/* Prints what there is. Returns false where the loop has been stopped. */
static bool take_records(struct trace_state *s)
{
	int n = s->passed ? passed_read(s->passed, trace_on_passed, s)
			  : trace_read(s->trace, on_record, s);

	if (n < 0)
		loop_stop(s->loop, report(STATUS_FAIL, "the records", "read", errno));
	say_dropped(s);
	if (n >= 0 && (s->by == BY_PTRACE ? output_flush() : output_drain()) != STATUS_OK)
		loop_stop(s->loop, STATUS_FAIL);
	return !loop_stopping(s->loop);
}

/* What a process had is closed after the record of its end. */
static void end_if_free(void *data, uint32_t expirations)
{
	struct trace_state *s = data;

	(void)expirations;
	if (trace_is_held(s->trace) != 0) {
		if (--s->looks > 0)
			loop_timer_set(s->again, LOOK_AGAIN, 0);
		return;
	}
	if (!take_records(s)) /* of how it came to that */
		return;
	if (!s->quiet)
		report_note("nobody holds it any longer");
	loop_stop(s->loop, STATUS_OK);
}

static void on_readable(void *data, uint32_t events)
{
	struct trace_state *s = data;

	(void)events;
	if (take_records(s) && s->looks == LOOKS)
		end_if_free(s, 0);
}

/* What was recorded before belongs to it, unless nobody reads. By ptrace, nothing is: it would only go on. */
static void end_loop(struct trace_state *s, enum status st)
{
	if (s->by == BY_PTRACE || output_is_behind() || take_records(s))
		loop_stop(s->loop, st);
}

static void on_timeout(void *data, uint32_t expirations)
{
	struct trace_state *s = data;

	(void)expirations;
	end_loop(s, STATUS_TIMEOUT);
}

/* A program has got the keyboard's signals as well, and decides; others it gets from here. */
static void on_signal(void *data, uint32_t signo)
{
	struct trace_state *s = data;

	if (s->program && signo == SIGTERM)
		kill(s->program, SIGTERM);
	if (s->program)
		return;
	s->signo = (int)signo;
	end_loop(s, STATUS_OK);
}

/* This command ends as the program did. */
static void on_program_end(void *data, uint32_t events)
{
	struct trace_state *s = data;
	int status;

	(void)events;
	if (!take_records(s))
		return;
	if (s->passed ? waitpid(s->program, &status, WNOHANG) <= 0
		      : !trace_program_ended(s->trace, &status))
		return;
	s->signo = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	s->program = 0;
	loop_stop(s->loop, WIFEXITED(status) ? (enum status)WEXITSTATUS(status) : STATUS_FAIL);
}

/* --- starting ---------------------------------------------------------------------------- */

/* Once, so that the lines are in order even if somebody sets the clock. */
static int64_t epoch(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec - time_now();
}

static void on_untraced(void *data, pid_t pid, int err)
{
	const struct trace_state *s = data;
	long tracer = proc_status(pid, "TracerPid"); /* there can be one */

	if (s->quiet)
		return;
	if (err == ENOEXEC)
		report_note("process %d: its calls are not shown: they are those of another architecture", pid);
	else if (tracer > 0)
		report_note("process %d: its calls are not seen: process %ld traces it already", pid, tracer);
	else
		report_note("process %d: its calls are not seen: ptrace: %s", pid, names_errno(err));
}

static bool opens(struct trace_state *s, enum trace_by by, const struct share_target **fault,
	const char **why)
{
	const struct trace_request request = {.targets = s->targets.v,
		.n_targets = s->targets.n,
		.classes = s->classes,
		.program = s->program,
		.untraced = on_untraced,
		.data = s};

	s->trace = trace_open(by, &request, fault, why);
	return s->trace != NULL;
}

static enum status report_no_way(const struct trace_state *s, const char *why_not_ptrace)
{
	if (s->why_not_bpf)
		report(STATUS_FAIL, "BPF", s->why_not_bpf, 0);
	if (*why_not_ptrace)
		report(STATUS_FAIL, "ptrace", why_not_ptrace, 0);
	if (geteuid() != 0)
		report_hint("run it as root: sudo fdtool trace %s",
			s->all_passed ? "--passed" : text_show(s->targets.words.v[0]));
	return STATUS_FAIL;
}

/* By BPF, and where that cannot be, by ptrace. */
static enum status open_trace(struct trace_state *s)
{
	const struct share_target *fault = NULL;
	const char *why = "";

	if (s->by != BY_PTRACE && opens(s, TRACE_BY_BPF, &fault, &why))
		s->by = BY_BPF;
	else if (s->by != BY_PTRACE)
		s->why_not_bpf = must_strdup(why); /* which the next call may overwrite */
	if (!s->trace && !fault && s->by != BY_BPF && opens(s, TRACE_BY_PTRACE, &fault, &why))
		s->by = BY_PTRACE;
	if (fault)
		return target_unseen(targets_word(&s->targets, fault));
	if (!s->trace)
		return report_no_way(s, s->by == BY_BPF ? "" : why);
	if (s->verbose && s->why_not_bpf)
		report_note("not by BPF: %s", s->why_not_bpf);
	if (s->verbose)
		report_note("by %s: %zu description%s", s->by == BY_BPF ? "BPF, raw tracepoints" : "ptrace",
			trace_size(s->trace), trace_size(s->trace) == 1 ? "" : "s");
	return STATUS_OK;
}

/* The shell that would continue this command may be one of those that wait for it. */
static void ignore_stop(const struct trace_state *s)
{
	if (s->by == BY_PTRACE && !s->program)
		signal(SIGTSTP, SIG_IGN);
}

static bool set_up(struct trace_state *s)
{
	ignore_stop(s);
	if (s->program)
		s->program_fd = (int)syscall(SYS_pidfd_open, s->program, 0);
	int fd = s->passed ? passed_fd(s->passed) : trace_fd(s->trace);
	s->again = loop_timer(s->loop, s->passed ? 0 : LOOK_AGAIN, 0, end_if_free, s);
	return s->again && loop_add(s->loop, fd, EPOLLIN, on_readable, s) &&
	       (!s->program ||
		       (s->program_fd >= 0 &&
			       loop_add(s->loop, s->program_fd, EPOLLIN, on_program_end, s))) &&
	       loop_signal(s->loop, SIGINT, on_signal, s) &&
	       loop_signal(s->loop, SIGTERM, on_signal, s) &&
	       (!s->timeout || loop_timer(s->loop, s->timeout, 0, on_timeout, s));
}

static enum status open_passed(struct trace_state *s)
{
	const char *why;

	s->passed = passed_open(&why);
	if (s->passed)
		return STATUS_OK;
	s->why_not_bpf = must_strdup(why);
	return report_no_way(s, "");
}

static enum status start(struct trace_state *s)
{
	enum status st = s->all_passed ? open_passed(s) : open_trace(s);

	if (st != STATUS_OK)
		return st;
	if (!set_up(s))
		return report(STATUS_FAIL, "epoll", "set-up", errno);
	if (!s->quiet && s->passed)
		report_note("tracing all descriptors that are passed");
	else if (!s->quiet)
		report_note("tracing %s%s%s", text_show(s->targets.words.v[0]),
			s->targets.words.n > 1 ? ", ..." : "",
			s->by == BY_PTRACE ? ", by ptrace" : "");
	if (!s->passed)
		trace_print_unseen(s);
	if (s->program)
		trace_program_go(s);
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

/* Without a TARGET, the standard descriptors of PROGRAM. */
static enum status find_targets(struct trace_state *s)
{
	static const char *const standard[] = {"fd:0", "fd:1", "fd:2"};
	struct targets *t = &s->targets;
	bool own = t->words.n == 0;

	for (int fd = 0; own && fd < 3; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			targets_add(t, standard[fd]);
	enum status st = targets_find(t);
	if (st == STATUS_OK)
		st = targets_resolve(t);
	for (size_t i = 0; i < t->n && own && st == STATUS_OK; i++)
		t->v[i].pid = s->program;
	s->senders = must_calloc(t->n + 1, sizeof(*s->senders));
	return st;
}

static enum status run_loop(struct trace_state *s)
{
	enum status st = STATUS_OK;

	s->loop = loop_new();
	if (!s->loop)
		return report(STATUS_FAIL, "epoll", "set-up", errno);
	st = output_begin(s->loop, say_lost, NULL);
	if (st == STATUS_OK)
		st = trace_all(s);
	enum status written = output_end();
	bool counted = s->trace && s->count;
	trace_close(s->trace);
	passed_close(s->passed);
	loop_free(s->loop);
	fd_close(&s->program_fd);
	if (counted && trace_print_tallies(s) != STATUS_OK)
		written = STATUS_FAIL;
	return written == STATUS_OK ? st : written;
}

static enum status check(const struct trace_state *s, bool program)
{
	if (s->count && s->json)
		return report_usage("-c prints a table: it does not go with --json");
	if (s->all_passed && s->targets.words.n > 0)
		return report_usage("--passed is about all descriptors: it takes no TARGET");
	if (s->all_passed && (s->count || s->classes || s->by == BY_PTRACE))
		return report_usage("--passed does not go with -c, -e and --by ptrace");
	if (s->targets.words.n == 0 && !program && !s->all_passed)
		return report_usage("there is no TARGET to trace");
	return STATUS_OK;
}

static enum status run(void *state, char **program)
{
	struct trace_state *s = state;
	enum status st = STATUS_OK;

	s->go = s->program_fd = -1;
	st = check(s, program != NULL);
	if (st != STATUS_OK)
		return st;
	if (!s->classes)
		s->classes = s->count ? TRACE_ALL : TRACE_MOVE | TRACE_FLAGS | TRACE_LIFE | TRACE_LOCK;
	setlocale(LC_CTYPE, "");
	s->epoch = epoch();
	if (program)
		st = trace_program_start(s, program);
	if (st == STATUS_OK && !s->all_passed)
		st = find_targets(s);
	if (st == STATUS_OK)
		st = run_loop(s);
	trace_program_cancel(s);
	end_by_signal(s->signo);
	return st;
}

static void release(void *state)
{
	struct trace_state *s = state;

	targets_free(&s->targets);
	free(s->senders);
	free(s->tallies);
	free(s->why_not_bpf);
}

const struct cmd cmd_trace = {
	.name = "trace",
	.operands = "TARGET... [-- PROGRAM [ARG]...]",
	.summary = "print who does what to a description: each call, and what it moved",
	.text = "TARGET is a NAME on offer, PID:FD, fd:N, PID: all that the process has, or ./FILE,\n"
		"tcp:PORT, udp:PORT, unix:PATH: all opens of it that there are now.\n"
		"It ends when nobody has a descriptor of it any longer. Root sees the calls of everybody,\n"
		"others those of their own processes. PROGRAM is run, and traced; without a TARGET,\n"
		"its standard descriptors are.\n",
	.opts = options,
	.state = sizeof(struct trace_state),
	.operand = take_target,
	.kind = WORD_TARGET,
	.choices = TARGET_WORDS,
	.program = true,
	.run = run,
	.release = release,
};
