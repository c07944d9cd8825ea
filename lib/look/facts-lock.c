/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about the locks on a file: a line of fdinfo, and those of /proc/locks. */
#include "lib/look/facts-internal.h"
#include "lib/out/json-value.h"

#include <stdio.h>
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
	json_t *lock = json_pack("{s:s}", "kind", kind);
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

/* /proc/locks names a file by device and inode. */
void facts_add_other_locks(const struct subject *s)
{
	const char *line = facts_read_cached(&s->facts->locks, "/proc/locks");
	char at[48], copy[256];

	snprintf(at, sizeof(at), " %02x:%02x:%llu ", major(s->d->dev), minor(s->d->dev),
		(unsigned long long)s->d->ino);
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
