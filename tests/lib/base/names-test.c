/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/names.h"
#include "lib/look/desc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static char out[NAMES_MAX];

static const char *bits(const struct bitname *table, uint64_t set)
{
	return names_bits(table, set, out, sizeof(out));
}

TEST(bits_are_joined_in_the_order_of_the_table)
{
	CHECK_STR(bits(names_open, O_NONBLOCK | O_APPEND), "O_APPEND|O_NONBLOCK");
	CHECK_STR(bits(names_msg, MSG_CTRUNC | MSG_TRUNC), "MSG_CTRUNC|MSG_TRUNC");
	CHECK_STR(bits(names_epoll, EPOLLIN | EPOLLHUP), "EPOLLIN|EPOLLHUP");
	CHECK_STR(bits(names_open, 0), "");
}

TEST(an_unknown_bit_is_shown)
{
	CHECK_STR(bits(names_open, O_APPEND | 0x40000000UL), "O_APPEND|0x40000000");
	CHECK_STR(bits(names_msg, 0x1000000UL), "0x1000000");
	CHECK_STR(bits(names_open, UINT64_C(1) << 40), "0x10000000000");
}

TEST(a_name_of_several_bits_needs_all_of_them)
{
	CHECK_STR(bits(names_open, O_SYNC), "O_SYNC");
	CHECK_STR(bits(names_open, O_DSYNC), "O_DSYNC");
	CHECK_STR(bits(names_open, O_TMPFILE), "O_TMPFILE");
	CHECK_STR(bits(names_open, O_DIRECTORY), "O_DIRECTORY");
	CHECK_STR(bits(names_open, O_SYNC & ~O_DSYNC), "0x100000");
}

TEST(the_highest_bits_of_epoll_have_names)
{
	unsigned int set = (unsigned int)EPOLLET | EPOLLONESHOT | EPOLLWAKEUP | EPOLLEXCLUSIVE;

	CHECK_STR(bits(names_epoll, set), "EPOLLEXCLUSIVE|EPOLLWAKEUP|EPOLLONESHOT|EPOLLET");
}

TEST(there_is_room_for_every_bit_at_once)
{
	const struct bitname *tables[] = {names_open, names_msg, names_epoll};

	for (size_t i = 0; i < 3; i++)
		CHECK(strlen(bits(tables[i], ~0UL)) < sizeof(out) - 1);
	CHECK(strlen(names_flags(-1, out, sizeof(out))) < sizeof(out) - 1);
}

TEST(too_little_room_cuts_and_ends_it)
{
	char small[12];

	memset(small, 'x', sizeof(small));
	names_bits(names_open, O_APPEND | O_NONBLOCK | O_DIRECT, small, 11);
	CHECK_STR(small, "O_APPEND|O");
	CHECK_INT(small[11], 'x');
}

TEST(flags_begin_with_the_access_mode)
{
	CHECK_STR(names_flags(O_RDONLY, out, sizeof(out)), "O_RDONLY");
	CHECK_STR(names_flags(O_WRONLY | O_APPEND, out, sizeof(out)), "O_WRONLY|O_APPEND");
	CHECK_STR(names_flags(O_RDWR | (int)names_o_largefile, out, sizeof(out)), "O_RDWR|O_LARGEFILE");
	CHECK_STR(names_flags(O_ACCMODE, out, sizeof(out)), "O_ACCMODE");
}

TEST(flags_are_the_numbers_of_this_kernel)
{
	struct desc d;
	int fd = CHECK_OK(open(".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));

	CHECK_OK(desc_look(0, fd, &d));
	CHECK_STR(names_flags(d.flags, out, sizeof(out)), "O_RDONLY|O_LARGEFILE|O_DIRECTORY|O_NOFOLLOW");
	fd_close(&fd);
}

static void append_name(void *data, const char *name)
{
	strcat(strcat(data, " "), name);
}

TEST(status_flags_are_without_what_is_none)
{
	out[0] = '\0';
	names_each_status(O_RDWR | O_APPEND | (int)names_o_largefile | 0x40000000, append_name, out);
	CHECK_STR(out, " O_APPEND 0x40000000");
}

TEST(modes_are_those_of_the_option)
{
	CHECK_STR(names_mode(O_RDONLY | O_NONBLOCK), "r");
	CHECK_STR(names_mode(O_WRONLY | O_APPEND), "w");
	CHECK_STR(names_mode(O_RDWR), "rw");
	CHECK_STR(names_mode(O_PATH), "path");
	CHECK_STR(names_mode(O_ACCMODE), "none");
}

TEST(errnos_have_their_names)
{
	CHECK_STR(names_errno(EBADF), "EBADF");
	CHECK_STR(names_errno(ETOOMANYREFS), "ETOOMANYREFS");
	CHECK_STR(names_errno(4711), "errno 4711");
	CHECK_INT(names_errno_number("EBADF"), EBADF);
	CHECK_INT(names_errno_number("EBAD"), 0);
}

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 32)
TEST(errnos_and_signals_are_called_as_by_libc)
{
	for (int err = 1; err < 4096; err++) {
		const char *ours = names_find(names_errnos, (uint64_t)err);
		CHECK_STR(ours ? ours : "", strerrorname_np(err) ? strerrorname_np(err) : "");
	}
	for (int signo = 1; signo < NSIG; signo++) {
		const char *ours = names_find(names_signals, (uint64_t)signo);
		CHECK_STR(ours ? ours : "", sigabbrev_np(signo) ? sigabbrev_np(signo) : "");
	}
}
#endif

static void count(void *data, const char *name)
{
	int *n = data;

	CHECK(*name);
	++*n;
}

TEST(each_is_called_once_a_bit_and_once_for_the_rest)
{
	int n = 0;

	names_each(names_epoll, EPOLLIN | EPOLLOUT | 0x3000000, count, &n);
	CHECK_INT(n, 3);
	names_each(names_epoll, 0, count, &n);
	CHECK_INT(n, 3);
}

TEST(values_and_signals)
{
	CHECK_STR(names_value(names_clock, 0, out, sizeof(out)), "CLOCK_REALTIME");
	CHECK_STR(names_value(names_clock, 77, out, sizeof(out)), "77");
	CHECK_STR(names_value(names_state, 10, out, sizeof(out)), "LISTEN");
	CHECK_STR(names_signal(2, out, sizeof(out)), "SIGINT");
	CHECK_STR(names_signal(32, out, sizeof(out)), "SIG32");
	CHECK_STR(names_signal(34, out, sizeof(out)), "SIGRTMIN+0");
	CHECK_STR(names_signal(64, out, sizeof(out)), "SIGRTMIN+30");
	CHECK_STR(names_bits(names_seals, 0x8000000f, out, sizeof(out)),
		"F_SEAL_SEAL|F_SEAL_SHRINK|F_SEAL_GROW|F_SEAL_WRITE|0x80000000");
}
