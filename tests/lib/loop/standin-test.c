/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/times.h"
#include "lib/loop/record.h"
#include "lib/loop/standin.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* A device without a timer. */
struct device {
	struct loop *loop;
	struct standin *standin;
};

static struct device new_device(int64_t period)
{
	struct device d = {.loop = loop_new()};

	CHECK(d.loop);
	CHECK(d.standin = standin_new(d.loop, period));
	CHECK_INT(standin_period(d.standin), period);
	return d;
}

static void end_device(struct device *d)
{
	standin_free(d->standin);
	loop_free(d->loop);
}

static int opened(struct device *d, int mode, bool nonblock)
{
	int fd = CHECK_OK(standin_open(d->standin, mode, nonblock));

	CHECK(test_is_cloexec(fd));
	CHECK_INT(fcntl(fd, F_GETFL) & O_ACCMODE, mode);
	CHECK_INT(fcntl(fd, F_GETFL) & O_NONBLOCK, nonblock ? O_NONBLOCK : 0);
	return fd;
}

/* Reads one record, which must be whole. */
static struct record next_record(int fd)
{
	char text[RECORD_MAX];
	struct record r;
	ssize_t n = read(fd, text, sizeof(text));

	CHECK(n > 0);
	CHECK_INT(text[n - 1], '\n');
	CHECK(record_parse(text, (size_t)n - 1, &r));
	return r;
}

static void check_empty(int fd)
{
	CHECK_INT(test_poll(fd, POLLIN | POLLRDNORM, 0), 0);
}

/* --- events --------------------------------------------------------------- */

TEST(an_event_reaches_every_open)
{
	struct device d = new_device(0);
	int fds[] = {opened(&d, O_RDONLY, false), opened(&d, O_RDONLY, true),
		opened(&d, O_RDWR, false)};
	int writer = opened(&d, O_WRONLY, false);
	int64_t before = time_now();

	standin_trigger(d.standin);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(test_poll(fds[i], POLLIN | POLLRDNORM, 0), POLLIN | POLLRDNORM);
		struct record r = next_record(fds[i]);
		CHECK_INT(r.event, 1);
		CHECK_STR(r.source, "manual");
		CHECK(r.mono_ns >= before && r.mono_ns <= time_now());
		check_empty(fds[i]);
	}
	end_device(&d);
	fd_close_all(fds, 3);
	fd_close(&writer);
}

TEST(an_open_sees_what_happens_after_it)
{
	struct device d = new_device(0);

	standin_trigger(d.standin);
	int fd = opened(&d, O_RDONLY, false);
	check_empty(fd);
	standin_trigger(d.standin);
	CHECK_INT(next_record(fd).event, 2);
	end_device(&d);
	fd_close(&fd);
}

static void check_shared_queue(int mode)
{
	struct device d = new_device(0);
	int fd = opened(&d, mode, true), copy = CHECK_OK(fcntl(fd, F_DUPFD_CLOEXEC, 3));
	char text[RECORD_MAX];

	for (int i = 0; i < 3; i++)
		standin_trigger(d.standin);
	/* each read gives one record */
	CHECK_INT(next_record(fd).event, 1);
	CHECK_INT(next_record(copy).event, 2);
	CHECK_INT(next_record(fd).event, 3);
	CHECK_ERR(read(copy, text, sizeof(text)), EAGAIN);
	end_device(&d);
	fd_close(&fd);
	fd_close(&copy);
}

TEST(holders_of_one_description_share_its_queue)
{
	check_shared_queue(O_RDONLY);
	check_shared_queue(O_RDWR);
}

TEST(timer_events_come_by_themselves)
{
	struct device d = new_device(NS_PER_MS);
	int fd = opened(&d, O_RDONLY, true);

	while (!test_poll(fd, POLLIN, 0))
		CHECK_OK(loop_once(d.loop, -1));
	struct record r = next_record(fd);
	CHECK_STR(r.source, "timer");
	CHECK_INT(r.event, 1);
	end_device(&d);
	fd_close(&fd);
}

/* --- overflow ------------------------------------------------------------- */

/* Reads all records. They must have no gap and end with that event. Returns their number. */
static int check_newest_kept(int fd, uint64_t last)
{
	uint64_t event = 0;
	int n = 0;

	for (; test_poll(fd, POLLIN, 0) & POLLIN; n++) {
		struct record r = next_record(fd);
		CHECK(n == 0 || r.event == event + 1);
		event = r.event;
	}
	CHECK_INT(event, last);
	return n;
}

TEST(a_full_queue_drops_its_oldest)
{
	struct device d = new_device(0);
	int fd = opened(&d, O_RDONLY, false);

	for (int i = 0; i < STANDIN_DEPTH + 10; i++)
		standin_trigger(d.standin);
	CHECK_INT(check_newest_kept(fd, STANDIN_DEPTH + 10), STANDIN_DEPTH);
	standin_trigger(d.standin);
	CHECK_INT(check_newest_kept(fd, STANDIN_DEPTH + 11), 1);
	end_device(&d);
	fd_close(&fd);
}

TEST(a_full_queue_to_read_and_write_drops_its_oldest)
{
	enum { MANY = 2000 };
	struct device d = new_device(0);
	int fd = opened(&d, O_RDWR, false);

	for (int i = 0; i < MANY; i++)
		standin_trigger(d.standin);
	int kept = check_newest_kept(fd, MANY);
	CHECK(kept >= STANDIN_DEPTH && kept < MANY);
	end_device(&d);
	fd_close(&fd);
}

TEST(a_slow_reader_costs_the_others_nothing)
{
	struct device d = new_device(0);
	int slow = opened(&d, O_RDONLY, false), quick = opened(&d, O_RDONLY, false);

	for (uint64_t i = 1; i <= 3 * STANDIN_DEPTH; i++) {
		standin_trigger(d.standin);
		CHECK(next_record(quick).event == i);
	}
	CHECK_INT(check_newest_kept(slow, 3 * STANDIN_DEPTH), STANDIN_DEPTH);
	end_device(&d);
	fd_close(&slow);
	fd_close(&quick);
}

TEST(expirations_that_nobody_could_keep_are_counted)
{
	int64_t start = time_now(); /* before the timer starts, for the upper bound below */
	struct device d = new_device(10000);
	int fd = opened(&d, O_RDONLY, false);

	time_sleep(20 * NS_PER_MS);
	CHECK_OK(loop_once(d.loop, -1));
	int64_t max = (time_now() - start) / 10000 + 100;
	uint64_t first = next_record(fd).event;
	CHECK(first > 2000 - STANDIN_DEPTH && (int64_t)first < max);
	CHECK_INT(check_newest_kept(fd, first + STANDIN_DEPTH - 1), STANDIN_DEPTH - 1);
	end_device(&d);
	fd_close(&fd);
}

/* --- writing -------------------------------------------------------------- */

static void check_trigger(int mode)
{
	struct device d = new_device(0);
	int fd = opened(&d, mode, false), reader = opened(&d, O_RDONLY, false);

	CHECK_INT(write(fd, "trigger\n", 8), 8);
	CHECK_OK(loop_once(d.loop, 5000));
	struct record r = next_record(reader);
	CHECK_INT(r.event, 1);
	CHECK_STR(r.source, "manual");
	if (mode == O_RDWR)
		CHECK_INT(next_record(fd).event, 1);
	end_device(&d);
	fd_close(&fd);
	fd_close(&reader);
}

TEST(a_trigger_is_an_event)
{
	check_trigger(O_WRONLY);
	check_trigger(O_RDWR);
}

static void check_other_text(int mode)
{
	static const char *const texts[] = {
		"trigger", "trigger\n\n", "Trigger\n", "trigger\ntrigger\n", "x", "\n"};
	struct device d = new_device(0);
	int fd = opened(&d, mode, false), reader = opened(&d, O_RDONLY, false);

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		ssize_t len = (ssize_t)strlen(texts[i]);
		CHECK_INT(write(fd, texts[i], (size_t)len), len);
		CHECK_OK(loop_once(d.loop, 5000));
	}
	char big[3 * RECORD_MAX];
	memset(big, 'x', sizeof(big));
	CHECK_INT(write(fd, big, sizeof(big)), sizeof(big));
	while (test_poll(fd, POLLOUT, 0) == 0)
		CHECK_OK(loop_once(d.loop, 5000));
	CHECK_OK(loop_once(d.loop, 50));
	CHECK_OK(loop_once(d.loop, 0));
	check_empty(reader);
	CHECK_INT(write(fd, "trigger\n", 8), 8);
	CHECK_OK(loop_once(d.loop, 5000));
	CHECK_INT(next_record(reader).event, 1);
	end_device(&d);
	fd_close(&fd);
	fd_close(&reader);
}

TEST(any_other_text_is_none)
{
	check_other_text(O_WRONLY);
	check_other_text(O_RDWR);
}

TEST(what_an_open_is_not_for)
{
	struct device d = new_device(0);
	int reader = opened(&d, O_RDONLY, false), writer = opened(&d, O_WRONLY, false);
	int both = opened(&d, O_RDWR, false);
	char c;

	CHECK_ERR(write(reader, "trigger\n", 8), EBADF);
	CHECK_ERR(read(writer, &c, 1), EBADF);
	CHECK_ERR(lseek(reader, 0, SEEK_CUR), ESPIPE);
	CHECK_ERR(lseek(writer, 0, SEEK_SET), ESPIPE);
	CHECK_ERR(lseek(both, 0, SEEK_END), ESPIPE);
	end_device(&d);
	fd_close(&reader);
	fd_close(&writer);
	fd_close(&both);
}

TEST(with_nonblock_an_empty_queue_is_eagain)
{
	struct device d = new_device(0);
	int fds[] = {opened(&d, O_RDONLY, true), opened(&d, O_RDWR, true)};
	char text[RECORD_MAX];

	for (int i = 0; i < 2; i++)
		CHECK_ERR(read(fds[i], text, sizeof(text)), EAGAIN);
	end_device(&d);
	fd_close_all(fds, 2);
}

/* --- the end -------------------------------------------------------------- */

static void check_end(int mode)
{
	struct device d = new_device(0);
	int fd = opened(&d, mode, false);
	char text[RECORD_MAX];

	standin_trigger(d.standin);
	standin_trigger(d.standin);
	CHECK_INT(test_poll(fd, POLLIN | POLLHUP, 0), POLLIN);
	end_device(&d);
	CHECK_INT(test_poll(fd, POLLIN, 0), POLLIN | POLLHUP);
	CHECK_INT(next_record(fd).event, 1);
	CHECK_INT(next_record(fd).event, 2);
	CHECK_INT(test_poll(fd, POLLIN, 0) & POLLHUP, POLLHUP);
	CHECK_INT(read(fd, text, sizeof(text)), 0);
	CHECK_INT(read(fd, text, sizeof(text)), 0);
	fd_close(&fd);
}

TEST(a_device_that_goes_away_hangs_up_and_gives_the_rest)
{
	check_end(O_RDONLY);
	check_end(O_RDWR);
}

TEST(a_device_leaves_only_what_its_opens_own)
{
	int before = fd_count();
	struct device d = new_device(NS_PER_S);
	int fds[] = {opened(&d, O_RDONLY, false), opened(&d, O_WRONLY, false),
		opened(&d, O_RDWR, false)};

	end_device(&d);
	CHECK_INT(fd_count(), before + 3);
	fd_close_all(fds, 3);
	standin_free(NULL);
}

TEST(an_open_that_fails_leaves_nothing)
{
	struct device d = new_device(0);
	int before = fd_count();

	test_leave_room(1);
	CHECK_ERR(standin_open(d.standin, O_RDONLY, false), EMFILE);
	CHECK_ERR(standin_open(d.standin, O_RDWR, false), EMFILE);
	test_room_again();
	CHECK_INT(fd_count(), before);
	standin_trigger(d.standin);
	end_device(&d);
}

TEST(a_device_that_cannot_be_made)
{
	struct loop *l = loop_new();

	test_leave_room(0);
	CHECK_NULL(standin_new(l, NS_PER_S), EMFILE);
	test_room_again();
	loop_free(l);
}
