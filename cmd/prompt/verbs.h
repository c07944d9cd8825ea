/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of the prompt, by the files that they are in. */
#ifndef FDTOOL_CMD_PROMPT_VERBS_H
#define FDTOOL_CMD_PROMPT_VERBS_H

#include "cmd/prompt/operands.h"
#include "cmd/prompt/session.h"

enum { READ_MAX = 65536 }; /* bytes of one read */

/* --- verbs-io.c: reading and writing ---------------------------------------- */

enum status verb_read(struct session *, const struct operands *);
enum status verb_pread(struct session *, const struct operands *);
enum status verb_write(struct session *, const struct operands *);
enum status verb_pwrite(struct session *, const struct operands *);
enum status verb_trigger(struct session *, const struct operands *);

/* --- verbs-state.c: the offset, the flags, readiness ------------------------- */

enum status verb_lseek(struct session *, const struct operands *);
enum status verb_flags(struct session *, const struct operands *);
enum status check_flags(struct session *, const struct verb *, const struct operands *);
enum status verb_stat(struct session *, const struct operands *);
enum status verb_wait(struct session *, const struct operands *);
enum status verb_limits(struct session *, const struct operands *);

/* --- verbs-file.c: locks, size, duplicates, seals ------------------------------- */

enum status verb_lock(struct session *, const struct operands *);
enum status verb_truncate(struct session *, const struct operands *);
enum status verb_dup(struct session *, const struct operands *);
enum status verb_cloexec(struct session *, const struct operands *);
enum status check_seals(struct session *, const struct verb *, const struct operands *);
enum status verb_seals(struct session *, const struct operands *);

/* --- verbs-socket.c: messages ---------------------------------------------------- */

enum status verb_recv(struct session *, const struct operands *);
enum status verb_send(struct session *, const struct operands *);

/* --- verbs-share.c: who else has the description ------------------------------ */

enum status verb_inspect(struct session *, const struct operands *);
enum status verb_picture(struct session *, const struct operands *);
/* "why shared": the evidence that it is. */
enum status verb_why_shared(struct session *);

/* --- expect.c: what should be -------------------------------------------------- */

enum status check_expect(struct session *, const struct verb *, const struct operands *);
enum status verb_expect(struct session *, const struct operands *);
/* Calls each with the beginnings of an expectation: "ok", "pos=". */
void expect_words(void (*each)(void *data, const char *word), void *data);

/* --- verbs-source.c: other commands ---------------------------------------------------- */

enum status check_source(struct session *, const struct verb *, const struct operands *);
enum status verb_source(struct session *, const struct operands *);
enum status check_repeat(struct session *, const struct verb *, const struct operands *);
enum status verb_repeat(struct session *, const struct operands *);

/* --- verbs-use.c: one of several descriptors ---------------------------------- */

bool has_members(const struct session *);
enum status check_use(struct session *, const struct verb *, const struct operands *);
enum status verb_use(struct session *, const struct operands *);

/* --- verbs-run.c: a program on the descriptor --------------------------------- */

enum status verb_run(struct session *, const struct operands *);

#endif
