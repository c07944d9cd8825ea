/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of the prompt, by the files that they are in. */
#ifndef FDTOOL_CMD_PROMPT_VERBS_H
#define FDTOOL_CMD_PROMPT_VERBS_H

#include "cmd/prompt/operands.h"
#include "cmd/prompt/session.h"

/* --- verbs-io.c: reading and writing ---------------------------------------- */

enum status verb_read(struct session *, const char *rest);
enum status verb_pread(struct session *, const char *rest);
enum status verb_write(struct session *, const char *rest);
enum status verb_pwrite(struct session *, const char *rest);
enum status verb_trigger(struct session *, const char *rest);

/* --- verbs-state.c: the offset, the flags, readiness ------------------------- */

enum status verb_lseek(struct session *, const char *rest);
enum status verb_flags(struct session *, const char *rest);
enum status verb_stat(struct session *, const char *rest);
enum status verb_wait(struct session *, const char *rest);
enum status verb_limits(struct session *, const char *rest);

/* --- verbs-share.c: who else has the description ------------------------------ */

enum status verb_inspect(struct session *, const char *rest);
enum status verb_picture(struct session *, const char *rest);
/* "why shared": the evidence that it is. */
enum status verb_why_shared(struct session *);

/* --- verbs-run.c: a program on the descriptor --------------------------------- */

enum status verb_run(struct session *, const char *rest);

/* The words of `flags`, after a + or a -; ends with a row whose word is NULL. */
extern const struct flag_word {
	const char *word;
	int flag;
} flag_words[];

#endif
