/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The TEXT of a command or a script at the prompt: cmd/prompt/unescape.h. */
#include "tests/fuzz/fuzz.h"
#include "cmd/prompt/unescape.h"

#include <stdlib.h>
#include <string.h>

FUZZ(unescape)
{
	char *text = fuzz_string(data, size);
	size_t len, n = strlen(text);
	bool quoted = n >= 2 && text[0] == '"' && text[n - 1] == '"';
	char *bytes = unescape_text(text, &len);

	if (bytes) {
		CHECK(len <= (quoted ? n - 2 : n));
		if (!strchr(text, '\\'))
			CHECK(memcmp(bytes, text + quoted, len) == 0);
	}
	free(bytes);
	free(text);
}
