/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ends a command by the signal that stopped it: see ending.h. */
#include "cmd/cli/ending.h"
#include "cmd/cli/report.h"
#include "lib/base/release.h"

#include <signal.h>
#include <unistd.h>

void end_by_signal(int signo)
{
	sigset_t this;

	if (!signo)
		return;
	report_flush();
	release_rest();
	signal(signo, SIG_DFL);
	sigemptyset(&this);
	sigaddset(&this, signo);
	sigprocmask(SIG_UNBLOCK, &this, NULL); /* it may have been blocked when we were started */
	raise(signo);
	_exit(128 + signo); /* the first process of a pid namespace: no default ends it */
}

bool signal_is_ignored(int signo)
{
	struct sigaction now;

	return sigaction(signo, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}
