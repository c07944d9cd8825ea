/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operands of a verb, word by word. */
#ifndef FDTOOL_CMD_PROMPT_OPERANDS_H
#define FDTOOL_CMD_PROMPT_OPERANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/cli/command.h"

/* Takes the next word out of *rest. Returns false where there is none, or it is too long. */
bool operand_word(const char **rest, char *word, size_t size);

/* Returns false for a word that is no decimal number from min up. */
bool operand_number(const char *word, long long min, long long *n);

/* Prints the verb's usage. Returns STATUS_USAGE. */
enum status operands_misused(const char *verb, const char *operands);

#endif
