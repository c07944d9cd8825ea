/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flood COUNT NAME          an abstract SEQPACKET socket, whose server speaks first
 * flood COUNT PATH ID       s6-fdholderd's socket, asked for ID
 *
 * Connects, receives a descriptor and closes both, COUNT times, one after the other in one
 * process. Prints the grants per second. Fails on a grant without a descriptor, since a server
 * that refuses quickly is not a fast one.
 */
#include <err.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct flood_target {
	int type;
	struct sockaddr_un un;
	socklen_t len;
	char request[6 + 3 + 256]; /* empty: the server speaks first */
	size_t nrequest;
};

static void set_address(struct flood_target *t, const char *word, size_t at)
{
	size_t len = strlen(word);

	if (at + len >= sizeof(t->un.sun_path))
		errx(1, "%s: too long", word);
	t->un.sun_family = AF_UNIX;
	memcpy(t->un.sun_path + at, word, len);
	t->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + at + len);
}

/*
 * The request of s6-fdholder-retrieve: the length of the message and the number of its
 * descriptors, big-endian; then "R", whether to delete the entry, the ID's length, the ID.
 */
static void set_request(struct flood_target *t, const char *id)
{
	size_t len = strlen(id);

	if (len > 255 - 4)
		errx(1, "%s: too long", id);
	t->request[3] = (char)(3 + len + 1);
	t->request[6] = 'R';
	t->request[8] = (char)len;
	memcpy(t->request + 9, id, len);
	t->nrequest = 6 + 3 + len + 1;
}

static int receive(int sock)
{
	char text[4096];
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {text, sizeof(text)};
	struct msghdr h = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	int fd;

	if (recvmsg(sock, &h, MSG_CMSG_CLOEXEC) < 0)
		err(1, "recvmsg");
	if (!CMSG_FIRSTHDR(&h))
		errx(1, "refused");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&h)), sizeof(fd));
	return fd;
}

static void grab(const struct flood_target *t)
{
	int sock = socket(AF_UNIX, t->type | SOCK_CLOEXEC, 0);

	if (sock < 0 || connect(sock, (const struct sockaddr *)&t->un, t->len) < 0)
		err(1, "connect");
	if (t->nrequest && send(sock, t->request, t->nrequest, 0) != (ssize_t)t->nrequest)
		err(1, "send");
	close(receive(sock));
	close(sock);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	struct flood_target t = {.type = argc == 4 ? SOCK_STREAM : SOCK_SEQPACKET};
	long count = argc > 2 ? atol(argv[1]) : 0;

	if (count < 1 || argc > 4)
		errx(2, "usage: flood COUNT NAME, or flood COUNT PATH ID");
	set_address(&t, argv[2], argc == 3); /* a NUL precedes an abstract name */
	if (argc == 4)
		set_request(&t, argv[3]);
	for (long i = 0; i < count / 10; i++) /* warm up */
		grab(&t);
	double start = now();
	for (long i = 0; i < count; i++)
		grab(&t);
	printf("%.0f\n", (double)count / (now() - start));
}
