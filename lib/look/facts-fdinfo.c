/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts from fdinfo: the lines that are specific to a type, under the names of the tables here. */
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/proc.h"
#include "lib/base/text.h"
#include "lib/look/facts-internal.h"
#include "lib/out/json-value.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fdinfo_key {
	const char *type, *key, *name;
	enum as as;
	const struct bitname *names;
};

/* Lines of "key: value". */
static const struct fdinfo_key line_keys[] = {
	{"eventfd", "eventfd-count", "count", AS_HEX, NULL},
	{"eventfd", "eventfd-id", "id", AS_WORD, NULL},
	{"eventfd", "eventfd-semaphore", "semaphore", AS_BOOL, NULL},
	{"timerfd", "clockid", "clock", AS_VALUE, names_clock},
	{"timerfd", "settime flags", "settime_flags", AS_BITS_OCTAL, names_settime},
	{"timerfd", "it_value", "it_value_ns", AS_TIME, NULL},
	{"timerfd", "it_interval", "it_interval_ns", AS_TIME, NULL},
	{"signalfd", "sigmask", "signals", AS_SIGNALS, NULL},
	{"pidfd", "Pid", "pid", AS_WORD, NULL},
	{"pidfd", "NSpid", "nspid", AS_PIDS, NULL},
	{"io_uring", "SqMask", "sq_entries", AS_RING_MASK, NULL},
	{"io_uring", "CqMask", "cq_entries", AS_RING_MASK, NULL},
	{"bpf", "map_type", "map_type", AS_VALUE, names_bpf_map},
	{"bpf", "prog_type", "prog_type", AS_VALUE, names_bpf_prog},
	{"bpf", "prog_jited", "prog_jited", AS_BOOL, NULL},
	{"bpf", "frozen", "frozen", AS_BOOL, NULL},
	{"socket", "scm_fds", "in_flight", AS_WORD, NULL},
	{NULL, NULL, NULL, AS_WORD, NULL},
};

/* Words of "key:value", of which a line has many. */
static const struct fdinfo_key word_keys[] = {
	{"epoll", "tfd", "fd", AS_WORD, NULL},
	{"epoll", "events", "events", AS_BITS, names_epoll},
	{"epoll", "data", "data", AS_OPAQUE, NULL},
	{"epoll", "ino", "ino", AS_HEX, NULL},
	{"epoll", "sdev", "dev", AS_DEVICE, NULL},
	{"inotify", "wd", "wd", AS_HEX, NULL}, /* although proc(5) says decimal */
	{"inotify", "ino", "ino", AS_HEX, NULL},
	{"inotify", "sdev", "dev", AS_DEVICE, NULL},
	{"inotify", "mask", "mask", AS_BITS, names_inotify},
	{"inotify", "ignored_mask", "ignored_mask", AS_BITS, names_inotify},
	{"fanotify", "flags", "flags", AS_OPAQUE, NULL},
	{"fanotify", "event-flags", "event_flags", AS_OPAQUE, NULL},
	{"fanotify", "mnt_id", "mnt_id", AS_HEX, NULL},
	{"fanotify", "ino", "ino", AS_HEX, NULL},
	{"fanotify", "sdev", "dev", AS_DEVICE, NULL},
	{"fanotify", "mflags", "mflags", AS_OPAQUE, NULL},
	{"fanotify", "mask", "mask", AS_BITS, names_fanotify},
	{"fanotify", "ignored_mask", "ignored_mask", AS_BITS, names_fanotify},
	{NULL, NULL, NULL, AS_WORD, NULL},
};

/*
 * The start of such a line, and the array that it goes into; `skip` is the length of the start
 * without a part that is a word of "key:value".
 */
static const struct {
	const char *type, *start, *array;
	size_t skip;
} lists[] = {
	{"epoll", "tfd:", "entries", 0},
	{"inotify", "inotify ", "watches", 8},
	{"fanotify", "fanotify flags:", "group", 9},
	{"fanotify", "fanotify ", "marks", 9},
	{NULL, NULL, NULL, 0},
};

static const struct fdinfo_key *find_key(
	const struct fdinfo_key *k, const char *type, const char *key)
{
	for (; k->type; k++)
		if (strcmp(k->type, type) == 0 && strcmp(k->key, key) == 0)
			return k;
	return NULL;
}

/* Its name in the result, where keys are UTF-8. The caller frees. */
static char *name_of(const struct fdinfo_key *k, const char *key)
{
	return k ? must_strdup(k->name) : text_escape_ascii(key, strlen(key));
}

static void put_value(json_t *object, const struct fdinfo_key *k, const char *name, const char *text)
{
	facts_put_more(object, name, k ? json_as(k->as, k->names, text) : json_word(text));
}

/* "tfd:        3 events: 19 data: 3  pos:0 ino:40e sdev:10" */
static json_t *parse_words(const char *type, char *line)
{
	json_t *object = json_object();

	for (char *key = line + strspn(line, " "); *key;) {
		char *value = key + strcspn(key, ": ");
		if (*value == ':')
			*value++ = '\0';
		value += strspn(value, " ");
		char *end = value + strcspn(value, " ");
		char *next = end + strspn(end, " ");
		*end = '\0';
		const struct fdinfo_key *k = find_key(word_keys, type, key);
		char *name = name_of(k, key);
		put_value(object, k, name, value);
		free(name);
		key = next;
	}
	return object;
}

static bool parse_list(const struct subject *s, char *line)
{
	for (size_t i = 0; lists[i].type; i++)
		if (strcmp(lists[i].type, s->d->type) == 0 &&
			strncmp(line, lists[i].start, strlen(lists[i].start)) == 0) {
			facts_append(s->out, lists[i].array,
				parse_words(lists[i].type, line + lists[i].skip));
			return true;
		}
	return false;
}

/* In struct desc; or the mount of a file without a path, which is the same for all of these. */
static bool is_known_already(const struct subject *s, const char *key)
{
	return strcmp(key, "pos") == 0 || strcmp(key, "flags") == 0 || strcmp(key, "ino") == 0 ||
	       (strcmp(key, "mnt_id") == 0 && s->d->path[0] != '/');
}

/* An indented line, or one that is no "key: value", belongs to the last key, *name. */
static void parse_line(const struct subject *s, char *line, char **name)
{
	size_t len = strcspn(line, ":");

	if (parse_list(s, line))
		return;
	if (isspace((unsigned char)*line) || !line[len]) {
		line += strspn(line, " \t");
		facts_put_more(s->out, *name ? *name : "more", json_bytes(line));
		return;
	}
	line[len] = '\0';
	char *value = line + len + 1;
	value += strspn(value, " \t");
	if (is_known_already(s, line))
		return;
	const struct fdinfo_key *k = find_key(line_keys, s->d->type, line);
	free(*name);
	*name = name_of(k, line);
	if (strcmp(line, "lock") == 0)
		facts_append(s->out, "locks", facts_parse_lock(value));
	else
		put_value(s->out, k, *name, value);
}

/* Without an entry there is no line; then the array is empty. */
static void put_empty_list(const struct subject *s)
{
	for (size_t i = 0; lists[i].type; i++)
		if (strcmp(lists[i].type, s->d->type) == 0 &&
			strcmp(lists[i].array, "group") != 0 &&
			!json_object_get(s->out, lists[i].array))
			facts_put(s, lists[i].array, json_array());
}

void facts_parse_fdinfo(const struct subject *s, char *text)
{
	char *name = NULL;

	for (char *line = strsep(&text, "\n"); line; line = strsep(&text, "\n"))
		if (*line)
			parse_line(s, line, &name);
	free(name);
	put_empty_list(s);
}

/*
 * Whether the text is about the inode of the subject: since Linux 5.14 it tells. File systems
 * may have other numbers for statx(2), but not those of pipes, sockets and the like.
 */
static bool is_of_subject(const struct subject *s, const char *text)
{
	const char *ino = strstr(text, "\nino:");

	return !ino || !s->d->ino || *s->d->path == '/' || strtoull(ino + 5, NULL, 10) == s->d->ino;
}

bool facts_add_fdinfo(const struct subject *s)
{
	char path[64], once[4096], *all = NULL;
	size_t len;

	desc_proc_path(s->pid, "fdinfo", s->fd, path, sizeof(path));
	/* the kernel makes the whole text before the first read: only a full buffer may not be all */
	ssize_t n = proc_read_once(AT_FDCWD, path, once, sizeof(once));
	if (n == (ssize_t)sizeof(once) - 1)
		all = proc_read_all(path, &len);
	bool known = all || (n >= 0 && n < (ssize_t)sizeof(once) - 1);
	if (!known && errno == ENOENT)
		return false;
	if (known && !is_of_subject(s, all ? all : once)) {
		free(all);
		return false;
	}
	if (known)
		facts_parse_fdinfo(s, all ? all : once);
	else
		facts_put(s, "fdinfo", json_null());
	free(all);
	return true;
}
