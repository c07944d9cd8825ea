/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The names on offer: lib/pass/catalog.h. Any process may bind any bytes, and have any title. The
 * bytes are a NUL and a dump of unix_diag, or lines of /proc/net/unix; what follows "TITLE" is also
 * a title.
 */
#include "tests/fuzz/fuzz.h"
#include "lib/base/memory.h"
#include "lib/look/netlink.h"
#include "lib/pass/catalog.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SEQPACKET_LISTENS = 0x10000 };

/* It is what the kernel said, and the ADDRESS that grab takes for it is the same name. */
static void check_entry(const struct catalog_entry *e, const char *data, size_t size)
{
	struct addr a;
	char *raw = must_printf(ADDR_PREFIX "%s", e->name);
	size_t len = strlen(raw);

	CHECK(memmem(data, size, raw, len));
	CHECK(!addr_name_fault(e->name) && !addr_parse(e->name, &a));
	CHECK(!addr_is_path(&a) && a.len == offsetof(struct sockaddr_un, sun_path) + 1 + len);
	CHECK(memcmp(a.un.sun_path + 1, raw, len) == 0);
	free(raw);
}

/* A kernel without unix_diag lists the same. */
static void check_line(const struct catalog_entry *e)
{
	struct catalog again = {0};
	char *line = must_printf("0: 00000002 00000000 %08x %04x 01 %lu @" ADDR_PREFIX "%s\n",
		SEQPACKET_LISTENS, SOCK_SEQPACKET, (unsigned long)e->inode, e->name);

	catalog_add_line(&again, line);
	CHECK(again.n == 1 && again.entries[0].inode == e->inode);
	CHECK(strcmp(again.entries[0].name, e->name) == 0 && !again.entries[0].uid_known);
	catalog_free(&again);
	free(line);
}

static void check_names(const struct catalog *c, const char *data, size_t size)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct catalog_entry *e = &c->entries[i];
		CHECK(e->fd == -1 && e->pid == 0);
		check_entry(e, data, size);
		check_line(e);
		CHECK(strcmp(catalog_find(c, e->name)->name, e->name) == 0);
	}
	CHECK(!catalog_find(c, ""));
}

/* A title counts only for a socket that the process has, or that belongs to its user. */
static void check_title(struct catalog *c, const char *title)
{
	const pid_t stranger = 1, owner = getpid();
	char *text = must_strdup(title);

	catalog_match_title(c, stranger, text, true);
	for (size_t i = 0; i < c->n; i++) {
		CHECK(c->entries[i].fd == -1 && c->entries[i].pid == 0);
		c->entries[i].pid = i % 2 ? owner : stranger;
	}
	strcpy(text, title);
	catalog_match_title(c, owner, text, true);
	for (size_t i = 0; i < c->n; i++) {
		struct catalog_entry *e = &c->entries[i];
		CHECK(e->fd == -1 || (e->fd >= 0 && e->pid == owner && strstr(title, e->name)));
		e->pid = 0;
		e->fd = -1;
	}
	strcpy(text, title);
	catalog_match_title(c, owner, text, false);
	for (size_t i = 0; i < c->n; i++)
		CHECK(!c->entries[i].pid || c->entries[i].uid == geteuid());
	free(text);
}

static void add_lines(struct catalog *c, const char *data, size_t size)
{
	char *text = fuzz_string(data, size), *rest = text;

	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
		catalog_add_line(c, line);
	free(text);
}

static void check_marked_title(struct catalog *c, const char *data, size_t size)
{
	const char *mark = memmem(data, size, "TITLE", 5);

	if (!mark)
		return;
	char *title = fuzz_string(mark + 5, size - (size_t)(mark + 5 - data));
	title[strcspn(title, "\n")] = '\0';
	check_title(c, title);
	free(title);
}

FUZZ(catalog)
{
	struct catalog c = {0};
	struct netlink_dump d = {0};

	if (size && !*data) {
		netlink_take(&d, data + 1, size - 1);
		netlink_each(&d, catalog_add_message, &c);
		netlink_free(&d);
	} else {
		add_lines(&c, data, size);
	}
	check_names(&c, data, size);
	check_marked_title(&c, data, size);
	catalog_free(&c);
}
