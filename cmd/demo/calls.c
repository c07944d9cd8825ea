/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls that several lessons make and show. See lesson.h. */
#include "cmd/demo/lesson.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WAIT_MS = 3000 };

int call_open(const struct side *s, const char *path, int flags)
{
	char names[NAMES_MAX];
	int fd = open(path, flags | O_CLOEXEC);

	return (int)must(s, fd, "open(\"%s\", %s|O_CLOEXEC)", text_show(path),
		names_flags(flags, names, sizeof(names)));
}

void call_close(const struct side *s, int *fd)
{
	int number = *fd;

	*fd = -1;
	must(s, close(number), "close(%d)", number);
}

static const char *whence_name(int whence)
{
	return whence == SEEK_SET ? "SEEK_SET" : whence == SEEK_CUR ? "SEEK_CUR" : "SEEK_END";
}

off_t call_lseek(const struct side *s, int fd, off_t offset, int whence)
{
	off_t at = lseek(fd, offset, whence);

	return must(s, at, "lseek(%d, %lld, %s)", fd, (long long)offset, whence_name(whence));
}

/* As text_escape, but with "\n" for a newline, as strace prints it. The caller frees. */
static char *quote(const char *bytes, size_t len)
{
	char *whole = must_strdup("");

	for (size_t at = 0; at < len;) {
		const char *newline = memchr(bytes + at, '\n', len - at);
		size_t end = newline ? (size_t)(newline - bytes) : len;
		char *piece = text_escape(bytes + at, end - at);
		char *longer = must_printf("%s%s%s", whole, piece, newline ? "\\n" : "");
		free(piece);
		free(whole);
		whole = longer;
		at = end + 1;
	}
	return whole;
}

ssize_t call_read(const struct side *s, int fd, char *buf, size_t size)
{
	ssize_t n = read(fd, buf, size - 1);

	if (n < 0)
		return must(s, n, "read(%d, %zu)", fd, size - 1);
	buf[n] = '\0';
	char *text = quote(buf, (size_t)n);
	show_call(s, n, "read(%d, \"%s\", %zu)", fd, text, size - 1);
	free(text);
	return n;
}

int call_getfl(const struct side *s, int fd)
{
	char names[NAMES_MAX];
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		must(s, flags, "fcntl(%d, F_GETFL)", fd);
	say(s, "fcntl(%d, F_GETFL) = %#x (%s)", fd, flags,
		names_flags(flags, names, sizeof(names)));
	return flags;
}

void call_setfl(const struct side *s, int fd, int flags)
{
	char names[NAMES_MAX];

	must(s, fcntl(fd, F_SETFL, flags), "fcntl(%d, F_SETFL, %s)", fd,
		names_flags(flags, names, sizeof(names)));
}

int call_epoll(const struct side *s)
{
	return (int)must(s, epoll_create1(EPOLL_CLOEXEC), "epoll_create1(EPOLL_CLOEXEC)");
}

void call_watch(const struct side *s, int epoll, int fd, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.fd = fd};
	char names[NAMES_MAX];

	must(s, epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e), "epoll_ctl(%d, EPOLL_CTL_ADD, %d, %s)",
		epoll, fd, names_bits(names_epoll, events, names, sizeof(names)));
}

struct epoll_event call_wait(const struct side *s, int epoll)
{
	struct epoll_event e = {0};
	char names[NAMES_MAX];
	int n = epoll_wait(epoll, &e, 1, WAIT_MS);

	if (n != 1) {
		show_call(s, n, "epoll_wait(%d, 1, %d)", epoll, WAIT_MS);
		give_up();
	}
	say(s, "epoll_wait(%d, [{%s, fd=%d}], 1, %d) = 1", epoll,
		names_bits(names_epoll, e.events, names, sizeof(names)), e.data.fd, WAIT_MS);
	return e;
}

int call_pass_end(const struct side *s, int type, const char *name)
{
	int pair[2] = {-1, -1};

	int made = socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair);
	must(s, made, "socketpair(AF_UNIX, %s|SOCK_CLOEXEC, 0, [%d, %d])", name, pair[0], pair[1]);
	call_pass(s, name, pair[1]);
	turn_take(s);
	call_close(s, &pair[1]);
	return pair[0];
}

/* ", SCM_RIGHTS [4 5]", or nothing. The caller frees. */
static char *rights(const int *fds, size_t n)
{
	char *text = must_strdup("");

	for (size_t i = 0; i < n; i++) {
		char *longer = must_printf("%s%s%d", text, i ? " " : ", SCM_RIGHTS [", fds[i]);
		free(text);
		text = longer;
	}
	char *whole = must_printf("%s%s", text, n ? "]" : "");
	free(text);
	return whole;
}

void call_send(const struct side *s, int sock, const char *text, const int *fds, size_t nfds)
{
	size_t len = strlen(text);
	int done = msg_send(sock, text, len, fds, nfds, 0);
	char *with = rights(fds, nfds);

	must(s, done < 0 ? done : (long)len, "sendmsg(%d, \"%s\"%s)", sock, text, with);
	free(with);
}

ssize_t call_recv(const struct side *s, int sock, struct msg *m)
{
	ssize_t n = msg_recv(sock, m, MSG_FDS_MAX, 0);

	if (n < 0)
		return must(s, n, "recvmsg(%d)", sock);
	char *text = quote(m->text, m->len);
	char *with = rights(m->fds, m->nfds);
	say(s, "recvmsg(%d) = %zd \"%s\"%s", sock, n, text, with);
	free(with);
	free(text);
	return n;
}

void call_pass(const struct side *s, const char *text, int fd)
{
	call_send(s, s->sock, text, &fd, 1);
	turn_give(s, 0);
}

int call_take(const struct side *s)
{
	struct msg m;

	turn_take(s);
	if (call_recv(s, s->sock, &m) <= 0 || m.nfds != 1)
		give_up();
	return m.fds[0];
}
