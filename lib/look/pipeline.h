/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which processes of a snapshot are there only because of the look: this one, and the pipeline that
 * it runs in, such as the grep(1) that reads what it prints.
 */
#ifndef FDTOOL_LIB_LOOK_PIPELINE_H
#define FDTOOL_LIB_LOOK_PIPELINE_H

#include "lib/look/share.h"

/*
 * Sets the tables' `own`. A process is of this pipeline if its standard input is the pipe that this
 * one, or another one of the pipeline, has as standard output or error, or the other way round. It is in a
 * session of this process or of its ancestors; the ancestors themselves, such as a shell that reads
 * the output for a $(...), are there for more.
 */
void share_mark_own(struct share *);

/* "itself", "this pipe"; NULL where the process is neither. */
const char *share_own_word(const struct share_table *);

#endif
