/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The operands of a verb, parsed by the form that its row in the table of verbs has, which is also
 * what a person is shown. Nothing runs before all of a line is understood.
 *
 * A form is made of words, separated by blanks:
 *   N OFF PID   a number; OFF may be negative
 *   TIME        see time_parse
 *   TEXT        what follows, with C escapes
 *   sh|ex|un    one of these words
 *   -x  fd      that word: an option in front, or, behind TEXT, at the end of the line
 *   FILE NAME   what follows, without blanks at its end
 *   COMMAND ... any other in capitals: what follows
 * Brackets make words optional. A form may have a second line, for a line that does not begin with
 * the option of the first.
 */
#ifndef FDTOOL_CMD_PROMPT_OPERANDS_H
#define FDTOOL_CMD_PROMPT_OPERANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/prompt/session.h"

struct operands {
	bool option;      /* the word -x, or fd, was there */
	size_t n_numbers;
	long long number[2];
	int64_t ns;       /* of TIME; NEVER without it */
	int choice;       /* which of the words sh|ex|un, from 0; -1: none */
	char *text;       /* of TEXT; owned; NULL without it */
	size_t len;
	const char *rest; /* of FILE, COMMAND and the like; "" without it */
};

/*
 * Parses rest, the line after the verb. Returns STATUS_OK, or STATUS_USAGE and has reported the word
 * that is wrong. In either case operands_free frees what was made.
 */
enum status operands_parse(struct session *, const struct verb *, const char *rest, struct operands *);
void operands_free(struct operands *);

/* Takes the next word out of *rest. Returns false where there is none, or it is too long. */
bool operand_word(const char **rest, char *word, size_t size);

/* Reports "VERB: 'WORD' FAULT", and then the form. Returns STATUS_USAGE. */
enum status operands_misused(
	struct session *, const struct verb *, const char *word, const char *fault);

/*
 * Calls each with every word that the form has as such: those of sh|ex|un, if `before` operands are
 * there already, and options.
 */
void operands_words(const struct verb *, size_t before, void (*each)(void *data, const char *word),
	void *data);

#endif
