/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole numbers as a person writes them: see number.h. */
#include "lib/base/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How far the suffix shifts; -1 for text that is none. */
static int suffix_bits(const char *suffix)
{
	static const char letters[] = "kMGT";
	const char *at = *suffix == 'K' ? letters : strchr(letters, *suffix);

	if (!*suffix)
		return 0;
	return at && !suffix[1] ? 10 * (int)(at - letters + 1) : -1;
}

int number_parse(const char *text, long long min, long long max, long long *number)
{
	const char *digits = text + (*text == '-' || *text == '+');
	char *end;

	if (*digits < '0' || *digits > '9') { /* strtoll(3) skips blanks */
		errno = EINVAL;
		return -1;
	}
	errno = 0;
	long long n = strtoll(text, &end, 0);
	int bits = suffix_bits(end);
	if (bits < 0)
		errno = EINVAL;
	else if (errno == 0 && (__builtin_mul_overflow(n, 1LL << bits, &n) || n < min || n > max))
		errno = ERANGE;
	*number = n;
	return errno ? -1 : 0;
}
