/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of an OFFER: see offer-text.h. */
#include "lib/pass/offer-text.h"
#include "lib/base/names.h"
#include "lib/look/desc.h"

int offer_text(struct protocol_out *out, const char *name, int fd, bool narrow)
{
	struct desc d;
	char flags[NAMES_MAX];

	if (desc_look(0, fd, &d) < 0)
		return -1;
	protocol_begin(out, PROTOCOL_OFFER);
	protocol_add(out, "name", name);
	protocol_add_number(out, "fds", 1);
	protocol_add_number(out, "fd", fd);
	protocol_add(out, "mode", narrow ? "r" : names_mode(d.flags));
	protocol_add(out, "type", d.type);
	protocol_add(out, "flags", names_flags(d.flags, flags, sizeof(flags)));
	protocol_add(out, "path", d.path);
	return 0;
}
