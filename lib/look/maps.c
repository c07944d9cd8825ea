/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that are in a process's memory, and who has no descriptor of them: see maps.h. */
#include "lib/look/maps.h"
#include "lib/base/memory.h"
#include "lib/base/proc.h"
#include "lib/look/scan.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct mapping {
	unsigned long from, to;
	dev_t dev; /* of the superblock: stat(2) may have another (btrfs, overlayfs) */
	ino_t ino; /* not 0 */
};

/* "7f00-7f01 r--p 00000000 fe:00 1234   /path" */
static bool parse(const char *line, struct mapping *m)
{
	unsigned int major, minor;
	unsigned long ino;

	if (sscanf(line, "%lx-%lx %*s %*s %x:%x %lu", &m->from, &m->to, &major, &minor, &ino) != 5 ||
		ino == 0)
		return false;
	m->dev = makedev(major, minor);
	m->ino = ino;
	return true;
}

/* Its inode as in stat(2), which not every process may ask for. */
static const struct inode_key *find_by_stat(
	pid_t pid, const struct mapping *m, const struct inode_set *set)
{
	char path[96];
	struct statx sx;

	snprintf(path, sizeof(path), "/proc/%d/map_files/%lx-%lx", pid, m->from, m->to);
	if (inode_look(AT_FDCWD, path, STATX_INO, &sx) < 0)
		return NULL;
	return inode_set_find(set, inode_dev(&sx), sx.stx_ino);
}

static bool has_made_up_device(const struct inode_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (major(set->v[i].dev) == 0)
			return true;
	return false;
}

/* Calls each for every inode of the set that is mapped, until it returns false. */
static void each_mapped(pid_t pid, const struct inode_set *set,
	bool (*each)(void *data, const struct inode_key *), void *data)
{
	const bool made_up = has_made_up_device(set);
	struct mapping m;
	char path[32];
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	char *text = proc_read_all(path, &len);
	for (const char *line = text; line && *line; line += *line == '\n') {
		const struct inode_key *key = NULL;
		if (parse(line, &m)) {
			key = inode_set_find(set, m.dev, m.ino);
			if (!key && made_up && major(m.dev) == 0)
				key = find_by_stat(pid, &m, set);
		}
		if (key && !each(data, key))
			break;
		line += strcspn(line, "\n");
	}
	free(text);
}

static bool take_first(void *data, const struct inode_key *key)
{
	const struct inode_key **first = data;

	*first = key;
	return false;
}

const struct inode_key *maps_find(pid_t pid, const struct inode_set *set)
{
	const struct inode_key *first = NULL;

	each_mapped(pid, set, take_first, &first);
	return first;
}

/* --- mappers ------------------------------------------------------------------------------ */

struct search {
	const struct inode_set *wanted;
	struct mappers *found;
	pid_t pid;
};

static bool is_inode(const void *data, const struct scan_fd *f)
{
	const struct inode_key *key = data;

	return f->ino == key->ino && f->dev == (uint32_t)key->dev;
}

static bool has_descriptor(pid_t pid, const struct inode_key *key)
{
	struct scan scan = {0};

	scan_process(&scan, pid, &(struct scan_only){is_inode, key});
	bool has = scan.n_fds > 0;
	scan_free(&scan);
	return has;
}

static bool is_known(const struct mappers *all, pid_t pid, const struct inode_key *key)
{
	for (size_t i = all->n; i-- > 0 && all->v[i].pid == pid;)
		if (all->v[i].ino == key->ino && all->v[i].dev == key->dev)
			return true;
	return false;
}

static bool add_mapper(void *data, const struct inode_key *key)
{
	struct search *s = data;
	struct mappers *all = s->found;

	if (is_known(all, s->pid, key) || has_descriptor(s->pid, key))
		return true;
	all->v = must_grow(all->v, all->n, sizeof(*all->v));
	struct mapper *m = &all->v[all->n++];
	*m = (struct mapper){.pid = s->pid, .command = "?", .dev = key->dev, .ino = key->ino};
	proc_command(s->pid, m->command);
	return true;
}

static bool look_into(void *data, pid_t pid)
{
	struct search *s = data;

	s->pid = pid;
	if (pid != getpid())
		each_mapped(pid, s->wanted, add_mapper, s);
	return true;
}

struct mappers mappers_of(const struct inode_set *wanted)
{
	struct mappers found = {0};
	struct search s = {.wanted = wanted, .found = &found};

	if (wanted->n)
		proc_each(look_into, &s);
	return found;
}

struct mappers mappers_find(const struct share *share, const bool *wanted)
{
	struct inode_set set = inode_set_new(share->n_descriptions);

	for (size_t i = 0; i < share->n_descriptions; i++)
		if (wanted[i] && share->descriptions[i].ino)
			inode_set_add(&set, share->descriptions[i].dev, share->descriptions[i].ino);
	inode_set_sort(&set);
	struct mappers found = mappers_of(&set);
	inode_set_free(&set);
	return found;
}
