/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of the kernel's constants: errnos, signals, flags, and the values of some
 * enumerations. A bit without a name is shown in hexadecimal, never dropped.
 */
#ifndef FDTOOL_LIB_BASE_NAMES_H
#define FDTOOL_LIB_BASE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bitname {
	uint64_t bit;
	const char *name;
};

/*
 * Bits. A table ends with a row whose name is NULL; a name for several bits stands before
 * the names of the single ones.
 */
extern const unsigned int names_o_largefile; /* the kernel's bit */
extern const struct bitname names_open[];  /* open(2) status flags, without the access mode */
extern const struct bitname names_msg[];   /* flags of sendmsg(2) and recvmsg(2) */
extern const struct bitname names_epoll[]; /* epoll_ctl(2) events */
extern const struct bitname names_inotify[]; /* masks of inotify(7) */
extern const struct bitname names_fanotify[]; /* masks of fanotify(7) */
extern const struct bitname names_seals[];   /* F_GET_SEALS */
extern const struct bitname names_settime[]; /* flags of timerfd_settime(2) */
extern const struct bitname names_flock[];   /* operations of flock(2) */
extern const struct bitname names_clone[];   /* flags of clone(2), without the signal */

/* Values, for names_value and names_find. */
extern const struct bitname names_errnos[];      /* EPERM, … */
extern const struct bitname names_signals[];     /* SIGHUP, … as "HUP" */
extern const struct bitname names_whence[];      /* SEEK_SET, … */
extern const struct bitname names_fcntl[];       /* F_DUPFD, …: the kernel's numbers */
extern const struct bitname names_lock[];        /* F_RDLCK, … */
extern const struct bitname names_ioctl[];       /* FIONBIO, …: those of terminals and descriptors */
extern const struct bitname names_epoll_ctl[];   /* EPOLL_CTL_ADD, … */
extern const struct bitname names_clock[];       /* CLOCK_REALTIME, … */
extern const struct bitname names_family[];      /* AF_UNIX, … */
extern const struct bitname names_socket[];      /* SOCK_STREAM, … */
extern const struct bitname names_protocol[];    /* IPPROTO_TCP, … */
extern const struct bitname names_netlink[];     /* NETLINK_ROUTE, … */
extern const struct bitname names_state[];       /* TCP_ESTABLISHED, … as "ESTABLISHED" */
extern const struct bitname names_bpf_map[];     /* BPF_MAP_TYPE_HASH, … */
extern const struct bitname names_bpf_prog[];    /* BPF_PROG_TYPE_XDP, … */

enum { NAMES_MAX = 256 }; /* bytes that are enough for the `out` of each function here */

/*
 * Writes the names of the bits that are set into out and returns it:
 * "O_APPEND|O_NONBLOCK|0x40000000", "" for 0.
 */
char *names_bits(const struct bitname *table, uint64_t bits, char *out, size_t size);

/* Calls each() with every name that names_bits would write. */
void names_each(const struct bitname *table, uint64_t bits,
	void (*each)(void *data, const char *name), void *data);

/* The name of the value, or NULL. */
const char *names_find(const struct bitname *table, uint64_t value);

/* Writes the name of the value, or the number if it has no name, into out and returns it. */
char *names_value(const struct bitname *table, uint64_t value, char *out, size_t size);

/* The same for a signal: "SIGINT", "SIGRTMIN+3". */
char *names_signal(int number, char *out, size_t size);

/* The signal of that name, "USR1", "SIGUSR1", "RTMIN+3", or of that number; 0 if there is none. */
int names_signal_number(const char *name);

/* The same as names_value for the result of F_GETFL, with the access mode: "O_RDONLY", "O_WRONLY|O_APPEND". */
char *names_flags(int flags, char *out, size_t size);

/*
 * Calls each() with the name of every status flag in the result of F_GETFL: without the
 * access mode, and without O_LARGEFILE, which every file has that a 64-bit program opens.
 */
void names_each_status(int flags, void (*each)(void *data, const char *name), void *data);

/* The access mode as --mode names it: "r", "w", "rw"; "path" for O_PATH, "none" for mode 3. */
const char *names_mode(int flags);

/* "EBADF"; "errno 4711" for a number without a name, which is valid until the next call. */
const char *names_errno(int err);

/*
 * The other way: the number of a name of len bytes, in capitals or not, with or without the prefix
 * that all names of the table have: "append" for O_APPEND. Returns false where none has that name.
 */
bool names_number(
	const struct bitname *table, const char *prefix, const char *name, size_t len, uint64_t *number);

/* The errno of that name, or 0 if there is none. */
int names_errno_number(const char *name);

#endif
