/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is pasted at a prompt: see paste.h. */
#include "cmd/prompt/paste.h"
#include "cmd/prompt/readline.h"
#include "lib/base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BEGIN "\033[200~"
#define END   "\033[201~"

static struct paste {
	bool coming;
	char *text;
	size_t len, size;
	size_t taken; /* by paste_next */
} paste;

static int begin(int count, int key)
{
	(void)count;
	(void)key;
	paste.coming = true;
	return 0;
}

void paste_watch(void)
{
	rl_bind_keyseq_in_map(BEGIN, begin, emacs_standard_keymap);
	rl_bind_keyseq_in_map(BEGIN, begin, vi_insertion_keymap);
	rl_bind_keyseq_in_map(BEGIN, begin, vi_movement_keymap);
}

bool paste_is_coming(void)
{
	return paste.coming;
}

static void add(char byte)
{
	if (paste.len == paste.size) {
		paste.size = paste.size ? 2 * paste.size : 1024;
		paste.text = must_realloc(paste.text, paste.size, 1);
	}
	paste.text[paste.len++] = byte;
}

void paste_read(void)
{
	const size_t end = sizeof(END) - 1;
	char byte;

	if (read(STDIN_FILENO, &byte, 1) != 1)
		return; /* the terminal has gone: epoll says so next */
	add(byte == '\r' ? '\n' : byte); /* as Enter sends it; so do terminals */
	if (paste.len < end || memcmp(paste.text + paste.len - end, END, end) != 0)
		return;
	paste.len -= end;
	paste.coming = false;
}

char *paste_next(size_t *len, bool *enter)
{
	if (paste.coming || paste.taken == paste.len) {
		if (!paste.coming)
			paste_drop();
		return NULL;
	}
	const char *line = paste.text + paste.taken;
	const char *end = memchr(line, '\n', paste.len - paste.taken);
	*enter = end != NULL;
	*len = end ? (size_t)(end - line) : paste.len - paste.taken;
	paste.taken += *len + *enter;
	char *copy = must_calloc(*len + 1, 1);
	memcpy(copy, line, *len);
	return copy;
}

size_t paste_drop(void)
{
	size_t lines = 0;

	for (size_t i = paste.taken; i < paste.len; i++)
		lines += paste.text[i] == '\n' || i == paste.len - 1;
	free(paste.text);
	paste = (struct paste){0};
	return lines;
}
