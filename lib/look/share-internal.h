/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of share.h have in common. share_look takes a snapshot of everything that may
 * matter (share-proc.c or share-bpf.c), chooses the descriptions that are shown (share-choose.c),
 * describes these (share-describe.c), and adds the tables that hold them (share-tables.c).
 */
#ifndef FDTOOL_LIB_LOOK_SHARE_INTERNAL_H
#define FDTOOL_LIB_LOOK_SHARE_INTERNAL_H

#include "lib/base/inode.h"
#include "lib/look/scan.h"
#include "lib/look/share.h"

/* The status of a description, which the BPF iterator reports together with it. */
struct bpf_status {
	const char *name, *type; /* NULL: not known yet */
	int flags;
	int64_t pos; /* 0 also where there is none */
	int64_t waiting, capacity;
};

struct snapshot {
	struct scan scan;
	/* by the BPF iterator only; NULL: proc is queried for the descriptions that are shown */
	struct bpf_status *status;  /* by number of description */
	struct share_table *tables; /* by number of table */
};

/* A description of a snapshot: the run scan.fds[first], … of its descriptors. */
struct run {
	uint32_t first, n;
	uint32_t table; /* of its first descriptor */
	int fd;
	bool requested;
	uint8_t group; /* of its target */
};

struct runs {
	struct run *v;
	size_t n;
};

/* Returns 0, or -1 with the errno of share_look and *fault. */
int snapshot_by_proc(
	struct snapshot *, const struct share_request *, const struct share_target **fault);

/* Returns 0, or -1, with share.method_reason. */
int snapshot_by_bpf(struct snapshot *, const struct share_request *, struct share *);

/*
 * Keeps the descriptors of the inodes that the targets have to do with, by the address that each has
 * for its inode, puts the tables of the targets first, and sorts as scan_sort does.
 */
void bpf_relate(struct snapshot *, const struct share_request *, const uint64_t *inodes);

/* Returns -1 with the errno of share_look and *fault if the BPF iterator did not meet a target. */
int bpf_find_missing(const struct snapshot *, const struct share_request *,
	const struct share_target **fault);

/* Whether a target is a process, or a descriptor of one. */
bool share_has_process(const struct share_request *);

/* The name of what has a path that is longer than the kernel writes it at once. */
#define SHARE_LONG_PATH "(its path is too long)"

void snapshot_free(struct snapshot *);

/* The inodes among the targets, sorted. Free with inode_set_free. */
struct inode_set target_inodes(const struct share_request *);

/* A table that is the same one as an earlier one has no descriptors to show. */
static inline bool in_first_table(const struct scan *s, const struct scan_fd *f)
{
	return s->tables[f->table].same_as == f->table;
}

/* The descriptions that are shown, in their order. The caller frees runs.v. */
struct runs runs_choose(const struct scan *, const struct share_request *);

/* Fills in share.descriptions and share.fds. */
void share_describe(struct share *, const struct share_request *, const struct snapshot *,
	const struct runs *);

/* Fills in share.tables with those that share.fds refers to. */
void share_add_tables(struct share *, const struct snapshot *);

/* --- share-passed.c: evidence that a description was passed ------------------------- */

struct share_sockets *share_sockets_new(void);
void share_sockets_free(struct share_sockets *);

/*
 * Names a socket of unix(7) that joins that holder to another one, which has the description at
 * other numbers; NULL where none is known. Escaped. The caller frees.
 */
char *passed_words(const struct share *, const struct share_description *, uint32_t table);

/* --- share-storage.c: what share_free frees --------------------------------------- */

struct obstack *share_storage_new(void);

/* A copy of the text, and an array of n pids to be filled in. */
const char *share_keep_text(struct share *, const char *text);
pid_t *share_keep_pids(struct share *, size_t n);

#endif
