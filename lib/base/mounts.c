/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mounts that a process sees: see mounts.h. */
#include "lib/base/mounts.h"
#include "lib/base/proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

/* "25 23 0:23 / /dev/pts rw,relatime shared:3 - devpts devpts rw,mode=600" */
static bool parse(char *line, struct mount *m)
{
	unsigned int major, minor;
	int at;
	char *type = strstr(line, " - ");

	if (!type || sscanf(line, "%d %*d %u:%u %*s %n", &m->id, &major, &minor, &at) != 3)
		return false;
	m->dev = makedev(major, minor);
	m->type = type + 3;
	type[3 + strcspn(m->type, " ")] = '\0';
	m->at = line + at;
	line[at + (int)strcspn(m->at, " ")] = '\0';
	return true;
}

void mounts_each(pid_t pid, bool (*each)(void *data, const struct mount *), void *data)
{
	char path[32] = "/proc/self/mountinfo";
	struct mount m;
	size_t len;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/mountinfo", pid);
	char *text = proc_read_all(path, &len), *rest = text;
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
		if (parse(line, &m) && !each(data, &m))
			break;
	free(text);
}
