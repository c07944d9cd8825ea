/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of label.h have in common. */
#ifndef FDTOOL_LIB_LOOK_LABEL_INTERNAL_H
#define FDTOOL_LIB_LOOK_LABEL_INTERNAL_H

#include "lib/look/facts.h"
#include "lib/look/share.h"

struct labels {
	const struct share *share;
	struct facts *facts;
	bool ascii;
};

#endif
