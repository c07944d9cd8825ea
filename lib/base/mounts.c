/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mounts that a process sees: see mounts.h. */
#include "lib/base/mounts.h"
#include "lib/base/proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

/*
 * "25 23 0:23 / /dev/pts rw,relatime shared:3 - devpts devpts rw,mode=600". Only a blank ends a
 * field: the kernel escapes no form feed, which would end one for %s.
 */
static bool parse(char *line, struct mount *m)
{
	unsigned int major, minor;
	int root;
	char *type = strstr(line, " - ");

	if (!type || sscanf(line, "%d %*d %u:%u%n", &m->id, &major, &minor, &root) != 3 ||
		line[root] != ' ')
		return false;
	m->dev = makedev(major, minor);
	type += 3;
	type[strcspn(type, " ")] = '\0';
	m->type = type;
	char *at = line + root + 1;
	at += strcspn(at, " ");
	at += *at == ' ';
	at[strcspn(at, " ")] = '\0';
	m->at = at;
	return true;
}

void mounts_parse(char *text, bool (*each)(void *data, const struct mount *), void *data)
{
	struct mount m;

	for (char *line = strsep(&text, "\n"); line; line = strsep(&text, "\n"))
		if (parse(line, &m) && !each(data, &m))
			break;
}

void mounts_each(pid_t pid, bool (*each)(void *data, const struct mount *), void *data)
{
	char path[32] = "/proc/self/mountinfo";
	size_t len;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/mountinfo", pid);
	char *text = proc_read_all(path, &len);
	mounts_parse(text, each, data);
	free(text);
}
