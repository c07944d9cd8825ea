/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inspect --watch and --grow: repeats the look. On a terminal it uses the alternate screen; elsewhere it
 * prints a look when that differs from the one before. Changed descriptions are highlighted.
 */
#include "cmd/cli/color.h"
#include "cmd/cli/ending.h"
#include "cmd/cli/output.h"
#include "cmd/cli/wrap.h"
#include "cmd/inspect/inspect.h"
#include "cmd/inspect/pager.h"
#include "lib/base/memory.h"
#include "lib/base/proc.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/look/scan.h"
#include "lib/loop/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

struct inspect_watch {
	struct inspect *inspect;
	struct loop *loop;
	struct share last;      /* the look before; last.method is NULL before the first */
	struct share_target *held;  /* the holders of the requested descriptions at the last look */
	size_t n_held;
	struct pager pager;
	int signal;             /* that ended it; 0: none did */
	const struct share_target *fault; /* could not be looked at; reported when the screen is back */
	int err;                /* its errno */
	bool gone;              /* nobody holds it any longer */
	enum status status;
};

/* --grow compares with the first look, and highlights nothing. */
static bool *compare(const struct inspect_watch *w, struct share *now, bool *any)
{
	if (!w->inspect->growth)
		return changes_find(&w->last, now, any);
	*any = growth_look(w->inspect->growth, now);
	return NULL;
}

/* --- showing it ----------------------------------------------------------------------------- */

/* Ends in a blank line. */
static void print_heading(const struct inspect_watch *w, const struct share *s, FILE *out)
{
	time_t now = time(NULL);
	struct tm tm;
	char clock[16] = "", unseen[64] = "";

	if (localtime_r(&now, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	if (s->unseen)
		snprintf(unseen, sizeof(unseen), "; %zu process%s could not be inspected", s->unseen,
			s->unseen == 1 ? "" : "es");
	char *line = must_printf("fdtool inspect  %s  every %g s, by %s%s", clock,
		(double)w->inspect->every / (double)NS_PER_S, s->method, unseen);
	char *wrapped = wrap_text(STDOUT_FILENO, 0, 0, line);
	fprintf(out, "%s\n", wrapped);
	free(wrapped);
	free(line);
}

/* The names of a table's columns stay when it is scrolled. */
static bool has_names(const struct inspect *in)
{
	return !inspect_draws(in) && !in->growth && !in->table.no_headings;
}

static enum status show_on_screen(struct inspect_watch *w, const struct share *s, const bool *changed)
{
	char *text = NULL;
	size_t size = 0, head;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return report(STATUS_FAIL, "the screen", "open_memstream", errno);
	print_heading(w, s, out);
	fflush(out);
	head = text_lines(text) + has_names(w->inspect);
	enum status st = inspect_render(w->inspect, s, changed, out);
	fclose(out);
	pager_show(&w->pager, text, head);
	return st == STATUS_OK ? output_flush() : st;
}

static enum status show(struct inspect_watch *w, const struct share *s, const bool *changed)
{
	if (w->pager.on)
		return show_on_screen(w, s, changed);
	if (w->last.method && !w->inspect->json)
		putchar('\n');
	enum status st = inspect_render(w->inspect, s, changed, stdout);
	return st == STATUS_OK ? output_flush() : st;
}

/* --- repeating the look ------------------------------------------------------------------- */

/* When the requested descriptor is closed, another holder is followed instead: see follow. */
static void remember_holders(struct inspect_watch *w, const struct share *s)
{
	free(w->held);
	w->held = must_calloc(s->n_fds + 1, sizeof(*w->held));
	w->n_held = 0;
	for (size_t i = 0; i < s->n_fds; i++)
		if (s->descriptions[s->fds[i].description].requested)
			w->held[w->n_held++] =
				(struct share_target){s->tables[s->fds[i].table].tid, s->fds[i].fd};
}

/* Puts another holder into *of. Only for a single descriptor: of a process nothing remains. */
static bool follow(struct inspect_watch *w, struct share_target *of)
{
	if (w->inspect->targets.n != 1 || of->fd < 0)
		return false;
	while (w->n_held) {
		struct share_target next = w->held[--w->n_held];
		if (next.pid != of->pid || next.fd != of->fd) {
			*of = next;
			return true;
		}
	}
	return false;
}

/* The followed number may refer to another file since the last look. */
static bool is_same_inode(const struct inspect_watch *w, const struct share *s)
{
	const struct share_description *was = w->last.descriptions, *is = s->descriptions;

	return was && is && was->dev == is->dev && was->ino == is->ino;
}

/* Whether nobody has the requested inodes open, now or any longer; then it ends. */
static bool is_unheld(struct inspect_watch *w, struct share *s)
{
	const struct targets *t = &w->inspect->targets;

	if (s->n_descriptions || t->words.n == 0 || (t->n && !targets_have_inodes(t)))
		return false;
	w->gone = w->last.method != NULL;
	if (!w->gone)
		w->status = targets_unheld(t, s);
	share_free(s);
	return true;
}

static int look(struct inspect_watch *w, struct share *s)
{
	if (w->last.method && targets_have_port(&w->inspect->targets))
		targets_refresh(&w->inspect->targets);
	bool followed = false;

	for (;;) {
		int done = inspect_take(w->inspect, s, &w->fault);
		w->err = done < 0 ? errno : 0;
		if (done == 0 && is_unheld(w, s))
			return -1;
		if (done == 0 && (!followed || is_same_inode(w, s)))
			return 0;
		share_free(s);
		bool left = done == 0 || (w->fault && (w->err == ESRCH || w->err == EBADF));
		w->fault = done == 0 ? w->inspect->targets.v : w->fault;
		followed = left && w->last.method &&
			   follow(w, &w->inspect->targets.v[w->fault - w->inspect->targets.v]);
		if (!followed) {
			w->gone = left && w->last.method;
			w->err = w->err ? w->err : EBADF;
			return -1;
		}
	}
}

struct alive {
	pid_t pid;
	bool found;
};

static bool look_for_alive(void *data, pid_t tid)
{
	struct alive *a = data;
	struct scan_task task;

	a->found = scan_task(a->pid, tid, &task) == 0 && !task.exiting;
	return !a->found;
}

/*
 * A process that ends closes its descriptors before it is gone, and may stay a zombie: what it kept
 * until then is what --grow is to show, and not what is left.
 */
static bool is_ending(struct inspect_watch *w)
{
	const struct targets *t = &w->inspect->targets;

	for (size_t i = 0; i < t->n && w->inspect->growth && w->last.method; i++) {
		struct alive a = {.pid = t->v[i].pid};
		if (share_is_inode(&t->v[i]) || t->v[i].fd >= 0)
			continue;
		proc_each_thread(a.pid, look_for_alive, &a);
		if (!a.found) {
			w->fault = &t->v[i];
			w->gone = true;
			return true;
		}
	}
	return false;
}

static void on_tick(void *data, uint32_t events)
{
	struct inspect_watch *w = data;
	struct share now;
	bool any;

	(void)events;
	if (output_is_behind()) /* the next look that is shown tells what changed meanwhile */
		return;
	if (look(w, &now) < 0) {
		loop_stop(w->loop, 0);
		return;
	}
	if (is_ending(w)) {
		share_free(&now);
		loop_stop(w->loop, 0);
		return;
	}
	bool *changed = compare(w, &now, &any);
	if (w->pager.on || any || !w->last.method)
		w->status = show(w, &now, changed);
	free(changed);
	remember_holders(w, &now);
	share_free(&w->last);
	w->last = now;
	if (w->status != STATUS_OK)
		loop_stop(w->loop, 0);
}

static void on_resize(void *data, uint32_t events)
{
	struct inspect_watch *w = data;

	(void)events;
	if (w->pager.on && w->last.method && !output_is_behind())
		show_on_screen(w, &w->last, NULL);
}

static void on_signal(void *data, uint32_t signo)
{
	struct inspect_watch *w = data;

	w->signal = (int)signo;
	loop_stop(w->loop, 0);
}

/* Ctrl-Z: gives the terminal back to the shell until fg. */
static void on_suspend(void *data, uint32_t signo)
{
	struct inspect_watch *w = data;

	(void)signo;
	pager_end(&w->pager);
	raise(SIGSTOP);
	pager_begin(&w->pager);
	on_resize(w, 0);
}

static void on_key(void *data, uint32_t events)
{
	struct inspect_watch *w = data;

	if (!pager_keys(&w->pager, events)) {
		loop_stop(w->loop, 0);
		return;
	}
	if (output_is_behind()) /* the next look is drawn as the keys have it */
		return;
	pager_draw(&w->pager);
	w->status = output_flush();
	if (w->status != STATUS_OK)
		loop_stop(w->loop, 0);
}

static enum status start(struct inspect_watch *w)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

	if (!loop_timer(w->loop, w->inspect->every, w->inspect->every, on_tick, w) ||
		!loop_signal(w->loop, SIGWINCH, on_resize, w))
		return report(STATUS_FAIL, "the loop", "start", errno);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		loop_signal(w->loop, ends[i], on_signal, w);
	if (w->pager.on)
		loop_signal(w->loop, SIGTSTP, on_suspend, w);
	if (w->pager.keys)
		loop_add(w->loop, STDIN_FILENO, EPOLLIN, on_key, w);
	return STATUS_OK;
}

/* Without a screen the reader gets the last look, if it comes before a signal does. */
static void end_output(struct inspect_watch *w)
{
	pager_end(&w->pager);
	if (!w->pager.on && !w->signal && w->status == STATUS_OK)
		w->status = output_drain();
	enum status written = output_end();
	w->status = w->status == STATUS_OK ? written : w->status;
}

/* What has grown stays when the screen is gone. */
static void print_last(struct inspect_watch *w)
{
	if (!w->pager.on || !w->inspect->growth || !w->last.method || w->status != STATUS_OK)
		return;
	w->status = growth_render(w->inspect->growth, &w->last, stdout);
	if (w->status == STATUS_OK)
		w->status = report_flush();
}

/* Of inodes that nobody has open any longer, there is no fault. */
static const char *word_of_end(const struct inspect_watch *w)
{
	const struct targets *t = &w->inspect->targets;

	return w->fault ? targets_word(t, w->fault) : t->words.v[0];
}

static enum status end(struct inspect_watch *w)
{
	end_output(w);
	loop_free(w->loop);
	print_last(w);
	growth_free(w->inspect->growth);
	share_free(&w->last);
	free(w->held);
	end_by_signal(w->signal);
	if (w->gone && !w->inspect->quiet)
		report_note("%s: %s", text_show(word_of_end(w)),
			w->fault && w->fault->fd < 0 ? "it has ended" : "nobody holds it any longer");
	errno = w->err;
	return w->err && !w->gone ? inspect_fault(w->inspect, w->fault) : w->status;
}

enum status inspect_watch(struct inspect *in)
{
	struct inspect_watch w = {.inspect = in, .loop = loop_new()};

	if (!w.loop)
		return report(STATUS_FAIL, "the loop", "start", errno);
	in->growth = in->grow ? growth_new(in) : NULL;
	color_start(COLOR_AUTO, isatty(STDOUT_FILENO));
	w.status = output_begin(w.loop, NULL, NULL);
	if (!in->json)
		pager_begin(&w.pager);
	if (w.status == STATUS_OK)
		w.status = start(&w);
	if (w.status == STATUS_OK) {
		on_tick(&w, 0);
		if (!loop_stopping(w.loop))
			loop_run(w.loop);
	}
	return end(&w);
}
