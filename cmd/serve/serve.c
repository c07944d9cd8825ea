/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * serve: opens files, devices and other descriptors, and offers each under a
 * name until it is told to end.
 *
 * The order matters: open and bind with the privileges that there are, then
 * give them up, then listen. So clients see the identity that goes on serving.
 */
#include "cmd/serve/serve.h"
#include "cmd/cli/commands.h"
#include "cmd/cli/ending.h"
#include "cmd/cli/title.h"
#include "cmd/client/target.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/peer.h"
#include "lib/base/privilege.h"
#include "lib/base/text.h"
#include "lib/pass/catalog.h"
#include "lib/pass/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_CLIENTS = 256 };

/* --- options ---------------------------------------------------------------- */

static const char *parse_mode(const char *arg, void *into)
{
	static const struct {
		const char *word;
		int mode;
	} modes[] = {{"r", O_RDONLY}, {"w", O_WRONLY}, {"rw", O_RDWR}, {"r+", O_RDWR}, {NULL, 0}};

	for (size_t i = 0; modes[i].word; i++)
		if (strcmp(arg, modes[i].word) == 0) {
			*(int *)into = modes[i].mode + 1;
			return NULL;
		}
	return "is no mode: r, w or rw";
}

static const char *parse_create(const char *arg, void *into)
{
	*(const char **)into = arg ? arg : "";
	if (arg && (!*arg || strlen(arg) > 4 || arg[strspn(arg, "01234567")]))
		return "is no permission: octal, such as 0640";
	return NULL;
}

static const char *parse_type(const char *arg, void *into)
{
	if (strcmp(arg, "directory") != 0 && strcmp(arg, "o_path") != 0 && strcmp(arg, "unix") != 0)
		return "is none of directory, o_path, unix";
	words_add(into, arg);
	return NULL;
}

static const char *parse_user(const char *arg, void *into)
{
	struct policy trusted = {0};

	*(const char **)into = arg;
	/* a server of nobody's identity would be trusted by nobody */
	const char *fault = policy_add_user(&trusted, arg);
	policy_free(&trusted);
	return fault || peer_find_user(arg) ? fault : "has no entry among the users";
}

static const char *take_source(const char *word, void *state)
{
	struct serve *s = state;
	struct source source;

	words_add(&s->sources, word);
	return source_parse(word, &source);
}

#define INTO(member) offsetof(struct serve, member)

static const struct opt options[] = {
	{'n', "name", "NAME", "offer it under NAME; once per SOURCE, in order", opt_words,
		INTO(names)},
	{'m', "mode", "MODE", "open it for r (default), w or rw", parse_mode, INTO(mode),
		WORD_CHOICE, "r w rw"},
	{0, "append", NULL, "open with O_APPEND", opt_flag, INTO(append)},
	{0, "nonblock", NULL, "open with O_NONBLOCK", opt_flag, INTO(nonblock)},
	{0, "create", "[PERM]", "create it where it is missing, 0666 less the umask", parse_create,
		INTO(create)},
	{0, "trunc", NULL, "open with O_TRUNC", opt_flag, INTO(trunc)},
	{0, "excl", NULL, "with --create: fail where it exists", opt_flag, INTO(excl)},
	{0, "allow-user", "USER", "may grab it too; repeatable", opt_user, INTO(rules.policy),
		WORD_USER},
	{0, "allow-group", "GROUP", "its members may grab it too; repeatable", opt_group,
		INTO(rules.policy), WORD_GROUP},
	{0, "allow-any", NULL, "anyone may grab it", opt_flag, INTO(rules.policy.any)},
	{0, "allow-type", "TYPE", "offer also a directory, o_path or unix (socket)", parse_type,
		INTO(types), WORD_CHOICE, "directory o_path unix"},
	{0, "user", "USER", "become USER once all is open and bound", parse_user, INTO(user),
		WORD_USER},
	{0, "narrow", NULL, "each grant is a fresh read-only description", opt_flag, INTO(narrow)},
	{0, "once", NULL, "end after one grant, when its client has left", opt_flag, INTO(once)},
	{0, "count", "N", "end after N grants, when their clients have left", opt_count,
		INTO(rules.count)},
	{'t', "timeout", "TIME", "end after TIME, exit 124", opt_time, INTO(timeout)},
	{0, "max-clients", "N", "of one user at a time; default 256", opt_count, INTO(max_clients)},
	{0, "client-timeout", "TIME", "let a client go that is silent so long; default never",
		opt_time, INTO(rules.client_timeout)},
	{'c', "command", "CMD", "run the prompt's command CMD, then the next; repeatable", opt_words,
		INTO(commands)},
	{'i', "interactive", NULL, "the prompt's commands from standard input, terminal or not",
		opt_flag, INTO(interactive)},
	{'k', "keep-going", NULL, "past a command that fails", opt_flag, INTO(keep_going)},
	OPT_COLOR(struct serve),
	{0, "ready-fd", "N", "write a newline to descriptor N when all is bound", opt_number,
		INTO(ready_fd)},
	OPT_JSON(struct serve, "events, one object a line"),
	OPT_QUIET(struct serve),
	OPT_ANATOMY(struct serve),
	OPT_END,
};

/* --- opening ---------------------------------------------------------------------- */

static enum status usage_fault(const struct serve *s)
{
	if (s->sources.n == 0)
		return report_usage("there is no SOURCE to serve");
	if (s->names.n > s->sources.n)
		return report_usage("there are more names than SOURCEs");
	if (s->excl && !s->create)
		return report_usage("--excl goes with --create");
	if (s->ready_fd && !fd_is_inherited(s->ready_fd - 1))
		return report_usage("--ready-fd: descriptor %d is not open", s->ready_fd - 1);
	if (s->trunc && s->mode != O_WRONLY + 1 && s->mode != O_RDWR + 1)
		return report_usage("--trunc needs --mode w or rw");
	if (serve_prompts(s) && s->sources.n > 1 && (s->commands.n || s->interactive))
		return report_usage("-c and -i are for one SOURCE");
	if (s->json && (s->commands.n || s->interactive))
		return report_usage("--json goes with neither -c nor -i");
	if (s->once && s->rules.count > 1)
		return report_usage("--once and --count contradict each other");
	return STATUS_OK;
}

static struct source_opts how_to_open(const struct serve *s)
{
	struct source_opts opts = {.mode = s->mode - 1, .perm = 0666};

	opts.flags = (s->append ? O_APPEND : 0) | (s->nonblock ? O_NONBLOCK : 0) |
		    (s->create ? O_CREAT : 0) | (s->trunc ? O_TRUNC : 0) | (s->excl ? O_EXCL : 0);
	if (s->create && *s->create)
		opts.perm = (mode_t)strtoul(s->create, NULL, 8);
	return opts;
}

/* Sources with one period are opens of one device, so that an event reaches each of them. */
static struct mypoll *device_of(struct serve *s, int64_t period)
{
	for (size_t i = 0; i < s->ndevices; i++)
		if (mypoll_period(s->devices[i]) == period)
			return s->devices[i];
	struct mypoll *d = mypoll_new(s->loop, period);
	if (d) {
		s->devices = must_realloc(s->devices, s->ndevices + 1, sizeof(struct mypoll *));
		s->devices[s->ndevices++] = d;
	}
	return d;
}

static int open_mypoll(struct serve *s, const struct source *source, struct mypoll **device)
{
	*device = device_of(s, source->period);
	return *device ? mypoll_open(*device, s->mode ? s->mode - 1 : O_RDONLY, s->nonblock) : -1;
}

static enum status open_failed(const struct source *source)
{
	int err = errno;

	if (source->kind != SOURCE_PATH && err == EINVAL)
		return report(STATUS_FAIL, source->word, "cannot be had in the mode of --mode", 0);
	if (source->kind != SOURCE_PATH)
		return target_no_descriptor(source, err);
	report(STATUS_FAIL, source->word, "open", err);
	if (err == ENOENT && strcmp(source->word, "/dev/mypoll") == 0)
		report_hint("without the driver, 'fdtool serve mypoll:' is a stand-in");
	else if (err == ENOENT)
		report_hint("--create makes it");
	return STATUS_FAIL;
}

static enum status hazard_fault(const struct serve *s, const char *word, int fd)
{
	static const struct {
		const char *type, *why;
	} reasons[] = {
		{"directory", "a directory gives away all that is below it"},
		{"o_path", "an O_PATH descriptor gives away what it points to"},
		{"unix", "an AF_UNIX socket can bring in further descriptors"},
	};
	const char *hazard = source_hazard(fd);

	for (size_t i = 0; hazard && i < s->types.n; i++)
		if (strcmp(s->types.v[i], hazard) == 0)
			return STATUS_OK;
	for (size_t i = 0; hazard && i < ARRAY_SIZE(reasons); i++)
		if (strcmp(reasons[i].type, hazard) == 0) {
			report(STATUS_REFUSED, word, reasons[i].why, 0);
			report_hint("if that is meant: --allow-type %s", hazard);
			return STATUS_REFUSED;
		}
	return STATUS_OK;
}

static enum status open_source(
	struct serve *s, const char *word, int *fd, struct mypoll **device)
{
	struct source source;
	struct source_opts opts = how_to_open(s);

	source_parse(word, &source);
	if (source.kind != SOURCE_PATH && (opts.flags & ~O_NONBLOCK))
		return report_usage("%s is not opened by name: --append, --create, --trunc and "
				    "--excl are for paths",
			text_show(word));
	if (source.kind != SOURCE_PATH && source.kind != SOURCE_MYPOLL && s->nonblock)
		return report_usage("--nonblock is for paths and mypoll:, not for %s", text_show(word));
	*fd = source.kind == SOURCE_MYPOLL ? open_mypoll(s, &source, device)
					   : source_open(&source, &opts);
	if (*fd < 0)
		return open_failed(&source);
	/* the stand-in may be a socket too, but one that takes nothing in: see mypoll.c */
	return source.kind == SOURCE_MYPOLL ? STATUS_OK : hazard_fault(s, word, *fd);
}

/* The path of a default name that is none, the -n that is none, …: NAME or a whole ADDRESS. */
static enum status name_of(const struct serve *s, size_t i, char **name, struct addr *addr)
{
	struct source source;

	source_parse(s->sources.v[i], &source);
	bool given = i < s->names.n;
	*name = given ? must_strdup(s->names.v[i]) : source_name(&source);
	const char *fault = given ? addr_parse(*name, addr) : addr_name_fault(*name);
	if (!fault && !given)
		fault = addr_parse(*name, addr);
	if (fault)
		return report_usage("the name '%s' %s%s", text_show(*name), fault,
			given ? "" : "; -n gives another");
	return STATUS_OK;
}

static enum status name_in_use(const char *name)
{
	struct catalog c;

	report(STATUS_FAIL, name, "the name is in use", EADDRINUSE);
	const struct catalog_entry *e = NULL;
	if (catalog_names(&c) == 0) {
		catalog_owners(&c);
		e = catalog_find(&c, name);
	}
	if (e && e->pid && e->uid_known)
		report_hint("by pid %d of user %s; -n gives another name", e->pid, peer_user(e->uid));
	else if (e && e->pid) /* a kernel without unix_diag names no user */
		report_hint("by pid %d; -n gives another name", e->pid);
	else if (e && e->uid_known)
		report_hint("by a process of user %s; -n gives another name", peer_user(e->uid));
	else
		report_hint("-n gives another name");
	catalog_free(&c);
	return STATUS_FAIL;
}

static enum status offer_failed(const struct serve *s, const char *name, const char *word)
{
	int err = errno;

	if (err == EADDRINUSE)
		return name_in_use(name);
	if (s->narrow && (err == ENXIO || err == EACCES || err == EBADF)) {
		report(STATUS_FAIL, word, "--narrow: cannot be opened again for reading", err);
		return STATUS_FAIL;
	}
	if (err == EINVAL)
		return report(STATUS_FAIL, word, "the kernel does not pass this descriptor", err);
	return report(STATUS_FAIL, name, "bind", err);
}

static enum status add_source(struct serve *s, size_t i)
{
	const char *word = s->sources.v[i];
	struct addr addr;
	struct mypoll *device = NULL;
	char *name = NULL;
	int fd = -1;

	enum status st = name_of(s, i, &name, &addr);
	if (st == STATUS_OK)
		st = open_source(s, word, &fd, &device);
	struct offer *o = NULL;
	if (st == STATUS_OK) {
		o = server_add(s->offers, &addr, name, &fd, s->narrow);
		if (!o)
			st = offer_failed(s, name, word);
	}
	fd_close(&fd);
	if (!o) {
		free(name);
		return st;
	}
	struct served *d = &s->served[s->nserved++];
	*d = (struct served){.offer = o, .name = name, .device = device};
	moves_begin(&d->known, offer_fd(o));
	return STATUS_OK;
}

static enum status add_sources(struct serve *s)
{
	s->served = must_calloc(s->sources.n, sizeof(*s->served));
	for (size_t i = 0; i < s->sources.n; i++) {
		enum status st = add_source(s, i);
		if (st != STATUS_OK)
			return st;
	}
	return STATUS_OK;
}

/* --- starting ------------------------------------------------------------------------ */

/* The sockets become the user's too, so that the kernel's tables name whom it is that serves. */
static enum status become(struct serve *s)
{
	struct passwd *pw = peer_find_user(s->user);

	if (server_chown(s->offers, pw->pw_uid, pw->pw_gid) < 0 || privilege_drop(pw) < 0)
		return report(STATUS_FAIL, s->user, "--user: cannot become that user", errno);
	return STATUS_OK;
}

/* For list and completion, which look at the title rather than connect: see catalog.h. */
static void set_title(const struct serve *s)
{
	char *title = must_strdup(ADDR_SERVER_TITLE);

	for (size_t i = 0; i < s->nserved; i++) {
		char *longer = must_printf("%s %s=%d", title, s->served[i].name,
			offer_fd(s->served[i].offer));
		free(title);
		title = longer;
	}
	title_set(title);
	free(title);
}

static void on_signal(void *data, uint32_t signo)
{
	struct serve *s = data;

	if (signo == SIGINT && serve_interrupt())
		return;
	s->signo = (int)signo;
	loop_stop(s->loop, STATUS_OK);
}

static void on_timeout(void *data, uint32_t expirations)
{
	struct serve *s = data;

	(void)expirations;
	loop_stop(s->loop, STATUS_TIMEOUT);
}

/* A server whose words reach nobody is not what its user started. */
static void flush_events(void *data)
{
	struct serve *s = data;
	enum status st = report_flush();

	if (st != STATUS_OK)
		loop_stop(s->loop, (int)st);
}

/* Under nohup(1) it goes on; SIGINT ends it also where a script's "&" had it ignored. */
static bool is_ignored(int signo)
{
	struct sigaction sa;

	return sigaction(signo, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN;
}

static bool set_up_loop(struct serve *s)
{
	loop_before_wait(s->loop, flush_events, s);
	if (!loop_signal(s->loop, SIGINT, on_signal, s) || !loop_signal(s->loop, SIGTERM, on_signal, s))
		return false;
	if (!is_ignored(SIGHUP) && !loop_signal(s->loop, SIGHUP, on_signal, s))
		return false;
	if (s->timeout && !loop_timer(s->loop, s->timeout, 0, on_timeout, s))
		return false;
	return s->quiet || loop_timer(s->loop, MOVES_INTERVAL, MOVES_INTERVAL, serve_on_watch, s);
}

static enum status say_ready(const struct serve *s)
{
	int fd = s->ready_fd - 1;

	if (s->ready_fd && notify_ready_fd(&fd) < 0)
		return report(STATUS_FAIL, "--ready-fd", "write", errno);
	if (notify_manager("READY=1") < 0)
		report_note("NOTIFY_SOCKET: %s (%s)", names_errno(errno), strerror(errno));
	return STATUS_OK;
}

static enum status start(struct serve *s)
{
	enum status st = add_sources(s);

	if (st == STATUS_OK && s->user)
		st = become(s);
	if (st != STATUS_OK)
		return st;
	set_title(s);
	if (server_listen(s->offers) < 0)
		return report(STATUS_FAIL, s->sources.v[0],
			s->narrow ? "--narrow or listen" : "listen", errno);
	for (size_t i = 0; i < s->nserved; i++)
		serve_tell_start(s, &s->served[i]);
	st = report_flush();
	return st == STATUS_OK ? say_ready(s) : st;
}

static enum status serve_until_the_end(struct serve *s)
{
	enum status st = start(s);

	if (st != STATUS_OK)
		return st;
	return serve_converse(s);
}

static void end(struct serve *s)
{
	for (size_t i = 0; i < s->ndevices; i++)
		mypoll_free(s->devices[i]);
	free(s->devices);
	server_free(s->offers);
	for (size_t i = 0; i < s->nserved; i++)
		free(s->served[i].name);
	free(s->served);
	loop_free(s->loop);
}

static void release(void *state)
{
	struct serve *s = state;

	policy_free(&s->rules.policy);
	free(s->names.v);
	free(s->sources.v);
	free(s->types.v);
	free(s->commands.v);
}

static enum status run(void *state, char **program)
{
	struct serve *s = state;

	(void)program;
	enum status st = usage_fault(s);
	if (st != STATUS_OK)
		return st;
	s->rules.max_clients = s->max_clients ? (size_t)s->max_clients : MAX_CLIENTS;
	s->rules.count = s->once ? 1 : s->rules.count;
	s->rules.event = serve_on_event;
	s->rules.data = s;
	if (!s->json)
		setlocale(LC_CTYPE, "");
	fd_raise_limit();
	s->loop = loop_new();
	s->offers = s->loop ? server_new(s->loop, &s->rules) : NULL;
	if (!s->offers || !set_up_loop(s))
		st = report(STATUS_FAIL, "epoll", "set-up", errno);
	else
		st = serve_until_the_end(s);
	end(s);
	end_by_signal(s->signo);
	return st;
}

const struct cmd cmd_serve = {
	.name = "serve",
	.operands = "SOURCE...",
	.summary = "open a file or other descriptor and offer it under a name",
	.text = "SOURCE is a path, fd:N, PID:FD, eventfd:[COUNT], timerfd:INTERVAL,\n"
		"memfd:[LABEL] or mypoll:[PERIOD]. NAME is the last part of the path or the\n"
		"word before the colon, unless -n gives another; it may be @RAW or a path.\n"
		"On a terminal it is a prompt on what it serves; otherwise it serves until a\n"
		"signal ends it, --once, --count or --timeout.\n",
	.opts = options,
	.state = sizeof(struct serve),
	.operand = take_source,
	.kind = WORD_FILE,
	.choices = "fd: eventfd: timerfd: memfd: mypoll:",
	.run = run,
	.release = release,
};
