/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operands of a verb: see operands.h. */
#include "cmd/prompt/operands.h"
#include "lib/base/text.h"

#include <bsd/stdlib.h>
#include <limits.h>
#include <string.h>

bool operand_word(const char **rest, char *word, size_t size)
{
	const char *p = text_skip_blanks(*rest);
	size_t len = strcspn(p, " \t");

	if (len == 0 || len >= size)
		return false;
	memcpy(word, p, len);
	word[len] = '\0';
	*rest = text_skip_blanks(p + len);
	return true;
}

bool operand_number(const char *word, long long min, long long *n)
{
	const char *fault;

	*n = strtonum(word, min, LLONG_MAX, &fault);
	return !fault;
}

enum status operands_misused(const char *verb, const char *operands)
{
	report_note("usage: %s %s", verb, operands);
	return STATUS_USAGE;
}
