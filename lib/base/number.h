/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole numbers as a person writes them. */
#ifndef FDTOOL_LIB_BASE_NUMBER_H
#define FDTOOL_LIB_BASE_NUMBER_H

/*
 * Parses a number as C writes it: 16, 0x10, 020; with a sign; and with k, M, G or T behind it, which
 * multiply by 1024, 1024², and so on. Returns 0, or -1 with errno: EINVAL for other text, ERANGE for
 * a number below min or above max.
 */
int number_parse(const char *text, long long min, long long max, long long *number);

#endif
