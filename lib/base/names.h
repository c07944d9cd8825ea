/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers of the kernel by their names. A bit without a name is shown
 * in hexadecimal, never dropped.
 */
#ifndef FDTOOL_LIB_BASE_NAMES_H
#define FDTOOL_LIB_BASE_NAMES_H

#include <stddef.h>

struct bitname {
	unsigned long bit;
	const char *name;
};

/* Tables end with a row whose name is NULL; a row of several bits stands before its parts. */
extern const struct bitname names_open[];  /* open(2) status flags, without the access mode */
extern const struct bitname names_msg[];   /* msg_flags of recvmsg(2) */
extern const struct bitname names_epoll[]; /* epoll_ctl(2) events */
extern const struct bitname names_inotify[]; /* masks of inotify(7) */
extern const struct bitname names_fanotify[]; /* masks of fanotify(7) */
extern const struct bitname names_seals[];   /* F_GET_SEALS */
extern const struct bitname names_settime[]; /* flags of timerfd_settime(2) */

/* Values, of which one is meant, rather than bits: see names_value. */
extern const struct bitname names_clock[];       /* CLOCK_REALTIME, … */
extern const struct bitname names_family[];      /* AF_UNIX, … */
extern const struct bitname names_socket[];      /* SOCK_STREAM, … */
extern const struct bitname names_protocol[];    /* IPPROTO_TCP, … */
extern const struct bitname names_netlink[];     /* NETLINK_ROUTE, … */
extern const struct bitname names_state[];       /* TCP_ESTABLISHED, … as "ESTABLISHED" */
extern const struct bitname names_bpf_map[];     /* BPF_MAP_TYPE_HASH, … */
extern const struct bitname names_bpf_prog[];    /* BPF_PROG_TYPE_XDP, … */

enum { NAMES_MAX = 256 }; /* room that is enough for any of these */

/*
 * Writes the names of the bits set, joined by '|', into out and returns it:
 * "O_APPEND|O_NONBLOCK|0x40000000". Nothing set is the empty string.
 */
char *names_bits(const struct bitname *table, unsigned long bits, char *out, size_t size);

/* Calls each once for every bit set, as names_bits would print it. */
void names_each(const struct bitname *table, unsigned long bits,
	void (*each)(void *data, const char *name), void *data);

/* Writes the name of the value, or its number where it has none, into out and returns it. */
char *names_value(const struct bitname *table, unsigned long value, char *out, size_t size);

/* The same of a signal: "SIGINT", "SIGRTMIN+3". */
char *names_signal(int number, char *out, size_t size);

/* "O_RDONLY", "O_WRONLY|O_APPEND", … for the whole answer of F_GETFL. */
char *names_flags(int flags, char *out, size_t size);

/*
 * Calls each once for every status flag of F_GETFL's answer: without the access
 * mode, and without O_LARGEFILE, which every open(2) of a 64-bit program has.
 */
void names_each_status(int flags, void (*each)(void *data, const char *name), void *data);

/* "r", "w", "rw", or "path" for O_PATH: the access mode in the words of --mode. */
const char *names_mode(int flags);

/* "EBADF" for EBADF; a number that has none is "errno 4711". Valid until the next call. */
const char *names_errno(int err);

#endif
