/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to io_uring(7), which are no calls: a part of bpf.bpf.c. Tracepoints of the kernel tell
 * when a request begins, after its arguments were read, and when its result is written.
 */
enum {
	REQ_F_FIXED_FILE = 1 << 0,
	REQ_F_CQE_SKIP = 1 << 6, /* a success has no result that anybody reads */
	FIXED_FLAGS = 7,         /* in the lowest bits of a pointer to a registered file */
};

struct io_fixed_file {
	unsigned long file_ptr;
} KERNEL;

struct io_rsrc_node {
	unsigned long file_ptr;
} KERNEL;

struct io_ring_ctx {
	struct io_file_table {
		struct io_fixed_file *files; /* until Linux 6.12 */
		struct {
			unsigned int nr;
			struct io_rsrc_node **nodes;
		} data;
	} KERNEL file_table;
	unsigned int nr_user_files; /* until Linux 6.12 */
} KERNEL;

struct io_kiocb { /* begins with a structure of the operation */
	struct file *file;
	uint8_t opcode;
	uint32_t flags;
	struct {
		int32_t res, fd;
	} cqe;
	struct io_ring_ctx *ctx;
} KERNEL;

struct io_rw {
	struct {
		int64_t ki_pos;
	} kiocb;
	uint64_t addr;
	uint32_t len;
} KERNEL;

struct io_close {
	int fd;
	uint32_t file_slot;
} KERNEL;

struct request {
	struct call call;
	uint32_t process; /* in the outermost namespace: whose memory it is about */
	int32_t pid, tid;
	char command[16];
};

struct {
	int (*type)[9]; /* BPF_MAP_TYPE_LRU_HASH: the result of some is never written */
	int (*max_entries)[4096];
	uint64_t *key; /* the address of the request */
	struct request *value;
} requests SEC(".maps");

struct {
	int (*type)[6]; /* BPF_MAP_TYPE_PERCPU_ARRAY */
	int (*max_entries)[1];
	uint32_t *key;
	struct request *value;
} new_request SEC(".maps");

/* --- which file ------------------------------------------------------------------------------ */

static unsigned long fixed_node(struct io_kiocb *req, uint32_t i)
{
	struct io_rsrc_node **nodes = BPF_CORE_READ(req, ctx, file_table.data.nodes), *node = NULL;

	if (i < BPF_CORE_READ(req, ctx, file_table.data.nr))
		bpf_probe_read_kernel(&node, sizeof(node), nodes + i);
	return node ? BPF_CORE_READ(node, file_ptr) : 0;
}

static unsigned long fixed_slot(struct io_kiocb *req, uint32_t i)
{
	struct io_fixed_file *files = BPF_CORE_READ(req, ctx, file_table.files);
	void *slot = (void *)files + i * bpf_core_type_size(struct io_fixed_file);

	return i < BPF_CORE_READ(req, ctx, nr_user_files) ? BPF_CORE_READ((struct io_fixed_file *)slot, file_ptr) : 0;
}

static struct file *fixed_file(struct io_kiocb *req, uint32_t i)
{
	struct io_ring_ctx *ring = NULL;
	unsigned long file = bpf_core_field_exists(ring->file_table.data) ? fixed_node(req, i) : fixed_slot(req, i);

	return (void *)(file & ~(unsigned long)FIXED_FLAGS);
}

/* A request to close has its descriptor, or the place of a registered file, elsewhere. */
static void find_closed(struct call *call, struct task_struct *task, struct io_kiocb *req)
{
	struct io_close *close = (void *)req;
	uint32_t fd = (uint32_t)BPF_CORE_READ(close, fd), place = BPF_CORE_READ(close, file_slot);

	call->fixed = place != 0;
	if (place)
		take_file(call, fixed_file(req, place - 1), place - 1);
	else
		take(call, task, fd);
}

static void find_file(struct call *call, struct task_struct *task, struct io_kiocb *req)
{
	uint32_t fd = (uint32_t)BPF_CORE_READ(req, cqe.fd);

	call->fixed = BPF_CORE_READ(req, flags) & REQ_F_FIXED_FILE;
	if (call->id == REQUEST_CLOSE)
		find_closed(call, task, req);
	else if (call->fixed)
		take_file(call, fixed_file(req, fd), fd);
	else
		take(call, task, fd);
}

/* --- a request ------------------------------------------------------------------------------- */

static void read_request(struct call *call, const struct trace_rule *rule, struct io_kiocb *req)
{
	struct io_rw *rw = (void *)req;

	for (int i = 0; i < TRACE_ARGS; i++)
		call->args[i] = 0;
	call->args[0] = (uint64_t)(int64_t)call->fd;
	if (rule->memory == MEMORY_NONE)
		return;
	call->args[1] = BPF_CORE_READ(rw, addr);
	call->args[2] = BPF_CORE_READ(rw, len);
	call->args[3] = (uint64_t)BPF_CORE_READ(rw, kiocb.ki_pos);
}

static uint32_t current_process(void)
{
	return (uint32_t)(bpf_get_current_pid_tgid() >> 32);
}

/* Writes it as its beginning has it: with who made it, whatever thread of the kernel has done it. */
static void record_request(const struct request *q, const struct trace_rule *rule, int64_t result, bool kept)
{
	struct trace_record *r = new_record(&q->call, result);

	if (!r)
		return;
	r->pid = q->pid;
	r->tid = q->tid;
	__builtin_memcpy(r->command, q->command, sizeof(r->command));
	r->kept = kept;
	r->wanted = trace_is_wanted(rule, r, config.classes);
	if (r->wanted || r->holders == 0)
		write_record(r);
}

static struct request *make_request(const struct call *call, struct task_struct *task)
{
	uint32_t zero = 0;
	struct request *q = bpf_map_lookup_elem(&new_request, &zero);

	if (!q)
		return NULL;
	q->call = *call;
	q->process = current_process();
	q->tid = number_here(task->thread_pid);
	q->pid = number_here(task->group_leader->thread_pid);
	bpf_get_current_comm(q->command, sizeof(q->command));
	return q;
}

static int begin_request(uint64_t *context)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct io_kiocb *req = (void *)context[0];
	uint64_t address = context[0];
	uint32_t key = trace_key(ABI_REQUEST, BPF_CORE_READ(req, opcode));
	const struct trace_rule *rule = rule_of(key);
	struct call *call = rule ? empty_call(rule->call) : NULL;
	struct request *q;

	if (!call)
		return 0;
	call->abi = ABI_REQUEST;
	find_file(call, task, req);
	if (!call->file)
		return 0;
	read_request(call, rule, req);
	if (!rule->late)
		read_early(call, rule);
	q = make_request(call, task);
	if (!q)
		return 0;
	if (BPF_CORE_READ(req, flags) & REQ_F_CQE_SKIP)
		record_request(q, rule, TRACE_UNKNOWN, true);
	else if (bpf_map_update_elem(&requests, &address, q, 0))
		__sync_fetch_and_add(&lost, 1);
	return 0;
}

SEC("raw_tp/io_uring_submit_req")
int request_begins(uint64_t *context)
{
	return bpf_core_type_exists(struct io_kiocb) ? begin_request(context) : 0;
}

/* Its name until Linux 6.2. */
SEC("raw_tp/io_uring_submit_sqe")
int request_begins_6_2(uint64_t *context)
{
	return bpf_core_type_exists(struct io_kiocb) ? begin_request(context) : 0;
}

static int end_request(uint64_t *context)
{
	struct io_kiocb *req = (void *)context[1];
	uint64_t address = context[1];
	struct request *q = bpf_map_lookup_elem(&requests, &address);
	uint32_t key = trace_key(ABI_REQUEST, BPF_CORE_READ(req, opcode));
	const struct trace_rule *rule = q ? rule_of(key) : NULL;
	int64_t result;

	if (!rule)
		return 0;
	result = BPF_CORE_READ(req, cqe.res);
	if (q->process == current_process())
		read_late(&q->call, rule, result);
	record_request(q, rule, result, q->call.id != REQUEST_CLOSE || result < 0);
	bpf_map_delete_elem(&requests, &address);
	return 0;
}

SEC("raw_tp/io_uring_complete")
int request_ends(uint64_t *context)
{
	return bpf_core_type_exists(struct io_kiocb) && context[1] ? end_request(context) : 0;
}
