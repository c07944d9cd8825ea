/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared libraries opened at run time, so that only the runs that need them pay for them. */
#ifndef FDTOOL_LIB_BASE_DL_H
#define FDTOOL_LIB_BASE_DL_H

#include <stdbool.h>
#include <stddef.h>

struct dl_symbol {
	const char *name;
	void **into; /* is set to the address of the function or variable */
};

/*
 * Opens the library and finds all n symbols. It stays open until the process ends.
 * Returns false if the library or a symbol is missing; dl_fault says why.
 */
bool dl_open(const char *file, const struct dl_symbol *names, size_t n);

/* Why the last dl_open failed, as dlerror(3) words it. */
const char *dl_fault(void);

#endif
