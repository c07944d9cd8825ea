/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A shared library opened at run time, so that only who needs it pays for it. */
#ifndef FDTOOL_LIB_BASE_DL_H
#define FDTOOL_LIB_BASE_DL_H

#include <stdbool.h>
#include <stddef.h>

struct dl_symbol {
	const char *name;
	void **into; /* becomes the address of the function or variable */
};

/*
 * Opens the library and finds all n names. It stays open to the end. Returns
 * false where it, or one of them, is not to be had; dl_fault says why.
 */
bool dl_open(const char *file, const struct dl_symbol *names, size_t n);

/* Why the last dl_open failed, as dlerror(3) words it. */
const char *dl_fault(void);

#endif
