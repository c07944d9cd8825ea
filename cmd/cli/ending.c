/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ends a command by the signal that stopped it: see ending.h. */
#include "cmd/cli/ending.h"
#include "cmd/cli/report.h"
#include "lib/base/release.h"

#include <signal.h>

void end_by_signal(int signo)
{
	if (!signo)
		return;
	report_flush();
	release_rest();
	signal(signo, SIG_DFL);
	raise(signo);
}

bool signal_is_ignored(int signo)
{
	struct sigaction now;

	return sigaction(signo, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}
