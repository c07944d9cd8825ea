/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The descriptors of processes, from proc(5), and which of them are one open file description,
 * by kcmp(2). A scan lists the fd directories and looks up the inode of each entry without a
 * sync; it takes no descriptor, and reads none.
 */
#ifndef FDTOOL_LIB_LOOK_SCAN_H
#define FDTOOL_LIB_LOOK_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SCAN_GONE UINT32_MAX /* the description of a descriptor that was closed meanwhile */

/* The descriptor table of a process, or of a thread that does not share its process's. */
struct scan_table {
	pid_t pid, tid;
	uint32_t same_as; /* after scan_group: the first table that is the same one; else itself */
	uint32_t next;    /* after scan_group: the next table that is the same one; 0: the last */
};

/* There may be 100,000 of these. */
struct scan_fd {
	ino_t ino;    /* with dev 0 where statx was refused (another user's FUSE) */
	uint32_t dev; /* as in dev_t, of which the kernel has 32 bits */
	uint32_t rdev;
	uint32_t table;
	int fd;
	uint32_t description; /* after scan_group: equal for the descriptors of one description */
	uint16_t perm;        /* st_mode, with the type */
	bool certain : 1;     /* after scan_group: false where kcmp was forbidden */
	bool cloexec : 1;     /* set by the BPF iterator only */
	uint8_t changes;      /* of scan_group: how often it was seen to change its description */
};

/* A process with a table that could not be read, or compared. */
struct scan_gap {
	pid_t pid;
	int error;
};

struct scan {
	struct scan_table *tables;
	size_t n_tables;
	struct scan_fd *fds;
	size_t n_fds;
	struct scan_gap *gaps;
	size_t unseen; /* how many gaps there are */
};

/*
 * Which descriptors are kept: those for which keep returns true. So the holders of a few are
 * found among the many of a machine. NULL instead of the struct keeps all.
 */
struct scan_only {
	bool (*keep)(const void *data, const struct scan_fd *);
	const void *data;
};

/* --- adding processes ------------------------------------------------------------- */

/*
 * Adds a process's descriptors, and those of threads with a table apart. Returns 0, or -1
 * with errno: ESRCH, or EACCES where this process has no permission.
 */
int scan_process(struct scan *, pid_t pid, const struct scan_only *);

/* Whether a process is in the scan. */
bool scan_has(const struct scan *, pid_t pid);

/*
 * Adds every process in /proc that is not in the scan already, except this one. Kernel threads
 * and zombies have no descriptors, and do not count as unseen. Returns 0, or -1 with errno
 * where there is no /proc.
 */
int scan_others(struct scan *, const struct scan_only *);

void scan_free(struct scan *);

/* --- finding out what is shared ----------------------------------------------------- */

/*
 * Numbers the descriptions, and finds the tables that are one. The descriptors are then in the
 * order of description, table and number. Returns how many descriptions there are.
 */
uint32_t scan_group(struct scan *);

/* The second half of scan_group, for which descriptions have to be numbered already. */
void scan_group_tables(struct scan *);

/* --- for a scan by the BPF iterator instead ---------------------------------------------- */

/* Adds a table, and returns its number. */
uint32_t scan_add_table(struct scan *, pid_t pid, pid_t tid);

/* Notes that a table is the same one as an earlier one; the first one itself is not changed. */
void scan_same_table(struct scan *, uint32_t first, uint32_t table);

/* Adds a descriptor to the last table, for the caller to fill in. */
struct scan_fd *scan_add(struct scan *);

/* Puts the descriptors in the order in which scan_group leaves them. */
void scan_sort(struct scan *);

/* --- one descriptor ------------------------------------------------------------------- */

/*
 * Looks up the inode of an entry of an fd directory. Returns 0, or -1 with errno: EACCES where
 * this process has no permission (root may list the directory all the same), others where the
 * descriptor is gone.
 */
int scan_inode(int dir, const char *link, struct scan_fd *);

/* --- a task ------------------------------------------------------------------ */

struct scan_task {
	char command[16];
	char state; /* as ps(1): R, S, Z, … */
	pid_t parent, group, session;
	pid_t foreground; /* the process group on its terminal; -1: none */
	int tty;          /* its terminal, as the kernel's new_encode_dev; 0: none */
	bool kernel;      /* a kernel thread */
	bool exiting;     /* it closes its descriptors, or has; also of a zombie */
};

/* The text of a stat file, which is written to. Returns 0, or -1 where it is not one. */
int scan_parse_stat(char *text, struct scan_task *);

/* Reads /proc/PID/task/TID/stat. Returns 0, or -1 with errno: ESRCH, EACCES. */
int scan_task(pid_t pid, pid_t tid, struct scan_task *);

/* "/proc/PID/NAME"; "/proc/PID/task/TID/NAME" where tid is not pid. Returns out. */
char *scan_path(pid_t pid, pid_t tid, const char *name, char *out, size_t size);

#endif
