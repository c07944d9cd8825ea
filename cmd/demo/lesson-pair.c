/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pair: write(2) and read(2) on both ends of a socket pair, and a read that is too small. */
#include "cmd/demo/lesson.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 100, SMALL = 2 };

static void call_write(const struct side *s, int fd, const char *text)
{
	size_t len = strlen(text);

	must(s, write(fd, text, len), "write(%d, \"%s\", %zu)", fd, text, len);
}

/* Two writes before the worker reads, then two more. */
static void write_words(const struct side *s, int type, const char *name)
{
	int sock = call_pass_end(s, type, name);

	call_write(s, sock, "one");
	call_write(s, sock, "two");
	turn_give(s, 0);
	turn_take(s);
	call_write(s, sock, "three");
	call_write(s, sock, "four");
	turn_give(s, 0);
	turn_take(s);
	call_close(s, &sock);
}

static void opener(struct side *s)
{
	write_words(s, SOCK_STREAM, "SOCK_STREAM");
	write_words(s, SOCK_SEQPACKET, "SOCK_SEQPACKET");
}

/* Whether a read with room for that many bytes returns the text. */
static bool reads(const struct side *s, int sock, size_t room, const char *text)
{
	char buf[ROOM + 1];

	call_read(s, sock, buf, room + 1);
	return strcmp(buf, text) == 0;
}

static int take_words(const struct side *s)
{
	int sock = call_take(s);

	turn_give(s, 0);
	turn_take(s);
	return sock;
}

static void next_words(const struct side *s)
{
	turn_give(s, 0);
	turn_take(s);
}

static void done_with(const struct side *s, int *sock)
{
	call_close(s, sock);
	turn_give(s, 0);
}

static void see_stream(struct side *s)
{
	int sock = take_words(s);

	check(s, reads(s, sock, ROOM, "onetwo"), "SOCK_STREAM: two writes are one read");
	next_words(s);
	bool small = reads(s, sock, SMALL, "th");
	bool rest = reads(s, sock, ROOM, "reefour");
	check(s, small && rest, "what a read has no room for, the next one gets");
	done_with(s, &sock);
}

/* read(2) says nothing of a message that was cut short; recvmsg(2) does. */
static bool receives_cut(const struct side *s, int sock, const char *text)
{
	char buf[SMALL + 1] = "";
	struct iovec iov = {buf, SMALL};
	struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n = recvmsg(sock, &h, 0);
	bool cut = h.msg_flags & MSG_TRUNC;

	must(s, n, "recvmsg(%d, \"%s\", %d, msg_flags=%s)", sock, buf, SMALL,
		cut ? "MSG_TRUNC" : "0");
	return cut && strcmp(buf, text) == 0;
}

static void see_messages(struct side *s)
{
	int sock = take_words(s);
	char byte;

	bool one = reads(s, sock, ROOM, "one");
	bool two = reads(s, sock, ROOM, "two");
	check(s, one && two, "SOCK_SEQPACKET: two writes are two messages, however much room there is");
	next_words(s);
	check(s, reads(s, sock, SMALL, "th"), "a read that is too small does not say so");
	check(s, receives_cut(s, sock, "fo"),
		"and has lost the rest: next comes \"four\", where recvmsg() says MSG_TRUNC");
	long n = show_call(s, recv(sock, &byte, 1, MSG_DONTWAIT), "recv(%d, 1, MSG_DONTWAIT)", sock);
	check(s, n < 0 && errno == EAGAIN, "of which the rest is lost, too: nothing is left");
	done_with(s, &sock);
}

static void worker(struct side *s)
{
	see_stream(s);
	see_messages(s);
}

const struct lesson lesson_pair = {
	.name = "pair",
	.summary = "two writes are one read, or two messages that a small read cuts short",
	.watch = "Watch what each write() puts in at one end, and what each read() gets at the other.",
	.learnt =
		"A stream is bytes: a reader needs lengths or separators to tell what was written together. "
		"A message is read whole or cut short: give the largest one room, and check MSG_TRUNC.",
	.tries = {
		{1, "fdtool serve pair:stream"},
		{2, "fdtool grab pair"},
		{1, "write one"},
		{1, "write two"},
		{2, "read 100"},
	},
	.opener = opener,
	.worker = worker,
};
