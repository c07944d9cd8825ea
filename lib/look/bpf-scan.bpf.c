/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's half of bpf-scan.h: run by the kernel for each descriptor of each
 * task (iterator task_file), it writes a struct bpf_scan_record of it.
 *
 * Of the kernel's structures this names only the fields that it reads, and the
 * loader finds where they are in the running kernel (CO-RE). So the build needs no
 * vmlinux.h, which would be the kernel's of the machine that builds.
 */
#include <stdint.h>

typedef uint8_t __u8;
typedef uint16_t __u16;
typedef int16_t __s16;
typedef uint32_t __u32;
typedef int32_t __s32;
typedef uint64_t __u64;
typedef int64_t __s64;
typedef uint16_t __be16;
typedef uint32_t __be32;
typedef uint32_t __wsum;

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "lib/look/bpf-scan-record.h"

/* The kernel lends its GPL functions only to what bears its own licence. */
char licence[] SEC("license") = "GPL";

#define KERNEL __attribute__((preserve_access_index))

enum { PIDTYPE_SID = 3, LONG_BITS = 8 * sizeof(unsigned long) };

struct upid {
	int nr;
} KERNEL;

struct pid {
	unsigned int level; /* of its namespace */
	struct upid numbers[1]; /* its number in each namespace, the outermost first */
} KERNEL;

struct signal_struct {
	struct pid *pids[4];
} KERNEL;

struct fdtable {
	unsigned long *close_on_exec;
} KERNEL;

struct files_struct {
	struct fdtable *fdt;
} KERNEL;

struct task_struct {
	int pid;
	struct task_struct *real_parent, *group_leader;
	struct pid *thread_pid;
	struct signal_struct *signal;
	struct files_struct *files;
	char comm[16];
} KERNEL;

struct super_block {
	uint32_t s_dev;
	unsigned long s_magic;
} KERNEL;

struct inode {
	uint16_t i_mode;
	uint32_t i_rdev;
	unsigned long i_ino;
	struct super_block *i_sb;
} KERNEL;

struct path {
	void *dentry;
} KERNEL;

struct file {
	unsigned int f_flags;
	int64_t f_pos;
	struct inode *f_inode;
	struct path f_path;
} KERNEL;

/* These two the kernel promises: BPF programs are given them as they are. */
struct bpf_iter_meta {
	struct seq_file *seq;
	uint64_t session_id, seq_num;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	uint32_t fd;
	struct file *file __attribute__((aligned(8)));
};

/* What is asked for: set before it is loaded, so that the rest is not even in it. */
const volatile struct bpf_scan_opts need;

/* It is loaded anew for each pass, whose reads come one after the other: no lock. */
static struct bpf_scan_record out;

/* Whose pids are in out. The next task may be where the last one was, but has a higher pid. */
static struct {
	struct task_struct *task;
	int pid;
} last;

/* Its number in the namespace of that level; 0 where it has none there. */
static int number(struct pid *pid, unsigned int level)
{
	struct upid *at = (void *)pid->numbers + level * bpf_core_type_size(struct upid);
	int nr = 0;

	if (BPF_CORE_READ(pid, level) >= level)
		bpf_core_read(&nr, sizeof(nr), &at->nr);
	return nr;
}

/*
 * Read by a helper, field by field: pointers followed in the program itself are
 * quicker, but each costs the kernel a search through all its types when it is loaded.
 */
static void tell_task(struct task_struct *task)
{
	struct task_struct *reader;
	unsigned int level;

	if (last.task == task && last.pid == task->pid)
		return;
	reader = (void *)bpf_get_current_task();
	level = BPF_CORE_READ(reader, thread_pid, level);
	out.tid = number(BPF_CORE_READ(task, thread_pid), level);
	out.pid = number(BPF_CORE_READ(task, group_leader, thread_pid), level);
	out.parent = number(BPF_CORE_READ(task, real_parent, group_leader, thread_pid), level);
	out.session = number(BPF_CORE_READ(task, signal, pids[PIDTYPE_SID]), level);
	bpf_core_read(out.command, sizeof(out.command), &task->comm);
	last.task = task;
	last.pid = task->pid;
}

static bool is_cloexec(struct task_struct *task, uint32_t fd)
{
	unsigned long *words = task->files->fdt->close_on_exec, word = 0;

	/* what grows the table meanwhile leaves the old one until we are through (RCU) */
	bpf_probe_read_kernel(&word, sizeof(word), words + fd / LONG_BITS);
	return word >> fd % LONG_BITS & 1;
}

static void tell_file(struct file *file)
{
	struct inode *inode = file->f_inode;

	out.identity = (uint64_t)file;
	out.flags = file->f_flags;
	out.pos = file->f_pos;
	out.inode = (uint64_t)inode;
	out.ino = inode->i_ino;
	out.mode = inode->i_mode;
	out.rdev = inode->i_rdev;
	out.dev = inode->i_sb->s_dev;
	out.magic = inode->i_sb->s_magic;
}

/* The size of the record with what the proc link would say, if that can be said. */
static uint32_t tell_name(struct file *file)
{
	long len = bpf_d_path(&file->f_path, out.name, BPF_SCAN_NAME_MAX);

	out.named = len > 0 && len <= BPF_SCAN_NAME_MAX;
	if (!out.named)
		len = 0;
	return BPF_SCAN_RECORD_MIN + ((len + 7) & ~7);
}

SEC("iter/task_file")
int descriptor(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;
	uint32_t size = BPF_SCAN_RECORD_MIN;

	if (!task || !file) /* the end */
		return 0;
	tell_task(task);
	out.fd = context->fd;
	out.table = (uint64_t)task->files;
	if (need.cloexec)
		out.cloexec = is_cloexec(task, context->fd);
	tell_file(file);
	if (need.names)
		size = tell_name(file);
	out.size = size;
	if (size > sizeof(out))
		return 0;
	/* where its buffer is full the kernel drops the record, and calls again for this descriptor */
	bpf_seq_write(context->meta->seq, &out, size);
	return 0;
}
