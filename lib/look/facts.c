/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the type of a descriptor lets one say: see facts.h. */
#include "lib/look/facts.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/msg.h"
#include "lib/base/names.h"
#include "lib/base/proc.h"
#include "lib/base/text.h"
#include "lib/look/diag.h"
#include "lib/look/inode.h"
#include "lib/out/json-value.h"

#include <bsd/unistd.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

struct table {
	void (*read)(struct diag_sockets *);
	bool done;
	struct diag_sockets sockets;
};

enum { PIPE_WAIT_MS = 300 };

enum { UNIX, INET, NETLINK, PACKET, TABLES };

struct facts {
	struct table tables[TABLES];
	char *locks, *devices, *ttys; /* of /proc; NULL: not read yet */
	dev_t memfds;                 /* the device of memfds; 0: not known yet */
	int asker;                    /* of pipes: the socket of a child, see ask_pipe; -1: none yet */
	pid_t child;
};

/* What is asked about. */
struct subject {
	struct facts *facts;
	pid_t pid; /* 0: this process */
	int fd;
	const struct desc *d;
	json_t *out;
};

static void put(const struct subject *s, const char *key, json_t *value)
{
	json_object_set_new(s->out, key, value);
}

/* A file of /proc, read once; "" where it cannot be read. */
static const char *keep(char **text, const char *path)
{
	size_t len;

	if (!*text)
		*text = proc_read_all(path, &len);
	if (!*text)
		*text = must_strdup("");
	return *text;
}

static void proc_path(const struct subject *s, const char *what, char *out, size_t size)
{
	if (s->pid)
		snprintf(out, size, "/proc/%d/%s", s->pid, what);
	else
		snprintf(out, size, "/proc/self/%s", what);
}

static void proc_fd_path(const struct subject *s, const char *what, char *out, size_t size)
{
	char rest[32];

	snprintf(rest, sizeof(rest), "%s/%d", what, s->fd);
	proc_path(s, rest, out, size);
}

/* --- fdinfo: what the kernel writes there, and how it is called here -------------- */

struct row {
	const char *type, *key, *name;
	enum as opts;
	const struct bitname *names;
};

/* lines of "key: value" */
static const struct row rows[] = {
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

/* words of "key:value" in a line of many */
static const struct row fields[] = {
	{"epoll", "tfd", "fd", AS_WORD, NULL},
	{"epoll", "events", "events", AS_BITS, names_epoll},
	{"epoll", "data", "data", AS_OPAQUE, NULL},
	{"epoll", "ino", "ino", AS_HEX, NULL},
	{"epoll", "sdev", "dev", AS_DEVICE, NULL},
	{"inotify", "wd", "wd", AS_HEX, NULL}, /* whatever proc(5) says: decimal */
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

/* what such lines begin with, and where they go; the part that is a field is not skipped */
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

static const struct row *row_of(const struct row *r, const char *type, const char *key)
{
	for (; r->type; r++)
		if (strcmp(r->type, type) == 0 && strcmp(r->key, key) == 0)
			return r;
	return NULL;
}

/* A second value for a key makes an array of them. */
static void put_more(json_t *object, const char *key, json_t *value)
{
	json_t *had = json_object_get(object, key);

	if (!had) {
		json_object_set_new(object, key, value);
		return;
	}
	if (!json_is_array(had)) {
		json_t *array = json_array();
		json_array_append(array, had);
		json_object_set_new(object, key, array);
		had = array;
	}
	json_array_append_new(had, value);
}

static void append_to(json_t *object, const char *key, json_t *value)
{
	json_t *array = json_object_get(object, key);

	if (!array) {
		array = json_array();
		json_object_set_new(object, key, array);
	}
	json_array_append_new(array, value);
}

static void put_word(json_t *object, const struct row *table, const char *type, const char *key,
	const char *text)
{
	const struct row *r = row_of(table, type, key);

	if (r) {
		put_more(object, r->name, json_as(r->opts, r->names, text));
		return;
	}
	char *plain = text_escape_ascii(key, strlen(key)); /* JSON's keys are UTF-8 */
	put_more(object, plain, json_word(text));
	free(plain);
}

/* "tfd:        3 events: 19 data: 3  pos:0 ino:40e sdev:10" */
static json_t *parse_fields(const char *type, char *line)
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
		put_word(object, fields, type, key, value);
		key = next;
	}
	return object;
}

static bool parse_list(const struct subject *s, char *line)
{
	for (size_t i = 0; lists[i].type; i++)
		if (strcmp(lists[i].type, s->d->type) == 0 &&
			strncmp(line, lists[i].start, strlen(lists[i].start)) == 0) {
			append_to(s->out, lists[i].array,
				parse_fields(lists[i].type, line + lists[i].skip));
			return true;
		}
	return false;
}

/*
 * "1: FLOCK  ADVISORY  WRITE 123 fe:00:10952804 0 EOF", in fdinfo and in
 * /proc/locks. A lock of a description has no process (-1); 0 is one of another
 * pid namespace. One that waits: "1: -> FLOCK …".
 */
static json_t *parse_lock(const char *text)
{
	char kind[16], state[16], access[16], end[24];
	unsigned long long start;
	long pid;
	int at = 0;

	sscanf(text, "%*d: %n", &at);
	bool waiting = at && strncmp(text + at, "-> ", 3) == 0;
	if (waiting)
		at += 3;
	if (!at || sscanf(text + at, "%15s %15s %15s %ld %*s %llu %23s", kind, state, access, &pid,
			   &start, end) != 6)
		return json_bytes(text);
	json_t *lock = json_pack("{s:s}", "kind", kind);
	if (strcmp(state, "ADVISORY") != 0)
		json_object_set_new(lock, "state", json_bytes(state));
	json_object_set_new(lock, "access", json_bytes(access));
	if (pid >= 0)
		json_object_set_new(lock, "pid", pid ? json_integer(pid) : json_null());
	if (start || strcmp(end, "EOF") != 0) {
		json_object_set_new(lock, "from", json_number(start));
		json_object_set_new(lock, "to", json_word(end));
	}
	if (waiting)
		json_object_set_new(lock, "waiting", json_true());
	return lock;
}

/* What desc.h and the columns say already; all that has no path is on one mount. */
static bool is_said(const struct subject *s, const char *key)
{
	return strcmp(key, "pos") == 0 || strcmp(key, "flags") == 0 || strcmp(key, "ino") == 0 ||
	       (strcmp(key, "mnt_id") == 0 && s->d->path[0] != '/');
}

/* An indented line, or one that is no "key: value", belongs to the key before it. */
static void parse_line(const struct subject *s, char *line, char *last, size_t size)
{
	size_t len = strcspn(line, ":");

	if (parse_list(s, line))
		return;
	if (isspace((unsigned char)*line) || !line[len]) {
		put_more(s->out, *last ? last : "more", json_bytes(line + strspn(line, " \t")));
		return;
	}
	line[len] = '\0';
	char *value = line + len + 1;
	value += strspn(value, " \t");
	if (is_said(s, line))
		return;
	if (strcmp(line, "lock") == 0)
		append_to(s->out, "locks", parse_lock(value));
	else
		put_word(s->out, rows, s->d->type, line, value);
	const struct row *r = row_of(rows, s->d->type, line);
	snprintf(last, size, "%s", r ? r->name : line);
}

static void parse_fdinfo(const struct subject *s, char *text)
{
	char last[64] = "";

	for (char *line = strsep(&text, "\n"); line; line = strsep(&text, "\n"))
		if (*line)
			parse_line(s, line, last, sizeof(last));
}

/* An empty list is an answer, too. */
static void put_empty_list(const struct subject *s)
{
	for (size_t i = 0; lists[i].type; i++)
		if (strcmp(lists[i].type, s->d->type) == 0 && strcmp(lists[i].array, "group") != 0 &&
			!json_object_get(s->out, lists[i].array))
			put(s, lists[i].array, json_array());
}

static void look_at_fdinfo(const struct subject *s)
{
	char path[64];
	size_t len;

	proc_fd_path(s, "fdinfo", path, sizeof(path));
	char *text = proc_read_all(path, &len);
	if (!text) {
		put(s, "fdinfo", json_null());
		return;
	}
	parse_fdinfo(s, text);
	put_empty_list(s);
	free(text);
}

/* --- the descriptor itself, where only it can tell ------------------------------------ */

/* False also where the number has come to mean another file meanwhile. */
static bool look_at_inode(const struct subject *s, struct statx *sx)
{
	return inode_look_fd(s->pid, s->fd, sx) == 0 && sx->stx_ino == s->d->ino &&
	       inode_dev(sx) == s->d->dev;
}

/*
 * The descriptor, to ask it; of another process a duplicate, in *taken, which
 * the caller closes. Only for what is sure to be implemented by the kernel itself, see
 * the callers: a close runs the flush of its file.
 */
static int borrow(const struct subject *s, int *taken)
{
	struct statx sx;

	*taken = -1;
	if ((s->d->flags & O_PATH) || !look_at_inode(s, &sx))
		return -1;
	if (!s->pid)
		return s->fd;
	*taken = desc_getfd(s->pid, s->fd);
	return *taken;
}

struct pipe_answer {
	int waiting, capacity;
};

static void __attribute__((noreturn)) answer(int sock)
{
	struct msg m;

	/* if it gets stuck: who reads our output waits for its end */
	if (dup2(sock, 0) < 0)
		_exit(1);
	closefrom(1);
	msg_tracer = NULL;
	while (msg_recv(0, &m, 1, 0) > 0) {
		struct pipe_answer a = {-1, -1};
		a.capacity = m.nfds ? fcntl(m.fds[0], F_GETPIPE_SZ) : -1;
		if (a.capacity < 0 || ioctl(m.fds[0], FIONREAD, &a.waiting) < 0)
			a.waiting = -1;
		msg_close(&m);
		send(0, &a, sizeof(a), MSG_NOSIGNAL);
	}
	_exit(0);
}

static void start_asker(struct facts *f)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return;
	f->child = fork();
	if (f->child == 0)
		answer(pair[1]);
	fd_close(&pair[1]);
	f->asker = pair[0];
}

/* It ends by itself at the end of file; killed when stuck, it ends when the mutex is free. */
static void stop_asker(struct facts *f, bool stuck)
{
	fd_close(&f->asker);
	if (f->child > 0 && stuck)
		kill(f->child, SIGKILL);
	if (f->child > 0)
		waitpid(f->child, NULL, stuck ? WNOHANG : 0);
	f->child = 0;
}

/*
 * Both calls wait for the pipe's mutex, which a reader holds while it copies
 * into memory that a sleeping server has to bring (userfaultfd, a mapped FUSE file),
 * and no signal ends that wait. So a child is passed the descriptor and asks; one that
 * does not answer in time is killed and not waited for, and the next pipe has another.
 */
static void ask_pipe(struct facts *f, int fd, struct pipe_answer *a)
{
	msg_tracer_fn *tracer = msg_tracer;
	struct pollfd p = {.events = POLLIN};

	if (f->asker < 0)
		start_asker(f);
	p.fd = f->asker;
	msg_tracer = NULL; /* this one is between us */
	bool told = msg_send(f->asker, "?", 1, &fd, 1, 0) == 0 && poll(&p, 1, PIPE_WAIT_MS) == 1;
	msg_tracer = tracer;
	if (!told || recv(f->asker, a, sizeof(*a), MSG_DONTWAIT) != sizeof(*a))
		stop_asker(f, true);
}

/*
 * A FIFO is the kernel's own whatever the file system below it: pipes have no
 * flush, and a duplicate neither opens nor ends anything for their other end.
 */
static void pipe_facts(const struct subject *s)
{
	struct pipe_answer a = {-1, -1};
	int taken;
	int fd = borrow(s, &taken);

	if (fd >= 0)
		ask_pipe(s->facts, fd, &a);
	fd_close(&taken);
	put(s, "waiting", json_maybe(a.waiting));
	put(s, "capacity", json_maybe(a.capacity));
}

/*
 * memfds are on a mount of tmpfs that nothing else can be on; a file elsewhere may be
 * called like one.
 */
static bool is_really_memfd(const struct subject *s)
{
	struct stat st;

	if (!s->facts->memfds) {
		int fd = memfd_create("", MFD_CLOEXEC);
		if (fd >= 0 && fstat(fd, &st) == 0)
			s->facts->memfds = st.st_dev;
		fd_close(&fd);
	}
	return s->facts->memfds && s->d->dev == s->facts->memfds;
}

/* tmpfs has no flush. One of huge pages is on another mount: of another process it is not taken. */
static void memfd_facts(const struct subject *s)
{
	int taken = -1, seals = -1;
	int fd = !s->pid || is_really_memfd(s) ? borrow(s, &taken) : -1;

	if (fd >= 0)
		seals = fcntl(fd, F_GET_SEALS);
	fd_close(&taken);
	put(s, "seals", seals < 0 ? json_null() : json_bits(names_seals, (unsigned int)seals));
}

static void size_facts(const struct subject *s)
{
	struct statx sx;
	bool known = look_at_inode(s, &sx);

	put(s, "size", known ? json_number(sx.stx_size) : json_null());
	put(s, "allocated", known ? json_number(sx.stx_blocks * 512) : json_null());
	if (known && sx.stx_nlink == 0)
		put(s, "deleted", json_true());
}

/* --- locks of others on the same file --------------------------------------------------- */

static bool is_ours(const struct subject *s, const json_t *lock)
{
	const json_t *ours = json_object_get(s->out, "locks");

	for (size_t i = 0; i < json_array_size(ours); i++)
		if (json_equal(json_array_get(ours, i), lock))
			return true;
	return false;
}

/* Those that are held not through this descriptor: /proc/locks, by device and inode. */
static void lock_facts(const struct subject *s)
{
	const char *line = keep(&s->facts->locks, "/proc/locks");
	char at[48], copy[256];

	snprintf(at, sizeof(at), " %02x:%02x:%llu ", major(s->d->dev), minor(s->d->dev),
		(unsigned long long)s->d->ino);
	for (size_t len; *line; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		snprintf(copy, sizeof(copy), "%.*s", (int)len, line);
		if (!strstr(copy, at))
			continue;
		json_t *lock = parse_lock(copy);
		if (is_ours(s, lock))
			json_decref(lock);
		else
			append_to(s->out, "other_locks", lock);
	}
}

/* --- sockets -------------------------------------------------------------------------------- */

static const struct diag_sockets *table(struct facts *f, int which)
{
	struct table *t = &f->tables[which];

	if (!t->done) {
		t->read(&t->sockets);
		t->done = true;
	}
	return &t->sockets;
}

/* What sockfs calls its protocol: the kernel tells that without taking the socket. */
static const struct {
	const char *name;
	int family, type, table;
} protocols[] = {
	{"UNIX-STREAM", AF_UNIX, SOCK_STREAM, UNIX}, {"UNIX", AF_UNIX, 0, UNIX},
	{"TCP", AF_INET, SOCK_STREAM, INET}, {"TCPv6", AF_INET6, SOCK_STREAM, INET},
	{"UDP", AF_INET, SOCK_DGRAM, INET}, {"UDPv6", AF_INET6, SOCK_DGRAM, INET},
	{"RAW", AF_INET, SOCK_RAW, INET}, {"RAWv6", AF_INET6, SOCK_RAW, INET},
	{"PING", AF_INET, SOCK_DGRAM, -1}, {"PINGv6", AF_INET6, SOCK_DGRAM, -1},
	{"NETLINK", AF_NETLINK, 0, NETLINK}, {"PACKET", AF_PACKET, 0, PACKET},
	{"AF_VSOCK", AF_VSOCK, 0, -1}, {"XDP", AF_XDP, SOCK_RAW, -1}, {"ALG", AF_ALG, SOCK_SEQPACKET, -1},
	{NULL, 0, 0, -1},
};

static size_t protocol_of(const char *name)
{
	size_t i = 0;

	while (protocols[i].name && strcmp(protocols[i].name, name) != 0)
		i++;
	return i;
}

static bool protocol_name(const struct subject *s, char *out, size_t size)
{
	char path[64];

	proc_fd_path(s, "fd", path, sizeof(path));
	ssize_t n = getxattr(path, "system.sockprotoname", out, size - 1);
	out[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static json_t *name_or_null(const struct bitname *names, int value, bool known)
{
	char name[NAMES_MAX];

	return known ? json_string(names_value(names, (unsigned int)value, name, sizeof(name)))
		     : json_null();
}

/* Names the namespace of the process where that is another than ours: we have no table of it. */
static bool is_elsewhere(const struct subject *s)
{
	char path[64], theirs[64], ours[64];

	proc_path(s, "ns/net", path, sizeof(path));
	ssize_t n = readlink(path, theirs, sizeof(theirs) - 1);
	ssize_t m = readlink("/proc/self/ns/net", ours, sizeof(ours) - 1);
	if (n <= 0 || m <= 0)
		return false;
	theirs[n] = ours[m] = '\0';
	if (strcmp(theirs, ours) == 0)
		return false;
	put(s, "process_namespace", json_bytes(theirs));
	return true;
}

/*
 * It is in no table: of another network namespace, or never bound nor connected
 * (those of TCP and UDP are in none), which only the socket itself could tell apart.
 */
static void unlisted_socket(const struct subject *s, bool listed_family)
{
	static const char *const unknown[] = {"local", "remote", "receive_queued", "send_queued", NULL};

	if (!is_elsewhere(s) && listed_family)
		put(s, "unlisted", json_string("not bound, or of another network namespace"));
	for (size_t i = 0; unknown[i]; i++)
		put(s, unknown[i], json_null());
}

static void put_queues(const struct subject *s, const struct diag_socket *of)
{
	bool listens = of->state == TCP_LISTEN;

	/* a listener counts connections, not bytes */
	put(s, listens ? "to_accept" : "receive_queued",
		of->queues ? json_integer(of->receive) : json_null());
	put(s, listens ? "backlog" : "send_queued",
		of->queues ? json_integer(of->send) : json_null());
}

static void listed_socket(const struct subject *s, const struct diag_socket *of)
{
	bool stateful = of->family == AF_UNIX || of->family == AF_INET || of->family == AF_INET6;
	char name[IF_NAMESIZE];

	if (stateful)
		put(s, "state", name_or_null(names_state, of->state, true));
	put(s, "local", *of->local ? json_bytes(of->local) : json_string(""));
	put(s, "remote", json_bytes(of->remote));
	if (of->family == AF_UNIX)
		put(s, "peer_inode", of->peer ? json_number(of->peer) : json_null());
	if (stateful)
		put_queues(s, of);
	if (of->device)
		put(s, "interface", if_indextoname(of->device, name) ? json_bytes(name)
								     : json_integer(of->device));
}

static void socket_facts(const struct subject *s)
{
	char protocol[64];
	const struct diag_socket *of = NULL;
	bool named = protocol_name(s, protocol, sizeof(protocol));
	size_t i = protocol_of(named ? protocol : "");

	if (s->d->flags & O_PATH) /* the inode of a socket in a file system is no socket */
		return;
	if (protocols[i].table >= 0)
		of = diag_find(table(s->facts, protocols[i].table), s->d->ino);
	int family = of ? of->family : protocols[i].family;
	int type = of ? of->type : protocols[i].type;
	put(s, "family", name_or_null(names_family, family, family != 0));
	put(s, "type", name_or_null(names_socket, type, type != 0));
	put(s, "protocol", named ? json_bytes(protocol) : json_null());
	if (of && family == AF_NETLINK)
		put(s, "netlink", name_or_null(names_netlink, of->protocol, true));
	if (of && family == AF_PACKET)
		put(s, "ethertype", json_opaque((unsigned int)of->protocol));
	if (of)
		listed_socket(s, of);
	else
		unlisted_socket(s, protocols[i].table >= 0);
}

/* --- devices ---------------------------------------------------------------------------------- */

/* /proc/tty/drivers: "serial  /dev/ttyS  4 64-95 serial" */
static bool tty_driver(const struct subject *s, unsigned int maj, unsigned int min)
{
	const char *line = keep(&s->facts->ttys, "/proc/tty/drivers");
	char name[64], range[32];
	unsigned int its, from, to;

	for (; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%63s %*s %u %31s", name, &its, range) != 3 || its != maj)
			continue;
		int n = sscanf(range, "%u-%u", &from, &to);
		if (n < 1 || min < from || min > (n == 2 ? to : from))
			continue;
		put(s, "driver", json_bytes(name));
		put(s, "tty", json_true());
		return true;
	}
	return false;
}

/* /proc/devices: "  1 mem"; more than one name may have a major number. */
static void device_driver(const struct subject *s, bool block, unsigned int maj)
{
	const char *line = keep(&s->facts->devices, "/proc/devices");
	const char *end = strstr(line, "Block devices:");
	char name[64];
	unsigned int its;

	if (block)
		line = end;
	for (; line && *line && (block || line != end); line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!block && line == end)
			break;
		if (sscanf(line, "%u %63s", &its, name) == 2 && its == maj)
			put_more(s->out, "driver", json_bytes(name));
	}
	if (!json_object_get(s->out, "driver"))
		put(s, "driver", json_null());
}

static void sysfs_facts(const struct subject *s, bool block, unsigned int maj, unsigned int min)
{
	char path[80], text[4096], node[128];

	snprintf(path, sizeof(path), "/sys/dev/%s/%u:%u/uevent", block ? "block" : "char", maj, min);
	if (proc_read(path, text, sizeof(text)) > 0) {
		const char *name = strstr(text, "DEVNAME=");
		if (name && sscanf(name, "DEVNAME=%127s", node) == 1)
			put(s, "node", json_bytes(node));
	}
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/size", maj, min);
	if (block && proc_read(path, text, sizeof(text)) > 0)
		put(s, "size", json_number(strtoull(text, NULL, 10) * 512)); /* sectors, whatever the device's own */
}

/* Of a process whose terminal it is: /proc/PID/stat, after the name in parentheses. */
static void session_facts(const struct subject *s)
{
	char path[64], text[1024];
	int session, tty, foreground;

	proc_path(s, "stat", path, sizeof(path));
	if (proc_read(path, text, sizeof(text)) <= 0)
		return;
	const char *after = strrchr(text, ')');
	if (!after || sscanf(after, ") %*c %*d %*d %d %d %d", &session, &tty, &foreground) != 3)
		return;
	/* the kernel's new_encode_dev: 8 bits of minor, 12 of major, 12 of minor */
	unsigned int bits = (unsigned int)tty;
	if (makedev(bits >> 8 & 0xfff, (bits & 0xff) | (bits >> 12 & 0xfff00)) != s->d->rdev)
		return;
	put(s, "session", json_integer(session));
	put(s, "foreground", json_integer(foreground));
}

static void device_facts(const struct subject *s)
{
	bool block = S_ISBLK(s->d->perm);
	unsigned int maj = major(s->d->rdev), min = minor(s->d->rdev);
	const json_t *index = json_object_get(s->out, "tty-index");
	char other[32];

	put(s, "device", json_device(maj, min));
	if (block || !tty_driver(s, maj, min))
		device_driver(s, block, maj);
	sysfs_facts(s, block, maj, min);
	if (json_is_integer(index)) { /* the master's side of a pseudoterminal */
		snprintf(other, sizeof(other), "/dev/pts/%d", (int)json_integer_value(index));
		put(s, "master_of", json_string(other));
	}
	if (json_object_get(s->out, "tty"))
		session_facts(s);
}

/* --- what needs a word more than fdinfo has ----------------------------------------------------- */

static void namespace_facts(const struct subject *s)
{
	char kind[32], path[64], ours[64];
	unsigned long long id;

	if (sscanf(s->d->path, "%31[a-z_]:[%llu]", kind, &id) != 2)
		return;
	put(s, "kind", json_string(kind));
	put(s, "id", json_number(id));
	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	ssize_t n = readlink(path, ours, sizeof(ours) - 1);
	if (n > 0) {
		ours[n] = '\0';
		put(s, "ours", json_boolean(strcmp(ours, s->d->path) == 0));
	}
}

static void timerfd_facts(const struct subject *s)
{
	const json_t *left = json_object_get(s->out, "it_value_ns");

	if (left) /* what is left: 0 is no timer that is about to fire */
		put(s, "armed", json_boolean(!json_is_integer(left) || json_integer_value(left) != 0));
}

static void pidfd_facts(const struct subject *s)
{
	json_int_t pid = json_integer_value(json_object_get(s->out, "pid"));

	if (pid < 0)
		put(s, "dead", json_true()); /* and waited for */
	else if (pid == 0)
		put(s, "pid", json_null()); /* of a pid namespace that is not seen from here */
}

static void bpf_facts(const struct subject *s)
{
	const char *name = strchr(s->d->path, ':');

	name = name ? name + 1 : s->d->path;
	name += *name == '[';
	name += strncmp(name, "bpf-", 4) == 0 || strncmp(name, "bpf_", 4) == 0 ? 4 : 0;
	char *object = must_printf("%.*s", (int)strcspn(name, "]"), name);
	put(s, "object", json_bytes(object));
	free(object);
}

static void regular_facts(const struct subject *s)
{
	size_facts(s);
	lock_facts(s);
}

static void memory_facts(const struct subject *s)
{
	size_facts(s);
	memfd_facts(s);
	lock_facts(s);
}

static const struct {
	const char *type;
	void (*add)(const struct subject *);
} more[] = {
	{"regular", regular_facts}, {"directory", lock_facts}, {"memfd", memory_facts}, {"pipe", pipe_facts},
	{"socket", socket_facts}, {"char", device_facts}, {"block", device_facts},
	{"namespace", namespace_facts}, {"timerfd", timerfd_facts}, {"pidfd", pidfd_facts},
	{"bpf", bpf_facts}, {NULL, NULL},
};

struct facts *facts_new(void)
{
	struct facts *f = must_calloc(1, sizeof(*f));

	f->asker = -1;
	f->tables[UNIX].read = diag_unix;
	f->tables[INET].read = diag_inet;
	f->tables[NETLINK].read = diag_netlink;
	f->tables[PACKET].read = diag_packet;
	return f;
}

void facts_free(struct facts *f)
{
	if (!f)
		return;
	stop_asker(f, false);
	for (size_t i = 0; i < TABLES; i++)
		diag_free(&f->tables[i].sockets);
	free(f->locks);
	free(f->devices);
	free(f->ttys);
	free(f);
}

json_t *facts_of(struct facts *f, pid_t pid, int fd, const struct desc *d)
{
	struct subject s = {f, pid == getpid() ? 0 : pid, fd, d, json_object()};

	look_at_fdinfo(&s);
	for (size_t i = 0; more[i].type; i++)
		if (strcmp(more[i].type, d->type) == 0)
			more[i].add(&s);
	return s.out;
}
