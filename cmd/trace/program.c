/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace -- PROGRAM: a child that waits until it is traced. */
#include "cmd/trace/trace.h"
#include "lib/base/fd.h"
#include "lib/base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* Without a byte there is nobody who traces it. */
static void wait_for_go(int go)
{
	char byte;
	ssize_t n;

	do {
		n = read(go, &byte, 1);
	} while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(STATUS_FAIL);
}

static void __attribute__((noreturn)) become(char **program, int go)
{
	wait_for_go(go);
	program_inherits();
	execvp(program[0], program);
	_exit(report_not_run(program[0], errno));
}

enum status trace_program_start(struct trace_state *s, char **program)
{
	int go[2];

	if (pipe2(go, O_CLOEXEC) < 0)
		return report(STATUS_FAIL, program[0], "pipe", errno);
	s->program = fork();
	if (s->program == 0) {
		fd_close(&go[1]);
		become(program, go[0]);
	}
	int err = errno;
	fd_close(&go[0]);
	s->go = go[1];
	if (s->program > 0)
		return STATUS_OK;
	s->program = 0;
	fd_close(&s->go);
	return report(STATUS_FAIL, program[0], "fork", err);
}

void trace_program_go(struct trace_state *s)
{
	ssize_t n = write(s->go, "", 1);

	(void)n; /* if it has been killed, its end is seen */
	fd_close(&s->go);
}

void trace_program_cancel(struct trace_state *s)
{
	if (!s->program || s->go < 0)
		return;
	fd_close(&s->go);
	waitpid(s->program, NULL, 0);
}
