/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The descriptors of processes, by proc(5), and which of them are one
 * open file description, by kcmp(2). An fd directory is listed and each entry
 * asked for its inode without a sync; no descriptor is taken, and none read.
 */
#ifndef FDTOOL_LIB_LOOK_SCAN_H
#define FDTOOL_LIB_LOOK_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SCAN_GONE UINT32_MAX /* the description of a descriptor that went away meanwhile */

/* A descriptor table: a process, or a thread that has one of its own. */
struct scan_table {
	pid_t pid, tid;
	uint32_t same_as; /* after scan_group: the first one that is this table; else itself */
	uint32_t next;    /* after scan_group: of those that are one, the one found before; 0: none */
	size_t n;         /* how many descriptors were kept */
};

/* There may be 100,000 of these. */
struct scan_fd {
	ino_t ino;    /* with dev 0 where statx was refused (FUSE of another user) */
	uint32_t dev; /* as in dev_t, of which the kernel has 32 bits */
	uint32_t rdev;
	uint32_t table;
	int fd;
	uint32_t description; /* after scan_group: equal for what is one description */
	uint16_t perm;        /* st_mode, the whole of it */
	bool certain : 1;     /* after scan_group: false where kcmp was forbidden */
	bool cloexec : 1;     /* where it was told; a scan does not ask */
	uint8_t changes;      /* of scan_group: how often it was seen to be another than just before */
};

struct scan {
	struct scan_table *tables;
	size_t n_tables;
	struct scan_fd *fds;
	size_t n_fds;
	size_t unseen; /* processes that could not be asked, also whether a thread has its own table */
};

/*
 * Whether a descriptor is kept; the way to look for the holders of a few among
 * the many of a machine. NULL keeps all.
 */
struct scan_only {
	bool (*keep)(const void *data, const struct scan_fd *);
	const void *data;
};

/*
 * Adds a process's descriptors, its threads' own tables too. Returns 0, or -1
 * with errno: ESRCH, or EACCES where it may not be asked.
 */
int scan_process(struct scan *, pid_t pid, const struct scan_only *);

/* Whether a process is in it. */
bool scan_has(const struct scan *, pid_t pid);

/*
 * Adds those of every process in /proc that is not in the scan already, but not
 * of this one. Kernel threads and the dead have none and are not counted as unseen.
 * Returns 0, or -1 with errno, where there is no /proc.
 */
int scan_others(struct scan *, const struct scan_only *);

/*
 * Finds out what is shared: numbers the descriptions, and the tables that are one.
 * Returns how many descriptions.
 */
uint32_t scan_group(struct scan *);

/* --- for another way to find them ---------------------------------------------------- */

/* Adds a table, and returns its number. */
uint32_t scan_add_table(struct scan *, pid_t pid, pid_t tid);

/* Says that the table is the same one as an earlier one; or itself, and then it changes nothing. */
void scan_same_table(struct scan *, uint32_t first, uint32_t table);

/* Adds a descriptor to the last table: for the caller to fill in. */
struct scan_fd *scan_add(struct scan *);

/*
 * Puts the descriptors in the order that scan_group leaves them in: by description,
 * table and number.
 */
void scan_sort(struct scan *);

/*
 * Asks for the inode of what a link of proc means. Returns 0, or -1 with errno: EACCES where the
 * process may not be asked (root may list its directory all the same), others
 * where the descriptor is gone.
 */
int scan_inode(int dir, const char *link, struct scan_fd *);

/*
 * Whether an entry of an epoll descriptor means descriptor fd of pid: the
 * offset'th of the entries that bear this number. 1, 0, or -1 with errno where it cannot be told
 * (KCMP_EPOLL_TFD).
 */
int scan_epoll_means(pid_t epoll_pid, int epoll, int number, unsigned int offset, pid_t pid, int fd);

void scan_free(struct scan *);

/* --- a task ------------------------------------------------------------------ */

struct scan_task {
	char command[16];
	char state; /* as ps(1): R, S, Z, … */
	pid_t parent, session;
	bool kernel; /* a thread of the kernel's */
};

/* What /proc/PID/task/TID/stat says. Returns 0, or -1 with errno: ESRCH, EACCES. */
int scan_task(pid_t pid, pid_t tid, struct scan_task *);

/* "/proc/PID/WHAT", or "/proc/PID/task/TID/WHAT" for a thread with a table of its own. */
char *scan_path(pid_t pid, pid_t tid, const char *what, char *out, size_t size);

#endif
