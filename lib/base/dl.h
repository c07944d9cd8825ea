/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared libraries opened at run time, so that only the runs that need them pay for them. */
#ifndef FDTOOL_LIB_BASE_DL_H
#define FDTOOL_LIB_BASE_DL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/*
 * Says in the section .note.dlopen, which packagers read, that this file opens the library `soname`,
 * for what, and whether one wants it: "required", "recommended" or "suggested".
 * Source: https://uapi-group.org/specifications/specs/elf_dlopen_metadata/
 */
#define DL_NOTE(soname, what, priority)                                                            \
	DL_NOTE_OF("[{\"soname\":[\"" soname "\"],\"description\":\"" what                        \
		   "\",\"priority\":\"" priority "\"}]")
#define DL_NOTE_OF(json)                                                                           \
	static const struct {                                                                      \
		uint32_t name_size, size, type;                                                    \
		char name[4], text[sizeof(json)];                                                  \
	} dl_note __attribute__((used, aligned(4), section(".note.dlopen"))) = {                   \
		4, sizeof(json), 0x407c0c0a, "FDO", json}

#endif
