/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * storms MODULE: tests what only the driver has: parameters, binding, loading; and
 * concurrent use, for a kernel that checks its locks and its memory. Needs root, and a
 * machine where nothing else uses the device. MODULE is mypoll.ko, which must be loaded
 * at the start and is loaded again at the end.
 */
#include "subject.h"
#include "tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *module;

static int open_again(int flags)
{
	int fd = open("/dev/mypoll", flags | O_CLOEXEC);

	must(fd >= 0);
	return fd;
}

static int load(const char *parameters)
{
	int fd = open(module, O_RDONLY | O_CLOEXEC);

	must(fd >= 0);
	int err = syscall(SYS_finit_module, fd, parameters, 0) < 0 ? errno : 0;
	close(fd);
	return err;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "mypoll", O_NONBLOCK) < 0 ? errno : 0;
}

/* --- parameters --------------------------------------------------------------------- */

static void period_is_checked(void)
{
	static const char *const bad[] = {"-1", "3600001", "99999999999", "1s", "", "x"};
	char text[16] = "";

	must(subject_set("period_ms", "3600000") == 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int err = subject_set("period_ms", bad[i]);
		must(err == EINVAL || err == ERANGE || !*bad[i]);
	}
	FILE *f = fopen("/sys/module/mypoll/parameters/period_ms", "re");
	must(f && fgets(text, sizeof(text), f) && strcmp(text, "3600000\n") == 0);
	fclose(f);
	must(subject_set("depth", "10") == EACCES);
}

static void period_changes_at_once(void)
{
	int fd;

	subject_open(O_RDONLY, 3600000, &fd, 1);
	must(!ready(fd, POLLIN, 20));
	must(subject_set("period_ms", "5") == 0);
	event_next(fd);
	event_next(fd);
	must(subject_set("period_ms", "0") == 0);
	while (ready(fd, POLLIN, 0) & POLLIN)
		event_next(fd);
	must(!ready(fd, POLLIN, 50));
	must(subject_set("period_ms", "5") == 0);
	event_next(fd);
}

static void depth_is_checked(void)
{
	static const char *const bad[] = {"depth=0", "depth=1", "depth=4097", "depth=-1", "period_ms=3600001"};

	must(unload() == 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		must(load(bad[i]) == EINVAL);
	must(load("") == 0);
}

/* 5 is no power of two, but the size of a kfifo is. */
static void depth_is_exact(void)
{
	must(unload() == 0 && load("depth=5 period_ms=0") == 0 && subject_depth() == 5);
	int fd = open_again(O_RDWR);
	for (int i = 0; i < 12; i++)
		event_trigger(fd);
	for (uint64_t i = 8; i <= 12; i++)
		must(event_next(fd).number == i);
	must(!(ready(fd, POLLIN, 0) & POLLIN));
	event_trigger(fd);
	must(event_next(fd).number == 13);
	close(fd);
	must(unload() == 0 && load("") == 0);
}

/* --- loading and binding --------------------------------------------------------------- */

static void unload_refused_while_open(void)
{
	int fd = open_again(O_RDONLY);

	must(unload() == EWOULDBLOCK);
	subject_bind("unbind");
	must(unload() == EWOULDBLOCK);
	close(fd);
	must(unload() == 0);
	must(access("/dev/mypoll", F_OK) < 0 && access("/sys/module/mypoll", F_OK) < 0);
	must(load("") == 0);
}

static void bound_again(void)
{
	int old = open_again(O_RDWR);

	event_trigger(old);
	subject_bind("unbind");
	must(open("/dev/mypoll", O_RDONLY) == -1 && (errno == ENOENT || errno == ENODEV));
	subject_bind("bind");
	int new = open_again(O_RDWR);
	event_trigger(new);
	must(event_next(new).number == 1);
	must(ready(old, POLLIN, 0) == (POLLIN | POLLHUP | POLLERR));
	event_next(old);
	must(ready(old, POLLIN, 0) == (POLLHUP | POLLERR));
	must(write(old, "trigger\n", 8) == -1 && errno == ENODEV);
	must(!(ready(new, POLLIN, 0) & POLLIN));
}

/* --- many at once ------------------------------------------------------------------------ */

static void start_all(pthread_t *threads, size_t n, void *(*work)(void *), void *arg)
{
	pthread_attr_t attr;

	must(pthread_attr_init(&attr) == 0);
	must(pthread_attr_setstacksize(&attr, (size_t)PTHREAD_STACK_MIN + 65536) == 0);
	for (size_t i = 0; i < n; i++)
		must(pthread_create(&threads[i], &attr, work, arg) == 0);
}

static void join_all(const pthread_t *threads, size_t n)
{
	for (size_t i = 0; i < n; i++)
		must(pthread_join(threads[i], NULL) == 0);
}

enum { WRITERS = 8, TRIGGERS = 500 };

static void *write_triggers(void *arg)
{
	int fd = open_again(O_WRONLY);

	(void)arg;
	for (int i = 0; i < TRIGGERS; i++)
		event_trigger(fd);
	close(fd);
	return NULL;
}

/* One queue is read all the time: its records and its gaps add up to the events made. */
static void trigger_storm(void)
{
	pthread_t writers[WRITERS];
	uint64_t got = 0, missed = 0;
	int fd;

	subject_open(O_RDWR, 0, &fd, 1);
	event_trigger(fd);
	uint64_t first = event_next(fd).number, last = first;
	start_all(writers, WRITERS, write_triggers, NULL);
	while (last < first + WRITERS * TRIGGERS) {
		uint64_t number = event_next(fd).number;
		must(number > last);
		missed += number - last - 1;
		got++;
		last = number;
	}
	join_all(writers, WRITERS);
	must(got + missed == WRITERS * TRIGGERS && !(ready(fd, POLLIN, 0) & POLLIN));
	event_trigger(fd);
	must(event_next(fd).number == last + 1);
}

/* Three threads read one description, and each record comes whole to one of them. */
static void *read_and_count(void *arg)
{
	int fd = *(int *)arg;
	char text[1024];
	intptr_t events = 0;
	ssize_t n;

	while ((n = read(fd, text, sizeof(text) - 1)) > 0) {
		text[n] = '\0';
		for (const char *p = text; *p; events++)
			event_parse(&p);
	}
	must(errno == ENODEV);
	return (void *)events;
}

static void one_queue_many_readers(void)
{
	enum { READERS = 3, EVENTS = 1000 };
	pthread_t readers[READERS];
	int fds[2];
	intptr_t events = 0, of_one;

	subject_open(O_RDWR, 0, fds, 2);
	start_all(readers, READERS, read_and_count, &fds[0]);
	for (int i = 0; i < EVENTS; i++) {
		event_trigger(fds[1]);
		event_next(fds[1]);
		while (i % 32 == 31 && ready(fds[0], POLLIN, 0) & POLLIN) /* drop none */
			sched_yield();
	}
	subject_bind("unbind");
	for (int i = 0; i < READERS; i++) {
		must(pthread_join(readers[i], (void **)&of_one) == 0);
		events += of_one;
	}
	must(events == EVENTS);
}

static void *open_and_close(void *arg)
{
	char text[ONE_RECORD];

	(void)arg;
	for (int i = 0; i < 200; i++) {
		int fd = open_again(O_RDWR | O_NONBLOCK);
		if (i % 3 == 0)
			event_trigger(fd);
		if (i % 3 == 1)
			ready(fd, POLLIN, 2);
		must(read(fd, text, sizeof(text)) > 0 || errno == EAGAIN);
		close(fd);
	}
	return NULL;
}

static void open_storm(void)
{
	pthread_t threads[6];
	int fd;

	subject_open(O_RDONLY, 1, &fd, 1);
	uint64_t first = event_next(fd).number;
	start_all(threads, 6, open_and_close, NULL);
	join_all(threads, 6);
	must(event_next(fd).number > first);
}

/* Opens the device, sleeps in one of four ways, and sees the device go. */
static void *sleep_until_gone(void *arg)
{
	static _Atomic int counter;
	struct epoll_event e = {.events = EPOLLIN};
	char text[ONE_RECORD];
	int kind = counter++ % 4, fd = open_again(O_RDONLY), ep;

	__atomic_add_fetch((int *)arg, 1, __ATOMIC_SEQ_CST);
	switch (kind) {
	case 0:
	case 1:
		break;
	case 2:
		must(ready(fd, POLLIN, -1) == (POLLHUP | POLLERR));
		break;
	case 3:
		ep = epoll_create1(EPOLL_CLOEXEC);
		e.events |= EPOLLET;
		must(ep >= 0 && epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e) == 0);
		must(epoll_wait(ep, &e, 1, -1) == 1 && e.events == (EPOLLHUP | EPOLLERR));
		close(ep);
		break;
	}
	must(read(fd, text, sizeof(text)) == -1 && errno == ENODEV);
	close(fd);
	return NULL;
}

/* Whether this many threads of this process sleep; the main one is looking. */
static bool all_asleep(int threads)
{
	struct dirent *d;
	DIR *tasks = opendir("/proc/self/task");
	int asleep = 0;

	must(tasks);
	while ((d = readdir(tasks))) {
		char path[300], state = '?';
		snprintf(path, sizeof(path), "/proc/self/task/%s/stat", d->d_name);
		FILE *f = fopen(path, "re");
		if (f && fscanf(f, "%*d (%*[^)]) %c", &state) == 1)
			asleep += state == 'S';
		if (f)
			fclose(f);
	}
	closedir(tasks);
	return asleep == threads;
}

static void unbind_under_sleepers(void)
{
	enum { SLEEPERS = 100 };
	pthread_t sleepers[SLEEPERS];
	int started;

	for (int round = 0; round < 3; round++) {
		must(subject_set("period_ms", "0") == 0);
		started = 0;
		start_all(sleepers, SLEEPERS, sleep_until_gone, &started);
		while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) < SLEEPERS || !all_asleep(SLEEPERS))
			poll(NULL, 0, 5);
		subject_bind("unbind");
		join_all(sleepers, SLEEPERS);
		subject_bind("bind");
	}
}

/* Opens, triggers and reads the device while it goes and comes back. */
static void *use_it_while_it_goes(void *arg)
{
	char text[ONE_RECORD];

	while (!__atomic_load_n((bool *)arg, __ATOMIC_SEQ_CST)) {
		int fd = open("/dev/mypoll", O_RDWR | O_CLOEXEC);
		if (fd < 0) {
			must(errno == ENOENT || errno == ENODEV || errno == ENXIO);
			continue;
		}
		while (write(fd, "trigger\n", 8) == 8)
			must(read(fd, text, sizeof(text)) > 0);
		must(errno == ENODEV);
		while (read(fd, text, sizeof(text)) > 0)
			;
		must(errno == ENODEV);
		close(fd);
	}
	return NULL;
}

static void unbind_under_use(void)
{
	pthread_t users[6];
	bool over = false;

	start_all(users, 6, use_it_while_it_goes, &over);
	for (int i = 0; i < 50; i++) {
		must(subject_set("period_ms", "1") == 0);
		poll(NULL, 0, 5);
		subject_bind("unbind");
		subject_bind("bind");
	}
	__atomic_store_n(&over, true, __ATOMIC_SEQ_CST);
	subject_bind("unbind");
	join_all(users, 6);
}

static void *set_periods(void *arg)
{
	static const char *const periods[] = {"1", "0", "7", "2"};

	for (int i = 0; !__atomic_load_n((bool *)arg, __ATOMIC_SEQ_CST); i++)
		must(subject_set("period_ms", periods[i % 4]) == 0);
	return NULL;
}

static void unbind_under_parameters(void)
{
	pthread_t setters[3];
	bool over = false;

	start_all(setters, 3, set_periods, &over);
	for (int i = 0; i < 100; i++) {
		subject_bind("unbind");
		subject_bind("bind");
	}
	__atomic_store_n(&over, true, __ATOMIC_SEQ_CST);
	join_all(setters, 3);
}

static const struct tap_test tests[] = {
	{"period_ms is checked, depth cannot be changed", period_is_checked, NULL},
	{"period_ms counts at once, 0 stops the timer", period_changes_at_once, NULL},
	{"a parameter out of range: the module is not loaded", depth_is_checked, NULL},
	{"a queue holds exactly depth records", depth_is_exact, NULL},
	{"unloading is refused while it is open, also when it is unbound", unload_refused_while_open, NULL},
	{"bound again it is another device; what was open stays gone", bound_again, NULL},
	{"8 writers trigger: no count is lost, gaps are what was dropped", trigger_storm, NULL},
	{"3 readers of one queue: each record whole, and to one of them", one_queue_many_readers, NULL},
	{"opened and closed by 6 while the timer runs at 1 kHz", open_storm, NULL},
	{"unbound while 100 sleep in read, poll and epoll: all wake", unbind_under_sleepers, NULL},
	{"unbound while it is opened, triggered and read", unbind_under_use, NULL},
	{"unbound while the period is changed", unbind_under_parameters, NULL},
};

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: storms MODULE\n", stderr);
		return 2;
	}
	module = argv[1];
	return tap_run(tests, sizeof(tests) / sizeof(tests[0]), subject_reset) != 0;
}
