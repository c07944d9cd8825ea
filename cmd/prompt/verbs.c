/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The verbs of the prompt, one function each; the table is at the end.
 */
#include "cmd/cli/whence.h"
#include "cmd/prompt/call.h"
#include "cmd/prompt/interruptible.h"
#include "cmd/prompt/session.h"
#include "cmd/prompt/verbs-share.h"
#include "cmd/prompt/why.h"
#include "cmd/view/limits.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ_DEFAULT = 64, READ_MOST = 65536 };

/* --- words -------------------------------------------------------------------- */

/* Takes the next word out of *rest. Returns false where there is none, or it is too long. */
static bool next_word(const char **rest, char *word, size_t size)
{
	const char *p = text_skip_blanks(*rest);
	size_t len = strcspn(p, " \t");

	if (len == 0 || len >= size)
		return false;
	memcpy(word, p, len);
	word[len] = '\0';
	*rest = text_skip_blanks(p + len);
	return true;
}

static enum status misused(const char *verb, const char *opts)
{
	report_note("usage: %s %s", verb, opts);
	return STATUS_USAGE;
}

static bool parse_number(const char *word, long long min, long long *n)
{
	const char *fault;

	*n = strtonum(word, min, LLONG_MAX, &fault);
	return !fault;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* One escape after its backslash. Returns how many characters it took; 0: it is none. */
static size_t unescape_one(const char *p, char *out)
{
	static const char letters[] = "abefnrtv\\\"'", bytes[] = "\a\b\033\f\n\r\t\v\\\"'";
	const char *at = *p ? strchr(letters, *p) : NULL;
	size_t n = 0;

	if (at) {
		*out = bytes[at - letters];
		return 1;
	}
	if (*p == 'x' && hex_digit(p[1]) >= 0) {
		*out = (char)hex_digit(p[1]);
		if (hex_digit(p[2]) < 0)
			return 2;
		*out = (char)(*out * 16 + hex_digit(p[2]));
		return 3;
	}
	int value = 0;
	for (; n < 3 && p[n] >= '0' && p[n] <= '7'; n++)
		value = value * 8 + (p[n] - '0');
	*out = (char)value;
	return n;
}

/* TEXT with C escapes, and quotes around it or not. The caller frees; NULL for an escape that is none. */
static char *parse_text(const char *text, size_t *len)
{
	size_t n = strlen(text);
	char *out = must_calloc(n + 1, 1);

	if (n >= 2 && text[0] == '"' && text[n - 1] == '"') {
		text++;
		n -= 2;
	}
	*len = 0;
	for (const char *p = text; p < text + n; p++) {
		if (*p != '\\') {
			out[(*len)++] = *p;
			continue;
		}
		size_t took = unescape_one(p + 1, &out[*len]);
		if (took == 0) {
			free(out);
			return NULL;
		}
		(*len)++;
		p += took;
	}
	return out;
}

/* --- reading and writing ---------------------------------------------------------- */

static enum status show_read(struct call *a, ssize_t n, const char *buf)
{
	if (n <= 0)
		return call_end(a, n, n < 0 ? errno : 0, n < 0 ? NULL : "(end of file)");
	char *bytes = call_quote(buf, (size_t)n);
	enum status st = call_end(a, n, 0, bytes);
	free(bytes);
	return st;
}

static enum status verb_read(struct session *s, const char *rest)
{
	static char buf[READ_MOST];
	struct call a;
	char word[32];
	long long n = READ_DEFAULT;

	if (next_word(&rest, word, sizeof(word)) && (!parse_number(word, 0, &n) || n > READ_MOST))
		return misused("read", "[N]   (N is 65536 at most)");
	if (*rest)
		return misused("read", "[N]   (N is 65536 at most)");
	call_begin(&a, s, "read");
	ssize_t got = interruptible_read(s, buf, (size_t)n);
	int err = errno;
	printf("read(%d, %lld)", s->fd, n);
	errno = err;
	return show_read(&a, got, buf);
}

static enum status verb_pread(struct session *s, const char *rest)
{
	static char buf[READ_MOST];
	struct call a;
	char off_word[32], n_word[32];
	long long off, n;

	if (!next_word(&rest, off_word, sizeof(off_word)) || !parse_number(off_word, 0, &off) ||
		!next_word(&rest, n_word, sizeof(n_word)) || !parse_number(n_word, 0, &n) ||
		n > READ_MOST || *rest)
		return misused("pread", "OFF N   (N is 65536 at most)");
	call_begin(&a, s, "pread");
	interruptible_signals(true);
	ssize_t got = pread(s->fd, buf, (size_t)n, off);
	int err = errno;
	interruptible_signals(false);
	printf("pread(%d, %lld, %lld)", s->fd, n, off);
	errno = err;
	return show_read(&a, got, buf);
}

/* EPIPE and EFBIG are for the answer to tell: the signals with them would end us. */
static void ignore_signals_of_write(bool on)
{
	static const int signals[] = {SIGPIPE, SIGXFSZ};
	static struct sigaction before[2];
	const struct sigaction ignore = {.sa_handler = SIG_IGN};

	for (size_t i = 0; i < 2; i++)
		if (on)
			sigaction(signals[i], &ignore, &before[i]);
		else
			sigaction(signals[i], &before[i], NULL);
}

static enum status write_bytes(struct session *s, const char *bytes, size_t len)
{
	struct call a;

	call_begin(&a, s, "write");
	ignore_signals_of_write(true);
	ssize_t n = interruptible_write(s, bytes, len);
	int err = n < 0 ? errno : 0;
	ignore_signals_of_write(false);
	char *shown = call_quote(bytes, len);
	printf("write(%d, %s, %zu)", s->fd, shown, len);
	free(shown);
	return call_end(&a, n, err, NULL);
}

static enum status verb_write(struct session *s, const char *rest)
{
	size_t len;
	char *bytes = *rest ? parse_text(rest, &len) : NULL;

	if (!bytes)
		return misused("write", "TEXT   (with C escapes, \\n for a newline)");
	enum status st = write_bytes(s, bytes, len);
	free(bytes);
	return st;
}

static enum status verb_pwrite(struct session *s, const char *rest)
{
	struct call a;
	char word[32];
	long long off;
	size_t len;

	if (!next_word(&rest, word, sizeof(word)) || !parse_number(word, 0, &off) || !*rest)
		return misused("pwrite", "OFF TEXT");
	char *bytes = parse_text(rest, &len);
	if (!bytes)
		return misused("pwrite", "OFF TEXT   (with C escapes)");
	call_begin(&a, s, "pwrite");
	interruptible_signals(true);
	ignore_signals_of_write(true);
	ssize_t n = pwrite(s->fd, bytes, len, off);
	int err = n < 0 ? errno : 0;
	ignore_signals_of_write(false);
	interruptible_signals(false);
	char *shown = call_quote(bytes, len);
	printf("pwrite(%d, %s, %zu, %lld)", s->fd, shown, len, off);
	free(shown);
	free(bytes);
	return call_end(&a, n, err, NULL);
}

static enum status verb_trigger(struct session *s, const char *rest)
{
	static const char word[] = "trigger\n";
	char n_word[32];
	long long n = 1;

	if (next_word(&rest, n_word, sizeof(n_word)) && (!parse_number(n_word, 1, &n) || *rest))
		return misused("trigger", "[N]");
	for (; n > 0; n--) {
		if (s->host && s->host->trigger && s->host->trigger(s)) {
			printf("the device made an event\n");
			continue;
		}
		enum status st = write_bytes(s, word, sizeof(word) - 1);
		if (st != STATUS_OK)
			return st;
	}
	return STATUS_OK;
}

/* --- the offset and the flags -------------------------------------------------------- */

static enum status verb_lseek(struct session *s, const char *rest)
{
	struct call a;
	char off_word[32] = "0", whence_word[16] = "cur";
	long long off;

	if (next_word(&rest, off_word, sizeof(off_word)) &&
		!next_word(&rest, whence_word, sizeof(whence_word)))
		strcpy(whence_word, "set");
	const struct whence *w = whence_find(whence_word);
	if (!w || !whence_offset(off_word, &off) || *rest)
		return misused("lseek", "[OFFSET [set|cur|end|data|hole]]");
	call_begin(&a, s, "lseek");
	interruptible_signals(true);
	off_t at = lseek(s->fd, off, w->value);
	int err = at < 0 ? errno : 0;
	interruptible_signals(false);
	printf("lseek(%d, %lld, %s)", s->fd, off, w->name);
	return call_end(&a, at, err, NULL);
}

/* What F_SETFL can change is everybody's; access mode, O_SYNC and O_TRUNC it ignores, with success. */
const struct flag_word flag_words[] = {{"append", O_APPEND}, {"nonblock", O_NONBLOCK},
	{"direct", O_DIRECT}, {"noatime", O_NOATIME}, {"async", O_ASYNC}, {"sync", O_SYNC}, {NULL, 0}};

static bool change_flag(const char *word, int *flags)
{
	for (const struct flag_word *w = flag_words; w->word; w++)
		if (strcmp(w->word, word + 1) == 0) {
			if (word[0] == '+')
				*flags |= w->flag;
			else
				*flags &= ~w->flag;
			return word[0] == '+' || word[0] == '-';
		}
	return false;
}

static enum status verb_flags(struct session *s, const char *rest)
{
	struct call a;
	char word[32], names[NAMES_MAX];
	int flags = fcntl(s->fd, F_GETFL);
	bool change = *rest;

	while (next_word(&rest, word, sizeof(word)))
		if (!change_flag(word, &flags))
			return misused("flags", "[+append|-append|+nonblock|-nonblock|+direct|+noatime|...]");
	names_flags(flags, names, sizeof(names));
	if (!change) {
		printf("fcntl(%d, F_GETFL) = %s\n", s->fd, names);
		return STATUS_OK;
	}
	call_begin(&a, s, "fcntl");
	int done = fcntl(s->fd, F_SETFL, flags);
	int err = done < 0 ? errno : 0;
	printf("fcntl(%d, F_SETFL, %s)", s->fd, names);
	bool moved = fcntl(s->fd, F_GETFL) != a.before.flags;
	return call_end(&a, done, err, err || moved ? NULL : "  nothing changed");
}

static enum status verb_stat(struct session *s, const char *rest)
{
	struct desc d;
	struct statx sx;
	char flags[NAMES_MAX];

	if (*rest)
		return misused("stat", "");
	if (desc_look(0, s->fd, &d) < 0)
		return report(STATUS_FAIL, s->name, "look at the descriptor", errno);
	printf("path   %s\ntype   %s", text_show(d.path), d.type);
	if (statx(s->fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &sx) == 0)
		printf(", %llu bytes, inode %llu on %u:%u, permissions %04o, user %u, group %u",
			(unsigned long long)sx.stx_size, (unsigned long long)sx.stx_ino, sx.stx_dev_major,
			sx.stx_dev_minor, sx.stx_mode & 07777U, sx.stx_uid, sx.stx_gid);
	printf("\nflags  %s\n", names_flags(d.flags, flags, sizeof(flags)));
	if (d.pos == DESC_NO_POS)
		puts("pos    none (ESPIPE)");
	else
		printf("pos    %" PRId64 "\n", d.pos);
	return STATUS_OK;
}

static enum status verb_wait(struct session *s, const char *rest)
{
	struct call a;
	char word[32], names[NAMES_MAX];
	int64_t ns = NEVER;

	if (next_word(&rest, word, sizeof(word)) && (time_parse(word, &ns) < 0 || *rest))
		return misused("wait", "[TIME]");
	call_begin(&a, s, "epoll_ctl");
	int64_t events = interruptible_wait(s, s->fd, EPOLLIN | EPOLLPRI | EPOLLRDHUP, ns);
	int err = events < 0 ? errno : 0;
	if (err == EPERM) {
		printf("epoll_ctl(EPOLL_CTL_ADD, %d)", s->fd);
		return call_end(&a, -1, err, NULL);
	}
	a.call = "epoll_wait";
	printf("epoll_wait(%d)", s->fd);
	if (events > 0)
		names_bits(names_epoll, (unsigned long)events, names, sizeof(names));
	enum status st = call_end(&a, events > 0 ? 1 : events, err, events > 0 ? names : NULL);
	return events == 0 ? STATUS_FAIL : st;
}

static enum status verb_limits(struct session *s, const char *rest)
{
	return *rest ? misused("limits", "") : limits_print(s->fd, s->name);
}

/* --- the rest ------------------------------------------------------------------------- */

static enum status verb_clients(struct session *s, const char *rest)
{
	return *rest ? misused("clients", "") : s->host->clients(s);
}

static enum status verb_kick(struct session *s, const char *rest)
{
	char word[32];
	long long pid;

	if (!next_word(&rest, word, sizeof(word)) || !parse_number(word, 1, &pid) || pid > INT_MAX || *rest)
		return misused("kick", "PID");
	return s->host->kick(s, (pid_t)pid);
}

static bool serves(const struct session *s)
{
	return s->host && s->host->clients;
}

/* The program has the descriptor as 3, and nothing else of ours. */
static void __attribute__((noreturn)) become(struct session *s, const char *command)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	fd_restore_limit();
	if (s->fd == 3)
		fcntl(3, F_SETFD, 0);
	else
		dup2(s->fd, 3);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(STATUS_NOT_FOUND);
}

struct program {
	pid_t pid;
	int status;
	bool ended;
};

static void on_child(void *data, uint32_t signo)
{
	struct program *p = data;

	(void)signo;
	p->ended = p->ended || waitpid(p->pid, &p->status, WNOHANG) == p->pid;
}

/* In the loop, so that a server serves meanwhile; Ctrl-C and Ctrl-Z are the program's as well. */
static enum status run_program(struct session *s, const char *command, struct program *p)
{
	struct loop_source *child = loop_signal(s->loop, SIGCHLD, on_child, p);

	fflush(stdout);
	p->pid = child ? fork() : -1;
	if (p->pid == 0)
		become(s, command);
	if (p->pid < 0) {
		int err = errno;
		loop_remove(&child);
		return report(STATUS_FAIL, command, "fork", err);
	}
	s->waiting = true;
	while (!p->ended && !loop_stopping(s->loop))
		if (loop_once(s->loop, -1) < 0)
			break;
	s->waiting = false;
	loop_remove(&child);
	return STATUS_OK;
}

static enum status verb_run(struct session *s, const char *rest)
{
	struct call a;
	struct program p = {0};

	if (!*rest)
		return misused("!PROGRAM", "[ARG]...   (it has the descriptor as 3)");
	call_begin(&a, s, "program");
	if (run_program(s, rest, &p) != STATUS_OK)
		return STATUS_FAIL;
	int code = WIFSIGNALED(p.status) ? 128 + WTERMSIG(p.status) : WEXITSTATUS(p.status);
	printf("exit");
	call_end(&a, code, 0, NULL);
	return code == 0 ? STATUS_OK : STATUS_FAIL;
}

static enum status verb_why(struct session *s, const char *rest)
{
	char word[32] = "";

	next_word(&rest, word, sizeof(word));
	if (*rest)
		return misused("why", "[ERRNAME|shared]");
	return strcmp(word, "shared") == 0 ? verbs_why_shared(s) : why_tell(s, word);
}

static enum status verb_inspect(struct session *s, const char *rest)
{
	return *rest ? misused("inspect", "") : verbs_inspect(s);
}

static enum status verb_picture(struct session *s, const char *rest)
{
	return *rest ? misused("picture", "") : verbs_picture(s);
}

static enum status verb_quit(struct session *s, const char *rest)
{
	if (*rest)
		return misused("quit", "");
	s->quits = true;
	return STATUS_OK;
}

static enum status verb_help(struct session *s, const char *rest)
{
	for (const struct verb *v = verb_table; v->name; v++) {
		char left[64];
		if (v->here && !v->here(s))
			continue;
		if (*rest && strcmp(rest, v->name) != 0)
			continue;
		snprintf(left, sizeof(left), "%s %s", v->name, v->operands);
		printf("  %-24s%s\n", left, v->summary);
	}
	if (!*rest)
		puts("  -COMMAND                ignore that it fails");
	return STATUS_OK;
}



const struct verb verb_table[] = {
	{"read", "[N]", "read N bytes, 64 where it is not said", NULL, verb_read},
	{"pread", "OFF N", "read N bytes at OFF; the offset stays", NULL, verb_pread},
	{"write", "TEXT", "write TEXT, which may have C escapes", NULL, verb_write},
	{"pwrite", "OFF TEXT", "write TEXT at OFF; the offset stays", NULL, verb_pwrite},
	{"lseek", "[OFF [WHENCE]]", "move the offset: set, cur, end, data, hole", NULL, verb_lseek},
	{"flags", "[+FLAG|-FLAG]...", "the status flags; append, nonblock, ... are everybody's", NULL,
		verb_flags},
	{"stat", "", "what it is", NULL, verb_stat},
	{"limits", "", "what can be done with it, and what not", NULL, verb_limits},
	{"inspect", "", "who shares it, and who has the file open besides", NULL, verb_inspect},
	{"picture", "", "the same as boxes: tables, descriptions, inodes", NULL, verb_picture},
	{"wait", "[TIME]", "until epoll says that it is ready", NULL, verb_wait},
	{"trigger", "[N]", "make mypoll's manual event", NULL, verb_trigger},
	{"clients", "", "who has it from here", serves, verb_clients},
	{"kick", "PID", "end that client's connection", serves, verb_kick},
	{"expect", "ERRNAME COMMAND", "it must fail so; or: expect pos=N", NULL, verb_expect},
	{"why", "[ERRNAME|shared]", "the reason of the last failure; or why it is shared", NULL,
		verb_why},
	{"!", "PROGRAM", "run it with the descriptor as 3", NULL, verb_run},
	{"help", "[COMMAND]", "this", NULL, verb_help},
	{"quit", "", "leave; Ctrl-D does too", NULL, verb_quit},
	{NULL, NULL, NULL, NULL, NULL},
};
