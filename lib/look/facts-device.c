/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about a device: its driver and node, and the session of a terminal. */
#include "lib/base/proc.h"
#include "lib/look/facts-internal.h"
#include "lib/look/scan.h"
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
	facts_put(s, "session", json_integer(task.session));
	facts_put(s, "foreground", json_integer(task.foreground));
}

void facts_add_device(const struct subject *s)
{
	bool block = S_ISBLK(s->d->perm);
	unsigned int maj = major(s->d->rdev), min = minor(s->d->rdev);
	const json_t *index = json_object_get(s->out, "tty-index");
	char other[32];

	facts_put(s, "device", json_device(maj, min));
	if (block || !put_tty_driver(s, maj, min))
		put_driver(s, block, maj);
	put_sysfs(s, block, maj, min);
	if (json_is_integer(index)) { /* the master of a pseudoterminal */
		snprintf(other, sizeof(other), "/dev/pts/%d", (int)json_integer_value(index));
		facts_put(s, "master_of", json_string(other));
	}
	if (json_object_get(s->out, "tty"))
		put_session(s);
}
