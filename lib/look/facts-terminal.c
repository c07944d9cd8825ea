/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts about a terminal: its session, and the slave of a master. The number of a pseudoterminal
 * is unique only in its instance of devpts, and each container has one.
 */
#include "lib/base/mounts.h"
#include "lib/base/proc.h"
#include "lib/look/facts-internal.h"
#include "lib/look/scan.h"
#include "lib/out/json-value.h"

#include <bsd/string.h>
#include <errno.h>
#include <linux/major.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* --- instances ----------------------------------------------------------------- */

/* Instances that a process sees; what another mount covers is none of them. */
enum { INSTANCES_MAX = 16, PLACE_MAX = 128 };

struct instance {
	dev_t dev;
	char at[PLACE_MAX]; /* the mount point, as in mountinfo */
};

struct instances {
	size_t n; /* 0 also where they could not be read */
	struct instance of[INSTANCES_MAX];
};

static struct instance *instance_at(struct instances *all, const char *at)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->of[i].at, at) == 0)
			return &all->of[i];
	return NULL;
}

static struct instance *instance_of(struct instances *all, dev_t dev)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->of[i].dev == dev)
			return &all->of[i];
	return NULL;
}

/* The last mount at a place is the upper one. */
static bool add_mount(void *data, const struct mount *m)
{
	struct instances *all = data;

	if (strcmp(m->type, "devpts") != 0)
		return true;
	struct instance *one = instance_at(all, m->at);
	if (!one && all->n < INSTANCES_MAX)
		one = &all->of[all->n++];
	if (one) {
		one->dev = m->dev;
		strlcpy(one->at, m->at, sizeof(one->at));
	}
	return true;
}

static void find_instances(const struct subject *s, struct instances *all)
{
	all->n = 0;
	mounts_each(s->pid, add_mount, all);
}

enum found { FOUND, ABSENT, UNKNOWN };

/* Looks for a pseudoterminal in an instance. */
static enum found find_terminal(const struct subject *s, const struct instance *one, unsigned int n)
{
	char root[64], path[256];
	struct stat st;

	if (strchr(one->at, '\\') || strlen(one->at) == PLACE_MAX - 1)
		return UNKNOWN; /* escaped, or cut */
	facts_path(s, "root", root, sizeof(root));
	snprintf(path, sizeof(path), "%s%s/%u", root, one->at, n);
	if (stat(path, &st) < 0)
		return errno == ENOENT ? ABSENT : UNKNOWN;
	return st.st_dev == one->dev && st.st_rdev == makedev(UNIX98_PTY_SLAVE_MAJOR, n) ? FOUND : UNKNOWN;
}

/* --- the facts ------------------------------------------------------------------- */

/* Whether no other terminal that the process sees has the same device number. */
static bool number_is_unique(const struct subject *s)
{
	struct instances all;

	if (major(s->d->rdev) != UNIX98_PTY_SLAVE_MAJOR)
		return true;
	find_instances(s, &all);
	if (all.n == INSTANCES_MAX || !instance_of(&all, s->d->dev))
		return false;
	for (size_t i = 0; i < all.n; i++)
		if (all.of[i].dev != s->d->dev &&
			find_terminal(s, &all.of[i], minor(s->d->rdev)) != ABSENT)
			return false;
	return true;
}

/* For the controlling terminal of the process. */
static void put_session(const struct subject *s)
{
	char path[64], text[1024];
	struct scan_task task;

	facts_path(s, "stat", path, sizeof(path));
	if (proc_read(path, text, sizeof(text)) <= 0 || scan_parse_stat(text, &task) < 0)
		return;
	/* the kernel's new_encode_dev: 8 bits of minor, 12 of major, 12 of minor */
	unsigned int bits = (unsigned int)task.tty;
	if (makedev(bits >> 8 & 0xfff, (bits & 0xff) | (bits >> 12 & 0xfff00)) != s->d->rdev)
		return;
	bool known = number_is_unique(s);
	facts_put(s, "session", known ? json_integer(task.session) : json_null());
	facts_put(s, "foreground", known ? json_integer(task.foreground) : json_null());
}

/* The instance of a master: that of its file, or for /dev/ptmx the one mounted at /dev/pts. */
static struct instance *instance_of_master(const struct subject *s, struct instances *all)
{
	const char *slash = strrchr(s->d->path, '/');
	struct instance *one = instance_of(all, s->d->dev);
	char beside[PLACE_MAX];

	if (one || !slash)
		return one;
	snprintf(beside, sizeof(beside), "%.*s/pts", (int)(slash - s->d->path), s->d->path);
	return instance_at(all, beside);
}

static void put_slave(const struct subject *s, unsigned int n)
{
	struct instances all;
	char path[PLACE_MAX + 16];

	find_instances(s, &all);
	const struct instance *one = instance_of_master(s, &all);
	if (!one || find_terminal(s, one, n) != FOUND) {
		facts_put(s, "master_of", json_null());
		return;
	}
	snprintf(path, sizeof(path), "%s/%u", one->at, n);
	facts_put(s, "master_of", json_bytes(path));
}

void facts_add_terminal(const struct subject *s)
{
	const json_t *index = json_object_get(s->out, "tty-index"); /* of a master */

	if (json_is_integer(index))
		put_slave(s, (unsigned int)json_integer_value(index));
	put_session(s);
}
