/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hold under a service manager: what it keeps is in the manager's store too (FDSTORE=1), and comes back
 * with the next start, whichever way this process ended.
 *
 * The manager never gets a descriptor that was sent to us, but a socket where it is in flight, in
 * one message with its name, owner and time (lib/pass/stored.h). So PID 1 calls fstat(2) on
 * a socket, and not on what may hang; two names for one description are two entries, which systemd
 * would take for one; and no index can say something else than what is stored. At the start the
 * message is only looked at: the manager has it still, so a broker that is killed then loses nothing.
 *
 * The entry's name is NAME/SERIAL. A replacement is stored before the old one is removed; of two
 * entries the later one counts, if it can be offered.
 */
#include "cmd/cli/report.h"
#include "cmd/hold/hold.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/pass/activation.h"
#include "lib/pass/notify.h"
#include "lib/pass/stored.h"

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RETRY (100 * NS_PER_MS)

/* What the manager has not read yet. */
struct notice {
	char *state;
	int fd; /* -1: none */
	STAILQ_ENTRY(notice) link;
};

struct manager {
	bool stores; /* else there is no manager, or one that takes no descriptors */
	struct activation given;
	STAILQ_HEAD(, notice) notices; /* in order */
	struct loop_source *retry;     /* a timer */
	int64_t last;                  /* serial */
	bool complains; /* until something is stored again, the next failure is not reported */
};

/* --- to the manager --------------------------------------------------------------- */

static void complain(struct manager *m, const char *state)
{
	if (!m->complains)
		report_note("NOTIFY_SOCKET: the service manager is not told '%s': %s (%s)", text_show(state),
			names_errno(errno), strerror(errno));
	m->complains = true;
}

static void discard_first(struct manager *m)
{
	struct notice *n = STAILQ_FIRST(&m->notices);

	STAILQ_REMOVE_HEAD(&m->notices, link);
	fd_close(&n->fd);
	free(n->state);
	free(n);
}

static void send_notices(void *data, uint32_t expirations)
{
	struct manager *m = data;
	const struct notice *n;

	(void)expirations;
	while ((n = STAILQ_FIRST(&m->notices))) {
		int done = notify_try(n->state, n->fd >= 0 ? &n->fd : NULL);
		if (done < 0 && errno == EAGAIN) {
			loop_timer_set(m->retry, RETRY, 0);
			return;
		}
		if (done < 0)
			complain(m, n->state);
		else
			m->complains = false;
		discard_first(m);
	}
}

/* Takes the text and the descriptor. */
static void notify(struct manager *m, char *state, int fd)
{
	struct notice *n = must_calloc(1, sizeof(*n));

	*n = (struct notice){.state = state, .fd = fd};
	STAILQ_INSERT_TAIL(&m->notices, n, link);
	send_notices(m, 1);
}

static int64_t next_serial(struct manager *m)
{
	int64_t now = time_now();

	m->last = now > m->last ? now : m->last + 1;
	return m->last;
}

/* FDPOLL=0: nothing that happens to it is a reason to let it go. */
void hold_store(struct hold *h, struct kept *k)
{
	struct manager *m = h->manager;
	const struct kept before = *k;

	if (!m->stores)
		return;
	int fd = stored_put(k->offer, k->giver, k->expires);
	if (fd < 0) {
		complain(m, offer_name(k->offer));
		hold_unstore(h, k);
		k->serial = 0;
		return;
	}
	k->serial = next_serial(m);
	notify(m, must_printf("FDSTORE=1\nFDPOLL=0\nFDNAME=%s/%jd", offer_name(k->offer), (intmax_t)k->serial), fd);
	hold_unstore(h, &before);
}

static void remove_entry(struct manager *m, const char *name, int64_t serial)
{
	notify(m, must_printf("FDSTOREREMOVE=1\nFDNAME=%s/%jd", name, (intmax_t)serial), -1);
}

void hold_unstore(struct hold *h, const struct kept *k)
{
	if (k->serial)
		remove_entry(h->manager, offer_name(k->offer), k->serial);
}

/* --- from the manager -------------------------------------------------------------- */

/* Of NAME/SERIAL; 0 for any other word. */
static int64_t serial_of(const char *word)
{
	const char *slash = strchr(word, '/'), *fault;

	return slash ? strtonum(slash + 1, 1, INT64_MAX, &fault) : 0;
}

static int by_serial(const void *a, const void *b)
{
	const struct activation_socket *x = a, *y = b;
	int64_t i = serial_of(x->name), j = serial_of(y->name);

	return (i < j) - (i > j);
}

static void not_restored(const char *name, int err)
{
	report_note("LISTEN_FDS: %s: it stays with the service manager: %s (%s)", text_show(name),
		names_errno(err), strerror(err));
}

/* Offers what is in *c, and closes it where that fails. Returns NULL with errno. */
static struct kept *offer_again(struct hold *h, struct client *c, int64_t expires)
{
	struct kept *k = NULL;

	if (h->n_kept >= (size_t)h->max)
		errno = ENFILE;
	else
		k = hold_add(h, c, NULL, c->server.uid, expires);
	int err = errno;
	if (k && offer_listen(k->offer) < 0) {
		err = errno;
		hold_let_go(h, k);
		k = NULL;
	}
	client_close(c);
	errno = err;
	return k;
}

/*
 * The newest comes first. An older one with its name is there where the broker was killed before it had
 * it removed.
 */
static void restore(struct hold *h, const struct activation_socket *one, int64_t serial)
{
	struct client c;
	struct kept *k;
	int64_t expires;

	if (stored_look(one->fd, &c, &expires) < 0) {
		not_restored(one->name, errno);
		return;
	}
	k = hold_find(h, c.name);
	if (k) {
		remove_entry(h->manager, c.name, serial);
		client_close(&c);
		return;
	}
	k = offer_again(h, &c, expires);
	if (!k) {
		not_restored(one->name, errno);
		return;
	}
	k->serial = serial;
	hold_say_kept(h, "restored", k, NULL);
}

/* What the unit opens (OpenFile=, a listening socket) is given with each start, and not stored. */
static void take_opened(struct hold *h, struct activation_socket *one)
{
	struct client c = {.fd = one->fd, .server_fd = -1, .sock = -1, .server = {.uid = geteuid()}};
	const char *fault = addr_name_fault(one->name);
	struct kept *k = fault ? NULL : hold_find(h, one->name);

	if (k && (k->serial || k->handed)) /* that has been given since the first start */
		return;
	if (fault) {
		report_note("LISTEN_FDNAMES: the name '%s' %s", text_show(one->name), fault);
		return;
	}
	one->fd = -1;
	strlcpy(c.name, one->name, sizeof(c.name));
	k = k ? NULL : offer_again(h, &c, NEVER);
	if (k)
		hold_say_kept(h, "restored", k, NULL);
	else
		not_restored(one->name, EEXIST);
}

void hold_restore(struct hold *h)
{
	struct activation *given = &h->manager->given;

	if (given->n > 1)
		qsort(given->of, given->n, sizeof(*given->of), by_serial);
	for (size_t i = 0; i < given->n; i++) {
		struct activation_socket *one = &given->of[i];
		int64_t serial = serial_of(one->name);
		if (serial)
			restore(h, one, serial);
		else if (one->fd >= 0)
			take_opened(h, one);
		if (serial > h->manager->last)
			h->manager->last = serial;
	}
	activation_free(given);
}

/* --- beginning and end --------------------------------------------------------------- */

static void take_listener(struct hold *h)
{
	struct activation *given = &h->manager->given;

	for (size_t i = 0; i < given->n; i++) {
		struct activation_socket *one = &given->of[i];
		fcntl(one->fd, F_SETFD, FD_CLOEXEC);
		if (h->listener < 0 && !activation_fault(one->fd)) {
			h->listener = one->fd;
			one->fd = -1;
		}
	}
}

/* One less than the manager's: a replacement is stored before the old one is removed. */
long hold_manager_room(void)
{
	const char *room = getenv("FDSTORE"), *fault;
	long long max = room && notify_takes_descriptors() ? strtonum(room, 2, INT_MAX, &fault) - 1 : 0;

	return max > 0 ? (long)max : LONG_MAX;
}

bool hold_meet_manager(struct hold *h)
{
	struct manager *m = must_calloc(1, sizeof(*m));

	h->manager = m;
	STAILQ_INIT(&m->notices);
	m->stores = notify_takes_descriptors();
	activation_take(&m->given);
	take_listener(h);
	m->retry = loop_timer(h->loop, 0, 0, send_notices, m);
	return m->retry;
}

/* A manager that is busy must not offer again, at the next start, what was dropped. */
static void send_last(struct manager *m)
{
	int64_t deadline = time_after(NS_PER_S);
	const struct timespec pause = time_spec(10 * NS_PER_MS);

	for (send_notices(m, 1); !STAILQ_EMPTY(&m->notices) && time_now() < deadline; send_notices(m, 1))
		nanosleep(&pause, NULL);
	if (STAILQ_EMPTY(&m->notices))
		return;
	errno = EAGAIN;
	complain(m, STAILQ_FIRST(&m->notices)->state);
}

void hold_leave_manager(struct hold *h)
{
	send_last(h->manager);
	while (!STAILQ_EMPTY(&h->manager->notices))
		discard_first(h->manager);
	activation_free(&h->manager->given);
	free(h->manager);
}
