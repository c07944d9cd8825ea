// SPDX-License-Identifier: GPL-2.0-only
/*
 * mypoll - a device that makes events, to learn poll(2) and epoll(7) with
 *
 * Events come from a timer (period_ms) and from writing "trigger\n". Each open
 * of /dev/mypoll has its own queue, and an event goes into every queue. All
 * descriptors of one open file description share its queue. A full queue drops
 * its oldest record, which shows as a gap in the numbers. See mypoll(4).
 *
 * The device outlives its platform device as long as it is open: unbinding
 * marks it gone and wakes all waiters, and the last release frees it.
 */

#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/kfifo.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <linux/wait.h>

#define MYPOLL_NAME		"mypoll"
#define MYPOLL_PERIOD_MAX	3600000U	/* an hour */
#define MYPOLL_DEPTH_MIN	2U		/* the smallest kfifo */
#define MYPOLL_DEPTH_MAX	4096U
#define MYPOLL_RECORD_MAX	96

struct mypoll_event {
	u64 number;
	u64 mono_ns;
	const char *source;
};

/* A device. Lives from binding to the last release after unbinding. */
struct mypoll {
	struct kref ref;	/* one for the binding, one for each open */
	struct miscdevice misc;
	struct hrtimer timer;	/* runs in softirq context while bound */
	spinlock_t lock;	/* protects the fields below and all queues */
	u64 number;		/* the last event's */
	struct list_head opens;
	bool gone;		/* unbound: there are no more events */
};

/* An open file description. */
struct mypoll_open {
	struct mypoll *mypoll;
	struct list_head link;	/* in the opens of mypoll */
	wait_queue_head_t wait;	/* for a record, or for the unbinding */
	struct mutex reading;	/* held while copying: one reader per record */
	DECLARE_KFIFO_PTR(queue, struct mypoll_event);
};

static unsigned int depth = 64; /* does not change once the module is loaded */

/* kernel_param_lock() protects both. */
static unsigned int period_ms = 1000;
static struct mypoll *mypoll_bound;

static void mypoll_free(struct kref *ref)
{
	kfree(container_of(ref, struct mypoll, ref));
}

/* Events */

static void mypoll_put_event(struct mypoll_open *open,
			     const struct mypoll_event *event)
{
	if (kfifo_len(&open->queue) >= depth)
		kfifo_skip(&open->queue);
	kfifo_put(&open->queue, *event);
	wake_up_interruptible_poll(&open->wait, EPOLLIN | EPOLLRDNORM);
}

static void mypoll_make_event(struct mypoll *mypoll, const char *source)
{
	struct mypoll_event event = {
		.number = ++mypoll->number,
		.mono_ns = ktime_get_ns(),
		.source = source,
	};
	struct mypoll_open *open;

	lockdep_assert_held(&mypoll->lock);
	list_for_each_entry(open, &mypoll->opens, link)
		mypoll_put_event(open, &event);
}

static enum hrtimer_restart mypoll_tick(struct hrtimer *timer)
{
	struct mypoll *mypoll = container_of(timer, struct mypoll, timer);
	u64 events = hrtimer_forward_now(timer, ms_to_ktime(period_ms));

	spin_lock(&mypoll->lock);
	/* count the events that a queue would drop, but do not make them */
	if (events > depth) {
		mypoll->number += events - depth;
		events = depth;
	}
	while (events--)
		mypoll_make_event(mypoll, "timer");
	spin_unlock(&mypoll->lock);
	return HRTIMER_RESTART;
}

static int mypoll_trigger(struct mypoll *mypoll)
{
	int err = 0;

	spin_lock_bh(&mypoll->lock);
	if (mypoll->gone)
		err = -ENODEV;
	else
		mypoll_make_event(mypoll, "manual");
	spin_unlock_bh(&mypoll->lock);
	return err;
}

/* Reading */

/*
 * Copies the oldest record. Returns 1, or 0 if the queue is empty, or -ENODEV if
 * it will stay empty.
 */
static int mypoll_peek(struct mypoll_open *open, struct mypoll_event *event)
{
	struct mypoll *mypoll = open->mypoll;
	int ret;

	spin_lock_bh(&mypoll->lock);
	ret = kfifo_peek(&open->queue, event);
	if (!ret && mypoll->gone)
		ret = -ENODEV;
	spin_unlock_bh(&mypoll->lock);
	return ret;
}

/* Removes the record with that number, unless it has been dropped meanwhile. */
static void mypoll_remove(struct mypoll_open *open, u64 number)
{
	struct mypoll *mypoll = open->mypoll;
	struct mypoll_event oldest;

	spin_lock_bh(&mypoll->lock);
	if (kfifo_peek(&open->queue, &oldest) && oldest.number == number)
		kfifo_skip(&open->queue);
	spin_unlock_bh(&mypoll->lock);
}

static int mypoll_copy(const struct mypoll_event *event, struct iov_iter *to)
{
	char text[MYPOLL_RECORD_MAX];
	size_t len = scnprintf(text, sizeof(text),
			       "event=%llu source=%s mono_ns=%llu\n",
			       event->number, event->source, event->mono_ns);

	if (len > iov_iter_count(to))
		return -EINVAL;
	if (copy_to_iter(text, len, to) != len)
		return -EFAULT;
	return len;
}

/*
 * Copies as many records as fit. A record leaves the queue only when it has
 * been copied, so a fault loses none. Returns 0 if the queue is empty, because
 * another reader was faster.
 */
static ssize_t mypoll_read_queue(struct mypoll_open *open, struct iov_iter *to)
{
	struct mypoll_event event;
	ssize_t done = 0;
	int ret;

	for (;;) {
		ret = mypoll_peek(open, &event);
		if (ret <= 0)
			break;
		ret = mypoll_copy(&event, to);
		if (ret < 0)
			break;
		mypoll_remove(open, event.number);
		done += ret;
	}
	return done ?: ret;
}

static int mypoll_lock_reading(struct mypoll_open *open, struct kiocb *iocb)
{
	if (iocb->ki_flags & IOCB_NOWAIT)
		return mutex_trylock(&open->reading) ? 0 : -EAGAIN;
	return mutex_lock_interruptible(&open->reading) ? -ERESTARTSYS : 0;
}

static int mypoll_wait(struct mypoll_open *open, struct kiocb *iocb)
{
	struct mypoll_event event;

	if ((iocb->ki_flags & IOCB_NOWAIT) ||
	    (iocb->ki_filp->f_flags & O_NONBLOCK))
		return -EAGAIN;
	return wait_event_interruptible(open->wait, mypoll_peek(open, &event));
}

static ssize_t mypoll_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct mypoll_open *open = iocb->ki_filp->private_data;
	ssize_t ret;

	if (!iov_iter_count(to))
		return 0;
	for (;;) {
		ret = mypoll_lock_reading(open, iocb);
		if (ret)
			return ret;
		ret = mypoll_read_queue(open, to);
		mutex_unlock(&open->reading);
		if (ret)
			return ret;
		ret = mypoll_wait(open, iocb);
		if (ret)
			return ret;
	}
}

/* The other operations */

static ssize_t mypoll_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	static const char word[] = { 't', 'r', 'i', 'g', 'g', 'e', 'r', '\n' };
	struct mypoll_open *open = iocb->ki_filp->private_data;
	char text[sizeof(word)];

	if (iov_iter_count(from) != sizeof(text))
		return -EINVAL;
	if (!copy_from_iter_full(text, sizeof(text), from))
		return -EFAULT;
	if (memcmp(text, word, sizeof(word)))
		return -EINVAL;
	return mypoll_trigger(open->mypoll) ?: sizeof(word);
}

static __poll_t mypoll_poll(struct file *file, struct poll_table_struct *table)
{
	struct mypoll_open *open = file->private_data;
	struct mypoll *mypoll = open->mypoll;
	__poll_t mask = 0;

	poll_wait(file, &open->wait, table);
	spin_lock_bh(&mypoll->lock);
	if ((file->f_mode & FMODE_READ) && !kfifo_is_empty(&open->queue))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (mypoll->gone)
		mask |= EPOLLHUP | EPOLLERR;
	else if (file->f_mode & FMODE_WRITE)
		mask |= EPOLLOUT | EPOLLWRNORM;
	spin_unlock_bh(&mypoll->lock);
	return mask;
}

/* The device is bound here: misc_open() holds the lock of misc_deregister(). */
static int mypoll_open(struct inode *inode, struct file *file)
{
	struct mypoll *mypoll = container_of(file->private_data, struct mypoll,
					     misc);
	struct mypoll_open *open;
	int err;

	open = kzalloc(sizeof(*open), GFP_KERNEL);
	if (!open)
		return -ENOMEM;
	err = kfifo_alloc(&open->queue, depth, GFP_KERNEL);
	if (err) {
		kfree(open);
		return err;
	}
	init_waitqueue_head(&open->wait);
	mutex_init(&open->reading);
	kref_get(&mypoll->ref);
	open->mypoll = mypoll;
	file->private_data = open;
	file->f_mode |= FMODE_NOWAIT;

	spin_lock_bh(&mypoll->lock);
	list_add_tail(&open->link, &mypoll->opens);
	spin_unlock_bh(&mypoll->lock);
	return stream_open(inode, file);
}

static int mypoll_release(struct inode *inode, struct file *file)
{
	struct mypoll_open *open = file->private_data;
	struct mypoll *mypoll = open->mypoll;

	spin_lock_bh(&mypoll->lock);
	list_del(&open->link);
	spin_unlock_bh(&mypoll->lock);

	kfifo_free(&open->queue);
	mutex_destroy(&open->reading);
	kfree(open);
	kref_put(&mypoll->ref, mypoll_free);
	return 0;
}

static const struct file_operations mypoll_fops = {
	.owner		= THIS_MODULE,
	.open		= mypoll_open,
	.release	= mypoll_release,
	.read_iter	= mypoll_read_iter,
	.write_iter	= mypoll_write_iter,
	.poll		= mypoll_poll,
};

/* Parameters */

static void mypoll_start_timer(struct mypoll *mypoll)
{
	if (period_ms)
		hrtimer_start(&mypoll->timer, ms_to_ktime(period_ms),
			      HRTIMER_MODE_REL_SOFT);
}

static int mypoll_set_period(const char *val, const struct kernel_param *kp)
{
	unsigned int ms;
	int err;

	err = kstrtouint(val, 0, &ms);
	if (err)
		return err;
	if (ms > MYPOLL_PERIOD_MAX)
		return -EINVAL;

	/* mypoll_tick() reads period_ms without a lock */
	if (mypoll_bound)
		hrtimer_cancel(&mypoll_bound->timer);
	period_ms = ms;
	if (mypoll_bound)
		mypoll_start_timer(mypoll_bound);
	return 0;
}

static int mypoll_set_depth(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, MYPOLL_DEPTH_MIN,
				     MYPOLL_DEPTH_MAX);
}

static const struct kernel_param_ops mypoll_period_ops = {
	.set	= mypoll_set_period,
	.get	= param_get_uint,
};

static const struct kernel_param_ops mypoll_depth_ops = {
	.set	= mypoll_set_depth,
	.get	= param_get_uint,
};

module_param_cb(period_ms, &mypoll_period_ops, &period_ms, 0644);
__MODULE_PARM_TYPE(period_ms, "uint");
MODULE_PARM_DESC(period_ms, "Milliseconds from one timer event to the next, up to 3600000; 0 for none (default 1000)");
module_param_cb(depth, &mypoll_depth_ops, &depth, 0444);
__MODULE_PARM_TYPE(depth, "uint");
MODULE_PARM_DESC(depth, "Records that the queue of an open holds, 2 to 4096 (default 64)");

/* Binding */

static void mypoll_go_away(void *data)
{
	struct mypoll *mypoll = data;
	struct mypoll_open *open;

	kernel_param_lock(THIS_MODULE);
	mypoll_bound = NULL;
	hrtimer_cancel(&mypoll->timer);
	kernel_param_unlock(THIS_MODULE);

	misc_deregister(&mypoll->misc);

	spin_lock_bh(&mypoll->lock);
	mypoll->gone = true;
	list_for_each_entry(open, &mypoll->opens, link)
		wake_up_interruptible_all(&open->wait);
	spin_unlock_bh(&mypoll->lock);

	kref_put(&mypoll->ref, mypoll_free);
}

#ifdef MYPOLL_NO_HRTIMER_SETUP
static void hrtimer_setup(struct hrtimer *timer,
			  enum hrtimer_restart (*function)(struct hrtimer *),
			  clockid_t clock_id, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock_id, mode);
	timer->function = function;
}
#endif

static struct mypoll *mypoll_new(struct device *parent)
{
	struct mypoll *mypoll = kzalloc(sizeof(*mypoll), GFP_KERNEL);

	if (!mypoll)
		return NULL;
	kref_init(&mypoll->ref);
	spin_lock_init(&mypoll->lock);
	INIT_LIST_HEAD(&mypoll->opens);
	hrtimer_setup(&mypoll->timer, mypoll_tick, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_SOFT);
	mypoll->misc.minor = MISC_DYNAMIC_MINOR;
	mypoll->misc.name = MYPOLL_NAME;
	mypoll->misc.fops = &mypoll_fops;
	mypoll->misc.parent = parent;
	mypoll->misc.mode = 0600;
	return mypoll;
}

static int mypoll_probe(struct platform_device *pdev)
{
	struct mypoll *mypoll = mypoll_new(&pdev->dev);
	int err;

	if (!mypoll)
		return -ENOMEM;
	err = misc_register(&mypoll->misc);
	if (err) {
		kref_put(&mypoll->ref, mypoll_free);
		return err;
	}

	kernel_param_lock(THIS_MODULE);
	mypoll_bound = mypoll;
	mypoll_start_timer(mypoll);
	kernel_param_unlock(THIS_MODULE);

	return devm_add_action_or_reset(&pdev->dev, mypoll_go_away, mypoll);
}

static struct platform_driver mypoll_driver = {
	.probe	= mypoll_probe,
	.driver	= {
		.name = MYPOLL_NAME,
	},
};

static struct platform_device *mypoll_device;

static int __init mypoll_init(void)
{
	int err;

	err = platform_driver_register(&mypoll_driver);
	if (err)
		return err;
	mypoll_device = platform_device_register_simple(MYPOLL_NAME,
							PLATFORM_DEVID_NONE,
							NULL, 0);
	if (IS_ERR(mypoll_device)) {
		platform_driver_unregister(&mypoll_driver);
		return PTR_ERR(mypoll_device);
	}
	return 0;
}
module_init(mypoll_init);

static void __exit mypoll_exit(void)
{
	platform_device_unregister(mypoll_device);
	platform_driver_unregister(&mypoll_driver);
}
module_exit(mypoll_exit);

MODULE_DESCRIPTION("Events from a timer and by hand, to learn poll and epoll with");
MODULE_LICENSE("GPL");
