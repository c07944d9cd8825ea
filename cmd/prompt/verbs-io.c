/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of the prompt that read and write. */
#include "cmd/prompt/call.h"
#include "cmd/prompt/interruptible.h"
#include "cmd/prompt/unescape.h"
#include "cmd/prompt/verbs.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_DEFAULT = 64, READ_MAX = 65536 };

/* --- reading --------------------------------------------------------------------- */

static enum status show_read(struct call *call, long long requested, ssize_t n, const char *buf)
{
	if (n <= 0)
		return call_end(call, n, n < 0 ? errno : 0,
			n == 0 && requested > 0 ? "(end of file)" : NULL);
	char *bytes = call_quote(buf, (size_t)n);
	enum status st = call_end(call, n, 0, bytes);
	free(bytes);
	return st;
}

enum status verb_read(struct session *s, const char *rest)
{
	static char buf[READ_MAX];
	struct call call;
	char word[32];
	long long n = READ_DEFAULT;

	if ((operand_word(&rest, word, sizeof(word)) && (!operand_number(word, 0, &n) || n > READ_MAX)) ||
		*rest)
		return operands_misused("read", "[N]   (N is 65536 at most)");
	call_begin(&call, s, "read");
	ssize_t got = interruptible_read(s, buf, (size_t)n);
	int err = errno;
	printf("read(%d, %lld)", s->fd, n);
	errno = err;
	return show_read(&call, n, got, buf);
}

enum status verb_pread(struct session *s, const char *rest)
{
	static char buf[READ_MAX];
	struct call call;
	char off_word[32], n_word[32];
	long long off, n;

	if (!operand_word(&rest, off_word, sizeof(off_word)) || !operand_number(off_word, LLONG_MIN, &off) ||
		!operand_word(&rest, n_word, sizeof(n_word)) || !operand_number(n_word, 0, &n) ||
		n > READ_MAX || *rest)
		return operands_misused("pread", "OFF N   (N is 65536 at most)");
	call_begin(&call, s, "pread");
	interruptible_signals(true);
	ssize_t got = pread(s->fd, buf, (size_t)n, off);
	int err = errno;
	interruptible_signals(false);
	printf("pread(%d, %lld, %lld)", s->fd, n, off);
	errno = err;
	return show_read(&call, n, got, buf);
}

/* --- writing --------------------------------------------------------------------- */

/* The answer shows EPIPE and EFBIG; the signals that come with them would end us. */
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
	struct call call;

	call_begin(&call, s, "write");
	ignore_signals_of_write(true);
	ssize_t n = interruptible_write(s, bytes, len);
	int err = n < 0 ? errno : 0;
	ignore_signals_of_write(false);
	char *shown = call_quote(bytes, len);
	printf("write(%d, %s, %zu)", s->fd, shown, len);
	free(shown);
	return call_end(&call, n, err, NULL);
}

enum status verb_write(struct session *s, const char *rest)
{
	size_t len;
	char *bytes = *rest ? unescape_text(rest, &len) : NULL;

	if (!bytes)
		return operands_misused("write", "TEXT   (with C escapes, \\n for a newline)");
	enum status st = write_bytes(s, bytes, len);
	free(bytes);
	return st;
}

enum status verb_pwrite(struct session *s, const char *rest)
{
	struct call call;
	char word[32];
	long long off;
	size_t len;

	if (!operand_word(&rest, word, sizeof(word)) || !operand_number(word, LLONG_MIN, &off) || !*rest)
		return operands_misused("pwrite", "OFF TEXT");
	char *bytes = unescape_text(rest, &len);
	if (!bytes)
		return operands_misused("pwrite", "OFF TEXT   (with C escapes)");
	call_begin(&call, s, "pwrite");
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
	return call_end(&call, n, err, NULL);
}

/* Lets the loop run in between. Returns false when Ctrl-C was pressed, or it ends. */
static bool take_turn(struct session *s)
{
	s->interrupted = false;
	s->waiting = true;
	int done = loop_once(s->loop, 0);
	enum status st = session_flush(s);
	s->waiting = false;
	return done == 0 && st == STATUS_OK && !s->interrupted && !loop_stopping(s->loop);
}

enum status verb_trigger(struct session *s, const char *rest)
{
	static const char word[] = "trigger\n";
	char n_word[32];
	long long n = 1;

	if (operand_word(&rest, n_word, sizeof(n_word)) && (!operand_number(n_word, 1, &n) || *rest))
		return operands_misused("trigger", "[N]");
	enum status st = STATUS_OK;
	for (long long made = 0; made < n && st == STATUS_OK; made++) {
		if (s->ops && s->ops->trigger && s->ops->trigger(s))
			printf("the device made an event\n");
		else
			st = write_bytes(s, word, sizeof(word) - 1);
		if (!take_turn(s))
			break;
	}
	return st;
}
