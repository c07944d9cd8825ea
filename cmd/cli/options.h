/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the option rows of several commands have in common: parsers, and whole rows. */
#ifndef FDTOOL_CMD_CLI_OPTIONS_H
#define FDTOOL_CMD_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- parsers: each returns NULL, or what is wrong with arg --------------------------- */

struct words {
	const char **v;
	size_t n;
};

/* Borrows the word. The caller frees w->v in the end. */
void words_add(struct words *w, const char *word);

const char *opt_flag(const char *arg, void *into);    /* bool */
const char *opt_time(const char *arg, void *into);    /* int64_t, ns, more than 0 */
const char *opt_count(const char *arg, void *into);   /* long, 1 or more */
const char *opt_number(const char *arg, void *into);  /* int: a descriptor's number + 1 */
const char *opt_mode(const char *arg, void *into);    /* int: O_RDONLY, O_WRONLY or O_RDWR, + 1 */
const char *opt_word(const char *arg, void *into);    /* const char * */
const char *opt_address(const char *arg, void *into); /* const char * */
const char *opt_words(const char *arg, void *into);   /* struct words: one more */
const char *opt_user(const char *arg, void *into);    /* struct policy: one more user */
const char *opt_group(const char *arg, void *into);   /* struct policy: one more group */
const char *opt_anatomy(const char *arg, void *into); /* bool; starts the dump of messages */

/*
 * Finds arg among choices, "auto always never", and sets *index to its position. Returns NULL,
 * or "must be auto, always or never", which is valid until the next call.
 */
const char *choice_parse(const char *arg, const char *choices, unsigned int *index);

struct list_word {
	const char *word; /* NULL: the end */
	uint32_t bits;
};

/*
 * Sets in *bits those of each word of arg, which are separated by commas. Returns false where a
 * word is not in the list.
 */
bool list_parse(const char *arg, const struct list_word *list, uint32_t *bits);

/* --- rows that are the same in several commands --------------------------------------- */

#define OPT_MODE(type)                                                                             \
	{'m', "mode", "MODE", "open for r (default), w or rw", opt_mode, offsetof(type, mode),     \
		WORD_CHOICE, "r w rw"}
#define OPT_QUIET(type) {'q', "quiet", NULL, "print errors only", opt_flag, offsetof(type, quiet)}
#define OPT_ANATOMY(type)                                                                          \
	{'v', "verbose", NULL, "print the anatomy of every message on stderr",                     \
		opt_anatomy, offsetof(type, verbose)}
#define OPT_JSON(type, what) {0, "json", NULL, what, opt_flag, offsetof(type, json)}
#define OPT_FROM(type)                                                                             \
	{0, "from", "USER", "accept a server of this user too; default: own user and root",        \
		opt_user, offsetof(type, trust), WORD_USER}
#define OPT_NO_TRACE(type)                                                                         \
	{0, "no-trace", NULL, "do not ask the kernel who moves the offset (BPF, as root)",         \
		opt_flag, offsetof(type, no_trace)}
#define OPT_END {0, NULL}

#endif
