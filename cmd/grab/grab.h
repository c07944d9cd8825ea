/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of grab share: its state, and what becomes of the received descriptors. */
#ifndef FDTOOL_CMD_GRAB_GRAB_H
#define FDTOOL_CMD_GRAB_GRAB_H

#include "cmd/cli/color.h"
#include "cmd/cli/command.h"
#include "cmd/client/acquire.h"
#include "cmd/grab/prompt.h"
#include "lib/base/peer.h"
#include "lib/pass/client.h"

/* One ADDRESS of the command line, and what came from it. */
struct wanted {
	const char *word;
	int at; /* -f; -1: the first free number from 3 on */
	bool requested; /* `at` is that of -f */
	bool member;    /* one of a group: client.name is its name there */
	struct client client;
};

/* --as: what a sender speaks. The order is that of the option's words. */
enum sender_protocol { AS_FDTOOL, AS_FDSEND, AS_RAW, AS_RAW_DGRAM, AS_RAW_SEQPACKET };

struct grab {
	struct wanted *wanted;
	size_t n;
	int next_at; /* -f, + 1, of the ADDRESS that follows; 0: none */
	struct wait_opts wait;
	struct policy trust;
	enum sender_protocol as;
	struct words expect;
	unsigned int env; /* the conventions of --env, a bit each; 0: the default */
	bool narrow;
	int64_t timeout;
	struct grab_prompt prompt;
	enum color_when color;
	bool quiet, verbose, json, listen, no_trace;
};

/* Adds one that is to come from the ADDRESS. Valid until the next call. */
struct wanted *grab_add(struct grab *, const char *word, int at);

/* Checks --expect, and applies --narrow. Anything but STATUS_OK has been reported. */
enum status grab_check(const struct grab *, struct wanted *);

/* --- listen.c ---------------------------------------------------------------- */

/*
 * Waits at the ADDRESS until somebody gives, and receives all that is given: wanted grows. The
 * last one of it has the connection until grab_answer, which tells the sender that all was taken.
 */
enum status grab_listen(struct grab *, bool program);
void grab_answer(struct grab *);

/* --- group.c ---------------------------------------------------------------- */

/*
 * If wanted[i] received a group, adds the others after it. For a program, all that came get their
 * numbers. Reports a failure.
 */
enum status grab_unfold(struct grab *, size_t i, bool program);

/* --- terminal.c ------------------------------------------------------------- */

/* Whether commands of the prompt were requested; whether they run, or a prompt comes up. */
bool grab_converses(const struct grab *);
bool grab_prompts(const struct grab *, char **program);

/* Says which number a program gets that may expect its standard input. */
void grab_say_number(const struct grab *, char **program);

/* Runs the commands, or the prompt, on all that was received. */
enum status grab_prompt_on_all(const struct grab *);

/* --- become.c --------------------------------------------------------------- */

/* Chooses the number of each descriptor in the program, and where to receive it until then. */
void grab_choose_numbers(struct grab *);
int grab_receive_at(const struct grab *, const struct wanted *);

/*
 * Replaces this process with the program, which has the descriptors at their numbers. Returns only when
 * that failed, which was reported.
 */
enum status grab_become(struct grab *, char **program);

/* --- environ.c -------------------------------------------------------------- */

/* For the option row of --env: an unsigned int. */
const char *grab_parse_env(const char *arg, void *into);

/* Sets the variables by which the program finds its descriptors, at their numbers. Reports a failure. */
enum status grab_set_environment(const struct grab *);

/* --- describe.c ------------------------------------------------------------- */

/* Prints what each descriptor is. */
enum status grab_describe(const struct grab *);

/* The server's name for it, or the ADDRESS where the server gave none. */
const char *grab_name(const struct wanted *);

#endif
