/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How each form of SOURCE is parsed and opened: what the rows of source_forms point to. */
#ifndef FDTOOL_LIB_PASS_SOURCE_FORMS_H
#define FDTOOL_LIB_PASS_SOURCE_FORMS_H

#include "lib/pass/source.h"

/* --- source-new.c: what the kernel makes for one who asks --------------------- */

const char *source_parse_count(const char *rest, struct source *);
const char *source_parse_interval(const char *rest, struct source *);
const char *source_parse_signals(const char *rest, struct source *);
const char *source_parse_watched(const char *rest, struct source *);
const char *source_parse_pid(const char *rest, struct source *);
const char *source_parse_label(const char *rest, struct source *);

int source_open_eventfd(struct source *, const struct source_opts *);
int source_open_timerfd(struct source *, const struct source_opts *);
int source_open_signalfd(struct source *, const struct source_opts *);
int source_open_inotify(struct source *, const struct source_opts *);
int source_open_pidfd(struct source *, const struct source_opts *);
int source_open_memfd(struct source *, const struct source_opts *);

/* A descriptor whose mode cannot be chosen: fails with EINVAL if it has another one. Takes fd. */
int source_require_mode(int fd, const struct source_opts *);

/* --- source-socket.c: sockets, and what comes in pairs -------------------------- */

const char *source_parse_inet(const char *rest, struct source *);
const char *source_parse_unix(const char *rest, struct source *);
const char *source_parse_pair(const char *rest, struct source *);
const char *source_parse_pipe(const char *rest, struct source *);

int source_open_inet(struct source *, const struct source_opts *);
int source_open_unix(struct source *, const struct source_opts *);
int source_open_pair(struct source *, const struct source_opts *);
int source_open_pipe(struct source *, const struct source_opts *);

#endif
