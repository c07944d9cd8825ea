/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who shares what: the descriptor tables of processes, the open file
 * descriptions that their descriptors refer to, and the inodes below. Exact,
 * never guessed: two descriptors are one description where the kernel says so
 * (kcmp(2), or the address that its BPF iterator shows), and where it may not be asked
 * the answer is a gap, which is said.
 *
 * It only looks: nothing is read from a descriptor, moved, changed, or taken.
 */
#ifndef FDTOOL_LIB_LOOK_SHARE_H
#define FDTOOL_LIB_LOOK_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A descriptor table, and who has it: a process, or a thread that left its process's. */
struct share_table {
	pid_t pid;        /* the process; of several with one table, the lowest */
	pid_t tid;        /* the thread; pid where the process's threads share it */
	pid_t parent;
	pid_t session;    /* setsid(2) */
	char command[16]; /* as the kernel keeps it, unescaped */
	const char *offers; /* of a server, what its title says: "notes.txt=4 lock=5"; else NULL */
	const pid_t *others; /* further tasks with the same table (CLONE_FILES) */
	size_t n_others;
};

/* A descriptor. */
struct share_fd {
	uint32_t table;       /* into share.tables */
	int fd;
	uint32_t description : 31; /* into share.descriptions */
	bool cloexec : 1;     /* where SHARE_CLOEXEC was asked for */
};

/* An open file description. */
struct share_description {
	const char *name; /* what the proc link says, unescaped; NULL where it was not asked for */
	const char *type; /* as desc.h has it; NULL without SHARE_NAME */
	uint32_t first, n; /* its descriptors: share.fds[first], … by table and number */
	int64_t pos;      /* DESC_NO_POS: it has none */
	ino_t ino;
	uint32_t dev;     /* of the inode, as in dev_t, of which the kernel has 32 bits */
	uint32_t rdev;
	int flags;        /* as F_GETFL; -1: not asked for, or it went away */
	uint16_t perm;    /* st_mode, the whole of it */
	bool requested;   /* has what was asked for; else it is another open of such a one's inode */
	bool certain;     /* false: one shown as another may be this one (kcmp was forbidden) */
};

struct share {
	struct share_table *tables; /* those asked for first, then by pid */
	size_t n_tables;
	struct share_fd *fds; /* by description */
	size_t n_fds;
	struct share_description *descriptions; /* by their first descriptor; A, B, C, … */
	size_t n_descriptions;
	size_t unseen;     /* processes that could not be asked */
	bool hidden;       /* /proc does not show the processes of others at all (hidepid) */
	bool in_pid_namespace; /* a pid namespace: processes outside are not seen */
	const char *method; /* "BPF iterator", or "procfs and kcmp" */
	const char *method_reason; /* why not the other; "" where there is nothing to say */
	void *storage;     /* what the strings above are in */
};

/* What a caller needs; what is not asked for is not read. */
enum {
	SHARE_NAME = 1,    /* name and type */
	SHARE_STATUS = 2,  /* flags and pos */
	SHARE_CLOEXEC = 4, /* of each descriptor */
	SHARE_INODE = 8,   /* dev and ino; else they may be 0 */
};

struct share_target {
	pid_t pid;
	int fd; /* -1: all of the process's */
};

struct share_request {
	const struct share_target *targets; /* NULL: every process that may be seen */
	size_t n_targets;
	bool only_shared; /* descriptions with two descriptors or more */
	bool related;     /* with targets: also other opens of the same inode */
	unsigned need;
	bool procfs_only; /* not by BPF */
};

/*
 * Looks. Returns 0, or -1 with errno: ESRCH or EBADF, with *fault the one of `of`
 * that is not there; EACCES where it may not be asked. Free with share_free in
 * either case. A process or descriptor that goes away meanwhile is left out.
 */
int share_look(const struct share_request *, struct share *, const struct share_target **fault);

void share_free(struct share *);

/* Whether every holder is known: nobody was left unasked, and nothing is doubtful. */
bool share_complete(const struct share *, const struct share_description *);

/* "A", …, "Z", "AA", …: how a description is called in every output. */
const char *share_letter(size_t description, char out[8]);

/*
 * A line of evidence why it is shared, where there is one: "201 is a child of
 * 200", "200 offers it as notes.txt". NULL otherwise. Escaped. The caller frees.
 */
char *share_evidence(const struct share *, const struct share_description *);

#endif
