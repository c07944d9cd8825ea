/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libreadline, opened at the first prompt, so that a run without a prompt does not pay for it.
 * After readline_open the names of the library are used as usual; each has the type from the
 * library's header.
 */
#ifndef FDTOOL_CMD_PROMPT_READLINE_H
#define FDTOOL_CMD_PROMPT_READLINE_H

#include <stdbool.h>
#include <stdio.h>

#include <readline/history.h>
#include <readline/readline.h>

/* The functions and variables of the library that the prompt uses. */
#define READLINE_NAMES(f)                                                                  \
	f(add_history) f(emacs_standard_keymap) f(history_base) f(history_get) f(history_length) f(read_history)    \
	f(rl_attempted_completion_function) f(rl_attempted_completion_over)                \
	f(rl_bind_keyseq_in_map)                                                           \
	f(rl_callback_handler_install) f(rl_callback_handler_remove)                       \
	f(rl_callback_read_char) f(rl_callback_sigcleanup) f(rl_catch_signals)             \
	f(rl_catch_sigwinch) f(rl_change_environment) f(rl_clear_visible_line)             \
	f(rl_completion_matches) f(rl_deprep_terminal) f(rl_end)                           \
	f(rl_execute_next) f(rl_insert_text)                                               \
	f(rl_forced_update_display) f(rl_free_line_state) f(rl_library_version)            \
	f(rl_line_buffer) f(rl_on_new_line) f(rl_outstream) f(rl_point)                     \
	f(rl_prep_terminal) f(rl_readline_name) f(rl_readline_state) f(rl_redisplay)           \
	f(rl_replace_line) f(rl_reset_screen_size) f(rl_set_prompt) f(stifle_history)     \
	f(using_history) f(vi_insertion_keymap) f(vi_movement_keymap)

#define READLINE_DECLARE(name) __typeof__(name) *name;
extern struct readline {
	READLINE_NAMES(READLINE_DECLARE)
} readline_names;

/* Returns false where the library is missing; dl_fault then tells why. */
bool readline_open(void);

/* The library's version, or NULL where it is missing. */
const char *readline_version(void);

#ifndef READLINE_OPENING /* defined in the file that fills readline_names */
#define add_history (*readline_names.add_history)
#define emacs_standard_keymap (*readline_names.emacs_standard_keymap)
#define history_base (*readline_names.history_base)
#define history_get (*readline_names.history_get)
#define history_length (*readline_names.history_length)
#define read_history (*readline_names.read_history)
#define rl_attempted_completion_function (*readline_names.rl_attempted_completion_function)
#define rl_attempted_completion_over (*readline_names.rl_attempted_completion_over)
#define rl_bind_keyseq_in_map (*readline_names.rl_bind_keyseq_in_map)
#define rl_callback_handler_install (*readline_names.rl_callback_handler_install)
#define rl_callback_handler_remove (*readline_names.rl_callback_handler_remove)
#define rl_callback_read_char (*readline_names.rl_callback_read_char)
#define rl_callback_sigcleanup (*readline_names.rl_callback_sigcleanup)
#define rl_catch_signals (*readline_names.rl_catch_signals)
#define rl_catch_sigwinch (*readline_names.rl_catch_sigwinch)
#define rl_change_environment (*readline_names.rl_change_environment)
#define rl_clear_visible_line (*readline_names.rl_clear_visible_line)
#define rl_completion_matches (*readline_names.rl_completion_matches)
#define rl_deprep_terminal (*readline_names.rl_deprep_terminal)
#define rl_end (*readline_names.rl_end)
#define rl_execute_next (*readline_names.rl_execute_next)
#define rl_forced_update_display (*readline_names.rl_forced_update_display)
#define rl_free_line_state (*readline_names.rl_free_line_state)
#define rl_insert_text (*readline_names.rl_insert_text)
#define rl_library_version (*readline_names.rl_library_version)
#define rl_line_buffer (*readline_names.rl_line_buffer)
#define rl_on_new_line (*readline_names.rl_on_new_line)
#define rl_outstream (*readline_names.rl_outstream)
#define rl_point (*readline_names.rl_point)
#define rl_prep_terminal (*readline_names.rl_prep_terminal)
#define rl_readline_name (*readline_names.rl_readline_name)
#define rl_readline_state (*readline_names.rl_readline_state)
#define rl_redisplay (*readline_names.rl_redisplay)
#define rl_replace_line (*readline_names.rl_replace_line)
#define rl_reset_screen_size (*readline_names.rl_reset_screen_size)
#define rl_set_prompt (*readline_names.rl_set_prompt)
#define stifle_history (*readline_names.stifle_history)
#define using_history (*readline_names.using_history)
#define vi_insertion_keymap (*readline_names.vi_insertion_keymap)
#define vi_movement_keymap (*readline_names.vi_movement_keymap)
#endif

#endif
