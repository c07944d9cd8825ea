/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What grab does for a person at a terminal: whether a prompt comes up, on what, and what is said before. */
#include "cmd/grab/grab.h"
#include "cmd/prompt/prompt.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <stdlib.h>
#include <unistd.h>

bool grab_converses(const struct grab *g)
{
	return g->prompt.commands.n || g->prompt.interactive || g->prompt.script;
}

/* On a terminal without other options a prompt comes up. */
bool grab_prompts(const struct grab *g, char **program)
{
	return grab_converses(g) || (!program && g->wanted[g->n - 1].word == g->wanted->word &&
				       !g->json && !g->quiet && prompt_possible());
}

/* A program without arguments mostly reads its standard input, which here would be the terminal. */
void grab_say_number(const struct grab *g, char **program)
{
	if (g->quiet || g->n != 1 || g->wanted[0].at >= 0 || program[1] || !isatty(STDIN_FILENO) ||
		!isatty(STDERR_FILENO))
		return;
	report_note("%s gets it as descriptor 3", text_show(program[0]));
	report_hint("as its standard input: fdtool grab -f 0 %s -- %s", text_show(g->wanted[0].word),
		text_show(program[0]));
}

enum status grab_prompt_on_all(const struct grab *g)
{
	struct member *members = must_calloc(g->n, sizeof(*members));

	for (size_t i = 0; i < g->n; i++) {
		const struct wanted *w = &g->wanted[i];
		members[i] = (struct member){.fd = w->client.fd, .name = grab_name(w)};
		if (i > 0 && !g->quiet)
			report_note("%s: descriptor %d is open too, see 'use'", text_show(grab_name(w)),
				w->client.fd);
	}
	enum status st = grab_prompt(&g->wanted->client, members, g->n, &g->prompt);
	free(members);
	return st;
}
