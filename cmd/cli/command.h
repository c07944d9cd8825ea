/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a command is: one file, one `const struct cmd`. Its option rows stand
 * once; parsing, --help, completion and the checks against the man page come
 * from them.
 */
#ifndef FDTOOL_CMD_CLI_COMMAND_H
#define FDTOOL_CMD_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum status {
	STATUS_OK = 0,
	STATUS_FAIL = 1,
	STATUS_USAGE = 2,
	STATUS_REFUSED = 3, /* by the server's or the client's policy */
	STATUS_NOBODY = 4,  /* nobody offers it; no such process or descriptor */
	STATUS_TIMEOUT = 124,
	STATUS_CANNOT_RUN = 126,
	STATUS_NOT_FOUND = 127
};

/* What a word may be, for completion. */
enum word_kind {
	WORD_OTHER,
	WORD_FILE,
	WORD_NAME,
	WORD_USER,
	WORD_GROUP,
	WORD_CHOICE,
	WORD_LIST, /* of choices, with commas between them */
	WORD_COLUMNS,
	WORD_COMMAND,
};

struct opt {
	char letter;         /* 0: none */
	const char *name;    /* without the dashes */
	const char *arg;     /* "TIME"; "[TIME]" where it may be left out, as --name=TIME; NULL: none */
	const char *help;    /* starts small, no full stop */
	const char *(*parse)(const char *arg, void *into); /* NULL, or what is wrong with arg */
	size_t into;         /* offset in the command's state */
	enum word_kind kind;
	const char *choices; /* WORD_CHOICE, WORD_LIST: "r w rw" */
};

struct cmd {
	const char *name;     /* one that begins with "__" is for programs, and not shown */
	const char *operands; /* as in the synopsis */
	const char *summary;  /* half a line, for the list */
	const char *text;     /* what --help says after the options */
	const struct opt *opts; /* ends with a row whose name is NULL; may be NULL */
	size_t state;         /* size of what `parse`, `operand` and `run` get, zeroed */
	const char *(*operand)(const char *word, void *state); /* NULL: takes none */
	enum word_kind kind;  /* of an operand */
	const char *choices;  /* WORD_CHOICE, and beside the files of WORD_FILE */
	bool program;         /* the words after "--" are a PROGRAM; otherwise operands */
	/* program: what stood after "--", NULL where there was none */
	enum status (*run)(void *state, char **program);
	void (*release)(void *state); /* frees what parsing put there, also after a mistake; may be NULL */
};

extern const struct cmd *const cmd_table[]; /* ends with NULL */

const struct cmd *cmd_find(const char *name);

/* --- ready-made parsers for rows ------------------------------------------ */

struct words {
	const char **v;
	size_t n;
};

void words_add(struct words *, const char *word);

const char *opt_flag(const char *arg, void *into);   /* bool */
const char *opt_time(const char *arg, void *into);   /* int64_t, ns; 0 is not a time */
const char *opt_count(const char *arg, void *into);  /* long, 1 or more */
const char *opt_number(const char *arg, void *into); /* int: a descriptor's number + 1 */
const char *opt_word(const char *arg, void *into);   /* const char * */
const char *opt_words(const char *arg, void *into);  /* struct words */
const char *opt_user(const char *arg, void *into);   /* struct policy: one more user */
const char *opt_group(const char *arg, void *into);  /* struct policy: one more group */
const char *opt_anatomy(const char *arg, void *into); /* bool; and -v from here on */

/* Rows that several commands have, always the same. */
#define OPT_QUIET(type) {'q', "quiet", NULL, "say nothing but errors", opt_flag, offsetof(type, quiet)}
#define OPT_ANATOMY(type)                                                                          \
	{'v', "verbose", NULL, "the anatomy of every message, on stderr", opt_anatomy,             \
		offsetof(type, verbose)}
#define OPT_JSON(type, what) {0, "json", NULL, what, opt_flag, offsetof(type, json)}
#define OPT_FROM(type)                                                                             \
	{0, "from", "USER", "accept a server of this user too; default: own uid, and root",        \
		opt_user, offsetof(type, trust), WORD_USER}
#define OPT_WAIT(type)                                                                             \
	{'w', "wait", "[TIME]", "wait until it is offered, at most so long", opt_wait,             \
		offsetof(type, wait)}
#define OPT_END {0, NULL}

/* --- parse.c ---------------------------------------------------------------- */

enum parsed {
	PARSED_RUN,     /* go on */
	PARSED_HELP,    /* --help was given */
	PARSED_VERSION, /* --version was given */
	PARSED_WRONG    /* a mistake, which has been reported */
};

/*
 * Parses argv (argv[0] is the command's name) into state. *program is what stood
 * after "--", or NULL.
 */
enum parsed cmd_parse(
	const struct cmd *, int argc, char **argv, void *state, char ***program);

/* --- report.c: the only place that words an error --------------------------- */

/* The command that "fdtool: " or "fdtool serve: " in front of every message names; NULL for none. */
void report_as(const char *name);

/* "fdtool serve: OBJECT: what failed: EBADF (Bad file descriptor)"; err 0: without the last part. */
enum status report(enum status, const char *object, const char *what, int err);

/* The second line, that says what to do. */
void report_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The one line of a wrong command line, with its pointer to --help. STATUS_USAGE. */
enum status report_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line on stderr that is no error, with the command's name in front. */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Flushes stdout. Returns STATUS_OK, or says, once, that it cannot be written to.
 * Done after every command; only one that goes on for long needs it earlier.
 */
enum status report_flush(void);

#endif
