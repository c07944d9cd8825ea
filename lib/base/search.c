/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A search in a sorted array: see search.h. */
#include "lib/base/search.h"

size_t search_first(const void *key, const void *array, size_t n, size_t size,
	int (*compare)(const void *element, const void *key))
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare((const char *)array + middle * size, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
