/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lseek: shows or moves the offset of a description, for all its holders. */
#include "cmd/cli/command.h"
#include "cmd/cli/commands.h"
#include "cmd/cli/whence.h"
#include "cmd/client/target.h"
#include "lib/base/child.h"
#include "lib/base/inode.h"
#include "lib/base/names.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"
#include "lib/out/json.h"
#include "lib/pass/client.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

struct lseek {
	const char *words[3]; /* TARGET, OFFSET, whence */
	size_t n;
	struct wait_opts wait;
	struct policy trust;
	int64_t timeout;
	bool verbose, json;
};

static const char *take_word(const char *word, void *state)
{
	struct lseek *l = state;
	long long offset;

	if (l->n == 3)
		return "is one word too many";
	l->words[l->n++] = word;
	if (l->n == 1)
		return target_fault(word);
	if (l->n == 2)
		return whence_offset(word, &offset) ? NULL : "must be an offset, a number";
	return whence_find(word) ? NULL : "must be set, cur, end, data or hole";
}

#define INTO(member) offsetof(struct lseek, member)

static const struct opt options[] = {
	OPT_WAIT(struct lseek),
	OPT_FROM(struct lseek),
	{'t', "timeout", "TIME", "give up after TIME, exit 124; default 10s for an answer",
		opt_time, INTO(timeout)},
	OPT_JSON(struct lseek, "before and after, as one object"),
	OPT_ANATOMY(struct lseek),
	OPT_END,
};

static enum status report_fault(const char *target, const char *what)
{
	int err = errno;

	report(STATUS_FAIL, target, what, err);
	if (err == ESPIPE)
		report_hint("it has no offset: pipes, sockets and most devices are streams");
	else if (err == ENXIO)
		report_hint("the file has none after that offset: "
			    "it is past the end, or a hole reaches to the end");
	return STATUS_FAIL;
}

static void print(const struct lseek *l, int64_t before, int64_t after)
{
	if (l->json)
		json_line(json_pack("{s:I, s:I}", "before", (json_int_t)before, "after",
			(json_int_t)after));
	else if (l->n == 1)
		printf("%jd\n", (intmax_t)before);
	else
		printf("%jd -> %jd\n", (intmax_t)before, (intmax_t)after);
}

struct move {
	int64_t before, after;
	int err; /* errno; 0: none */
};

/* Without an OFFSET: to where it is. */
static struct move move(const struct lseek *l, int fd)
{
	long long offset = 0;
	int whence = SEEK_CUR;
	struct move m = {0};

	if (l->n > 1) {
		whence_offset(l->words[1], &offset);
		whence = whence_find(l->n > 2 ? l->words[2] : "set")->value;
	}
	if (desc_seek(fd, 0, SEEK_CUR, &m.before) < 0 || desc_seek(fd, offset, whence, &m.after) < 0)
		m.err = errno;
	return m;
}

static void move_in_child(int sock, int fd, const void *data)
{
	struct move m = move(data, fd);

	send(sock, &m, sizeof(m), MSG_NOSIGNAL);
}

/*
 * The end of a file may be asked of its server, and a holder that waits in a read of the file
 * keeps all others from its offset. So a child makes the calls, where that is possible.
 */
static int move_in_time(const struct lseek *l, int fd, int64_t deadline, struct move *m)
{
	if (deadline == NEVER)
		deadline = time_after(ANSWER_TIMEOUT);
	if (!inode_may_have_server(fd))
		*m = move(l, fd);
	else if (child_ask(fd, move_in_child, l, m, sizeof(*m), deadline) < 0)
		return -1;
	errno = m->err;
	return m->err ? -1 : 0;
}

static enum status move_and_print(const struct lseek *l, const struct target *t, int64_t deadline)
{
	struct move m;

	if (move_in_time(l, t->client.fd, deadline, &m) < 0)
		return errno == ETIMEDOUT
			       ? report(STATUS_TIMEOUT, t->word, "the file does not answer", errno)
			       : report_fault(t->word, "lseek");
	if (t->client.sock >= 0 && m.after != m.before)
		client_send_note(&t->client, "lseek");
	print(l, m.before, m.after);
	return STATUS_OK;
}

static enum status run(void *state, char **program)
{
	struct lseek *l = state;
	struct target t;

	(void)program;
	if (l->n == 0)
		return report_usage("there is no TARGET");
	const struct acquire_opts opts = {
		&l->trust, l->wait, l->timeout ? time_after(l->timeout) : NEVER};
	enum status st = target_open(&t, l->words[0], &opts);
	if (st == STATUS_OK)
		st = move_and_print(l, &t, opts.deadline);
	client_close(&t.client);
	return st;
}

static void release(void *state)
{
	struct lseek *l = state;

	policy_free(&l->trust);
}

const struct cmd cmd_lseek = {
	.name = "lseek",
	.operands = "TARGET [OFFSET [set|cur|end|data|hole]]",
	.summary = "show or move the offset of a description, for all that hold it",
	.text = "TARGET is an ADDRESS, PID:FD, or fd:N. A negative OFFSET goes after '--'.\n",
	.opts = options,
	.state = sizeof(struct lseek),
	.operand = take_word,
	.kind = WORD_NAME,
	.run = run,
	.release = release,
};
