/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The address of an offer: see addr.h. */
#include "lib/base/addr.h"
#include "lib/base/fd.h"
#include "lib/base/interrupt.h"
#include "lib/base/times.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

static bool is_name_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (c && strchr("._+-", c));
}

const char *addr_name_fault(const char *word)
{
	size_t len = strlen(word);

	if (len == 0)
		return "is empty";
	if (len > ADDR_NAME_MAX)
		return "is longer than 99 bytes";
	for (const char *p = word; *p; p++) {
		if (*p == '/')
			return "has a '/' in it";
		if (!is_name_char(*p))
			return "has a character other than A-Z a-z 0-9 . _ + -";
	}
	return NULL;
}

/* An abstract name follows a NUL, and its length says where it ends, not another NUL. */
static const char *set_abstract(struct addr *a, const char *prefix, const char *name)
{
	size_t np = strlen(prefix), nn = strlen(name);

	if (np + nn > sizeof(a->un.sun_path) - 1)
		return "is longer than 107 bytes";
	memcpy(a->un.sun_path + 1, prefix, np);
	memcpy(a->un.sun_path + 1 + np, name, nn);
	a->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + np + nn);
	return NULL;
}

static const char *set_path(struct addr *a, const char *path)
{
	size_t len = strlen(path);

	if (len > sizeof(a->un.sun_path) - 1)
		return "is longer than 107 bytes, the most that a socket's path can be";
	memcpy(a->un.sun_path, path, len + 1);
	a->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
	return NULL;
}

const char *addr_parse(const char *word, struct addr *a)
{
	memset(a, 0, sizeof(*a));
	a->un.sun_family = AF_UNIX;
	a->word = word;
	if (word[0] == '@')
		return word[1] ? set_abstract(a, "", word + 1) : "is empty after the '@'";
	if (strchr(word, '/'))
		return set_path(a, word);
	const char *fault = addr_name_fault(word);
	return fault ? fault : set_abstract(a, ADDR_PREFIX, word);
}

const char *addr_parse_unix(const char *word, struct addr *a)
{
	if (word[0] == '@')
		return addr_parse(word, a);
	memset(a, 0, sizeof(*a));
	a->un.sun_family = AF_UNIX;
	a->word = word;
	return word[0] ? set_path(a, word) : "is empty";
}

bool addr_is_path(const struct addr *a)
{
	return a->un.sun_path[0] != '\0';
}

static int new_socket(int type)
{
	return socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
}

/*
 * A socket file outlives its server, and may be removed only then. Connects with the
 * wrong type of socket, because a live server would take a connection for a client:
 * it gives EPROTOTYPE, a dead one ECONNREFUSED.
 */
static bool is_left_behind(const struct addr *a)
{
	struct stat st;

	if (!addr_is_path(a) || lstat(a->un.sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return false;
	int sock = new_socket(SOCK_DGRAM);
	if (sock < 0)
		return false;
	bool dead = connect(sock, (const struct sockaddr *)&a->un, a->len) < 0 &&
		    errno == ECONNREFUSED;
	fd_close(&sock);
	return dead;
}

void addr_inherit(struct addr *a)
{
	struct stat st;

	if (addr_is_path(a) && lstat(a->un.sun_path, &st) == 0) {
		a->dev = st.st_dev;
		a->ino = st.st_ino;
	}
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return a->len == b->len && memcmp(&a->un, &b->un, a->len) == 0;
}

static int bind_to(int sock, struct addr *a)
{
	if (bind(sock, (const struct sockaddr *)&a->un, a->len) < 0)
		return -1;
	addr_inherit(a);
	return 0;
}

/* The directory of a path, locked against other servers; -1 where one of them has it. */
static int lock_directory(const char *path)
{
	char dir[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *slash = strrchr(path, '/');
	size_t len = slash && slash != path ? (size_t)(slash - path) : 1;

	memcpy(dir, slash ? path : ".", len);
	dir[len] = '\0';
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0)
		fd_close(&fd);
	return fd;
}

/*
 * Two servers may find the same path left behind. The slower one would remove the socket
 * that the faster one has bound by then, so both look, unlink and bind under a lock.
 */
static int take_over(int sock, struct addr *a)
{
	int done = -1;

	if (!is_left_behind(a))
		return -1;
	int lock = lock_directory(a->un.sun_path);
	if (lock >= 0 && is_left_behind(a) && unlink(a->un.sun_path) == 0)
		done = bind_to(sock, a);
	a->replaced = done == 0;
	fd_close(&lock);
	return done;
}

int addr_bind_as(struct addr *a, int type)
{
	int sock = new_socket(type);

	a->failed = sock < 0 ? "socket" : "bind";
	if (sock < 0 || bind_to(sock, a) == 0)
		return sock;
	if (errno == EADDRINUSE) {
		if (take_over(sock, a) == 0)
			return sock;
		errno = EADDRINUSE;
	}
	fd_close(&sock);
	return -1;
}

int addr_bind(struct addr *a)
{
	return addr_bind_as(a, SOCK_SEQPACKET);
}

void addr_unbind(const struct addr *a)
{
	struct stat st;

	if (a->ino && lstat(a->un.sun_path, &st) == 0 && st.st_dev == a->dev &&
		st.st_ino == a->ino)
		unlink(a->un.sun_path);
}

void addr_unbind_unused(const struct addr *a)
{
	if (a->ino && is_left_behind(a))
		addr_unbind(a);
}

/* For connect(2), where SO_SNDTIMEO is the time to wait for room in the backlog. */
static void set_deadline(int sock, int64_t deadline)
{
	int ms = time_poll_ms(deadline);
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	if (ms < 0)
		return;
	if (ms == 0)
		tv.tv_usec = 1; /* 0 would be for ever */
	setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

int addr_connect_as(struct addr *a, int type, int64_t deadline)
{
	int sock = new_socket(type), done;

	a->failed = sock < 0 ? "socket" : "connect";
	if (sock < 0)
		return -1;
	/* poll(2) does not report room in a full backlog, but a blocking connect waits for it */
	do {
		set_deadline(sock, deadline);
		done = connect(sock, (const struct sockaddr *)&a->un, a->len);
	} while (done < 0 && errno == EINTR && !interrupted()); /* EINTR also by SIGCONT, without any handler */
	if (done == 0)
		return sock;
	if (errno == EAGAIN)
		errno = ETIMEDOUT;
	fd_close(&sock);
	return -1;
}

int addr_connect(struct addr *a, int64_t deadline)
{
	return addr_connect_as(a, SOCK_SEQPACKET, deadline);
}
