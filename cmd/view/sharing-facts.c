/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The facts of a description: see sharing-facts.h. */
#include "cmd/view/sharing-facts.h"
#include "cmd/view/references.h"
#include "lib/base/text.h"
#include "lib/look/share-facts.h"
#include "lib/out/json-words.h"

#include <stdlib.h>
#include <string.h>

json_t *description_facts(struct facts *f, const struct share *s, const struct share_description *d,
	bool references)
{
	const struct share_fd *of;
	json_t *facts = share_facts(f, s, d, &of);

	if (facts && references)
		add_references(facts, s->tables[of->table].tid, of->fd);
	return facts ? facts : json_object();
}

char *description_words(struct facts *f, const struct share *s, const struct share_description *d,
	bool references)
{
	json_t *facts = description_facts(f, s, d, references);
	char *text = json_words(facts), *escaped = text_escape(text, strlen(text));

	free(text);
	json_decref(facts);
	return escaped;
}
