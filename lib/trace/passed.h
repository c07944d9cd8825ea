/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Descriptors that are passed on this machine, as they go: by SCM_RIGHTS of unix(7), or taken by
 * pidfd_getfd(2). For root, by BPF: see trace.h. It does not see io_uring's messages.
 */
#ifndef FDTOOL_LIB_TRACE_PASSED_H
#define FDTOOL_LIB_TRACE_PASSED_H

#include "lib/trace/passed-record.h"

struct passed;

/* Starts to look. Returns NULL with errno, and with *why in words: as trace_open by BPF. */
struct passed *passed_open(const char **why);

/* Stops. Does nothing for NULL. Keeps errno. */
void passed_close(struct passed *);

/* A descriptor (borrowed) that can be read, as epoll has it, while there are records. */
int passed_fd(const struct passed *);

/* Calls each for every record that is there. Returns 0, or -1 with errno. */
int passed_read(struct passed *, void (*each)(void *data, const struct passed_record *), void *data);

/* How many records were lost until now, because nobody read them in time. */
uint64_t passed_lost(const struct passed *);

/*
 * What it is: the text of the proc link where the receiver has it still, else as much of that
 * as the record tells. Unescaped; the caller frees.
 */
char *passed_name(const struct passed_record *);

#endif
