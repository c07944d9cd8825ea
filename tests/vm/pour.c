/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pour EVENTS BURST: triggers /dev/mypoll through descriptor 3, BURST events at a
 * time. Before each burst it waits until the readers have emptied the queues of all
 * $LISTEN_FDS descriptors from 3 on. So no event is lost if a queue holds BURST records.
 * Prints the events per second.
 *
 * Run it on the same CPU as the readers. They do not run during a burst, and this
 * program does not run while one of them can: so their work is measured, and not how
 * the scheduler mixes it with the making of events.
 */
#include <err.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { FIRST = 3, OPENS_MAX = 64, DEADLINE = 120 /* seconds, then SIGALRM ends it */ };

static struct pollfd queues[OPENS_MAX];
static nfds_t opens;

static void schedule(int policy, int priority)
{
	struct sched_param param = {.sched_priority = priority};

	if (sched_setscheduler(0, policy, &param) < 0)
		err(1, "sched_setscheduler");
}

static void wait_until_read(void)
{
	schedule(SCHED_IDLE, 0);
	while (poll(queues, opens, 0) > 0)
		sched_yield();
}

static void trigger(long events)
{
	schedule(SCHED_FIFO, 1);
	while (events--)
		if (write(FIRST, "trigger\n", 8) != 8)
			err(1, "write");
}

static void pour(long events, long burst)
{
	while (events > 0) {
		trigger(events < burst ? events : burst);
		wait_until_read();
		events -= burst;
	}
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void find_queues(void)
{
	const char *listen_fds = getenv("LISTEN_FDS");

	opens = listen_fds ? (nfds_t)atoi(listen_fds) : 0;
	if (opens < 1 || opens > OPENS_MAX)
		errx(2, "LISTEN_FDS has to be 1 to %d", OPENS_MAX);
	for (nfds_t i = 0; i < opens; i++)
		queues[i] = (struct pollfd){.fd = FIRST + (int)i, .events = POLLIN};
}

int main(int argc, char **argv)
{
	long events = argc == 3 ? atol(argv[1]) : 0, burst = argc == 3 ? atol(argv[2]) : 0;

	if (events < 1 || burst < 1)
		errx(2, "usage: pour EVENTS BURST");
	find_queues();
	alarm(DEADLINE);
	pour(burst, burst); /* waits until the readers have started */
	double since = now();
	pour(events, burst);
	printf("%.0f\n", (double)events / (now() - since));
}
