/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hold: the broker. It keeps what is sent to it, and offers each under its own name until it is
 * dropped or expires. Here is how it starts and ends; broker.c is what it does in between.
 */
#include "cmd/hold/hold.h"
#include "cmd/cli/commands.h"
#include "cmd/cli/ending.h"
#include "cmd/cli/output.h"
#include "cmd/cli/title.h"
#include "cmd/client/acquire.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/peer.h"
#include "lib/base/release.h"
#include "lib/base/text.h"
#include "lib/pass/notify.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MAX_KEPT = 1000, MAX_CLIENTS = 256, RESERVE = 64 }; /* descriptors for other things */

/* --- options --------------------------------------------------------------------- */

static const char *take_operand(const char *word, void *state)
{
	struct hold *h = state;

	if (h->word)
		return "is one too many: there is only one ADDRESS";
	h->word = word;
	return addr_parse(word, &h->addr);
}

#define INTO(member) offsetof(struct hold, member)

static const struct opt options[] = {
	{0, "max", "N", "keep N descriptors at most; default 1000", opt_count, INTO(max)},
	{0, "expire", "TIME", "let go after TIME what says no time itself; default never", opt_time,
		INTO(expire)},
	{0, "store-user", "USER", "let USER send, too; repeatable; default own user and root", opt_user,
		INTO(store), WORD_USER},
	{0, "store-group", "GROUP", "let members of GROUP send, too; repeatable", opt_group, INTO(store),
		WORD_GROUP},
	{0, "allow-user", "USER", "let USER grab what is kept, too; repeatable", opt_user,
		INTO(rules.policy), WORD_USER},
	{0, "allow-group", "GROUP", "let members of GROUP grab it, too; repeatable", opt_group,
		INTO(rules.policy), WORD_GROUP},
	{0, "allow-any", NULL, "let anyone grab it", opt_flag, INTO(rules.policy.any)},
	{0, "from", "ADDRESS", "take all over from the broker at ADDRESS, which ends then", opt_address,
		INTO(from), WORD_NAME},
	{0, "ready-fd", "N", "write a newline to descriptor N when it listens", opt_number,
		INTO(ready_fd)},
	OPT_JSON(struct hold, "events, one object a line"),
	OPT_QUIET(struct hold),
	OPT_ANATOMY(struct hold),
	OPT_END,
};

/* --- starting ---------------------------------------------------------------------- */

/* For list and completion: see catalog.h. The title has room for so much, and no half item. */
static void set_title(struct hold *h)
{
	size_t room = title_room();
	char *title = must_calloc(1, room + 1);
	size_t len = (size_t)snprintf(title, room + 1, "%s", ADDR_SERVER_TITLE);
	const struct kept *k;

	LIST_FOREACH (k, &h->kept, link) {
		char *item = must_printf(" %s=%d", offer_name(k->offer), offer_fd(k->offer));
		if (len + strlen(item) <= room)
			len += (size_t)sprintf(title + len, "%s", item);
		free(item);
	}
	title_set(title);
	free(title);
	h->title_is_stale = false;
}

static void before_wait(void *data)
{
	struct hold *h = data;
	enum status st = output_flush();

	if (h->title_is_stale)
		set_title(h);
	if (st != STATUS_OK)
		loop_stop(h->loop, (int)st);
}

static void on_signal(void *data, uint32_t signo)
{
	struct hold *h = data;

	h->signo = (int)signo;
	loop_stop(h->loop, STATUS_OK);
}

/* Returns false with errno. */
static bool set_up_timers(struct hold *h)
{
	loop_before_wait(h->loop, before_wait, h);
	h->expiry = loop_timer(h->loop, 0, 0, hold_on_expiry, h);
	if (h->expiry)
		h->missed = loop_timer(h->loop, 0, 0, hold_on_missed, h);
	return h->missed;
}

static bool set_up_receiver(struct hold *h)
{
	h->receiver_rules = (struct receiver_rules){.trust = &h->store,
		.max_visitors = MAX_CLIENTS,
		.timeout = ANSWER_TIMEOUT,
		.spoke = hold_on_spoke,
		.denied = hold_on_denied,
		.stalled = hold_on_stalled,
		.data = h};
	h->receiver = receiver_new(h->loop, &h->receiver_rules, h->listener);
	for (size_t i = 0; i < h->n_senders && h->receiver; i++)
		receiver_adopt(h->receiver, &h->senders[i]);
	return h->receiver;
}

static bool set_up_signals(struct hold *h)
{
	if (!loop_signal(h->loop, SIGINT, on_signal, h) || !loop_signal(h->loop, SIGTERM, on_signal, h))
		return false;
	return signal_is_ignored(SIGHUP) || loop_signal(h->loop, SIGHUP, on_signal, h);
}

static enum status notify_ready(const struct hold *h)
{
	int fd = h->ready_fd - 1;

	if (h->ready_fd && notify_ready_fd(&fd) < 0)
		return report(STATUS_FAIL, "--ready-fd", "write", errno);
	if (notify_manager("READY=1") < 0)
		report_note("NOTIFY_SOCKET: %s (%s)", names_errno(errno), strerror(errno));
	return STATUS_OK;
}

/* Each that is kept takes two descriptors, its own and that of its socket. */
static void set_limits(struct hold *h)
{
	struct rlimit r;
	long room = getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur > INT32_MAX ? INT32_MAX
									     : (long)r.rlim_cur;
	long most = room > 2 * RESERVE ? (room - RESERVE) / 4 : RESERVE / 4;

	long stored = hold_manager_room();
	h->max = h->max ? h->max : stored < MAX_KEPT ? stored : MAX_KEPT;
	if (h->max > stored) {
		report_note("the service manager stores %ld only: FileDescriptorStoreMax=%ld", stored, stored + 1);
		h->max = stored;
	}
	if (h->max > most) {
		report_note("there is room for %ld only: 'ulimit -n' is %ld", most, room);
		h->max = most;
	}
	h->rules.max_clients = MAX_CLIENTS;
	h->rules.max_total = (size_t)(room - 2 * h->max) / 2;
	h->rules.event = hold_on_event;
	h->rules.data = h;
}

static enum status start(struct hold *h)
{
	enum status st = output_begin(h->loop, hold_on_lost, h);

	if (st == STATUS_OK && (!set_up_timers(h) || !hold_meet_manager(h)))
		st = report(STATUS_FAIL, "epoll", "set-up", errno);
	if (st == STATUS_OK)
		st = hold_take_address(h);
	if (st != STATUS_OK)
		return st;
	if (!set_up_signals(h) || !set_up_receiver(h))
		return report(STATUS_FAIL, "epoll", "set-up", errno);
	hold_restore(h);
	set_title(h);
	if (!h->quiet && !h->json)
		printf("%s: keeping what 'fdtool send SOURCE %s' gives\n", text_show(h->word), text_show(h->word));
	return notify_ready(h);
}

static void end(struct hold *h)
{
	release_in_background(false); /* one child closes all, when this process has ended */
	receiver_free(h->receiver);
	hold_free_kept(h);
	server_free(h->server);
	addr_unbind(&h->addr);
	fd_close(&h->listener);
	if (h->manager)
		hold_leave_manager(h);
	fd_close_all(h->senders, h->n_senders);
	free(h->senders);
	loop_free(h->loop);
}

static void release(void *state)
{
	struct hold *h = state;

	policy_free(&h->store);
	policy_free(&h->rules.policy);
}

static enum status check_usage(struct hold *h)
{
	if (!h->word)
		take_operand(h->from ? h->from : "hold", h);
	if (h->ready_fd && !fd_is_inherited(h->ready_fd - 1))
		return report_usage("--ready-fd: descriptor %d is not open", h->ready_fd - 1);
	return STATUS_OK;
}

static enum status run(void *state, char **program)
{
	struct hold *h = state;
	enum status st = check_usage(h);

	(void)program;
	if (st != STATUS_OK)
		return st;
	h->listener = -1;
	LIST_INIT(&h->kept);
	fd_raise_limit();
	release_in_background(true);
	set_limits(h);
	if (!h->json)
		setlocale(LC_CTYPE, "");
	h->loop = loop_new();
	h->server = h->loop ? server_new(h->loop, &h->rules) : NULL;
	if (!h->server)
		return report(STATUS_FAIL, "epoll", "set-up", errno);
	st = start(h);
	if (st == STATUS_OK) {
		int ended = loop_run(h->loop);
		st = ended < 0 ? report(STATUS_FAIL, h->word, "epoll_wait", errno) : (enum status)ended;
	}
	enum status written = output_end();
	st = st == STATUS_OK ? written : st;
	end(h);
	end_by_signal(h->signo);
	return st;
}

const struct cmd cmd_hold = {
	.name = "hold",
	.operands = "[ADDRESS]",
	.summary = "keep what is sent, and offer it until it is dropped",
	.text = "'fdtool send SOURCE ADDRESS' gives it a descriptor, which it offers under the name\n"
		"that it was sent under; the default ADDRESS is 'hold'. 'fdtool drop NAME' ends that,\n"
		"and so does the time of --expire, here or of send. A signal ends all.\n",
	.opts = options,
	.state = sizeof(struct hold),
	.operand = take_operand,
	.run = run,
	.release = release,
};
