/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conformance driver | conformance stand-in FDTOOL: tests whether it does what mypoll(4)
 * says. Both have the same tests; the table at the end lists those that the stand-in cannot
 * pass, with the reason.
 */
#include "subject.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

static int open_one(int flags, unsigned int period_ms)
{
	int fd;

	subject_open(flags, period_ms, &fd, 1);
	return fd;
}

static ssize_t read_nowait(int fd, void *buf, size_t size)
{
	struct iovec iov = {buf, size};

	return preadv2(fd, &iov, 1, -1, RWF_NOWAIT);
}

/* Maps a page followed by an unmapped one. Returns the start of the second. */
static char *edge_of_memory(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(p != MAP_FAILED && mprotect(p + page, page, PROT_NONE) == 0);
	return p + page;
}

/* --- records ----------------------------------------------------------------------- */

static void timer_events(void)
{
	int fd = open_one(O_RDONLY, 100);
	struct event first = event_next(fd), e = first;

	must(strcmp(e.source, "timer") == 0);
	for (uint64_t i = 1; i < 10; i++) {
		struct event next = event_next(fd);
		must(next.number == first.number + i && next.mono_ns >= e.mono_ns);
		e = next;
	}
	/* one may come late and the next one on time, but none comes early */
	must(e.mono_ns - first.mono_ns >= 7 * INT64_C(100000000));
}

static void manual_event(void)
{
	int fd = open_one(O_RDWR, 0);
	int64_t before = now_ns();

	event_trigger(fd);
	struct event e = event_next(fd);
	must(strcmp(e.source, "manual") == 0);
	must(e.mono_ns >= before && e.mono_ns <= now_ns());
}

static void every_open(void)
{
	int fds[4];
	struct event first = {0};

	subject_open(O_RDWR, 0, fds, 4);
	for (uint64_t i = 0; i < 20; i++)
		event_trigger(fds[i % 4]);
	for (int o = 0; o < 4; o++)
		for (uint64_t i = 0; i < 20; i++) {
			struct event e = event_next(fds[o]);
			if (o == 0 && i == 0)
				first = e;
			must(e.number == first.number + i);
		}
	for (int o = 0; o < 4; o++)
		must(!(ready(fds[o], POLLIN, 0) & POLLIN));
}

/* The readers block in read; exactly one gets each event, but any of them may. */
static _Noreturn void pass_on(int fd, int to)
{
	char text[ONE_RECORD + 1];

	for (;;) {
		ssize_t n = read(fd, text, ONE_RECORD);
		const char *p = text;
		must(n > 0);
		text[n] = '\0';
		uint64_t number = event_parse(&p).number;
		must(p == text + n && write(to, &number, sizeof(number)) == sizeof(number));
	}
}

static void holders_share(void)
{
	enum { EVENTS = 40 };
	bool seen[EVENTS] = {false};
	int fds[2], pipefd[2];

	subject_open(O_RDWR, 0, fds, 2);
	must(pipe(pipefd) == 0);
	for (int child = 0; child < 3; child++)
		if (fork() == 0)
			pass_on(dup(fds[0]), pipefd[1]);
	for (int i = 0; i < EVENTS; i++)
		event_trigger(fds[1]);
	uint64_t first = event_next(fds[1]).number;
	for (int i = 0; i < EVENTS; i++) {
		uint64_t number;
		must(read(pipefd[0], &number, sizeof(number)) == sizeof(number));
		must(number >= first && number < first + EVENTS && !seen[number - first]);
		seen[number - first] = true;
	}
	must(!ready(pipefd[0], POLLIN, 50) && !(ready(fds[0], POLLIN, 0) & POLLIN));
}

static void oldest_dropped(void)
{
	uint64_t depth = subject_depth();
	int fds[2];
	struct event e, last;

	subject_open(O_RDONLY, 2, fds, 2);
	uint64_t first = event_next(fds[1]).number;
	do {
		last = event_next(fds[1]);
	} while (last.number < first + 3 * depth);

	e = event_next(fds[0]);
	/* the newest are kept, and the last one may not be in this queue yet */
	must(e.number >= last.number - depth);
	for (uint64_t i = 0; i < depth + 5; i++) {
		struct event next = event_next(fds[0]);
		must(next.number == e.number + 1);
		e = next;
	}
}

static void whole_records(void)
{
	int fd = open_one(O_RDWR, 0), events = 0;
	char text[4096];

	for (int i = 0; i < 5; i++)
		event_trigger(fd);
	while (events < 5) {
		must(ready(fd, POLLIN, TAP_DEADLINE * 1000) & POLLIN);
		ssize_t n = read(fd, text, sizeof(text) - 1);
		must(n > 0);
		text[n] = '\0';
		for (const char *p = text; *p; events++)
			event_parse(&p);
	}
	must(events == 5);
}

static void as_many_as_fit(void)
{
	int fd = open_one(O_RDWR, 0);
	char text[2 * ONE_RECORD + 1];
	const char *p = text;

	for (int i = 0; i < 3; i++)
		event_trigger(fd);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	must(n > 0);
	text[n] = '\0';
	uint64_t first = event_parse(&p).number;
	must(event_parse(&p).number == first + 1 && p == text + n);
	must(event_next(fd).number == first + 2);
}

static void scattered(void)
{
	int fd = open_one(O_RDWR, 0);
	char a[7], b[ONE_RECORD], text[sizeof(a) + sizeof(b)];
	struct iovec iov[] = {{a, sizeof(a)}, {b, sizeof(b) - sizeof(a)}};
	const char *p = text;

	event_trigger(fd);
	must(ready(fd, POLLIN, TAP_DEADLINE * 1000) & POLLIN);
	ssize_t n = readv(fd, iov, 2);
	must(n > (ssize_t)sizeof(a));
	memcpy(text, a, sizeof(a));
	memcpy(text + sizeof(a), b, (size_t)n - sizeof(a));
	text[n] = '\0';
	must(strcmp(event_parse(&p).source, "manual") == 0);
}

/* --- what is refused ------------------------------------------------------------------ */

static void short_buffer(void)
{
	int fd = open_one(O_RDWR, 0);
	char text[20];

	event_trigger(fd);
	event_trigger(fd);
	uint64_t first = event_next(fd).number;
	must(read(fd, text, sizeof(text)) == -1 && errno == EINVAL);
	must(read(fd, text, 1) == -1 && errno == EINVAL);
	must(event_next(fd).number == first + 1);
}

static void no_bytes(void)
{
	int fd = open_one(O_RDONLY, 5);
	char byte;

	uint64_t first = event_next(fd).number;
	must(read(fd, &byte, 0) == 0);
	must(event_next(fd).number == first + 1);
}

static void bad_address(void)
{
	int fd = open_one(O_RDONLY, 20);
	char *bad = edge_of_memory();

	uint64_t first = event_next(fd).number;
	must(ready(fd, POLLIN, TAP_DEADLINE * 1000) & POLLIN);
	must(read(fd, bad, ONE_RECORD) == -1 && errno == EFAULT);
	must(read(fd, bad - 5, ONE_RECORD) == -1 && errno == EFAULT);
	must(event_next(fd).number == first + 1);
}

static void bad_address_later(void)
{
	int fd = open_one(O_RDWR, 0);
	char *start = edge_of_memory() - ONE_RECORD, text[ONE_RECORD + 1];
	const char *p = text;

	event_trigger(fd);
	event_trigger(fd);
	ssize_t n = read(fd, start, 4 * ONE_RECORD);
	must(n > 0 && n <= ONE_RECORD);
	memcpy(text, start, (size_t)n);
	text[n] = '\0';
	uint64_t first = event_parse(&p).number;
	must(p == text + n && event_next(fd).number == first + 1);
}

static void no_write_mode(void)
{
	int fd = open_one(O_RDONLY, 0);

	must(write(fd, "trigger\n", 8) == -1 && errno == EBADF);
	must(!(ready(fd, POLLIN | POLLOUT, 0) & (POLLIN | POLLOUT)));
}

static void no_read_mode(void)
{
	int fd = open_one(O_WRONLY, 0);
	char text[ONE_RECORD];

	event_trigger(fd);
	must(read(fd, text, sizeof(text)) == -1 && errno == EBADF);
	must(ready(fd, POLLIN | POLLOUT, 0) == POLLOUT);
}

static const char *const not_trigger[] = {"trigger", "trigger\n\n", "Trigger\n", "trigger\ntrigger\n",
	"xrigger\n", "\n"};

static void other_text_makes_nothing(void)
{
	int fd = open_one(O_RDWR, 0);

	event_trigger(fd);
	for (size_t i = 0; i < sizeof(not_trigger) / sizeof(not_trigger[0]); i++)
		must(write(fd, not_trigger[i], strlen(not_trigger[i])) != 0);
	event_trigger(fd);
	uint64_t first = event_next(fd).number;
	must(event_next(fd).number == first + 1);
}

static void other_text_einval(void)
{
	int fd = open_one(O_RDWR, 0);

	for (size_t i = 0; i < sizeof(not_trigger) / sizeof(not_trigger[0]); i++) {
		errno = 0;
		must(write(fd, not_trigger[i], strlen(not_trigger[i])) == -1 && errno == EINVAL);
	}
	must(write(fd, edge_of_memory(), 8) == -1 && errno == EFAULT);
	must(!(ready(fd, POLLIN, 0) & POLLIN));
}

static void no_offset(void)
{
	int fd = open_one(O_RDONLY, 5);
	char text[ONE_RECORD];

	event_next(fd);
	must(lseek(fd, 0, SEEK_SET) == -1 && errno == ESPIPE);
	must(pread(fd, text, sizeof(text), 0) == -1 && errno == ESPIPE);
}

/* --- waiting ------------------------------------------------------------------------------ */

static void nonblock(void)
{
	int fd = open_one(O_RDWR | O_NONBLOCK, 0);
	char text[ONE_RECORD];

	must(fcntl(fd, F_GETFL) & O_NONBLOCK);
	must(read(fd, text, sizeof(text)) == -1 && errno == EAGAIN);
	event_trigger(fd);
	event_next(fd);
	must(read(fd, text, sizeof(text)) == -1 && errno == EAGAIN);
}

static void nowait(void)
{
	int fds[2];
	char text[ONE_RECORD];

	subject_open(O_RDONLY, 1000, fds, 2);
	event_next(fds[0]);
	must(read_nowait(fds[0], text, sizeof(text)) == -1 && errno == EAGAIN);
	must(ready(fds[0], POLLIN, TAP_DEADLINE * 1000) & POLLIN);
	must(read_nowait(fds[0], text, sizeof(text)) > 0);
	must(!(fcntl(fds[0], F_GETFL) & O_NONBLOCK));
}

static void poll_says(void)
{
	int fd = open_one(O_RDWR, 0);
	const short all = POLLIN | POLLRDNORM | POLLPRI | POLLRDHUP;

	must(ready(fd, all, 0) == 0);
	event_trigger(fd);
	must(ready(fd, all, TAP_DEADLINE * 1000) == (POLLIN | POLLRDNORM));
	must(ready(fd, all | POLLOUT, 0) == (POLLIN | POLLRDNORM | POLLOUT));
	event_next(fd);
	must(ready(fd, all, 0) == 0);
}

static int epoll_of(int fd, uint32_t events)
{
	struct epoll_event e = {.events = events};
	int ep = epoll_create1(EPOLL_CLOEXEC);

	must(ep >= 0 && epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e) == 0);
	return ep;
}

static uint32_t epoll_says(int ep, int ms)
{
	struct epoll_event e = {0};

	must(epoll_wait(ep, &e, 1, ms) >= 0);
	return e.events;
}

static void epoll_level(void)
{
	int fd = open_one(O_RDWR, 0), ep = epoll_of(fd, EPOLLIN);

	must(epoll_says(ep, 0) == 0);
	event_trigger(fd);
	must(epoll_says(ep, TAP_DEADLINE * 1000) == EPOLLIN);
	must(epoll_says(ep, 0) == EPOLLIN);
	event_next(fd);
	must(epoll_says(ep, 0) == 0);
}

static void epoll_edge(void)
{
	int fd = open_one(O_RDWR, 0), ep = epoll_of(fd, EPOLLIN | EPOLLET);

	must(epoll_says(ep, 0) == 0);
	for (int i = 0; i < 3; i++) { /* nothing is read, and each event is a new edge */
		event_trigger(fd);
		must(epoll_says(ep, TAP_DEADLINE * 1000) == EPOLLIN);
		must(epoll_says(ep, 0) == 0);
	}
}

static void blocking_read(void)
{
	int fd = open_one(O_RDWR, 0);
	char text[ONE_RECORD];
	pid_t child = fork();

	if (child == 0) {
		must(read(fd, text, sizeof(text)) > 0);
		_exit(0);
	}
	wait_until_asleep(child);
	event_trigger(fd);
	wait_for_child(child);
}

static volatile sig_atomic_t signals;

static void on_signal(int signo)
{
	(void)signo;
	signals++;
}

static void catch_signal(int flags)
{
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = flags};

	must(sigaction(SIGUSR1, &sa, NULL) == 0);
}

static void read_interrupted(void)
{
	int fd = open_one(O_RDWR, 0);
	char text[ONE_RECORD];
	pid_t reader = getpid();

	catch_signal(0);
	pid_t child = fork();
	if (child == 0) {
		wait_until_asleep(reader);
		must(kill(reader, SIGUSR1) == 0);
		_exit(0);
	}
	must(read(fd, text, sizeof(text)) == -1 && errno == EINTR && signals == 1);
	wait_for_child(child);
	event_trigger(fd);
	event_next(fd);
}

static void read_restarted(void)
{
	int fd = open_one(O_RDWR, 0);
	char text[ONE_RECORD];
	pid_t reader = getpid();

	catch_signal(SA_RESTART);
	pid_t child = fork();
	if (child == 0) {
		wait_until_asleep(reader);
		must(kill(reader, SIGUSR1) == 0);
		wait_until_asleep(reader);
		event_trigger(fd);
		_exit(0);
	}
	must(read(fd, text, sizeof(text)) > 0 && signals == 1);
	wait_for_child(child);
}

/* --- going away --------------------------------------------------------------------------- */

/* The driver's read fails with ENODEV, the stand-in's returns end of file. */
static void must_be_over(int fd)
{
	char text[ONE_RECORD];
	ssize_t n = read(fd, text, sizeof(text));

	if (subject_is_driver())
		must(n == -1 && errno == ENODEV);
	else
		must(n == 0);
}

static void queued_then_over(void)
{
	int fds[2];

	subject_open(O_RDONLY, 5, fds, 2);
	uint64_t first = event_next(fds[0]).number, number = first;
	while (number < first + 3)
		number = event_next(fds[0]).number;
	subject_go_away();
	must(ready(fds[1], POLLIN, 0) & POLLIN && ready(fds[1], POLLIN, 0) & POLLHUP);
	for (uint64_t i = 0; ready(fds[1], POLLIN, 0) & POLLIN; i++)
		number = event_next(fds[1]).number;
	must(number >= first + 3);
	must_be_over(fds[1]);
	must_be_over(fds[1]);
}

static void sleepers_wake(void)
{
	int fd = open_one(O_RDONLY, 0);
	pid_t sleepers[3];

	for (int i = 0; i < 3; i++) {
		sleepers[i] = fork();
		if (sleepers[i] > 0)
			continue;
		if (i == 0)
			must_be_over(fd);
		if (i == 1)
			must(ready(fd, 0, TAP_DEADLINE * 1000) & POLLHUP);
		if (i == 2)
			must(epoll_says(epoll_of(fd, 0), TAP_DEADLINE * 1000) & EPOLLHUP);
		_exit(0);
	}
	for (int i = 0; i < 3; i++)
		wait_until_asleep(sleepers[i]);
	subject_go_away();
	for (int i = 0; i < 3; i++)
		wait_for_child(sleepers[i]);
}

static void gone_is_an_error_too(void)
{
	int fd = open_one(O_RDWR, 0), ep = epoll_of(fd, EPOLLIN | EPOLLOUT | EPOLLET);

	must(epoll_says(ep, 0) == EPOLLOUT);
	subject_go_away();
	must(epoll_says(ep, TAP_DEADLINE * 1000) == (EPOLLHUP | EPOLLERR));
	must(write(fd, "trigger\n", 8) == -1 && errno == ENODEV);
}

/* --- all of it -------------------------------------------------------------------------------- */

static struct tap_test tests[] = {
	{"timer events come in order, none early", timer_events, NULL},
	{"\"trigger\\n\" makes a manual event", manual_event, NULL},
	{"every event reaches every open once", every_open, NULL},
	{"holders of one description share a queue: one of them gets each event", holders_share, NULL},
	{"a full queue drops its oldest, and goes on with no other gap", oldest_dropped, NULL},
	{"a read gives whole records", whole_records, NULL},
	{"a read gives as many records as fit", as_many_as_fit, NULL},
	{"a record may be scattered by readv", scattered, NULL},
	{"a buffer that is too short: EINVAL, and no record is lost", short_buffer, NULL},
	{"a read of no bytes gives 0, and no record is lost", no_bytes, NULL},
	{"a bad address: EFAULT, and no record is lost", bad_address, NULL},
	{"an address that is bad from the second record on: the first, and the second is not lost",
		bad_address_later, NULL},
	{"write on a read-only description: EBADF, and no event", no_write_mode, NULL},
	{"read on a write-only description: EBADF", no_read_mode, NULL},
	{"any other text makes no event", other_text_makes_nothing, NULL},
	{"any other text: EINVAL", other_text_einval, NULL},
	{"lseek and pread: ESPIPE", no_offset, NULL},
	{"O_NONBLOCK: EAGAIN while the queue is empty", nonblock, NULL},
	{"RWF_NOWAIT: EAGAIN on a blocking description", nowait, NULL},
	{"poll says IN|RDNORM while a record waits", poll_says, NULL},
	{"epoll, level: as long as a record waits", epoll_level, NULL},
	{"epoll, edge: once for each event", epoll_edge, NULL},
	{"a read waits for an event", blocking_read, NULL},
	{"a signal ends a read: EINTR", read_interrupted, NULL},
	{"with SA_RESTART the read goes on", read_restarted, NULL},
	{"gone: a read gives what is queued, then no more", queued_then_over, NULL},
	{"gone: whoever sleeps in read, poll or epoll wakes", sleepers_wake, NULL},
	{"gone: HUP|ERR, and write gives ENODEV", gone_is_an_error_too, NULL},
};

/* The stand-in's descriptor is a pipe or a socket, and behaves like one. */
static const struct {
	void (*run)(void);
	const char *why;
} stand_in_cannot[] = {
	{as_many_as_fit, "a read of a pipe in packet mode gives one packet"},
	{short_buffer, "a pipe and a socket cut the packet"},
	{other_text_einval, "write has returned before the server looks at the text"},
	{nowait, "a pipe reads without waiting from Linux 6.4 on"},
	{gone_is_an_error_too, "a pipe's end is HUP alone, and a write to a socket gets EPIPE"},
};

static bool pipes_read_nowait(void)
{
	int pipefd[2];
	char byte = 0;

	must(pipe(pipefd) == 0 && read_nowait(pipefd[0], &byte, 1) == -1);
	bool can = errno != EOPNOTSUPP;
	close(pipefd[0]);
	close(pipefd[1]);
	return can;
}

static void excuse_stand_in(void)
{
	bool can = pipes_read_nowait();

	for (size_t i = 0; i < sizeof(stand_in_cannot) / sizeof(stand_in_cannot[0]); i++)
		for (size_t t = 0; t < sizeof(tests) / sizeof(tests[0]); t++)
			if (tests[t].run == stand_in_cannot[i].run && !(can && tests[t].run == nowait))
				tests[t].cannot = stand_in_cannot[i].why;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "stand-in") == 0) {
		subject_choose(argv[2]);
		excuse_stand_in();
	} else if (argc != 2 || strcmp(argv[1], "driver") != 0) {
		fputs("usage: conformance driver | conformance stand-in FDTOOL\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	return tap_run(tests, sizeof(tests) / sizeof(tests[0]), subject_reset) != 0;
}
