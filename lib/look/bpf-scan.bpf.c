/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of bpf-scan.h that the kernel runs for each descriptor of each task (iterator
 * task_file): it writes a struct bpf_scan_record.
 */
#include "lib/look/bpf-scan-record.h"
#include "lib/look/kernel.bpf.h"

/* The kernel offers its GPL functions only to programs with this licence. */
char licence[] SEC("license") = "GPL";

enum { LONG_BITS = 8 * sizeof(unsigned long) };

/* The layout of these two is stable: the kernel passes them to BPF programs as they are. */
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

/* Set before the program is loaded, so that the verifier removes the code that is not needed. */
const volatile struct bpf_scan_opts need;

/* Without a lock, since the program is loaded for one pass, and its reads follow each other. */
static struct bpf_scan_record out;

/* The task of the pids in out. A later task may have the same address, but has a higher pid. */
static struct {
	struct task_struct *task;
	int pid;
} last;

/*
 * A helper reads each field: following the pointers in the program itself is faster, but for
 * each such pointer the kernel searches all its types when it loads the program.
 */
static void record_task(struct task_struct *task)
{
	struct task_struct *reader;
	unsigned int level;

	if (last.task == task && last.pid == task->pid)
		return;
	reader = (void *)bpf_get_current_task();
	level = BPF_CORE_READ(reader, thread_pid, level);
	out.level = level;
	out.tid = number_at(BPF_CORE_READ(task, thread_pid), level);
	out.pid = number_at(BPF_CORE_READ(task, group_leader, thread_pid), level);
	out.parent = number_at(BPF_CORE_READ(task, real_parent, group_leader, thread_pid), level);
	out.session = number_at(BPF_CORE_READ(task, signal, pids[PIDTYPE_SID]), level);
	bpf_core_read(out.command, sizeof(out.command), &task->comm);
	last.task = task;
	last.pid = task->pid;
}

static bool is_cloexec(struct task_struct *task, uint32_t fd)
{
	unsigned long *words = task->files->fdt->close_on_exec, word = 0;

	/* if the table grows meanwhile, the old one is kept until the program ends (RCU) */
	bpf_probe_read_kernel(&word, sizeof(word), words + fd / LONG_BITS);
	return word >> fd % LONG_BITS & 1;
}

static void record_file(struct file *file)
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

enum { S_IFMT = 0170000, S_IFIFO = 0010000, SLOTS_MAX = 256 /* for users, by pipe-max-size */ };

/*
 * The bytes in a pipe, without its mutex, which its reader may hold for ever. Where it moves
 * meanwhile, -1.
 */
static int64_t bytes_in(struct pipe_inode_info *pipe)
{
	unsigned int tail = BPF_CORE_READ(pipe, tail), head = BPF_CORE_READ(pipe, head);
	unsigned int mask = BPF_CORE_READ(pipe, ring_size) - 1, len;
	struct pipe_buffer *bufs = BPF_CORE_READ(pipe, bufs);
	int64_t bytes = 0;

	for (unsigned int i = 0; i < SLOTS_MAX && i < head - tail; i++) {
		struct pipe_buffer *one =
			(void *)bufs + ((tail + i) & mask) * bpf_core_type_size(struct pipe_buffer);
		if (bpf_core_read(&len, sizeof(len), &one->len) < 0)
			return -1;
		bytes += len;
	}
	return head - tail <= SLOTS_MAX && head == BPF_CORE_READ(pipe, head) &&
		tail == BPF_CORE_READ(pipe, tail) ? bytes : -1;
}

static void record_pipe(struct file *file)
{
	struct pipe_inode_info *pipe = NULL;

	if ((out.mode & S_IFMT) == S_IFIFO)
		pipe = BPF_CORE_READ(file, f_inode, i_pipe); /* NULL: nobody has the FIFO open */
	out.waiting = pipe ? bytes_in(pipe) : -1;
	out.slots = pipe ? BPF_CORE_READ(pipe, max_usage) : 0;
}

/* Adds the text of the proc link, if it is not too long. Returns the size of the record. */
static uint32_t record_name(struct file *file)
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
	record_task(task);
	out.fd = context->fd;
	out.table = (uint64_t)task->files;
	if (need.cloexec)
		out.cloexec = is_cloexec(task, context->fd);
	record_file(file);
	if (need.pipes)
		record_pipe(file);
	if (need.names)
		size = record_name(file);
	out.size = size;
	if (size > sizeof(out))
		return 0;
	/* if its buffer is full, the kernel drops the record, and runs this again for it */
	bpf_seq_write(context->meta->seq, &out, size);
	return 0;
}
