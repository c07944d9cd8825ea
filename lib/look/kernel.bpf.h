/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For BPF programs: the structures of the kernel that they read.
 *
 * They have only the fields that are read; the loader finds their offsets in the running kernel
 * (CO-RE). So the build does not need vmlinux.h, which would describe the kernel of the machine
 * that builds.
 */
#ifndef FDTOOL_LIB_LOOK_KERNEL_BPF_H
#define FDTOOL_LIB_LOOK_KERNEL_BPF_H

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

#define KERNEL __attribute__((preserve_access_index))

enum { PIDTYPE_SID = 3 };

struct upid {
	int nr;
} KERNEL;

struct pid {
	unsigned int level; /* of its namespace */
	struct upid numbers[1]; /* its number in each namespace, the outermost first */
} KERNEL;

struct signal_struct {
	struct {
		int counter;
	} live; /* threads that have not begun to end */
	int nr_threads; /* that have not ended */
	struct pid *pids[4];
} KERNEL;

struct fdtable {
	unsigned int max_fds;
	struct file **fd; /* an array */
	unsigned long *close_on_exec;
} KERNEL;

struct files_struct {
	struct {
		int counter;
	} count; /* of the tasks that share it */
	struct fdtable *fdt;
} KERNEL;

struct thread_info {
	unsigned long flags;
} KERNEL;

struct thread_info___x86 {
	uint32_t status;
} KERNEL;

struct task_struct {
	struct thread_info thread_info;
	int pid, exit_code;
	unsigned int flags;
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

struct pipe_buffer {
	unsigned int len;
} KERNEL;

struct pipe_inode_info {
	unsigned int head, tail, max_usage, ring_size;
	struct pipe_buffer *bufs;
} KERNEL;

struct inode {
	struct pipe_inode_info *i_pipe;
	uint16_t i_mode;
	uint32_t i_rdev;
	unsigned long i_ino;
	int64_t i_size;
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

/* The number in the namespace of that level; 0 where it has none there. */
static inline int number_at(struct pid *pid, unsigned int level)
{
	struct upid *at = (void *)pid->numbers + level * bpf_core_type_size(struct upid);
	int nr = 0;

	if (BPF_CORE_READ(pid, level) >= level)
		bpf_core_read(&nr, sizeof(nr), &at->nr);
	return nr;
}

#endif
