/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about a device: its driver and node. */
#include "lib/base/proc.h"
#include "lib/look/facts-internal.h"
#include "lib/out/json-value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* /proc/tty/drivers: "serial  /dev/ttyS  4 64-95 serial" */
static bool put_tty_driver(const struct subject *s, unsigned int maj, unsigned int min)
{
	const char *line = facts_read_cached(&s->facts->ttys, "/proc/tty/drivers");
	char name[64], range[32];
	unsigned int its_major, from, to;

	for (; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%63s %*s %u %31s", name, &its_major, range) != 3 ||
			its_major != maj)
			continue;
		int n = sscanf(range, "%u-%u", &from, &to);
		if (n < 1 || min < from || min > (n == 2 ? to : from))
			continue;
		facts_put(s, "driver", json_bytes(name));
		facts_put(s, "tty", json_true());
		return true;
	}
	return false;
}

/* /proc/devices: "  1 mem"; a major number may have several names. */
static void put_driver(const struct subject *s, bool block, unsigned int maj)
{
	const char *line = facts_read_cached(&s->facts->devices, "/proc/devices");
	const char *end = strstr(line, "Block devices:");
	char name[64];
	unsigned int its_major;

	if (block)
		line = end;
	for (; line && *line && (block || line != end); line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!block && line == end)
			break;
		if (sscanf(line, "%u %63s", &its_major, name) == 2 && its_major == maj)
			facts_put_more(s->out, "driver", json_bytes(name));
	}
	if (!json_object_get(s->out, "driver"))
		facts_put(s, "driver", json_null());
}

static void put_sysfs(const struct subject *s, bool block, unsigned int maj, unsigned int min)
{
	char path[80], text[4096], node[128];
	const char *kind = block ? "block" : "char";

	snprintf(path, sizeof(path), "/sys/dev/%s/%u:%u/uevent", kind, maj, min);
	if (proc_read(path, text, sizeof(text)) > 0) {
		const char *name = strstr(text, "DEVNAME=");
		if (name && sscanf(name, "DEVNAME=%127s", node) == 1)
			facts_put(s, "node", json_bytes(node));
	}
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/size", maj, min);
	if (block && proc_read(path, text, sizeof(text)) > 0)
		/* in sectors of 512 bytes, whatever the sector size of the device */
		facts_put(s, "size", json_number(strtoull(text, NULL, 10) * 512));
}

void facts_add_device(const struct subject *s)
{
	bool block = S_ISBLK(s->d->perm);
	unsigned int maj = major(s->d->rdev), min = minor(s->d->rdev);

	facts_put(s, "device", json_device(maj, min));
	if (block || !put_tty_driver(s, maj, min))
		put_driver(s, block, maj);
	put_sysfs(s, block, maj, min);
	if (json_object_get(s->out, "tty"))
		facts_add_terminal(s);
}
