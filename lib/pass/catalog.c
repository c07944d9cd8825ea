/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names on offer in this network namespace: see catalog.h. */
#include "lib/pass/catalog.h"
#include "lib/base/memory.h"
#include "lib/base/nearest.h"
#include "lib/base/proc.h"
#include "lib/base/uapi.h"
#include "lib/look/netlink.h"

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/unix_diag.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* TCP_LISTEN, for all families in sock_diag; and a flag of /proc/net/unix */
enum { STATE_LISTEN = 10, FLAG_ACCEPTCON = 0x10000 };

static struct catalog_entry *add_entry(struct catalog *c, const char *name, size_t len, ino_t inode)
{
	char whole[ADDR_NAME_MAX + 1];

	/* anybody can bind any bytes: what is not a valid NAME is skipped */
	if (len > ADDR_NAME_MAX || memchr(name, '\0', len))
		return NULL;
	memcpy(whole, name, len);
	whole[len] = '\0';
	if (addr_name_fault(whole))
		return NULL;
	c->entries = must_grow(c->entries, c->n, sizeof(*c->entries));
	struct catalog_entry *e = &c->entries[c->n++];
	*e = (struct catalog_entry){.inode = inode, .fd = -1};
	memcpy(e->name, whole, len + 1);
	return e;
}

/* --- the names, by unix_diag, which gives the length of a name --------------- */

void catalog_add_message(void *catalog, const struct nlmsghdr *h)
{
	static const char prefix[] = "\0" ADDR_PREFIX; /* an abstract name begins with a NUL */
	const size_t skip = sizeof(prefix) - 1;
	const struct unix_diag_msg *m = netlink_payload(h, sizeof(*m));
	size_t len, uid_len;

	if (!m)
		return;
	const char *name = netlink_attribute(h, sizeof(*m), UNIX_DIAG_NAME, skip, &len);
	if (m->udiag_type != SOCK_SEQPACKET || !name || memcmp(name, prefix, skip) != 0)
		return;
	struct catalog_entry *e = add_entry(catalog, name + skip, len - skip, m->udiag_ino);
	const char *uid =
		netlink_attribute(h, sizeof(*m), UNIX_DIAG_UID, sizeof(uint32_t), &uid_len);
	if (e && uid) {
		memcpy(&e->uid, uid, sizeof(uint32_t));
		e->uid_known = true;
	}
}

static int names_by_diag(struct catalog *c)
{
	const struct unix_diag_req r = {.sdiag_family = AF_UNIX,
		.udiag_states = 1 << STATE_LISTEN,
		.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_UID};

	struct netlink_dump d = {0};
	int done = netlink_request(&d, &r, sizeof(r));

	if (done == 0)
		netlink_each(&d, catalog_add_message, c);
	netlink_free(&d);
	return done;
}

/* --- the names, by /proc/net/unix, for a kernel without unix_diag ------------- */

/*
 * "0000…: 00000002 00000000 00010000 0005 01 12345 @fdtool/NAME". Returns the name of a SEQPACKET
 * socket that listens, "" if it has none; NULL for any other line.
 */
static const char *parse_listening(char *line, ino_t *inode)
{
	unsigned int flags, type;
	unsigned long number;
	int at = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%*x: %*x %*x %x %x %*x %lu %n", &flags, &type, &number, &at) != 3 || !at ||
		!(flags & FLAG_ACCEPTCON) || type != SOCK_SEQPACKET)
		return NULL;
	*inode = number;
	return line + at;
}

/* Calls each() for the name of every SEQPACKET socket that listens, "@fdtool/NAME". */
static int each_listening(void (*each)(void *data, const char *name, ino_t inode), void *data)
{
	char *line = NULL;
	size_t size = 0;

	FILE *f = fopen("/proc/net/unix", "re");
	if (!f)
		return -1;
	for (ssize_t n = getline(&line, &size, f); n > 0; n = getline(&line, &size, f)) {
		ino_t inode;
		const char *name = parse_listening(line, &inode);
		if (name)
			each(data, name, inode);
	}
	free(line);
	fclose(f);
	return 0;
}

static void add_name(void *data, const char *name, ino_t inode)
{
	static const char prefix[] = "@" ADDR_PREFIX;
	const size_t skip = sizeof(prefix) - 1;

	if (strncmp(name, prefix, skip) == 0)
		add_entry(data, name + skip, strlen(name) - skip, inode);
}

void catalog_add_line(struct catalog *c, char *line)
{
	ino_t inode;
	const char *name = parse_listening(line, &inode);

	if (name)
		add_name(c, name, inode);
}

struct name_search {
	const char *name;
	bool found;
};

static void match_name(void *data, const char *name, ino_t inode)
{
	struct name_search *s = data;

	(void)inode;
	s->found = s->found || strcmp(name, s->name) == 0;
}

int catalog_accepts(const char *raw)
{
	struct name_search s = {.name = raw};

	if (each_listening(match_name, &s) < 0)
		return -1;
	errno = ECONNREFUSED;
	return s.found ? 0 : -1;
}

static int by_name(const void *a, const void *b)
{
	const struct catalog_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int catalog_names(struct catalog *c)
{
	*c = (struct catalog){0};
	if (names_by_diag(c) < 0) {
		catalog_free(c);
		if (each_listening(add_name, c) < 0)
			return -1;
	}
	if (c->n)
		qsort(c->entries, c->n, sizeof(*c->entries), by_name);
	return 0;
}

void catalog_free(struct catalog *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->entries[i].rest);
	free(c->entries);
	*c = (struct catalog){0};
}

const struct catalog_entry *catalog_find(const struct catalog *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->entries[i].name, name) == 0)
			return &c->entries[i];
	return NULL;
}

const char *catalog_nearest(const struct catalog *c, const char *name)
{
	struct nearest n = nearest_to(name);

	for (size_t i = 0; i < c->n; i++)
		nearest_try(&n, c->entries[i].name);
	return n.word;
}

static struct catalog_entry *find_inode(struct catalog *c, ino_t inode)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->entries[i].inode == inode)
			return &c->entries[i];
	return NULL;
}

/* --- the processes that have the sockets ---------------------------------- */

/*
 * Sets pid in the entries whose sockets the process has. Returns false if its
 * descriptors may not be read.
 */
static bool match_sockets(struct catalog *c, pid_t pid)
{
	char path[32], link[64];
	unsigned long inode;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	DIR *fds = opendir(path);
	if (!fds)
		return false;
	for (struct dirent *e = readdir(fds); e; e = readdir(fds)) {
		ssize_t n = readlinkat(dirfd(fds), e->d_name, link, sizeof(link) - 1);
		if (n <= 0)
			continue;
		link[n] = '\0';
		if (sscanf(link, "socket:[%lu]", &inode) != 1)
			continue;
		struct catalog_entry *entry = find_inode(c, inode);
		if (entry && !entry->pid)
			entry->pid = pid;
	}
	closedir(fds);
	return true;
}

static bool has_uid(pid_t pid, uid_t uid)
{
	char path[40], line[128];
	unsigned int euid;
	bool same = false;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	FILE *f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Uid: %*u %u", &euid) == 1) {
			same = euid == uid;
			break;
		}
	if (f)
		fclose(f);
	return same;
}

/* "6,7"; NULL: no more */
static void take_rest(struct catalog_entry *e, char *numbers)
{
	const char *fault;

	free(e->rest);
	e->rest = NULL;
	e->n_rest = 0;
	for (char *one = strsep(&numbers, ","); one; one = strsep(&numbers, ",")) {
		int fd = (int)strtonum(one, 0, INT_MAX, &fault);
		if (fault)
			return;
		e->rest = must_grow(e->rest, e->n_rest, sizeof(*e->rest));
		e->rest[e->n_rest++] = fd;
	}
}

void catalog_match_title(struct catalog *c, pid_t pid, char *offers, bool verified)
{
	const char *fault;

	for (char *one = strsep(&offers, " "); one; one = strsep(&offers, " ")) {
		const char *name = strsep(&one, "=");
		struct catalog_entry *e = (struct catalog_entry *)catalog_find(c, name);
		if (!one || !e)
			continue;
		if (!verified && !e->pid && e->uid_known && has_uid(pid, e->uid))
			e->pid = pid;
		int fd = (int)strtonum(strsep(&one, ","), 0, INT_MAX, &fault);
		if (e->pid != pid || fault)
			continue;
		e->fd = fd;
		take_rest(e, one);
	}
}

static bool match_if_titled(void *data, pid_t pid)
{
	static const char prefix[] = ADDR_SERVER_TITLE " ";
	char path[32], title[65536];

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	if (proc_read(path, title, sizeof(title)) > 0 &&
		strncmp(title, prefix, sizeof(prefix) - 1) == 0)
		catalog_match_title(data, pid, title + sizeof(prefix) - 1, match_sockets(data, pid));
	return true;
}

static bool all_known(const struct catalog *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (!c->entries[i].pid)
			return false;
	return true;
}

static bool match_any(void *data, pid_t pid)
{
	match_sockets(data, pid);
	return !all_known(data);
}

void catalog_owners(struct catalog *c)
{
	if (c->n == 0 || proc_fault())
		return;
	proc_each(match_if_titled, c);
	if (!all_known(c)) /* a server that is not fdtool, or whose descriptors we may not read */
		proc_each(match_any, c);
}
