/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/times.h"
#include "lib/look/grow.h"

#include <stdlib.h>
#include <string.h>

enum { MANY = 16 };

/* Each descriptor has its own description, until one is said to be a duplicate. */
struct model {
	struct share share;
	struct share_table tables[MANY];
	struct share_description descriptions[MANY];
	struct share_fd fds[MANY];
};

static struct model empty(void)
{
	return (struct model){0};
}

static struct share *share_of(struct model *m)
{
	m->share.tables = m->tables;
	m->share.descriptions = m->descriptions;
	m->share.fds = m->fds;
	return &m->share;
}

static void has(struct model *m, pid_t pid, int fd, const char *type, ino_t ino, const char *name)
{
	size_t t = 0;

	while (t < m->share.n_tables && m->tables[t].pid != pid)
		t++;
	if (t == m->share.n_tables)
		m->tables[m->share.n_tables++] =
			(struct share_table){.pid = pid, .tid = pid, .command = "cat"};
	m->fds[m->share.n_fds] = (struct share_fd){.table = (uint32_t)t, .fd = fd,
		.description = m->share.n_descriptions & 0x7fffffff};
	m->descriptions[m->share.n_descriptions++] = (struct share_description){
		.first = (uint32_t)m->share.n_fds++, .n = 1, .dev = 1, .ino = ino, .type = type, .name = name};
}

/* A look at that second. The groups are "PID N TYPE OBJECT; …", with a '!' if they differ. */
static const char *look(struct grow *g, struct model *m, int second)
{
	static char text[512];
	struct share *s = share_of(m);
	bool *fresh = grow_look(g, s, (second + 1) * NS_PER_S);
	size_t len = 0;

	free(fresh);
	len += (size_t)snprintf(text, sizeof(text), "%s", grow_group(g, s) ? "!" : "");
	for (size_t i = 0; i < g->n_groups; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%d %zu %s %s", i ? "; " : "",
			g->processes[g->groups[i].process].pid, g->groups[i].n, g->groups[i].type,
			g->groups[i].object);
	return text;
}

static struct model one_file(void)
{
	struct model m = empty();

	has(&m, 10, 3, "regular", 7, "/srv/a");
	return m;
}

TEST(what_stays_is_no_growth_and_what_comes_is)
{
	struct grow g = {.every = true};
	struct model m = one_file(), more = one_file();

	has(&more, 10, 4, "eventfd", 1, "anon_inode:[eventfd]");
	has(&more, 10, 5, "eventfd", 1, "anon_inode:[eventfd]");
	has(&more, 10, 6, "regular", 7, "/srv/a");
	CHECK_STR(look(&g, &m, 0), "");
	CHECK_STR(look(&g, &m, 1), "");
	CHECK_STR(look(&g, &more, 2), "!10 2 eventfd ; 10 1 regular /srv/a");
	CHECK_STR(look(&g, &more, 3), "10 2 eventfd ; 10 1 regular /srv/a");
	CHECK_INT(g.processes[0].first, 1);
	CHECK_INT(grow_opened(&g.processes[0]), 3);
	CHECK_INT(grow_closed(&g.processes[0]), 0);
	CHECK_STR(look(&g, &m, 4), "!");
	grow_free(&g);
}

TEST(a_number_with_another_inode_or_type_is_new)
{
	struct grow g = {.every = true};
	struct model m = one_file(), inode = empty(), type = empty();

	has(&m, 10, 4, "eventfd", 1, "anon_inode:[eventfd]");
	has(&inode, 10, 3, "regular", 8, "/srv/b");
	has(&inode, 10, 4, "eventfd", 1, "anon_inode:[eventfd]");
	has(&type, 10, 3, "regular", 8, "/srv/b");
	has(&type, 10, 4, "epoll", 1, "anon_inode:[eventpoll]");
	CHECK_STR(look(&g, &m, 0), "");
	CHECK_STR(look(&g, &inode, 1), "!10 1 regular /srv/b");
	CHECK_STR(look(&g, &type, 2), "!10 1 epoll ; 10 1 regular /srv/b");
	CHECK_INT(grow_opened(&g.processes[0]), 2);
	CHECK_INT(grow_closed(&g.processes[0]), 2);
	CHECK(grow_until(&g, &g.processes[0], 100) == NEVER);
	grow_free(&g);
}

TEST(what_was_seen_closed_is_new_when_it_is_back)
{
	struct grow g = {.every = true};
	struct model m = one_file(), without = empty();

	has(&m, 10, 4, "regular", 9, "/srv/c");
	has(&without, 10, 4, "regular", 9, "/srv/c");
	look(&g, &m, 0);
	CHECK_STR(look(&g, &without, 1), "");
	CHECK_STR(look(&g, &m, 2), "!10 1 regular /srv/a");
	grow_free(&g);
}

TEST(the_largest_first_by_label_and_process)
{
	struct grow g = {.every = true};
	struct model m = one_file(), more;

	has(&m, 20, 3, "regular", 7, "/srv/a");
	more = m;
	for (int fd = 4; fd < 7; fd++)
		has(&more, 10, fd, "socket", (ino_t)fd, "socket:[4]");
	has(&more, 20, 4, "socket", 40, "socket:[40]");
	has(&more, 20, 5, "socket", 41, "socket:[41]");
	more.descriptions[2].label = more.descriptions[3].label = "TCP 127.0.0.1:80";
	look(&g, &m, 0);
	CHECK_STR(look(&g, &more, 1), "!10 2 socket TCP 127.0.0.1:80; 20 2 socket ; 10 1 socket ");
	grow_free(&g);
}

TEST(the_rate_is_that_of_the_number_of_descriptors)
{
	struct grow g = {0};
	struct model m = one_file(), more = empty();

	for (int fd = 3; fd < 7; fd++)
		has(&more, 10, fd, "regular", 8, "/srv/b");
	look(&g, &m, 0);
	CHECK_INT((int)grow_per_minute(&g, &g.processes[0]), 0);
	CHECK(grow_until(&g, &g.processes[0], 100) == NEVER);
	look(&g, &more, 2); /* one closed, four opened */
	CHECK_INT(grow_opened(&g.processes[0]), 4);
	CHECK_INT((int)grow_per_minute(&g, &g.processes[0]), 90);
	CHECK_INT(grow_until(&g, &g.processes[0], 30), 20 * NS_PER_S);
	CHECK_INT(grow_until(&g, &g.processes[0], 0), 0);
	grow_free(&g);
}

TEST(a_process_has_its_own_first_look)
{
	struct grow g = {.every = true};
	struct model m = one_file(), second = one_file(), third;

	has(&second, 20, 3, "regular", 7, "/srv/a");
	third = second;
	has(&third, 20, 4, "regular", 7, "/srv/a");
	look(&g, &m, 0);
	CHECK_STR(look(&g, &second, 5), "");
	CHECK_STR(look(&g, &third, 6), "!20 1 regular /srv/a");
	CHECK_INT((int)grow_per_minute(&g, &g.processes[1]), 60);
	CHECK_STR(look(&g, &m, 7), "!"); /* it has ended */
	CHECK_INT(g.n_processes, 1);
	CHECK_STR(look(&g, &third, 8), "");
	grow_free(&g);
}

TEST(of_a_part_of_the_descriptors_a_process_had_none_at_first)
{
	struct grow g = {.part = true};
	struct model m = one_file(), more = one_file();

	has(&more, 20, 3, "regular", 7, "/srv/a");
	CHECK_STR(look(&g, &m, 0), "");
	CHECK_STR(look(&g, &more, 10), "!20 1 regular /srv/a");
	CHECK_INT((int)grow_per_minute(&g, &g.processes[1]), 6);
	grow_free(&g);
}

static bool is_10(const void *data, const struct share_table *t)
{
	(void)data;
	return t->pid == 10;
}

TEST(only_processes_that_count_and_only_those_that_grow)
{
	struct grow g = {.counts = is_10};
	struct model m = one_file(), other = one_file(), turned = empty();

	has(&other, 20, 3, "regular", 7, "/srv/a");
	has(&turned, 10, 3, "regular", 8, "/srv/b");
	CHECK_STR(look(&g, &m, 0), "");
	CHECK_STR(look(&g, &other, 1), "");
	CHECK_INT(g.n_processes, 1);
	CHECK_STR(look(&g, &turned, 2), "");
	CHECK(!grow_shows(&g, &g.processes[0]));
	grow_free(&g);
}

TEST(only_descriptions_with_new_descriptors_are_marked)
{
	struct grow g = {0};
	struct model m = one_file(), more = one_file();

	has(&more, 10, 4, "socket", 9, "socket:[9]");
	free(grow_look(&g, share_of(&m), NS_PER_S));
	bool *fresh = grow_look(&g, share_of(&more), 2 * NS_PER_S);
	CHECK(!fresh[0] && fresh[1]);
	free(fresh);
	grow_free(&g);
}
