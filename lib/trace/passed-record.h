/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A descriptor that was passed, as lib/trace/passed.bpf.c writes it. The BPF program and lib/trace
 * are built from this header.
 */
#ifndef FDTOOL_LIB_TRACE_PASSED_RECORD_H
#define FDTOOL_LIB_TRACE_PASSED_RECORD_H

#include <stdint.h>

enum {
	PASSED_SOCKET = 108, /* sun_path */
	PASSED_NAME = 64,
};

/* Set before the program is loaded. */
struct passed_config {
	uint32_t level; /* of the tracer's pid namespace */
};

struct passed_record {
	uint64_t ns;         /* CLOCK_MONOTONIC */
	uint64_t ino;        /* of what it refers to */
	uint16_t mode;       /* st_mode */
	uint8_t taken;       /* by pidfd_getfd(2): nobody has sent it */
	uint8_t n_socket;    /* bytes of socket */
	int32_t pid, fd;     /* who has it now */
	int32_t from, from_fd; /* who sent it; 0, -1: not seen */
	char command[16], from_command[16]; /* strings; that of `from` is "" if it was taken */
	char socket[PASSED_SOCKET]; /* the name of the socket, or of its peer, as in sun_path */
	char name[PASSED_NAME];     /* the last part of its path, a string; "" for a pipe or a socket */
};

#endif
