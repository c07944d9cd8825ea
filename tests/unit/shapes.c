/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hand-made models of shared descriptions: see shapes.h. */
#include "tests/unit/shapes.h"
#include "lib/base/memory.h"
#include "lib/look/desc.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static struct share_description *open_as(struct shape *s, ino_t ino, const char *name, int flags,
	int64_t pos)
{
	struct share_description *d = &s->share.descriptions[s->share.n_descriptions++];

	*d = (struct share_description){.first = s->share.n_fds, .name = name, .type = "regular",
		.flags = flags, .pos = pos, .dev = makedev(8, 1), .ino = ino, .perm = S_IFREG | 0644,
		.requested = true, .certain = true};
	return d;
}

static struct share_description *open_other(struct shape *s, ino_t ino, const char *type,
	const char *name, int flags, mode_t kind)
{
	struct share_description *d = open_as(s, ino, name, flags, DESC_NO_POS);

	d->type = type;
	d->perm = kind;
	return d;
}

static uint32_t table_of(struct share *s, pid_t pid, const char *command)
{
	for (size_t i = 0; i < s->n_tables; i++)
		if (s->tables[i].pid == pid)
			return (uint32_t)i;
	struct share_table *t = &s->tables[s->n_tables];
	*t = (struct share_table){.pid = pid, .tid = pid, .parent = 1, .session = 1};
	memcpy(t->command, command, strnlen(command, sizeof(t->command) - 1));
	return (uint32_t)s->n_tables++;
}

/* Adds a descriptor of the last description. Processes first appear in the order of their pids. */
static void held_by(struct shape *s, pid_t pid, const char *command, int fd)
{
	struct share *to = &s->share;

	to->fds[to->n_fds++] = (struct share_fd){.table = table_of(to, pid, command),
		.fd = fd, .description = (uint32_t)(to->n_descriptions - 1)};
	to->descriptions[to->n_descriptions - 1].n++;
}

/* --- the models --------------------------------------------------------------------------- */

static void alone(struct shape *s)
{
	open_as(s, 7, "/srv/notes.txt", O_RDONLY, 0);
	held_by(s, 1234, "serve", 4);
}

static void pair(struct shape *s)
{
	open_as(s, 7, "/srv/notes.txt", O_RDWR | O_APPEND, 120);
	held_by(s, 1234, "serve", 4);
	held_by(s, 1240, "grab", 3);
}

static void dup_of_one(struct shape *s)
{
	open_other(s, 3, "char", "/dev/pts/3", O_RDWR | O_NONBLOCK, S_IFCHR)->pos = 0;
	held_by(s, 1200, "bash", 0);
	held_by(s, 1200, "bash", 1);
	held_by(s, 1200, "bash", 2);
}

static void opens(struct shape *s)
{
	pair(s);
	open_as(s, 7, "/srv/notes.txt", O_RDONLY, 0);
	held_by(s, 1300, "less", 3);
}

static void changed(struct shape *s)
{
	opens(s);
	s->changed = must_calloc(2, sizeof(*s->changed));
	s->changed[0] = true;
}

static void gaps(struct shape *s)
{
	opens(s);
	s->share.unseen = 12;
	s->share.hidden = true;
	s->share.descriptions[0].certain = s->share.descriptions[1].certain = false;
}

static void many_holders(struct shape *s)
{
	open_other(s, 8, "socket", "socket:[4711]", O_RDWR | O_NONBLOCK, S_IFSOCK);
	for (int i = 0; i < 21; i++)
		held_by(s, 2000 + i, "nginx", 6);
}

static const char *const file_names[] = {"/srv/a", "/srv/b", "/srv/c", "/srv/d", "/srv/e",
	"/srv/f", "/srv/g", "/srv/h", "/srv/i", "/srv/j"};

static void ten(struct shape *s)
{
	for (int i = 0; i < 10; i++) {
		open_as(s, 10 + (ino_t)i, file_names[i], O_RDONLY, i);
		held_by(s, 1400, "worker", 3 + i);
	}
}

/* Parent and child share three descriptions, under numbers in opposite order. */
static void crossing(struct shape *s)
{
	for (int i = 0; i < 3; i++) {
		open_as(s, 10 + (ino_t)i, file_names[i], O_RDONLY, i);
		held_by(s, 1500, "parent", i);
		held_by(s, 1501, "child", 5 - i);
	}
}

/* Too many lines for one column: each description is drawn as a band. */
static void bands(struct shape *s)
{
	for (int i = 0; i < 6; i++) {
		open_as(s, 10 + (ino_t)(i / 2), file_names[i / 2], O_RDONLY, i);
		held_by(s, 1500, "parent", i);
		held_by(s, 1501, "child", i);
	}
	open_as(s, 20, "/srv/alone", O_RDONLY, 0);
	held_by(s, 1501, "child", 9);
}

/* A shell's "cat | grep": all three share the terminal, the two share the pipe. */
static void pipeline(struct shape *s)
{
	open_other(s, 3, "char", "/dev/pts/3", O_RDWR, S_IFCHR)->pos = 0;
	held_by(s, 1200, "bash", 0);
	held_by(s, 1200, "bash", 1);
	held_by(s, 1600, "cat", 0);
	held_by(s, 1601, "grep", 1);
	open_other(s, 99, "pipe", "pipe:[99]", O_WRONLY, S_IFIFO);
	held_by(s, 1600, "cat", 1);
	open_other(s, 99, "pipe", "pipe:[99]", O_RDONLY, S_IFIFO);
	held_by(s, 1601, "grep", 0);
}

static void anonymous(struct shape *s)
{
	open_other(s, 1, "eventfd", "anon_inode:[eventfd]", O_RDWR, 0600);
	held_by(s, 1700, "loop", 4);
	open_other(s, 1, "timerfd", "anon_inode:[timerfd]", O_RDONLY | O_NONBLOCK, 0600);
	held_by(s, 1700, "loop", 5);
	held_by(s, 1700, "loop", 9);
}

static void hostile(struct shape *s)
{
	open_as(s, 7, "/srv/\033[31m<b>&\"\\N|{}\xff\n\xe2\x80\xae", O_RDONLY, 0);
	held_by(s, 1800, "\033[2J<&>\"\\l", 3);
	open_as(s, 8,
		"/home/\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87/"
		"a/very/long/path/that/no/box/has/room/for/e\xcc\x81t\xc3\xa9.txt",
		O_RDWR | O_APPEND | O_NONBLOCK | 0x40000000, INT64_MAX);
	held_by(s, 1234567, "fifteen-letters", 1023);
}

static void thousand(struct shape *s)
{
	for (int i = 0; i < 500; i++) {
		open_as(s, 10 + (ino_t)i, "/srv/many", O_RDONLY, i);
		held_by(s, 1900, "many", i);
		held_by(s, 1901, "many", i);
	}
}

static void nothing(struct shape *s)
{
	(void)s;
}

enum { N_SHAPES = 15 };

const char *const shape_names[N_SHAPES + 1] = {"alone", "pair", "dup", "opens", "changed", "gaps",
	"many", "ten", "crossing", "bands", "pipeline", "anonymous", "hostile", "thousand",
	"nothing", NULL};

static void (*const makers[N_SHAPES])(struct shape *) = {alone, pair, dup_of_one, opens, changed,
	gaps, many_holders, ten, crossing, bands, pipeline, anonymous, hostile, thousand, nothing};

struct shape *shape_named(const char *name)
{
	enum { ROOM = 1000 };

	for (size_t i = 0; i < N_SHAPES; i++) {
		if (strcmp(shape_names[i], name) != 0)
			continue;
		struct shape *s = must_calloc(1, sizeof(*s));
		s->share.tables = must_calloc(ROOM, sizeof(*s->share.tables));
		s->share.fds = must_calloc(ROOM, sizeof(*s->share.fds));
		s->share.descriptions = must_calloc(ROOM, sizeof(*s->share.descriptions));
		makers[i](s);
		return s;
	}
	return NULL;
}

void shape_free(struct shape *s)
{
	free(s->share.tables);
	free(s->share.fds);
	free(s->share.descriptions);
	free(s->changed);
	free(s);
}
