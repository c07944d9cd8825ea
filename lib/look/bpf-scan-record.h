/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The records that the BPF program of lib/look/bpf-scan.bpf.c writes and lib/look/bpf-scan.c
 * reads, one for each descriptor. Both are built from this header.
 */
#ifndef FDTOOL_LIB_LOOK_BPF_SCAN_RECORD_H
#define FDTOOL_LIB_LOOK_BPF_SCAN_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Set before the program is loaded. */
struct bpf_scan_opts {
	bool names, cloexec, pipes;
};

enum { BPF_SCAN_NAME_MAX = 4096 }; /* the longest text of a proc link: a page */

struct bpf_scan_record {
	uint32_t size; /* as written, with the part of name; a multiple of 8 */
	int32_t pid, tid, parent, session;
	int32_t fd;
	uint32_t level;
	uint32_t slots;    /* pages that the pipe may have; 0: not known, or no pipe */
	char command[16];
	uint64_t table, identity, inode; /* addresses in the kernel */
	int64_t pos;
	uint64_t ino;
	uint64_t magic;     /* of the file system, statfs(2) */
	uint32_t dev, rdev; /* in the kernel's format: 12 bits of major, 20 of minor */
	int64_t waiting;  /* bytes in a pipe; -1: not known */
	uint32_t flags;
	uint16_t mode;
	uint8_t cloexec;
	uint8_t named;
	char name[BPF_SCAN_NAME_MAX]; /* with a NUL, if named is 1; the rest is not written */
};

enum { BPF_SCAN_RECORD_MIN = offsetof(struct bpf_scan_record, name) };
_Static_assert(BPF_SCAN_RECORD_MIN % 8 == 0, "records follow each other");

#endif
