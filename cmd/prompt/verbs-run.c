/* SPDX-License-Identifier: GPL-3.0-or-later */
/* !PROGRAM: the verb of the prompt that runs a program on the descriptor. */
#include "cmd/prompt/call.h"
#include "cmd/prompt/verbs.h"
#include "lib/base/fd.h"
#include "lib/base/program.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct program {
	pid_t pid;
	int status;
	bool ended;
};

/* The program has the descriptor as 3, and no other but the standard ones. */
static void __attribute__((noreturn)) become(struct session *s, const char *command)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	program_inherits();
	if (fd_cloexec_from(3) < 0) {
		report(STATUS_CANNOT_RUN, command, "make all other descriptors close-on-exec", errno);
		_exit(STATUS_CANNOT_RUN);
	}
	int fd = s->fd;
	if (fd_move_to(&fd, 3) < 0) {
		report(STATUS_CANNOT_RUN, command, "dup2", errno);
		_exit(STATUS_CANNOT_RUN);
	}
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(STATUS_NOT_FOUND);
}

static void on_child(void *data, uint32_t signo)
{
	struct program *p = data;

	(void)signo;
	p->ended = p->ended || waitpid(p->pid, &p->status, WNOHANG) != 0;
}

/* Waits in the loop, so that a server goes on serving. The program gets Ctrl-C and Ctrl-Z too. */
static enum status run_program(struct session *s, const char *command, struct program *p)
{
	struct loop_source *child = loop_signal(s->loop, SIGCHLD, on_child, p);

	session_flush(s); /* what it prints comes after that */
	p->pid = child ? fork() : -1;
	if (p->pid == 0)
		become(s, command);
	if (p->pid < 0) {
		int err = errno;
		loop_remove(&child);
		return report(STATUS_FAIL, command, "fork", err);
	}
	s->waiting = true;
	while (!p->ended && !loop_stopping(s->loop))
		if (loop_once(s->loop, -1) < 0)
			break;
	s->waiting = false;
	loop_remove(&child);
	return STATUS_OK;
}

enum status verb_run(struct session *s, const struct operands *o)
{
	struct call call;
	struct program p = {0};

	call_begin(&call, s, "program");
	if (run_program(s, o->rest, &p) != STATUS_OK)
		return STATUS_FAIL;
	if (!p.ended) {
		puts("the program is still running");
		return STATUS_FAIL;
	}
	int code = WIFSIGNALED(p.status) ? 128 + WTERMSIG(p.status) : WEXITSTATUS(p.status);
	printf("exit");
	call_end(&call, code, 0, NULL);
	return code == 0 ? STATUS_OK : session_fail(s, "its exit status is %d", code);
}
