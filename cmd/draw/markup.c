/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text with entities: see markup.h. */
#include "cmd/draw/markup.h"

void markup_text(FILE *f, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&':
			fputs("&amp;", f);
			break;
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		default:
			fputc(*text, f);
		}
}
