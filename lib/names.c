/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of the kernel by their names: see names.h. */
#include "lib/names.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/* fdinfo and F_GETFL show the kernel's own bit even where libc's O_LARGEFILE is 0. */
enum { KERNEL_O_LARGEFILE = 0100000 };

#define BIT(b) {b, #b}

const struct bitname names_open[] = {
	BIT(O_CREAT), BIT(O_EXCL), BIT(O_NOCTTY), BIT(O_TRUNC), BIT(O_APPEND), BIT(O_NONBLOCK),
	BIT(O_TMPFILE), BIT(O_SYNC), BIT(O_DSYNC), BIT(O_ASYNC), BIT(O_DIRECT),
	{KERNEL_O_LARGEFILE, "O_LARGEFILE"}, BIT(O_DIRECTORY), BIT(O_NOFOLLOW), BIT(O_NOATIME),
	BIT(O_PATH), {0, NULL},
};

const struct bitname names_msg[] = {
	BIT(MSG_OOB), BIT(MSG_CTRUNC), BIT(MSG_TRUNC), BIT(MSG_EOR), BIT(MSG_ERRQUEUE),
	BIT(MSG_DONTWAIT), BIT(MSG_NOSIGNAL), BIT(MSG_CMSG_CLOEXEC), {0, NULL},
};

const struct bitname names_epoll[] = {
	BIT(EPOLLIN), BIT(EPOLLPRI), BIT(EPOLLOUT), BIT(EPOLLERR), BIT(EPOLLHUP),
	BIT(EPOLLRDNORM), BIT(EPOLLRDBAND), BIT(EPOLLWRNORM), BIT(EPOLLWRBAND), BIT(EPOLLMSG),
	BIT(EPOLLRDHUP), {(unsigned int)EPOLLEXCLUSIVE, "EPOLLEXCLUSIVE"},
	{(unsigned int)EPOLLWAKEUP, "EPOLLWAKEUP"}, {(unsigned int)EPOLLONESHOT, "EPOLLONESHOT"},
	{(unsigned int)EPOLLET, "EPOLLET"}, {0, NULL},
};

void names_each(const struct bitname *table, unsigned long bits,
	void (*each)(void *data, const char *name), void *data)
{
	for (; table->name; table++) {
		if ((bits & table->bit) != table->bit)
			continue;
		each(data, table->name);
		bits &= ~table->bit;
	}
	if (bits) {
		char hex[24];
		snprintf(hex, sizeof(hex), "0x%lx", bits);
		each(data, hex);
	}
}

struct joined {
	char *out;
	size_t size;
};

static void join(void *data, const char *name)
{
	struct joined *j = data;
	size_t used = strlen(j->out);

	snprintf(j->out + used, j->size - used, "%s%s", used ? "|" : "", name);
}

char *names_bits(const struct bitname *table, unsigned long bits, char *out, size_t size)
{
	struct joined j = {out, size};

	out[0] = '\0';
	names_each(table, bits, join, &j);
	return out;
}

static const char *access_mode(int flags)
{
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		return "O_RDONLY";
	case O_WRONLY:
		return "O_WRONLY";
	case O_RDWR:
		return "O_RDWR";
	default:
		return "O_ACCMODE"; /* 3: ioctl only, as open(2) says of Linux */
	}
}

char *names_flags(int flags, char *out, size_t size)
{
	struct joined j = {out, size};

	snprintf(out, size, "%s", access_mode(flags));
	names_each(names_open, (unsigned int)flags & ~(unsigned int)O_ACCMODE, join, &j);
	return out;
}

const char *names_mode(int flags)
{
	if (flags & O_PATH)
		return "path";
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		return "r";
	case O_WRONLY:
		return "w";
	case O_RDWR:
		return "rw";
	default:
		return "none";
	}
}

const char *names_errno(int err)
{
	static char number[24];
	const char *name = strerrorname_np(err);

	if (name)
		return name;
	snprintf(number, sizeof(number), "errno %d", err);
	return number;
}
