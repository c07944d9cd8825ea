/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where several elements of a sorted array may be what is searched for: bsearch(3) finds any of them. */
#ifndef FDTOOL_LIB_BASE_SEARCH_H
#define FDTOOL_LIB_BASE_SEARCH_H

#include <stddef.h>

/*
 * Returns the index of the first of n elements of that size that does not come before the key, or n.
 * compare is given an element and the key, and its order is that of the array.
 */
size_t search_first(const void *key, const void *array, size_t n, size_t size,
	int (*compare)(const void *element, const void *key));

#endif
