/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of the prompt that read and write. */
#include "cmd/prompt/call.h"
#include "cmd/prompt/interruptible.h"
#include "cmd/prompt/verbs.h"
#include "lib/base/memory.h"
#include "lib/look/desc.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_DEFAULT = 64 };

/* --- reading --------------------------------------------------------------------- */

/* The offset in the file, the bytes in hexadecimal and as text, 16 a line, as hexdump -C does. */
static void print_hex(const char *bytes, size_t len, long long at)
{
	for (size_t i = 0; i < len; i += 16) {
		size_t n = len - i < 16 ? len - i : 16;
		printf("%08llx ", at + (long long)i);
		for (size_t k = 0; k < 16; k++)
			if (k < n)
				printf("%s%02x", k == 8 ? "  " : " ", (unsigned char)bytes[i + k]);
			else
				printf("%s  ", k == 8 ? "  " : " ");
		printf("  |");
		for (size_t k = 0; k < n; k++)
			putchar(bytes[i + k] >= ' ' && bytes[i + k] <= '~' ? bytes[i + k] : '.');
		puts("|");
	}
}

/* at: the offset that was read at. */
static enum status show_read(struct call *call, const struct operands *o, long long requested, ssize_t n,
	const char *buf, long long at)
{
	if (n < 0)
		return call_end(call, n, errno, NULL);
	session_keep(call->session, buf, (size_t)n);
	if (n == 0)
		return call_end(call, n, 0, requested > 0 ? "(end of file)" : "(nothing was requested)");
	char *bytes = o->option ? must_strdup("") : call_quote(buf, (size_t)n);
	enum status st = call_end(call, n, 0, o->option ? NULL : bytes);
	free(bytes);
	if (o->option)
		print_hex(buf, (size_t)n, at);
	return st;
}

enum status verb_read(struct session *s, const struct operands *o)
{
	static char buf[READ_MAX];
	struct call call;
	long long n = o->n_numbers ? o->number[0] : READ_DEFAULT;

	call_begin(&call, s, "read");
	ssize_t got = interruptible_read(s, buf, (size_t)n);
	int err = errno;
	printf("read(%d, %lld)", s->fd, n);
	errno = err;
	int64_t at = s->before.pos;
	return show_read(&call, o, n, got, buf, at == DESC_NO_POS ? 0 : at);
}

enum status verb_pread(struct session *s, const struct operands *o)
{
	static char buf[READ_MAX];
	struct call call;
	long long off = o->number[0], n = o->number[1];

	call_begin(&call, s, "pread");
	interruptible_signals(true);
	ssize_t got = pread(s->fd, buf, (size_t)n, off);
	int err = errno;
	interruptible_signals(false);
	printf("pread(%d, %lld, %lld)", s->fd, n, off);
	errno = err;
	return show_read(&call, o, n, got, buf, off);
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

enum status verb_write(struct session *s, const struct operands *o)
{
	uint64_t count = (uint64_t)o->number[0];

	return o->text ? write_bytes(s, o->text, o->len)
		       : write_bytes(s, (const char *)&count, sizeof(count));
}

enum status verb_pwrite(struct session *s, const struct operands *o)
{
	struct call call;

	call_begin(&call, s, "pwrite");
	interruptible_signals(true);
	ignore_signals_of_write(true);
	ssize_t n = pwrite(s->fd, o->text, o->len, o->number[0]);
	int err = n < 0 ? errno : 0;
	ignore_signals_of_write(false);
	interruptible_signals(false);
	char *shown = call_quote(o->text, o->len);
	printf("pwrite(%d, %s, %zu, %lld)", s->fd, shown, o->len, o->number[0]);
	free(shown);
	return call_end(&call, n, err, NULL);
}

/* --- trigger ----------------------------------------------------------------------- */

/* The driver's node is a character device; the stand-in's descriptor a pipe or a socket pair. */
static bool may_be_mypoll(const struct desc *d)
{
	return strcmp(d->type, "char") == 0 || strcmp(d->type, "pipe") == 0 || strcmp(d->type, "socket") == 0;
}

static enum status trigger_device(struct session *s, long long n)
{
	static const char word[] = "trigger\n";
	enum status st = STATUS_OK;

	s->interrupted = false;
	for (long long made = 0; made < n && st == STATUS_OK; made++) {
		if (s->ops && s->ops->trigger && s->ops->trigger(s))
			printf("the device made an event\n");
		else
			st = write_bytes(s, word, sizeof(word) - 1);
		if (session_flush(s) != STATUS_OK || !session_turn(s))
			break;
	}
	return st;
}

enum status verb_trigger(struct session *s, const struct operands *o)
{
	struct desc d;
	uint64_t n = o->n_numbers ? (uint64_t)o->number[0] : 1;

	if (desc_look(0, s->fd, &d) < 0)
		return report_look(s->name, "look at the descriptor");
	if (strcmp(d.type, "eventfd") == 0)
		return write_bytes(s, (const char *)&n, sizeof(n));
	if (!may_be_mypoll(&d))
		return session_fail(s, "it is neither a mypoll device nor an eventfd: its type is %s", d.type);
	return trigger_device(s, (long long)n);
}
