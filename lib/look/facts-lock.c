/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about the locks on a file: a line of fdinfo, and those of /proc/locks. */
#include "lib/base/mounts.h"
#include "lib/base/proc.h"
#include "lib/look/facts-internal.h"
#include "lib/out/json-value.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

/*
 * "1: FLOCK  ADVISORY  WRITE 123 fe:00:10952804 0 EOF", and "1: -> FLOCK …" for one that waits.
 * The process is -1 for a lock of a description, and 0 for a process of another pid namespace.
 */
json_t *facts_parse_lock(const char *text)
{
	char kind[16], state[16], access[16], end[24];
	unsigned long long start;
	long pid;
	int at = 0;

	sscanf(text, "%*d: %n", &at);
	bool waiting = at && strncmp(text + at, "-> ", 3) == 0;
	if (waiting)
		at += 3;
	if (!at || sscanf(text + at, "%15s %15s %15s %ld %*s %llu %23s", kind, state, access, &pid,
			   &start, end) != 6)
		return json_bytes(text);
	json_t *lock = json_object();
	json_object_set_new(lock, "kind", json_bytes(kind));
	if (strcmp(state, "ADVISORY") != 0)
		json_object_set_new(lock, "state", json_bytes(state));
	json_object_set_new(lock, "access", json_bytes(access));
	if (pid >= 0)
		json_object_set_new(lock, "pid", pid ? json_integer(pid) : json_null());
	if (start || strcmp(end, "EOF") != 0) {
		json_object_set_new(lock, "from", json_number(start));
		json_object_set_new(lock, "to", json_word(end));
	}
	if (waiting)
		json_object_set_new(lock, "waiting", json_true());
	return lock;
}

static bool is_through_this(const struct subject *s, const json_t *lock)
{
	const json_t *ours = json_object_get(s->out, "locks");

	for (size_t i = 0; i < json_array_size(ours); i++)
		if (json_equal(json_array_get(ours, i), lock))
			return true;
	return false;
}

/* What /proc/locks calls a file: the device of its file system, and the inode's number there. */
struct locked_file {
	unsigned int major, minor;
	unsigned long long ino;
};

struct wanted_mount {
	int id;
	struct locked_file *file;
};

static bool take_device(void *data, const struct mount *m)
{
	const struct wanted_mount *w = data;

	if (m->id != w->id)
		return true;
	w->file->major = major(m->dev);
	w->file->minor = minor(m->dev);
	return false;
}

/* stat(2) may have others: of a subvolume (btrfs), of the layer that has the file (overlayfs). */
static struct locked_file locked_file(const struct subject *s)
{
	struct locked_file f = {major(s->d->dev), minor(s->d->dev), s->d->ino};
	char path[64], text[1024];
	struct wanted_mount wanted = {.file = &f};

	desc_proc_path(s->pid, "fdinfo", s->fd, path, sizeof(path));
	if (proc_read_once(AT_FDCWD, path, text, sizeof(text)) <= 0)
		return f;
	const char *line = strstr(text, "\nino:");
	if (line) /* since Linux 5.14 */
		sscanf(line, " ino: %llu", &f.ino);
	line = strstr(text, "\nmnt_id:");
	if (line && sscanf(line, " mnt_id: %d", &wanted.id) == 1)
		mounts_each(s->pid, take_device, &wanted);
	return f;
}

void facts_add_other_locks(const struct subject *s)
{
	const char *line = facts_read_cached(&s->facts->locks, "/proc/locks");
	char at[48], copy[256];

	if (!*line)
		return;
	struct locked_file f = locked_file(s);
	snprintf(at, sizeof(at), " %02x:%02x:%llu ", f.major, f.minor, f.ino);
	for (size_t len; *line; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		snprintf(copy, sizeof(copy), "%.*s", (int)len, line);
		if (!strstr(copy, at))
			continue;
		json_t *lock = facts_parse_lock(copy);
		if (is_through_this(s, lock))
			json_decref(lock);
		else
			facts_append(s->out, "other_locks", lock);
	}
}
