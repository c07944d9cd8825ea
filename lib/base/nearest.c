/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The word that a mistyped one is nearest to: see nearest.h. */
#include "lib/base/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { WORD_MAX = 32 }; /* of longer words only the beginning is compared */

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t distance(const char *a, const char *b)
{
	size_t na = strnlen(a, WORD_MAX), nb = strnlen(b, WORD_MAX);
	size_t d[WORD_MAX + 1][WORD_MAX + 1];

	for (size_t i = 0; i <= na; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= nb; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= na; i++)
		for (size_t j = 1; j <= nb; j++) {
			size_t change = d[i - 1][j - 1] + !same_letter(a[i - 1], b[j - 1]);
			d[i][j] = min(change, min(d[i - 1][j], d[i][j - 1]) + 1);
			if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1]))
				d[i][j] = min(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[na][nb];
}

struct nearest nearest_to(const char *typed)
{
	return (struct nearest){.typed = typed, .distance = strlen(typed) / 2 + 1};
}

void nearest_try(struct nearest *n, const char *word)
{
	size_t d = distance(word, n->typed);

	if (d < n->distance) {
		n->distance = d;
		n->word = word;
	}
}
