/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of passed.c that the kernel runs: at the beginning of sendmsg(2) it remembers who
 * sends which description, at the end of recvmsg(2) it writes a struct passed_record for each
 * that has arrived. So a receipt finds its sender, even if it comes before sendmsg(2) returns.
 */
#include "lib/trace/call.bpf.h"
#include "lib/trace/passed-record.h"

char licence[] SEC("license") = "GPL";

enum {
	AF_UNIX = 1,
	S_IFMT = 0170000,
	S_IFSOCK = 0140000,
	PID_FS_MAGIC = 0x50494446,
};

struct sock {
	struct {
		uint16_t skc_family;
	} __sk_common;
} KERNEL;

struct unix_address {
	int len; /* with the family */
	struct {
		uint16_t sun_family;
		char sun_path[PASSED_SOCKET];
	} name[1];
} KERNEL;

struct unix_sock {
	struct unix_address *addr;
	struct sock *peer;
} KERNEL;

struct socket {
	struct sock *sk;
} KERNEL;

struct file___private {
	void *private_data;
} KERNEL;

struct inode___private {
	void *i_private;
} KERNEL;

struct qstr {
	const unsigned char *name;
} KERNEL;

struct dentry {
	struct qstr d_name;
} KERNEL;

/* On its way: what, and to which socket; 0: it is not known, a datagram with an address. */
struct way {
	uint64_t file, to;
};

struct sender {
	int32_t pid, fd;
	char command[16];
};

struct {
	int (*type)[9]; /* BPF_MAP_TYPE_LRU_HASH */
	int (*max_entries)[16384];
	struct way *key;
	struct sender *value;
} senders SEC(".maps");

struct {
	int (*type)[27]; /* BPF_MAP_TYPE_RINGBUF */
	int (*max_entries)[1024 * 1024];
} records SEC(".maps");

/* Set before the program is loaded. */
const volatile struct passed_config config;

/* Read by the tracer: records that did not fit. */
uint64_t lost;

/* --- the socket ------------------------------------------------------------------------ */

static struct sock *socket_of(struct file *file)
{
	struct socket *socket;
	struct sock *sk;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = BPF_CORE_READ((struct file___private *)file, private_data);
	sk = BPF_CORE_READ(socket, sk);
	return sk && BPF_CORE_READ(sk, __sk_common.skc_family) == AF_UNIX ? sk : NULL;
}

/* Where AF_UNIX is a module, the kernel does not describe it. */
static struct sock *peer_of(struct sock *sk)
{
	struct unix_sock *u = (void *)sk;

	return sk && bpf_core_field_exists(u->peer) ? BPF_CORE_READ(u, peer) : NULL;
}

static bool read_name(struct passed_record *r, struct sock *sk)
{
	struct unix_sock *u = (void *)sk;
	struct unix_address *address;
	uint32_t n;

	if (!sk || !bpf_core_field_exists(u->addr))
		return false;
	address = BPF_CORE_READ(u, addr);
	n = address ? (uint32_t)BPF_CORE_READ(address, len) - 2 : 0;
	if (n == 0 || n > PASSED_SOCKET ||
		bpf_probe_read_kernel(r->socket, n & 127, &address->name[0].sun_path))
		return false;
	r->n_socket = (uint8_t)n;
	return true;
}

/* --- one descriptor ---------------------------------------------------------------------- */

struct walk {
	struct message_walk messages;
	struct task_struct *task;
	struct sock *sk;
	uint32_t sends;
};

static int pid_of(struct task_struct *task)
{
	return number_at(BPF_CORE_READ(task, group_leader, thread_pid), config.level);
}

static __always_inline void remember_sender(struct walk *w, int fd, struct file *file)
{
	const struct way way = {(uint64_t)file, (uint64_t)peer_of(w->sk)};
	struct sender sender = {.pid = pid_of(w->task), .fd = fd};

	bpf_get_current_comm(sender.command, sizeof(sender.command));
	bpf_map_update_elem(&senders, &way, &sender, 0);
}

static struct sender *sender_of(struct file *file, struct sock *sk)
{
	struct way way = {(uint64_t)file, (uint64_t)sk};
	struct sender *sender = bpf_map_lookup_elem(&senders, &way);

	if (sender)
		return sender;
	way.to = 0;
	return bpf_map_lookup_elem(&senders, &way);
}

static __always_inline struct passed_record *new_record(struct task_struct *task, int fd, struct file *file)
{
	struct passed_record *r = bpf_ringbuf_reserve(&records, sizeof(*r), 0);
	const unsigned char *name;
	struct dentry *dentry;

	if (!r) {
		__sync_fetch_and_add(&lost, 1);
		return NULL;
	}
	r->ns = bpf_ktime_get_ns();
	r->ino = BPF_CORE_READ(file, f_inode, i_ino);
	r->mode = BPF_CORE_READ(file, f_inode, i_mode);
	r->taken = 0;
	r->n_socket = 0;
	r->pid = pid_of(task);
	r->fd = fd;
	r->from = 0;
	r->from_fd = -1;
	r->from_command[0] = '\0';
	bpf_get_current_comm(r->command, sizeof(r->command));
	dentry = BPF_CORE_READ(file, f_path.dentry);
	name = BPF_CORE_READ(dentry, d_name.name);
	if (bpf_probe_read_kernel_str(r->name, sizeof(r->name), name) < 0)
		r->name[0] = '\0';
	return r;
}

static __always_inline void record_receipt(struct walk *w, int fd, struct file *file)
{
	struct passed_record *r = new_record(w->task, fd, file);
	struct sender *sender;

	if (!r)
		return;
	sender = sender_of(file, w->sk);
	if (sender) {
		r->from = sender->pid;
		r->from_fd = sender->fd;
		__builtin_memcpy(r->from_command, sender->command, sizeof(r->from_command));
	}
	if (!read_name(r, w->sk))
		read_name(r, peer_of(w->sk));
	bpf_ringbuf_submit(r, 0);
}

/* --- messages ------------------------------------------------------------------------------ */

static long step(uint32_t i, struct walk *w)
{
	struct file *file;
	int fd, found = message_step(&w->messages, &fd);

	(void)i;
	if (found <= 0)
		return found < 0;
	file = file_of(w->task, (uint32_t)fd);
	if (file && w->sends)
		remember_sender(w, fd, file);
	else if (file)
		record_receipt(w, fd, file);
	return 0;
}

/* The call under way, as read_call tells. */
struct current {
	struct task_struct *task;
	const struct trace_rule *rule;
	uint32_t key;
	uint64_t args[TRACE_ARGS];
};

/* Whether it passes descriptors. */
static bool is_passing(struct current *c, uint64_t *context, uint32_t number)
{
	c->task = bpf_get_current_task_btf();
	c->key = trace_key(abi_of(c->task, number), number);
	c->rule = rule_of(c->key);
	if (!c->rule || (c->rule->memory != MEMORY_MESSAGE && !c->rule->boxed && !c->rule->gives))
		return false;
	c->rule = read_call((void *)context[0], c->rule, &c->key, c->args);
	return c->rule;
}

static void walk_messages(const struct current *c, uint64_t messages, bool sends)
{
	struct walk w = {.task = c->task, .sends = sends};

	message_walk_start(&w.messages, c->key / TRACE_NUMBERS, c->args[1],
		!c->rule->many ? 1 : messages < MESSAGES_MAX ? (uint32_t)messages : MESSAGES_MAX);
	w.sk = socket_of(file_of(c->task, (uint32_t)c->args[0]));
	if (w.sk)
		bpf_loop(MESSAGE_STEPS, step, &w, 0);
}

SEC("tp_btf/sys_enter")
int message_leaves(uint64_t *context)
{
	struct current c;

	if (is_passing(&c, context, (uint32_t)context[1]) && c.rule->memory == MEMORY_MESSAGE &&
		!c.rule->late)
		walk_messages(&c, c.args[2], true);
	return 0;
}

/* --- pidfd_getfd(2) --------------------------------------------------------------------------- */

/* Since Linux 6.9 a pidfd is a file of pidfs. */
static struct pid *process_of(struct file *pidfd)
{
	struct inode___private *inode = (void *)BPF_CORE_READ(pidfd, f_inode);

	if (BPF_CORE_READ(pidfd, f_inode, i_sb, s_magic) == PID_FS_MAGIC)
		return BPF_CORE_READ(inode, i_private);
	return BPF_CORE_READ((struct file___private *)pidfd, private_data);
}

static void record_taken(const struct current *c, int fd)
{
	struct file *file = file_of(c->task, (uint32_t)fd);
	struct file *pidfd = file_of(c->task, (uint32_t)c->args[0]);
	struct passed_record *r = file ? new_record(c->task, fd, file) : NULL;

	if (!r)
		return;
	r->taken = 1;
	r->from_fd = (int)c->args[1];
	if (pidfd)
		r->from = number_at(process_of(pidfd), config.level);
	bpf_ringbuf_submit(r, 0);
}

SEC("tp_btf/sys_exit")
int message_arrives(uint64_t *context)
{
	int64_t result = (int64_t)context[1];
	struct current c;

	if (result < 0 || !is_passing(&c, context, number_of((void *)context[0])))
		return 0;
	if (c.rule->memory == MEMORY_MESSAGE && c.rule->late)
		walk_messages(&c, (uint64_t)result, false);
	else if (c.rule->call == CALL_pidfd_getfd)
		record_taken(&c, (int)result);
	return 0;
}
