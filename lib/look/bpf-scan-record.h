/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the BPF program of lib/look/bpf-scan.bpf.c writes and lib/look/bpf-scan.c reads:
 * a record a descriptor, one after the other. Both are built from this header.
 */
#ifndef FDTOOL_LIB_LOOK_BPF_SCAN_RECORD_H
#define FDTOOL_LIB_LOOK_BPF_SCAN_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the program is told before it is loaded. */
struct bpf_scan_opts {
	bool names, cloexec;
};

enum { BPF_SCAN_NAME_MAX = 4096 }; /* what a proc link may say: a page */

struct bpf_scan_record {
	uint32_t size; /* of all of it that was written, a multiple of 8 */
	int32_t pid, tid, parent, session;
	int32_t fd;
	char command[16];
	uint64_t table, identity, inode; /* addresses in the kernel */
	int64_t pos;
	uint64_t ino;
	uint64_t magic;     /* of the file system, statfs(2) */
	uint32_t dev, rdev; /* as the kernel keeps them: 12 bits, and 20 */
	uint32_t flags;
	uint16_t mode;
	uint8_t cloexec;
	uint8_t named;
	char name[BPF_SCAN_NAME_MAX]; /* no more of it than is needed; ended by a zero, where named is 1 */
};

enum { BPF_SCAN_RECORD_MIN = offsetof(struct bpf_scan_record, name) };

#endif
