/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An io_uring(7) whose requests are made one after another, without liburing. */
#ifndef FDTOOL_TESTS_PEERS_URING_H
#define FDTOOL_TESTS_PEERS_URING_H

#include <linux/io_uring.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef IOSQE_CQE_SKIP_SUCCESS
#define IOSQE_CQE_SKIP_SUCCESS (1U << 6)
#endif

struct uring {
	int fd;
	struct io_uring_params params;
	char *sq, *cq;
	struct io_uring_sqe *sqes;
};

static inline _Atomic unsigned *uring_at(char *base, unsigned offset)
{
	return (_Atomic unsigned *)(void *)(base + offset);
}

static inline void *uring_map(const struct uring *u, size_t size, off_t what)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, u->fd, what);

	return p == MAP_FAILED ? NULL : p;
}

/* Returns 0, or -1 with errno. */
static inline int uring_set_up(struct uring *u, unsigned flags)
{
	struct io_uring_params *p = &u->params;

	*u = (struct uring){.params = {.flags = flags, .sq_thread_idle = 1000}};
	u->fd = (int)syscall(SYS_io_uring_setup, 4, p);
	if (u->fd < 0)
		return -1;
	u->sq = uring_map(u, p->sq_off.array + p->sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
	u->cq = uring_map(u, p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
	u->sqes = uring_map(u, p->sq_entries * sizeof(*u->sqes), IORING_OFF_SQES);
	return u->sq && u->cq && u->sqes ? 0 : -1;
}

/* Registers a descriptor: its place is 0. */
static inline int uring_register(const struct uring *u, int fd)
{
	return (int)syscall(SYS_io_uring_register, u->fd, IORING_REGISTER_FILES, &fd, 1);
}

/* Waits for the next result. */
static inline int uring_result(const struct uring *u)
{
	_Atomic unsigned *head = uring_at(u->cq, u->params.cq_off.head);
	const struct io_uring_cqe *cqes = (const void *)(u->cq + u->params.cq_off.cqes);

	while (*uring_at(u->cq, u->params.cq_off.tail) == *head) {
	}
	int result = cqes[*head & *uring_at(u->cq, u->params.cq_off.ring_mask)].res;
	++*head;
	return result;
}

/* Makes a request. Returns its result, or 0 at once if it has none. */
static inline int uring_request(const struct uring *u, struct io_uring_sqe sqe)
{
	_Atomic unsigned *tail = uring_at(u->sq, u->params.sq_off.tail);
	unsigned place = *tail & *uring_at(u->sq, u->params.sq_off.ring_mask);
	unsigned wakes = u->params.flags & IORING_SETUP_SQPOLL ? IORING_ENTER_SQ_WAKEUP : 0;

	u->sqes[place] = sqe;
	uring_at(u->sq, u->params.sq_off.array)[place] = place;
	++*tail;
	syscall(SYS_io_uring_enter, u->fd, 1, 0, wakes, NULL, 0);
	return sqe.flags & IOSQE_CQE_SKIP_SUCCESS ? 0 : uring_result(u);
}

#endif
