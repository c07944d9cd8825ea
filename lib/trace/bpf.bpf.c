/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of bpf.c that the kernel runs at each system call: for calls on a description that is
 * a target it writes a struct trace_record. Raw tracepoints, which are there without ftrace.
 */
#include <stdbool.h>

#include "lib/trace/call.bpf.h"
#include "lib/trace/record.h"

char licence[] SEC("license") = "GPL";

enum {
	NO_WAKEUP = 1,    /* BPF_RB_NO_WAKEUP */
	FORCE_WAKEUP = 2, /* BPF_RB_FORCE_WAKEUP */
	ARGS_ROOM = 8, /* a power of two: the verifier understands a mask */
};

/* What a thread is doing: found at the beginning of a call, used at its end. Without a file: none. */
struct call {
	uint64_t file, inode, args[ARGS_ROOM];
	int64_t pos, size;
	uint32_t flags, target, length;
	uint32_t key, meant; /* of the call that the registers have, of the one that it is */
	int32_t fd;
	uint16_t id; /* enum trace_call_id, or TRACE_ENDED */
	uint8_t n_data, n_fds, passed, abi, fixed;
	char data[TRACE_DATA] __attribute__((aligned(8)));
};

struct target {
	uint64_t inode;
	uint32_t index;
};

struct {
	int (*type)[1]; /* BPF_MAP_TYPE_HASH */
	int (*max_entries)[TRACE_TARGETS];
	uint64_t *key; /* the address of the description */
	struct target *value;
} targets SEC(".maps");

struct {
	int (*type)[29]; /* BPF_MAP_TYPE_TASK_STORAGE: nothing to look up for who has none */
	int (*map_flags)[1]; /* BPF_F_NO_PREALLOC */
	int *key;
	struct call *value;
} calls SEC(".maps");

struct {
	int (*type)[27]; /* BPF_MAP_TYPE_RINGBUF */
	int (*max_entries)[4 * 1024 * 1024];
} records SEC(".maps");

struct {
	int (*type)[6]; /* BPF_MAP_TYPE_PERCPU_ARRAY */
	int (*max_entries)[1];
	uint32_t *key;
	struct call *value;
} scratch SEC(".maps");

/* The record, until it is known whether it is wanted: one that is discarded would fill the ring. */
struct {
	int (*type)[6]; /* BPF_MAP_TYPE_PERCPU_ARRAY */
	int (*max_entries)[1];
	uint32_t *key;
	struct trace_record *value;
} made SEC(".maps");

/* Set before the program is loaded. */
const volatile struct trace_config config;

/* Read by the tracer: records that did not fit, calls that no map had room for. */
uint64_t lost;

struct trace_control control = {.wakes = 1};

/* --- the description --------------------------------------------------------------- */

/* An address is used again: the inode tells whether it is still the target's. */
static struct target *target_of(struct file *file)
{
	uint64_t address = (uint64_t)file;
	struct target *t = file ? bpf_map_lookup_elem(&targets, &address) : NULL;

	return t && t->inode == (uint64_t)BPF_CORE_READ(file, f_inode) ? t : NULL;
}

static int64_t size_of(const struct call *call)
{
	struct inode *inode = (void *)call->inode;

	return BPF_CORE_READ(inode, i_size);
}

/* The file that is number fd, if it is a target. */
static bool take_file(struct call *call, struct file *file, uint32_t fd)
{
	struct target *t = target_of(file);

	if (!t)
		return false;
	call->file = (uint64_t)file;
	call->inode = t->inode;
	call->target = t->index;
	call->fd = (int32_t)fd;
	call->pos = BPF_CORE_READ(file, f_pos);
	call->flags = BPF_CORE_READ(file, f_flags);
	call->size = size_of(call);
	return true;
}

static bool take(struct call *call, struct task_struct *task, uint32_t fd)
{
	return take_file(call, file_of(task, fd), fd);
}

/* --- the memory of the process ------------------------------------------------------- */

static void read_bytes(struct call *call, uint64_t from, uint64_t length)
{
	uint32_t n = length < TRACE_DATA ? (uint32_t)length : TRACE_DATA;

	call->length = length > UINT32_MAX ? UINT32_MAX : (uint32_t)length;
	call->n_data = bpf_probe_read_user(call->data, n & (2 * TRACE_DATA - 1), (void *)from) ? 0 : n;
}

static void read_vector(struct call *call, uint64_t at, uint64_t limit)
{
	struct user_vector v;
	struct user_vector_32 small;
	long failed;

	if (layout_is_32(call->abi)) {
		failed = bpf_probe_read_user(&small, sizeof(small), (void *)at);
		v = (struct user_vector){small.base, small.length};
	} else {
		failed = bpf_probe_read_user(&v, sizeof(v), (void *)at);
	}
	if (!failed)
		read_bytes(call, v.base, v.length < limit ? v.length : limit);
}

static void read_string(struct call *call, uint64_t from)
{
	long n = bpf_probe_read_user_str(call->data, sizeof(call->data), (void *)from);

	call->n_data = n > 0 ? (uint8_t)(n - 1) : 0;
	call->length = n == sizeof(call->data) ? UINT32_MAX : call->n_data;
}

static uint64_t arg_of(const struct call *call, uint32_t i)
{
	return call->args[i % ARGS_ROOM];
}

struct message {
	struct message_walk walk;
	struct call *call;
	struct task_struct *task;
};

/* The first descriptors are kept; any of them may be a target. */
static long visit_message(uint32_t i, struct message *m)
{
	struct call *call = m->call;
	int fd, found = message_step(&m->walk, &fd);

	(void)i;
	if (found <= 0)
		return found < 0;
	if (call->n_fds < TRACE_FDS)
		((int *)call->data)[call->n_fds % TRACE_FDS] = fd;
	call->n_fds += call->n_fds < UINT8_MAX;
	if (!call->passed)
		call->passed = take(call, m->task, (uint32_t)fd);
	return 0;
}

static void read_messages(struct call *call, struct task_struct *task, const struct trace_rule *rule,
	uint64_t messages)
{
	struct message m = {.call = call, .task = task};

	message_walk_start(&m.walk, call->abi, arg_of(call, rule->pointer),
		!rule->many ? 1 : messages < MESSAGES_MAX ? (uint32_t)messages : MESSAGES_MAX);
	bpf_loop(MESSAGE_STEPS, visit_message, &m, 0);
}

static void read_memory(struct call *call, const struct trace_rule *rule, uint64_t at,
	uint64_t length)
{
	switch (rule->memory) {
	case MEMORY_BYTES:
		read_bytes(call, at, length);
		break;
	case MEMORY_VECTOR:
		read_vector(call, at, rule->late ? length : UINT32_MAX);
		break;
	case MEMORY_STRING:
		read_string(call, at);
		break;
	case MEMORY_OFFSET:
	case MEMORY_CLONE:
		read_bytes(call, at, 8);
		break;
	case MEMORY_LONG:
		read_bytes(call, at, call->abi == ABI_COMPAT ? 4 : 8);
		break;
	case MEMORY_FCNTL:
		read_bytes(call, at, layout_lock_size(call->abi, arg_of(call, rule->pointer - 1u)));
		break;
	case MEMORY_IOCTL:
		read_bytes(call, at, 4);
		break;
	}
}

/* What is there before the call. */
static void read_early(struct call *call, const struct trace_rule *rule)
{
	read_memory(call, rule, arg_of(call, rule->pointer), arg_of(call, rule->pointer + 1u));
}

/* A page that has never been used is there only after the call: nothing waits for it here. */
static bool missed(const struct call *call, const struct trace_rule *rule)
{
	return (rule->memory == MEMORY_BYTES || rule->memory == MEMORY_VECTOR) && !call->n_data;
}

static void read_late(struct call *call, const struct trace_rule *rule, int64_t result)
{
	if (rule->late && result >= 0)
		read_memory(call, rule, arg_of(call, rule->pointer), (uint64_t)result);
	else if (!rule->late && missed(call, rule))
		read_early(call, rule);
}

/* --- the beginning of a call ----------------------------------------------------------- */

static void find_target(struct call *call, struct task_struct *task, uint32_t fds)
{
	for (uint32_t i = 0; i < TRACE_ARGS && !call->file; i++)
		if (fds >> i & 1)
			take(call, task, (uint32_t)call->args[i]);
}

struct walk {
	struct call *call;
	struct task_struct *task;
	uint32_t first;
	uint32_t n; /* descriptors that are the target's */
};

static long visit(uint32_t i, struct walk *walk)
{
	uint32_t fd = walk->first + i;

	if (!walk->call->file)
		walk->n += take(walk->call, walk->task, fd);
	else if ((uint64_t)file_of(walk->task, fd) == walk->call->file)
		walk->n++;
	return 0;
}

/* Finds the first target from descriptor `first` to `last`. Returns how many are that target. */
static uint32_t find_in_table(struct call *call, struct task_struct *task, uint32_t first,
	uint32_t last)
{
	struct walk walk = {.call = call, .task = task, .first = first};
	uint32_t size = task->files->fdt->max_fds;

	if (first < size && first <= last)
		bpf_loop(last < size ? last - first + 1 : size - first, visit, &walk, 0);
	return walk.n;
}

static struct call *empty_call(uint16_t id)
{
	uint32_t zero = 0;
	struct call *call = bpf_map_lookup_elem(&scratch, &zero);

	if (!call)
		return NULL;
	call->file = 0;
	call->n_data = call->n_fds = call->passed = call->fixed = 0;
	call->id = id;
	call->abi = ABI_NATIVE;
	return call;
}

/* The call in question, without a file, and its rule instead of that of its key; NULL if it has none. */
static struct call *begin(uint64_t *context, uint32_t key, const struct trace_rule **rule)
{
	struct call *call = empty_call(0);

	if (!call)
		return NULL;
	call->key = call->meant = key;
	*rule = read_call((void *)context[0], *rule, &call->meant, call->args);
	if (!*rule)
		return NULL;
	call->id = (*rule)->call;
	call->abi = key / TRACE_NUMBERS;
	return call;
}

static void find_descriptors(struct call *call, struct task_struct *task, const struct trace_rule *rule)
{
	if (rule->table == TABLE_RANGE)
		find_in_table(call, task, (uint32_t)call->args[0], (uint32_t)call->args[1]);
	else if (rule->table)
		find_in_table(call, task, 0, UINT32_MAX);
	else
		find_target(call, task, rule->fds);
}

SEC("tp_btf/sys_enter")
int call_begins(uint64_t *context)
{
	struct task_struct *task = bpf_get_current_task_btf();
	uint32_t number = (uint32_t)context[1], key = trace_key(abi_of(task, number), number);
	const struct trace_rule *rule = rule_of(key);
	struct call *call, *kept;

	if (!rule)
		return 0;
	call = begin(context, key, &rule);
	if (!call)
		return 0;
	find_descriptors(call, task, rule);
	if (rule->memory == MEMORY_MESSAGE && !rule->late)
		read_messages(call, task, rule, arg_of(call, rule->pointer + 1u));
	else if (call->file && !rule->late)
		read_early(call, rule);
	if (!call->file)
		return 0;
	kept = bpf_task_storage_get(&calls, task, 0, 1 /* BPF_LOCAL_STORAGE_GET_F_CREATE */);
	if (kept)
		*kept = *call;
	else
		__sync_fetch_and_add(&lost, 1);
	return 0;
}

/* --- what keeps it open ----------------------------------------------------------------- */

struct file___counted {
	struct {
		int64_t counter;
	} f_count;
} KERNEL;

struct file___referenced { /* since Linux 6.13 */
	struct {
		struct {
			int64_t counter;
		} refcnt; /* one less than the references; negative without any */
	} f_ref;
} KERNEL;

static int32_t holders_of(struct file *file)
{
	struct file___counted *counted = (void *)file;
	struct file___referenced *referenced = (void *)file;
	int64_t n;

	if (bpf_core_field_exists(counted->f_count))
		n = BPF_CORE_READ(counted, f_count.counter);
	else
		n = BPF_CORE_READ(referenced, f_ref.refcnt.counter) + 1;
	return n > 0 ? (int32_t)n : 0;
}

/* --- the end --------------------------------------------------------------------------- */

enum {
	PF_FORKNOEXEC = 0x40,
	LEVELS_SIZE = 512, /* of 32 levels, the most that there are; a power of two */
};

/*
 * In the tracer's pid namespace; 0: none. Not number_at: what the kernel knows to be a struct pid is
 * read without a call of a helper.
 */
static int number_here(struct pid *pid)
{
	uint32_t level = control.level;
	uint32_t offset = level * bpf_core_type_size(struct upid) % LEVELS_SIZE; /* Linux 6.1 wants it masked last */
	struct upid *at = (void *)pid->numbers + offset;
	int nr = 0;

	if (pid->level >= level)
		bpf_core_read(&nr, sizeof(nr), &at->nr);
	return nr;
}

/* The tracer, or a child by which it looks: one that runs a program is another's. */
static bool is_tracer(const struct trace_record *r, struct task_struct *task)
{
	struct task_struct *parent = task->group_leader->real_parent;

	return r->pid == (int)config.self ||
	       (task->flags & PF_FORKNOEXEC &&
		       number_here(parent->thread_pid) == (int)config.self);
}

static void record_process(struct trace_record *r, struct task_struct *task)
{
	r->tid = number_here(task->thread_pid);
	r->pid = number_here(task->group_leader->thread_pid);
	bpf_get_current_comm(r->command, sizeof(r->command));
}

static void fill(struct trace_record *r, const struct call *call, int64_t result)
{
	struct file *file = (void *)call->file;

	r->identity = call->file;
	r->target = call->target;
	r->result = result;
	r->pos_before = call->pos;
	r->pos_after = BPF_CORE_READ(file, f_pos);
	r->size_before = call->size;
	r->size_after = size_of(call);
	r->flags_before = call->flags;
	r->flags_after = BPF_CORE_READ(file, f_flags);
	r->call = call->id;
	r->abi = call->abi;
	r->fixed = call->fixed;
	r->fd = call->fd;
	r->holders = holders_of(file);
	r->n_data = call->n_data;
	r->n_fds = call->n_fds;
	r->passed = call->passed;
	r->length = call->length;
	__builtin_memcpy(r->args, call->args, sizeof(r->args));
	__builtin_memcpy(r->data, call->data, sizeof(r->data));
}

static struct trace_record *new_record(const struct call *call, int64_t result)
{
	uint32_t zero = 0;
	struct trace_record *r = bpf_map_lookup_elem(&made, &zero);

	if (!r)
		return NULL;
	r->ns = bpf_ktime_get_ns();
	fill(r, call, result);
	record_process(r, bpf_get_current_task_btf());
	return r;
}

static void write_record(struct trace_record *r)
{
	if (r->holders == 0) /* another description may get its address */
		bpf_map_delete_elem(&targets, &r->identity);
	if (bpf_ringbuf_output(&records, r, sizeof(*r), control.wakes ? FORCE_WAKEUP : NO_WAKEUP))
		__sync_fetch_and_add(&lost, 1);
}

static void record(struct call *call, const struct trace_rule *rule, int64_t result)
{
	struct trace_record *r = new_record(call, result);
	struct task_struct *task = bpf_get_current_task_btf();

	if (!r)
		return;
	r->kept = !(rule->classes & TRACE_LIFE) ||
		  (uint64_t)file_of(task, (uint32_t)call->fd) == call->file;
	r->wanted = trace_is_wanted(rule, r, config.classes) &&
		    !is_tracer(r, task);
	if (r->wanted || r->holders == 0)
		write_record(r);
}

/* A call that brings a descriptor: its file is not known before. */
static void record_arrival(uint64_t *context, const struct trace_rule *rule, uint32_t key, int64_t result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct call *call;

	if (!rule->gives && !rule->boxed && (rule->memory != MEMORY_MESSAGE || !rule->late))
		return;
	call = begin(context, key, &rule);
	if (!call)
		return;
	if (rule->gives)
		take(call, task, (uint32_t)result);
	else if (rule->memory == MEMORY_MESSAGE && rule->late)
		read_messages(call, task, rule, (uint64_t)result);
	if (call->file)
		record(call, rule, result);
}

static void end_call(struct call *call, struct task_struct *task, const struct trace_rule *rule,
	int64_t result)
{
	if (rule->memory != MEMORY_MESSAGE)
		read_late(call, rule, result);
	else if (rule->late && result >= 0)
		read_messages(call, task, rule, (uint64_t)result);
	record(call, rule, result);
	call->file = 0;
}

/* exec(2) may end with the number that it has in the other ABI, that of the new program. */
static bool is_end_of(const struct call *call, uint32_t key)
{
	return call->file && (call->key == key || call->id == CALL_execve);
}

SEC("tp_btf/sys_exit")
int call_ends(uint64_t *context)
{
	struct task_struct *task = bpf_get_current_task_btf();
	uint32_t number = number_of((void *)context[0]), key = trace_key(abi_of(task, number), number);
	int64_t result = trace_result(key / TRACE_NUMBERS, (int64_t)context[1]);
	const struct trace_rule *rule = rule_of(key);
	struct call *call;

	if (!rule)
		return 0;
	call = bpf_task_storage_get(&calls, task, 0, 0);
	if (!call || !is_end_of(call, key)) {
		if (result >= 0)
			record_arrival(context, rule, key, result);
		return 0;
	}
	rule = rule_of(call->meant);
	if (rule)
		end_call(call, task, rule, result);
	return 0;
}

/*
 * Whether the table is closed when this thread has ended. All threads of a process may end at
 * once, before any of them has let go of the table: then each says yes.
 */
static bool ends_table(struct task_struct *task)
{
	int users = task->files->count.counter;

	return users == 1 ||
	       (task->signal->live.counter == 0 && users <= task->signal->nr_threads);
}

/* The table is closed after this. */
SEC("tp_btf/sched_process_exit")
int process_ends(uint64_t *context)
{
	(void)context;
	struct task_struct *task = bpf_get_current_task_btf();
	struct call *call = ends_table(task) ? empty_call(TRACE_ENDED) : NULL;
	struct trace_record *r;
	uint32_t n;

	if (!call)
		return 0;
	n = find_in_table(call, task, 0, UINT32_MAX);
	r = call->file ? new_record(call, task->exit_code) : NULL;
	if (!r)
		return 0;
	r->holders -= (int32_t)n;
	r->wanted = !!(config.classes & TRACE_LIFE);
	write_record(r);
	return 0;
}

#include "lib/trace/request.bpf.h"
