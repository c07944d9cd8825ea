/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a signal means for a call that waits: see interrupt.h. */
#include "lib/base/interrupt.h"

#include <stddef.h>

bool (*interrupt_asked)(void);

bool interrupted(void)
{
	return interrupt_asked && interrupt_asked();
}
