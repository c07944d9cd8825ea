/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bare-look PID...: the minimal program that prints what a table of inspect shows. Reads
 * link, stat and fdinfo of each descriptor, sorts by (dev, ino), and merge-sorts descriptors
 * with the same (dev, ino) by kcmp. Prints a line for each, and handles no errors.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct one {
	dev_t dev;
	ino_t ino;
	char *link;
	long long pos;
	unsigned int flags;
	int pid, fd;
};

static struct one *all;
static size_t n;

static void look(int dir, int info, int pid, const char *number)
{
	char link[4096], text[1024];
	struct stat st = {0};

	if (n % 1024 == 0)
		all = realloc(all, (n + 1024) * sizeof(*all));
	ssize_t len = readlinkat(dir, number, link, sizeof(link));
	if (len < 0 || fstatat(dir, number, &st, 0) < 0)
		return;
	int fd = openat(info, number, O_RDONLY);
	ssize_t got = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[got < 0 ? 0 : got] = '\0';
	struct one *o = &all[n++];
	*o = (struct one){st.st_dev, st.st_ino, strndup(link, (size_t)len), 0, 0, pid, atoi(number)};
	sscanf(text, "pos: %lld flags: %o", &o->pos, &o->flags);
}

static void look_at_process(int pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fdinfo", pid);
	int info = open(path, O_PATH);
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	DIR *dir = opendir(path);
	if (!dir)
		err(1, "%s", path);
	for (struct dirent *e; (e = readdir(dir));)
		if (*e->d_name != '.')
			look(dirfd(dir), info, pid, e->d_name);
	closedir(dir);
	close(info);
}

static int order(const void *a, const void *b)
{
	const struct one *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	int said = (int)syscall(SYS_kcmp, x->pid, y->pid, KCMP_FILE, x->fd, y->fd);
	return said == 0 ? 0 : said == 1 ? -1 : 1;
}

int main(int argc, char **argv)
{
	size_t description = 0;

	for (int i = 1; i < argc; i++)
		look_at_process(atoi(argv[i]));
	qsort(all, n, sizeof(*all), order); /* glibc's is a merge sort */
	for (size_t i = 0; i < n; i++) {
		description += i == 0 || order(&all[i - 1], &all[i]) != 0;
		printf("%zu %d %d %lld %o %s\n", description, all[i].pid, all[i].fd, all[i].pos,
			all[i].flags, all[i].link);
	}
	return 0;
}
