/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests that print TAP: see tap.h. */
#include "tap.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

void tap_fail(const char *file, int line, const char *what)
{
	dprintf(STDOUT_FILENO, "# %s:%d: %s does not hold (errno: %s)\n", file, line, what,
		strerror(errno));
	_exit(1);
}

static bool ended_in_time(pid_t pid)
{
	struct pollfd p = {.fd = pidfd_open(pid, 0), .events = POLLIN};
	bool ended = p.fd >= 0 && poll(&p, 1, TAP_DEADLINE * 1000) == 1;

	close(p.fd);
	return ended;
}

static bool run_one(const struct tap_test *t)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		errno = 0;
		t->run();
		_exit(0);
	}
	if (pid < 0)
		return false;
	setpgid(pid, pid); /* parent and child both do so, since either may run first */
	if (!ended_in_time(pid))
		printf("# still running after %d s\n", TAP_DEADLINE);
	kill(-pid, SIGKILL);
	return waitpid(pid, &status, 0) == pid && status == 0;
}

int tap_run(const struct tap_test *tests, size_t n, void (*after)(void))
{
	int failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..%zu\n", n);
	for (size_t i = 0; i < n; i++) {
		if (tests[i].cannot) {
			printf("ok %zu - %s # SKIP %s\n", i + 1, tests[i].name, tests[i].cannot);
			continue;
		}
		bool ok = run_one(&tests[i]);
		printf("%s %zu - %s\n", ok ? "ok" : "not ok", i + 1, tests[i].name);
		failed += !ok;
		after();
	}
	return failed;
}
