/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What processes opened and have not closed since the first look at each of them: snapshots are
 * compared with what is left of the first one. This only computes; the snapshots are the caller's.
 *
 * A descriptor is an old one while every look finds, at its number, the type and the inode of the
 * first look. Where a number was closed and opened again with both alike, nothing tells, and the
 * number of descriptors is the same.
 */
#ifndef FDTOOL_LIB_LOOK_GROW_H
#define FDTOOL_LIB_LOOK_GROW_H

#include "lib/look/share.h"

/* A process, or a thread with its own table. */
struct grow_process {
	pid_t pid, tid;
	char command[16];
	int64_t since; /* its first look, on the clock of time_now */
	size_t first;  /* its descriptors then */
	size_t kept;   /* of these, the ones that were not closed */
	size_t now;    /* its descriptors at this look */
};

/* New descriptors of one process, of one kind of object. */
struct grow_group {
	size_t process; /* into grow.processes */
	const char *type, *object; /* borrowed from the snapshot; object "" where the type says all */
	size_t n;
};

/* The caller sets the first four, the rest starts as 0; free with grow_free. */
struct grow {
	/* Whether the descriptors of that table count; NULL: all do. */
	bool (*counts)(const void *data, const struct share_table *);
	const void *data;
	bool part;      /* of a process that was not seen before, all descriptors are new */
	bool every;     /* groups also what processes have opened that do not grow */
	int64_t begin;  /* the time of the first look; 0: none yet */
	int64_t at;     /* of the last one */
	struct grow_process *processes; /* at the last look, by tid */
	size_t n_processes;
	struct grow_fd *old; /* the old descriptors, by tid and number */
	size_t n_old;
	struct grow_group *groups; /* the largest first */
	size_t n_groups;
	size_t closed; /* by those that have new ones */
};

/*
 * Takes a look, which has SHARE_NAME and SHARE_INODE, at that time. Returns which of its
 * descriptions have new descriptors; the caller frees.
 */
bool *grow_look(struct grow *, const struct share *, int64_t now);

/*
 * Groups the new descriptors of the look that grow_look took, whose descriptions have their labels
 * now. Returns whether what they opened or closed differs from the look before, whose snapshot the
 * caller still has.
 */
bool grow_group(struct grow *, const struct share *);

void grow_free(struct grow *);

/* How many it opened that it has not closed; and how many of the first ones it closed. */
static inline size_t grow_opened(const struct grow_process *p)
{
	return p->now - p->kept;
}

static inline size_t grow_closed(const struct grow_process *p)
{
	return p->first - p->kept;
}

/* Whether it is of interest: it has more descriptors than at first, or every process is. */
static inline bool grow_shows(const struct grow *g, const struct grow_process *p)
{
	return g->every || p->now > p->first;
}

/* By how many descriptors a minute it grows; negative where it has fewer. 0 at its first look. */
double grow_per_minute(const struct grow *, const struct grow_process *);

/* In how many ns it has opened so many more, at that rate; NEVER where it does not grow. */
int64_t grow_until(const struct grow *, const struct grow_process *, size_t more);

#endif
