/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes calls on descriptor 7 as a program of i386 does, also those that a 64-bit program has not.
 * It needs no C library: cc -m32 -nostdlib -static.
 */
typedef unsigned int word;
typedef long long offset __attribute__((aligned(4)));

#define AT(p) ((word)(p))

static int call(word number, word a, word b, word c, word d, word e)
{
	int result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory");
	return result;
}

enum {
	READ = 3, DUP = 41, FCNTL = 55, MMAP = 90, SOCKETCALL = 102, LLSEEK = 140, WRITEV = 146, PREAD64 = 180,
	MMAP2 = 192, FTRUNCATE64 = 194, EXIT = 1, FCNTL64 = 221, PWRITEV = 334, SENDMSG = 370,
	RECVMSG = 372, CLOSE = 6,
};

struct vector {
	const void *base;
	word length;
};

struct control {
	word length;
	int level, type, fd;
};

struct message {
	word name, name_length;
	struct vector *vector;
	word vectors;
	struct control *control;
	word control_length;
	int flags;
};

static void move(void)
{
	char bytes[8];
	offset at;
	struct vector v = {"hello", 5};

	call(READ, 7, AT(bytes), 3, 0, 0);
	call(LLSEEK, 7, 0, 5, AT(&at), 0);
	call(PREAD64, 7, AT(bytes), 4, 1, 0);
	call(PREAD64, 7, AT(bytes), 4, 1, 1);
	call(WRITEV, 7, AT(&v), 1, 0, 0);
	call(PWRITEV, 7, AT(&v), 1, 20, 0);
	call(FTRUNCATE64, 7, 9, 0, 0, 0);
}

static void control(void)
{
	struct {
		short type, whence;
		int start, length, pid;
	} lock = {0, 0, 1, 2, 0};
	struct {
		short type, whence;
		offset start, length;
		int pid;
	} lock64 = {0, 0, 3, 4, 0};

	call(FCNTL64, 7, 4, 04002, 0, 0); /* F_SETFL, O_RDWR|O_NONBLOCK */
	call(FCNTL, 7, 6, AT(&lock), 0, 0);
	call(FCNTL64, 7, 13, AT(&lock64), 0, 0);
}

static void map(void)
{
	word args[] = {0, 4096, 1, 2, 7, 4096};

	call(MMAP, AT(args), 0, 0, 0, 0);
	__asm__ volatile("push %%ebp; mov $1, %%ebp; int $0x80; pop %%ebp"
			 :
			 : "a"(MMAP2), "b"(0), "c"(4096), "d"(1), "S"(2), "D"(7)
			 : "memory"); /* the sixth argument, in pages */
}

/* By socketcall(2), and by the calls that Linux has since 4.3. */
static void pass(void)
{
	char byte = 'x';
	int pair[2];
	struct vector v = {&byte, 1};
	struct control c = {sizeof(c), 1, 1, 7}, got;
	struct message m = {0, 0, &v, 1, &c, sizeof(c), 0}, r = {0, 0, &v, 1, &got, sizeof(got), 0};
	word make[] = {1, 5, 0, AT(pair)}; /* AF_UNIX, SOCK_SEQPACKET */

	call(SOCKETCALL, 8, AT(make), 0, 0, 0);
	word send[] = {(word)pair[0], AT(&m), 0}, receive[] = {(word)pair[1], AT(&r), 0};
	call(SOCKETCALL, 16, AT(send), 0, 0, 0);
	call(SOCKETCALL, 17, AT(receive), 0, 0, 0);
	r.control_length = sizeof(got);
	call(SENDMSG, (word)pair[0], AT(&m), 0, 0, 0);
	call(RECVMSG, (word)pair[1], AT(&r), 0, 0, 0);
}

__attribute__((force_align_arg_pointer)) void _start(void)
{
	move();
	control();
	map();
	pass();
	call(DUP, 7, 0, 0, 0, 0);
	call(CLOSE, 7, 0, 0, 0, 0);
	call(EXIT, 0, 0, 0, 0, 0);
}
