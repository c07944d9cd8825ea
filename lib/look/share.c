/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who shares what: see share.h. */
#include "lib/look/share.h"
#include "lib/base/addr.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/proc.h"
#include "lib/base/text.h"
#include "lib/look/bpf-scan.h"
#include "lib/look/desc.h"
#include "lib/look/scan.h"

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the strings: kept together, and let go together ------------------------------ */

struct chunk {
	struct chunk *next;
	size_t used, size;
	char room[];
};

static void *room_for(struct share *s, size_t len, size_t align)
{
	enum { ROOM = 65536 - sizeof(struct chunk) };
	struct chunk *c = s->storage;
	size_t at = c ? (c->used + align - 1) & ~(align - 1) : 0;

	if (!c || at > c->size || len > c->size - at) {
		size_t size = len > ROOM ? len : ROOM; /* so many tasks may have one table */
		c = must_calloc(1, sizeof(*c) + size);
		c->size = size;
		c->next = s->storage;
		s->storage = c;
		at = 0;
	}
	c->used = at + len;
	return c->room + at;
}

static const char *keep_text(struct share *s, const char *text)
{
	size_t len = strlen(text) + 1;

	return memcpy(room_for(s, len, 1), text, len);
}

/* A type is one of few words, and comes again and again. */
static const char *keep_type(struct share *s, const char *type)
{
	for (size_t i = s->n_descriptions; i-- > 0 && i + 16 > s->n_descriptions;)
		if (s->descriptions[i].type && strcmp(s->descriptions[i].type, type) == 0)
			return s->descriptions[i].type;
	return keep_text(s, type);
}

void share_free(struct share *s)
{
	for (struct chunk *c = s->storage, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	free(s->tables);
	free(s->fds);
	free(s->descriptions);
	*s = (struct share){0};
}

/* --- what is found, by either way ---------------------------------------------------- */

/* What the BPF iterator tells at once, of a description. */
struct known {
	const char *name, *type;
	int flags;
	int64_t pos;
};

struct findings {
	struct scan scan;
	/* by the BPF iterator only; NULL where proc has to be asked for what is shown: */
	struct known *known;        /* by number of description */
	struct share_table *tables; /* by number of table */
};

static void free_findings(struct findings *f)
{
	scan_free(&f->scan);
	free(f->known);
	free(f->tables);
}

/* --- what was asked for: first the inodes, to look for among everybody's ------------ */

struct inode {
	dev_t dev;
	ino_t ino;
};

struct inodes {
	struct inode *v;
	size_t n;
};

static int by_inode(const void *a, const void *b)
{
	const struct inode *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return (x->ino > y->ino) - (x->ino < y->ino);
}

static bool is_among(const void *data, const struct scan_fd *f)
{
	const struct inodes *among = data;
	struct inode key = {f->dev, f->ino};

	return bsearch(&key, among->v, among->n, sizeof(key), by_inode) != NULL;
}

static struct inodes inodes_of(const struct scan *a, const struct scan *b)
{
	struct inodes all = {must_calloc(a->n_fds + b->n_fds + 1, sizeof(struct inode)), 0};

	for (size_t i = 0; i < a->n_fds; i++)
		all.v[all.n++] = (struct inode){a->fds[i].dev, a->fds[i].ino};
	for (size_t i = 0; i < b->n_fds; i++)
		all.v[all.n++] = (struct inode){b->fds[i].dev, b->fds[i].ino};
	qsort(all.v, all.n, sizeof(*all.v), by_inode);
	return all;
}

static bool is_asked(const struct share_request *ask, pid_t pid, int fd)
{
	if (!ask->targets)
		return true;
	for (size_t i = 0; i < ask->n_targets; i++)
		if (ask->targets[i].pid == pid && (ask->targets[i].fd < 0 || ask->targets[i].fd == fd))
			return true;
	return false;
}

static bool is_wanted(const void *data, const struct scan_fd *f)
{
	const struct share_target *of = data;

	return of->fd == f->fd;
}

/* Whole processes into `all`, single descriptors into `some`. */
static int scan_asked(struct scan *all, struct scan *some, const struct share_request *ask,
	const struct share_target **fault)
{
	for (const struct share_target *of = ask->targets; of < ask->targets + ask->n_targets; of++) {
		size_t before = some->n_fds;
		*fault = of;
		if (of->fd < 0) {
			if (!scan_has(all, of->pid) && scan_process(all, of->pid, NULL) < 0)
				return -1;
			continue;
		}
		if (scan_process(some, of->pid, &(struct scan_only){is_wanted, of}) < 0)
			return -1;
		if (some->n_fds == before) {
			errno = EBADF;
			return -1;
		}
	}
	*fault = NULL;
	return 0;
}

/* Everybody's that may be the same, with those of the asked processes in front. */
static int scan_holders(struct scan *all, const struct share_request *ask, const struct inodes *among)
{
	const struct scan_only only = {is_among, among};

	for (const struct share_target *of = ask->targets; of < ask->targets + ask->n_targets; of++)
		if (!scan_has(all, of->pid))
			scan_process(all, of->pid, &only);
	return scan_others(all, &only);
}

static int find_by_proc(struct scan *all, const struct share_request *ask, const struct share_target **fault)
{
	struct scan some = {0};
	int done = -1;

	if (!ask->targets) {
		done = scan_others(all, NULL);
	} else if (scan_asked(all, &some, ask, fault) == 0) {
		struct inodes among = inodes_of(all, &some);
		done = scan_holders(all, ask, &among);
		free(among.v);
	}
	scan_free(&some);
	if (done == 0)
		scan_group(all);
	return done;
}

/* --- all of it in one pass, by BPF -------------------------------------------------------
 *
 * The kernel shows which description and which table by address. These are
 * numbered as they come, and go no further than here.
 */

struct numbers {
	uint64_t *keys; /* 0: free */
	uint32_t *values;
	size_t room, n;
};

struct pass {
	const struct share_request *ask;
	struct share *share;
	struct findings *found;
	struct numbers descriptions, tables;
};

static size_t place_of(const struct numbers *m, uint64_t key)
{
	size_t i = (size_t)(key * 0x9e3779b97f4a7c15u >> 32) & (m->room - 1);

	while (m->keys[i] && m->keys[i] != key)
		i = (i + 1) & (m->room - 1);
	return i;
}

static void make_room(struct numbers *m)
{
	struct numbers old = *m;

	m->room = old.room ? 2 * old.room : 1024;
	m->keys = must_calloc(m->room, sizeof(*m->keys));
	m->values = must_calloc(m->room, sizeof(*m->values));
	for (size_t i = 0; i < old.room; i++)
		if (old.keys[i]) {
			size_t at = place_of(m, old.keys[i]);
			m->keys[at] = old.keys[i];
			m->values[at] = old.values[i];
		}
	free(old.keys);
	free(old.values);
}

/* The number that goes with the key; `next` where it is new. */
static uint32_t number_of(struct numbers *m, uint64_t key, uint32_t next)
{
	if (2 * m->n >= m->room)
		make_room(m);
	size_t at = place_of(m, key);
	if (!m->keys[at]) {
		m->keys[at] = key;
		m->values[at] = next;
		m->n++;
	}
	return m->values[at];
}

static void learn_description(struct pass *p, uint32_t number, const struct bpf_fd *k)
{
	char type[DESC_TYPE_MAX] = "";
	struct known *known = &p->found->known[number];

	*known = (struct known){.flags = (int)k->flags};
	if (p->ask->need & SHARE_NAME) {
		known->name = keep_text(p->share, k->name ? k->name : "?");
		desc_type(known->name, k->perm, type, sizeof(type));
		known->type = keep_text(p->share, type);
	}
	known->pos = desc_has_offset(type, k->perm, k->rdev) ? k->pos : DESC_NO_POS;
}

static uint32_t table_of(struct pass *p, const struct bpf_fd *k)
{
	struct scan *s = &p->found->scan;
	struct share_table *t;

	if (s->n_tables && s->tables[s->n_tables - 1].tid == k->tid)
		return (uint32_t)s->n_tables - 1;
	uint32_t n = scan_add_table(s, k->pid, k->tid);
	p->found->tables = must_grow(p->found->tables, n, sizeof(*t));
	t = &p->found->tables[n];
	*t = (struct share_table){
		.pid = k->pid, .tid = k->tid, .parent = k->parent, .session = k->session};
	strlcpy(t->command, k->command, sizeof(t->command));
	scan_same_table(s, number_of(&p->tables, k->table, n), n);
	return n;
}

static int take_descriptor(void *data, const struct bpf_fd *k)
{
	struct pass *p = data;
	uint32_t next = (uint32_t)p->descriptions.n;

	if (k->pid == getpid())
		return 0;
	uint32_t number = number_of(&p->descriptions, k->identity, next);
	if (number == next) {
		p->found->known = must_grow(p->found->known, next, sizeof(*p->found->known));
		learn_description(p, number, k);
	}
	struct scan_fd f = {.dev = k->dev, .ino = k->ino, .rdev = k->rdev, .perm = k->perm,
		.table = table_of(p, k), .fd = k->fd, .description = number, .certain = true,
		.cloexec = k->cloexec};
	*scan_add(&p->found->scan) = f;
	return 0;
}

static int find_by_bpf(struct findings *found, const struct share_request *ask, struct share *s)
{
	struct pass p = {.ask = ask, .share = s, .found = found};
	unsigned need = (ask->need & SHARE_NAME ? BPF_SCAN_NAME : 0) |
			(ask->need & SHARE_CLOEXEC ? BPF_SCAN_CLOEXEC : 0);
	int done = bpf_scan_each(need, take_descriptor, &p, &s->method_reason);

	free(p.descriptions.keys);
	free(p.descriptions.values);
	free(p.tables.keys);
	free(p.tables.values);
	if (done == 0)
		scan_sort(&found->scan);
	return done;
}

/* --- which of what was found is shown -------------------------------------------- */

/* A description among what was scanned: scan.fds[first], … and what of it counts. */
struct found {
	uint32_t first, n;
	uint32_t table; /* of its first descriptor */
	int fd;
	bool asked;
};

struct founds {
	struct found *v;
	size_t n;
};

static bool in_first_table(const struct scan *s, const struct scan_fd *f)
{
	return s->tables[f->table].same_as == f->table;
}

static struct found look_over(const struct scan *s, const struct share_request *ask, uint32_t first)
{
	const struct scan_fd *head = &s->fds[first];
	struct found f = {.first = first, .table = UINT32_MAX};

	for (; first + f.n < s->n_fds; f.n++) {
		const struct scan_fd *one = head + f.n;
		if (one->description != head->description)
			break;
		f.asked = f.asked || is_asked(ask, s->tables[one->table].pid, one->fd);
		if (in_first_table(s, one) && f.table == UINT32_MAX) {
			f.table = one->table;
			f.fd = one->fd;
		}
	}
	return f;
}

static size_t descriptors_of(const struct scan *s, const struct found *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += in_first_table(s, &s->fds[f->first + i]);
	return n;
}

static int by_place(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->asked != y->asked)
		return x->asked ? -1 : 1;
	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

/*
 * The inodes of what was asked for. All that is anonymous has one together, of no type:
 * that is none.
 */
static struct inodes asked_inodes(const struct scan *s, const struct founds *all)
{
	struct inodes of = {must_calloc(all->n + 1, sizeof(struct inode)), 0};

	for (const struct found *f = all->v; f < all->v + all->n; f++) {
		const struct scan_fd *head = &s->fds[f->first];
		if (f->asked && (head->perm & S_IFMT))
			of.v[of.n++] = (struct inode){head->dev, head->ino};
	}
	qsort(of.v, of.n, sizeof(*of.v), by_inode);
	return of;
}

static bool is_shown(const struct scan *s, const struct share_request *ask, const struct inodes *asked,
	const struct found *f)
{
	const struct scan_fd *head = &s->fds[f->first];

	if (head->description == SCAN_GONE || (ask->only_shared && descriptors_of(s, f) < 2))
		return false;
	return f->asked || (ask->related && is_among(asked, head));
}

static struct founds choose(const struct scan *s, const struct share_request *ask)
{
	struct founds all = {must_calloc(s->n_fds + 1, sizeof(struct found)), 0};
	size_t kept = 0;

	for (uint32_t i = 0; i < s->n_fds; i += all.v[all.n++].n)
		all.v[all.n] = look_over(s, ask, i);
	struct inodes asked = asked_inodes(s, &all);
	for (size_t i = 0; i < all.n; i++)
		if (is_shown(s, ask, &asked, &all.v[i]))
			all.v[kept++] = all.v[i];
	free(asked.v);
	all.n = kept;
	qsort(all.v, all.n, sizeof(*all.v), by_place);
	return all;
}

/* --- what is shown of each ----------------------------------------------------------- */

/* The last table that was looked at, kept open: most of what follows is of the same one. */
struct door {
	const struct scan_table *table;
	int fd, fdinfo; /* its directories of these names; -1: not opened yet */
};

static void close_door(struct door *d)
{
	fd_close(&d->fd);
	fd_close(&d->fdinfo);
}

static void go_to(struct door *d, const struct scan_table *table)
{
	if (d->table != table)
		close_door(d);
	d->table = table;
}

/*
 * A directory of it, opened when first needed. -1 with errno: then what is asked there
 * fails, too.
 */
static int inside(const struct door *d, int *dir, const char *what)
{
	char path[64];

	if (*dir < 0)
		*dir = open(scan_path(d->table->pid, d->table->tid, what, path, sizeof(path)),
			O_PATH | O_DIRECTORY | O_CLOEXEC);
	return *dir;
}

static int read_status(struct door *door, int fd, struct desc *d)
{
	char path[32], text[1024]; /* pos and flags come first, however long it is */

	snprintf(path, sizeof(path), "%d", fd);
	if (proc_read_once(inside(door, &door->fdinfo, "fdinfo"), path, text, sizeof(text)) < 0)
		return -1;
	return desc_parse_fdinfo(text, d);
}

static int read_name(struct share *s, struct door *door, int fd, struct share_description *d)
{
	char path[32], link[PATH_MAX], type[DESC_TYPE_MAX];

	snprintf(path, sizeof(path), "%d", fd);
	ssize_t n = readlinkat(inside(door, &door->fd, "fd"), path, link, sizeof(link) - 1);
	if (n < 0)
		return -1;
	link[n] = '\0';
	desc_type(link, d->perm, type, sizeof(type));
	d->type = keep_type(s, type);
	d->name = keep_text(s, link);
	return 0;
}

static int describe(struct share *s, const struct share_request *ask, struct door *door, int fd,
	struct share_description *d)
{
	struct desc status;

	if ((ask->need & SHARE_NAME) && read_name(s, door, fd, d) < 0)
		return -1;
	if (ask->need & SHARE_STATUS) {
		if (read_status(door, fd, &status) < 0)
			return -1;
		d->flags = status.flags;
		bool has_offset = desc_has_offset(d->type ? d->type : "", d->perm, d->rdev);
		d->pos = has_offset ? status.pos : DESC_NO_POS;
	}
	return 0;
}

/* Any of its descriptors can tell, and one that cannot is gone. False: all of them are. */
static bool ask_proc(struct share *s, const struct share_request *ask, const struct scan *scan,
	const struct found *f, struct door *door, struct share_description *d)
{
	for (struct scan_fd *one = &scan->fds[f->first]; one < &scan->fds[f->first + f->n]; one++) {
		go_to(door, &scan->tables[one->table]);
		if (describe(s, ask, door, one->fd, d) == 0)
			return true;
		one->description = SCAN_GONE;
	}
	return false;
}

/* A file system that makes up its numbers: the kernel has no others to show. */
static void find_inode(const struct scan *scan, const struct found *f, struct door *door,
	struct share_description *d)
{
	struct scan_fd *one = &scan->fds[f->first];
	char path[32];

	snprintf(path, sizeof(path), "%d", one->fd);
	go_to(door, &scan->tables[one->table]);
	if (scan_inode(inside(door, &door->fd, "fd"), path, one) == 0) {
		d->dev = one->dev;
		d->ino = one->ino;
	}
}

static bool add_description(struct share *s, const struct share_request *ask,
	const struct findings *found, const struct found *f, struct door *door)
{
	const struct scan_fd *head = &found->scan.fds[f->first];
	struct share_description *d = &s->descriptions[s->n_descriptions];

	*d = (struct share_description){.first = (uint32_t)s->n_fds, .flags = -1, .pos = DESC_NO_POS,
		.dev = head->dev, .ino = head->ino, .rdev = head->rdev, .perm = head->perm,
		.requested = f->asked, .certain = head->certain};
	if (!found->known)
		return ask_proc(s, ask, &found->scan, f, door, d);
	const struct known *known = &found->known[head->description];
	d->name = known->name;
	d->type = known->type;
	d->flags = known->flags;
	d->pos = known->pos;
	if (d->dev == 0 && d->ino == 0 && (ask->need & SHARE_INODE))
		find_inode(&found->scan, f, door, d);
	return true;
}

static void add_descriptors(struct share *s, const struct share_request *ask,
	const struct findings *found, const struct found *f, struct door *door)
{
	struct share_description *d = &s->descriptions[s->n_descriptions];
	const struct scan *scan = &found->scan;
	struct desc status = {0};

	for (size_t i = f->first; i < f->first + f->n; i++) {
		const struct scan_fd *one = &scan->fds[i];
		bool ask_cloexec = (ask->need & SHARE_CLOEXEC) && !found->known;
		if (one->description == SCAN_GONE || !in_first_table(scan, one))
			continue;
		go_to(door, &scan->tables[one->table]);
		if (ask_cloexec && read_status(door, one->fd, &status) < 0)
			continue;
		s->fds[s->n_fds++] = (struct share_fd){.table = one->table, .fd = one->fd,
			.description = (uint32_t)s->n_descriptions,
			.cloexec = ask_cloexec ? status.cloexec : one->cloexec};
	}
	d->n = (uint32_t)s->n_fds - d->first;
}

static void describe_all(struct share *s, const struct share_request *ask,
	const struct findings *found, const struct founds *shown)
{
	struct door door = {NULL, -1, -1};
	size_t n = 0;

	for (size_t i = 0; i < shown->n; i++)
		n += shown->v[i].n;
	s->fds = must_calloc(n + 1, sizeof(*s->fds));
	s->descriptions = must_calloc(shown->n + 1, sizeof(*s->descriptions));
	for (size_t i = 0; i < shown->n; i++) {
		if (!add_description(s, ask, found, &shown->v[i], &door))
			continue;
		add_descriptors(s, ask, found, &shown->v[i], &door);
		if (s->descriptions[s->n_descriptions].n > (ask->only_shared ? 1 : 0))
			s->n_descriptions++;
		else
			s->n_fds = s->descriptions[s->n_descriptions].first;
	}
	close_door(&door);
}

/* --- the tables that are left, and whose they are ------------------------------------ */

static const char *read_offers(struct share *s, pid_t pid)
{
	static const char prefix[] = ADDR_SERVER_TITLE " ";
	char path[32], title[32768];

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	if (proc_read(path, title, sizeof(title)) < 0 ||
		strncmp(title, prefix, sizeof(prefix) - 1) != 0)
		return NULL;
	return keep_text(s, title + sizeof(prefix) - 1);
}

/* A server's name is the binary's, or that of a link to it. */
static bool may_be_server(const char *command)
{
	return strstr(command, "fdtool") || strcmp(command, "serve") == 0;
}

static void add_table(struct share *s, const struct findings *found, uint32_t i)
{
	const struct scan_table *t = &found->scan.tables[i];
	struct share_table *to = &s->tables[s->n_tables++];
	struct scan_task task;

	if (found->tables) {
		*to = found->tables[i];
	} else {
		*to = (struct share_table){.pid = t->pid, .tid = t->tid, .command = "?"};
		if (scan_task(t->pid, t->tid, &task) < 0)
			return;
		to->parent = task.parent;
		to->session = task.session;
		strlcpy(to->command, task.command, sizeof(to->command));
	}
	if (may_be_server(to->command))
		to->offers = read_offers(s, t->pid);
}

/* The chain of followers runs from the last to the first. */
static void add_others(struct share *s, const struct scan *scan, uint32_t head)
{
	struct share_table *to = &s->tables[s->n_tables - 1];
	size_t n = 0;

	for (uint32_t i = scan->tables[head].next; i; i = scan->tables[i].next)
		n++;
	if (n == 0)
		return;
	pid_t *others = room_for(s, n * sizeof(*others), _Alignof(pid_t));
	to->others = others;
	to->n_others = n;
	for (uint32_t i = scan->tables[head].next; i; i = scan->tables[i].next)
		others[--n] = scan->tables[i].tid;
}

/* Only those that have something to show. */
static void add_tables(struct share *s, const struct findings *found)
{
	const struct scan *scan = &found->scan;
	uint32_t *place = must_calloc(scan->n_tables + 1, sizeof(*place));

	for (size_t i = 0; i < s->n_fds; i++)
		place[s->fds[i].table] = 1;
	s->tables = must_calloc(scan->n_tables + 1, sizeof(*s->tables));
	for (uint32_t i = 0; i < scan->n_tables; i++) {
		if (!place[i])
			continue;
		place[i] = (uint32_t)s->n_tables;
		add_table(s, found, i);
		add_others(s, scan, i);
	}
	for (size_t i = 0; i < s->n_fds; i++)
		s->fds[i].table = place[s->fds[i].table];
	free(place);
}

/* In every pid namespace there is a process 1, and it is not everybody's. */
static bool others_are_hidden(void)
{
	return access("/proc/1", F_OK) < 0;
}

static bool found_asked(const struct share_request *ask, const struct share *s)
{
	return !ask->targets || ask->only_shared || s->n_descriptions || ask->targets[0].fd < 0;
}

/* Every container has one; the first has this inode number (PROC_PID_INIT_INO) since it got one. */
static bool inside_a_namespace(void)
{
	char link[64];
	ssize_t n = readlink("/proc/self/ns/pid", link, sizeof(link) - 1);

	link[n > 0 ? n : 0] = '\0';
	return strcmp(link, "pid:[4026531836]") != 0;
}

/* The iterator sees everybody's at once; to look for the holders of a few it would be too much. */
static int find(struct findings *found, const struct share_request *ask, struct share *s,
	const struct share_target **fault)
{
	s->method = "the BPF iterator";
	s->method_reason = "";
	if (!ask->targets && !ask->procfs_only && find_by_bpf(found, ask, s) == 0)
		return 0;
	free_findings(found);
	*found = (struct findings){0};
	s->method = "procfs and kcmp";
	s->hidden = others_are_hidden();
	return find_by_proc(&found->scan, ask, fault);
}

int share_look(const struct share_request *ask, struct share *s, const struct share_target **fault)
{
	struct findings found = {0};

	*s = (struct share){0};
	int done = find(&found, ask, s, fault), saved = errno;
	if (done == 0) {
		struct founds shown = choose(&found.scan, ask);
		describe_all(s, ask, &found, &shown);
		add_tables(s, &found);
		free(shown.v);
		s->unseen = found.scan.unseen;
		s->in_pid_namespace = inside_a_namespace();
	}
	free_findings(&found);
	errno = saved;
	if (done == 0 && !found_asked(ask, s)) {
		*fault = ask->targets;
		errno = EBADF;
		done = -1;
	}
	return done;
}

/* --- what is said of it ---------------------------------------------------------------- */

bool share_complete(const struct share *s, const struct share_description *d)
{
	return s->unseen == 0 && !s->hidden && !s->in_pid_namespace && d->certain;
}

const char *share_letter(size_t description, char out[8])
{
	char *p = out + 7;

	*p = '\0';
	for (size_t n = description + 1; n; n = (n - 1) / 26)
		*--p = (char)('A' + (n - 1) % 26);
	return memmove(out, p, strlen(p) + 1);
}

/* "notes.txt" of "notes.txt=4 lock=5" for 4; its length into *len, or NULL. */
static const char *offered_as(const char *offers, int fd, int *len)
{
	char *end;

	for (const char *one = offers, *equals; one && (equals = strchr(one, '=')); one = end) {
		long number = strtol(equals + 1, &end, 10);
		if (number == fd) {
			*len = (int)(equals - one);
			return one;
		}
		end += *end == ' ';
	}
	return NULL;
}

static void add_piece(char **text, char *piece)
{
	char *before = *text;

	*text = before ? must_printf("%s; %s", before, piece) : must_strdup(piece);
	free(before);
	free(piece);
}

static void tell_offers(const struct share *s, const struct share_description *d, char **text)
{
	for (size_t i = d->first; i < d->first + d->n; i++) {
		const struct share_table *t = &s->tables[s->fds[i].table];
		int len = 0;
		const char *name = offered_as(t->offers, s->fds[i].fd, &len);
		if (!name)
			continue;
		char *escaped = text_escape(name, (size_t)len); /* a title is what its process says */
		add_piece(text, must_printf("%d offers it as %s", t->pid, escaped));
		free(escaped);
	}
}

/*
 * The tables that have the description, each once: its descriptors come by table. NULL
 * after the last.
 */
static const struct share_table *next_holder(const struct share *s,
	const struct share_description *d, size_t *i)
{
	while (*i < d->n) {
		const struct share_fd *f = &s->fds[d->first + (*i)++];
		if (*i == 1 || f[-1].table != f->table)
			return &s->tables[f->table];
	}
	return NULL;
}

static void tell_children_of(const struct share *s, const struct share_description *d,
	const struct share_table *parent, char **text)
{
	const struct share_table *one;
	pid_t child = 0;
	size_t n = 0;

	for (size_t i = 0; (one = next_holder(s, d, &i));)
		if (one->parent == parent->pid && one->pid != parent->pid) {
			child = one->pid;
			n++;
		}
	if (n == 1)
		add_piece(text, must_printf("%d is a child of %d", child, parent->pid));
	else if (n)
		add_piece(text, must_printf("%zu are children of %d", n, parent->pid));
}

static void tell_family(const struct share *s, const struct share_description *d, char **text)
{
	const struct share_table *one;
	pid_t parent = 0, session = 0;
	bool siblings = true, together = true;
	size_t n = 0;

	for (size_t i = 0; (one = next_holder(s, d, &i)); n++) {
		siblings = siblings && one->parent && (n == 0 || one->parent == parent);
		together = together && one->session && (n == 0 || one->session == session);
		parent = one->parent;
		session = one->session;
		tell_children_of(s, d, one, text);
	}
	if (n > 1 && siblings)
		add_piece(text, must_printf("all are children of %d", parent));
	if (n > 1 && together)
		add_piece(text, must_printf("all are in session %d", session));
}

char *share_evidence(const struct share *s, const struct share_description *d)
{
	char *text = NULL;

	if (d->n < 2)
		return NULL;
	tell_offers(s, d, &text);
	tell_family(s, d, &text);
	return text;
}
