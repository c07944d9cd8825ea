/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A snapshot of sharing: the descriptor tables of processes, the open file descriptions that
 * their descriptors refer to, and the inodes below. Nothing is guessed: two descriptors are one
 * description only where kcmp(2) says so. Where the kernel refuses to answer there is a gap,
 * which the result reports.
 *
 * It only looks: it does not read from, move, change or take any descriptor.
 */
#ifndef FDTOOL_LIB_LOOK_SHARE_H
#define FDTOOL_LIB_LOOK_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct obstack;
struct share_sockets;

/* Whether a process is there only because of the look: see pipeline.h. */
enum share_own { SHARE_NOT_OWN, SHARE_ITSELF, SHARE_PIPELINE };

/* A descriptor table, and its holder: a process, or a thread that has left its process's table. */
struct share_table {
	pid_t pid;        /* the process; of several with one table, the lowest */
	pid_t tid;        /* the thread; equal to pid for a process */
	pid_t parent;
	pid_t session;    /* setsid(2) */
	char command[16]; /* as the kernel keeps it, unescaped */
	const char *offers; /* of a server, from its title: "notes.txt=4 lock=5"; else NULL */
	const pid_t *others; /* further tasks with the same table (CLONE_FILES) */
	size_t n_others;
	enum share_own own; /* of share_mark_own; else SHARE_NOT_OWN */
};

/* A descriptor. */
struct share_fd {
	uint32_t table;       /* into share.tables */
	int fd;
	uint32_t description : 31; /* into share.descriptions */
	bool cloexec : 1;     /* with SHARE_CLOEXEC */
};

/* An open file description. */
struct share_description {
	const char *name; /* the text of the proc link, unescaped; NULL without SHARE_NAME */
	const char *label; /* a better name, from share_label (label.h), or NULL */
	const char *type; /* as desc.h has it; NULL without SHARE_NAME */
	uint32_t first, n; /* its descriptors: share.fds[first], … by table and number */
	int64_t pos;      /* DESC_NO_POS: it has none */
	int64_t allocated; /* bytes of a regular file on its device; -1 without SHARE_SIZE, or unknown */
	ino_t ino;
	uint32_t dev;     /* of the inode, as in dev_t, of which the kernel has 32 bits */
	uint32_t rdev;
	int64_t waiting, capacity; /* of a pipe, with SHARE_PIPE; -1: not known */
	int flags;        /* as F_GETFL; -1 without SHARE_STATUS, or where it went away */
	uint16_t perm;    /* st_mode, with the type */
	bool requested;   /* a target has it; else it is another open of the inode of a target */
	uint8_t group;    /* that of its target */
	bool nameless;    /* with SHARE_SIZE: a regular file without a link */
	bool certain;     /* false: another one here may be the same (kcmp was forbidden) */
};

/* A process that this one has no permission to inspect. */
struct share_gap {
	pid_t pid;
	char command[16]; /* unescaped; "?" if it is not known */
	int error;        /* why: an errno */
};

struct share {
	struct share_table *tables; /* those of the targets first, then by pid */
	size_t n_tables;
	struct share_fd *fds; /* by description */
	size_t n_fds;
	struct share_description *descriptions; /* by their first descriptor; A, B, C, … */
	size_t n_descriptions;
	struct share_gap *gaps;
	size_t unseen;      /* how many gaps there are */
	const char *sees_more; /* what would have no gaps: "root (sudo)"; NULL: not known */
	bool whole;         /* everything was requested */
	bool hidden;        /* /proc does not show other users' processes at all (hidepid) */
	bool in_pid_namespace; /* processes outside of it are not seen */
	const char *method; /* "the BPF iterator", or "procfs and kcmp" */
	const char *method_reason; /* why not the other one; "" where there is no need to explain */
	struct share_sockets *sockets; /* for share_evidence, which fills it */
	struct obstack *storage; /* of the strings above, and of `others` */
};

/* What a caller needs; what it does not request is not queried. */
enum {
	SHARE_NAME = 1,    /* name and type */
	SHARE_STATUS = 2,  /* flags and pos */
	SHARE_CLOEXEC = 4, /* of each descriptor */
	SHARE_INODE = 8,   /* dev and ino; else they may be 0 */
	SHARE_SIZE = 16,   /* allocated and nameless */
	SHARE_PIPE = 32,   /* waiting and capacity, where the BPF iterator tells them */
};

struct share_target {
	pid_t pid; /* 0: whoever has the inode open */
	int fd;    /* -1: all of the process's */
	dev_t dev; /* pid 0: the inode, as statx(2) has it */
	ino_t ino;
	unsigned char group; /* descriptions are shown in the order of these: 0, 1, … */
};

static inline bool share_is_inode(const struct share_target *t)
{
	return t->pid == 0;
}

struct share_request {
	const struct share_target *targets; /* NULL: every process that this one may inspect */
	size_t n_targets;
	bool only_shared; /* descriptions with two descriptors or more */
	bool related;     /* with targets: also other opens of the same inode */
	unsigned need;
	bool procfs_only; /* not by BPF */
};

/*
 * Takes a snapshot. Returns 0, or -1 with errno: ESRCH or EBADF, with *fault the target that
 * is missing; EACCES where this process has no permission to inspect it; ENOENT where
 * proc_fault. Free with share_free in either case. A process or descriptor that goes away meanwhile is left out.
 * That nobody has an inode open is no failure: then no description has it.
 */
int share_look(const struct share_request *, struct share *, const struct share_target **fault);

void share_free(struct share *);

/*
 * Keeps only the n descriptions of which `order` has the indices, in that order, and the tables that
 * hold them.
 */
void share_select(struct share *, const size_t *order, size_t n);

/* False where statx(2) was refused: another user's FUSE. */
static inline bool share_inode_known(const struct share_description *d)
{
	return d->dev != 0 || d->ino != 0;
}

/* Whether it is an open of the inode that a target is. */
static inline bool share_has_inode(
	const struct share_description *d, const struct share_target *of)
{
	return share_is_inode(of) && d->dev == of->dev && d->ino == of->ino;
}

/* The label, or the name. */
static inline const char *share_label_of(const struct share_description *d)
{
	return d->label ? d->label : d->name;
}

/* Whether every process was inspected. */
bool share_all_seen(const struct share *);

/* Whether every holder is known: every process was inspected, and the description is certain. */
bool share_complete(const struct share *, const struct share_description *);

/* "A", …, "Z", "AA", …: the name of a description in every output. */
const char *share_letter(size_t description, char out[8]);

/*
 * A line of evidence why it is shared, where there is one: "201 inherited it from 200", "200
 * offers it as notes.txt", or a socket over which it may have been passed. NULL otherwise. Escaped.
 * The caller frees.
 */
char *share_evidence(const struct share *, const struct share_description *);

/*
 * The parent of the process that has fd, if it has the same description at the same number: then
 * fd was inherited from it. NULL otherwise.
 */
const struct share_table *share_inherited_from(
	const struct share *, const struct share_description *, const struct share_fd *);

/*
 * The holder from which all the others inherited it: each of them has a number that its parent
 * has, too, up to this one. NULL where that is not so of all.
 */
const struct share_table *share_origin(const struct share *, const struct share_description *);

#endif
