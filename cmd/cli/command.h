/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A command is a file or a folder that exports one `const struct cmd`. Its option rows are
 * written once; parsing, --help, completion and the checks against the man page use them.
 *
 * A file with a command needs this header only: options.h has parsers and rows, report.h
 * the statuses and the messages.
 */
#ifndef FDTOOL_CMD_CLI_COMMAND_H
#define FDTOOL_CMD_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/cli/options.h"
#include "cmd/cli/report.h"

/* The kind of a word, for completion. */
enum word_kind {
	WORD_OTHER,
	WORD_FILE,
	WORD_SOURCE, /* of serve: a file, or a form of lib/pass/source.h */
	WORD_NAME,
	WORD_TARGET, /* a name, or one of choices, which end with a colon */
	WORD_USER,
	WORD_GROUP,
	WORD_CHOICE,
	WORD_LIST, /* choices, separated by commas */
	WORD_COLUMNS,
	WORD_COMMAND,
};

struct opt {
	char letter;         /* 0: none */
	const char *name;    /* without the dashes */
	const char *arg;     /* "TIME"; "[TIME]": optional, as in --name=TIME; NULL: none */
	const char *help;    /* begins with a small letter, has no full stop */
	/*
	 * Stores arg. Returns NULL, or what is wrong with arg. A row of WORD_CHOICE may have no
	 * parser: then the position of arg in choices is stored, an unsigned int or an enum.
	 */
	const char *(*parse)(const char *arg, void *into);
	size_t into;         /* offset in the command's state */
	enum word_kind kind;
	const char *choices; /* WORD_CHOICE, WORD_LIST: "r w rw" */
};

struct cmd {
	const char *name;     /* see cmd_is_hidden */
	const char *operands; /* as the synopsis has them */
	const char *summary;  /* half a line, for the list */
	const char *text;     /* --help prints it after the options */
	const struct opt *opts; /* ends with a row whose name is NULL; may be NULL */
	size_t state;         /* size of the zeroed memory that `parse`, `operand` and `run` get */
	const char *(*operand)(const char *word, void *state); /* NULL: takes none */
	enum word_kind kind;  /* of an operand */
	const char *choices;  /* of WORD_CHOICE; with WORD_FILE, beside the files */
	bool alone;           /* not a command of fdtool: the builtin fdgrab */
	bool program;         /* the words after "--" are a PROGRAM; otherwise operands */
	/* program: the words after "--", or NULL */
	enum status (*run)(void *state, char **program);
	/* frees what parsing allocated, also after a mistake; may be NULL */
	void (*release)(void *state);
};

extern const struct cmd *const cmd_table[]; /* ends with NULL */

const struct cmd *cmd_find(const char *name);

/* A command for programs: no list and no completion shows it. */
bool cmd_is_hidden(const char *name);

#endif
