// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of tegra241-cmdqv-guest.c: a vIOMMU with its VINTF, its HW queues and its
 * vDEVICEs.
 */
#include <kunit/test-bug.h>
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>

#include "tegra241-cmdqv-fake.h"

static int alloc_vintf(struct tegra241_vsmmu *vsmmu, u16 vmid)
{
	return tegra241_user_vintf_alloc(&vsmmu->vintf, &cmdqv_fake->cmdqv, vmid);
}

static void free_vintf(struct tegra241_vsmmu *vsmmu)
{
	tegra241_user_vintf_free(&vsmmu->vintf);
}

/* As iommufd allocates it: the core is the beginning of what the driver has */
static struct iommufd_hw_queue *new_queue(struct kunit *test,
					  struct tegra241_vsmmu *vsmmu,
					  size_t length)
{
	size_t size = tegra241_vsmmu_ops.get_hw_queue_size(&vsmmu->vsmmu.core,
			IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV);
	struct iommufd_hw_queue *queue = kunit_kzalloc(test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, queue);
	queue->viommu = &vsmmu->vsmmu.core;
	queue->length = length;
	return queue;
}

static int init_queue(struct iommufd_hw_queue *queue, u32 index, phys_addr_t pa)
{
	return tegra241_vsmmu_ops.hw_queue_init_phys(queue, index, pa);
}

static int try_queue(struct kunit *test, struct tegra241_vsmmu *vsmmu, u32 index,
		     phys_addr_t pa, size_t length)
{
	return init_queue(new_queue(test, vsmmu, length), index, pa);
}

static void guest_vintf_numbers(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu[CMDQV_FAKE_VINTFS];
	unsigned int i;

	for (i = 1; i < CMDQV_FAKE_VINTFS; i++) {
		vsmmu[i] = cmdqv_fake_new_vsmmu(test);
		KUNIT_ASSERT_EQ(test, 0, alloc_vintf(vsmmu[i], i));
		KUNIT_EXPECT_EQ(test, i, vsmmu[i]->vintf.idx);
		KUNIT_EXPECT_PTR_EQ(test, &vsmmu[i]->vintf, cmdqv_fake->cmdqv.vintfs[i]);
		KUNIT_EXPECT_EQ(test, i << 1 | 1, cmdqv_fake_vintf_reg(i, 0));
	}
	vsmmu[0] = cmdqv_fake_new_vsmmu(test);
	KUNIT_EXPECT_EQ(test, -ENOSPC, alloc_vintf(vsmmu[0], 9));

	free_vintf(vsmmu[2]);
	KUNIT_EXPECT_NULL(test, cmdqv_fake->cmdqv.vintfs[2]);
	memset(&vsmmu[2]->vintf, 0, sizeof(vsmmu[2]->vintf));
	KUNIT_ASSERT_EQ(test, 0, alloc_vintf(vsmmu[2], 2));
	KUNIT_EXPECT_EQ(test, 2, vsmmu[2]->vintf.idx);

	/* A VINTF that does not answer is not given out again */
	cmdqv_fake->vintf_stuck[2] = CMDQV_FAKE_STUCK_OFF;
	free_vintf(vsmmu[2]);
	KUNIT_EXPECT_NULL(test, cmdqv_fake->cmdqv.vintfs[2]);
	KUNIT_EXPECT_EQ(test, -ENOSPC, alloc_vintf(vsmmu[0], 9));
	for (i = 1; i < CMDQV_FAKE_VINTFS; i += 2)
		free_vintf(vsmmu[i]);

	/* Nor has CMDQ-V with one VINTF, which is the kernel's, any to give */
	cmdqv_fake->cmdqv.num_vintfs = 1;
	KUNIT_EXPECT_EQ(test, -ENOSPC, alloc_vintf(vsmmu[0], 9));
}

/* A thread in which a VINTF goes while the interrupt handler uses VINTFs */
struct leaver {
	struct kunit *test;
	struct tegra241_vsmmu *vsmmu;
	struct completion done;
};

static int leave(void *data)
{
	struct leaver *leaver = data;

	/* The hardware of the test is there for this thread, too */
	current->kunit_test = leaver->test;
	free_vintf(leaver->vsmmu);
	current->kunit_test = NULL;
	complete(&leaver->done);
	return 0;
}

/* Until the thread is through, or sleeps: only a lock makes it sleep */
static bool sleeps(struct leaver *leaver, struct task_struct *task)
{
	while (!completion_done(&leaver->done)) {
		if (READ_ONCE(task->__state) & TASK_UNINTERRUPTIBLE)
			return true;
		usleep_range(100, 200);
	}
	return false;
}

static bool number_is_free(int number)
{
	struct ida *ids = &cmdqv_fake->cmdqv.vintf_ids;
	int id = ida_alloc_range(ids, number, number, GFP_KERNEL);

	if (id == number)
		ida_free(ids, id);
	return id == number;
}

/* While the handler uses VINTFs, one that goes waits for it, and keeps its number */
static void guest_vintf_number_reused(struct kunit *test)
{
	struct leaver leaver = {
		.test = test,
		.vsmmu = cmdqv_fake_running_vsmmu(test),
		.done = COMPLETION_INITIALIZER_ONSTACK(leaver.done),
	};
	struct task_struct *task = kthread_create(leave, &leaver, "cmdqv-test");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	get_task_struct(task);

	mutex_lock(&cmdqv_fake->cmdqv.vintfs_lock);
	wake_up_process(task);
	KUNIT_EXPECT_TRUE(test, sleeps(&leaver, task));
	KUNIT_EXPECT_FALSE(test, number_is_free(1));
	mutex_unlock(&cmdqv_fake->cmdqv.vintfs_lock);

	wait_for_completion(&leaver.done);
	kthread_stop_put(task);
	KUNIT_EXPECT_NULL(test, cmdqv_fake->cmdqv.vintfs[1]);
	KUNIT_EXPECT_TRUE(test, number_is_free(1));
}

/*
 * Documentation/userspace-api/viommu/checks.rst, section 4.4, row 15: which of
 * two wrong things wins
 */
static void guest_queue_errors(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = cmdqv_fake_running_vsmmu(test);
	const size_t most = 16 << 10;
	struct iommufd_hw_queue *first = new_queue(test, vsmmu, CMDQV_TEST_BYTES);

	vsmmu->mmap_offset = PAGE_SIZE;
#define TRY(index, pa, length) try_queue(test, vsmmu, index, pa, length)
	KUNIT_EXPECT_EQ(test, -EINVAL, TRY(2, CMDQV_TEST_PA, CMDQV_TEST_BYTES));
	KUNIT_EXPECT_EQ(test, -EIO, TRY(1, 3, 5));
	KUNIT_EXPECT_EQ(test, -EINVAL, TRY(0, CMDQV_TEST_PA, 48));
	KUNIT_EXPECT_EQ(test, -EINVAL, TRY(0, CMDQV_TEST_PA, 16));
	KUNIT_EXPECT_EQ(test, -EINVAL, TRY(0, CMDQV_TEST_PA, 2 * most));
	KUNIT_EXPECT_EQ(test, -EINVAL, TRY(0, CMDQV_TEST_PA + 32, 64));
	KUNIT_EXPECT_EQ(test, -EINVAL, TRY(0, CMDQV_TEST_PA + 16, 32));
	KUNIT_EXPECT_EQ(test, -EINVAL, TRY(0, BIT_ULL(48), CMDQV_TEST_BYTES));
	KUNIT_EXPECT_EQ(test, 0, vsmmu->vintf.num_mapped);
	/* No refusal empties mappings */
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->num_holds);

	KUNIT_ASSERT_EQ(test, 0, init_queue(first, 0, CMDQV_TEST_PA));
	KUNIT_EXPECT_EQ(test, CMDQV_TEST_BASE, cmdqv_fake_queue_base(2));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake_queue_reg(2, VCMDQ_CONFIG));
	KUNIT_EXPECT_EQ(test, -EEXIST, TRY(0, 3, 5));
	/* Its command has not finished: it is not allocated, whatever the size */
	cmdqv_fake->depend_result = -ENOENT;
	KUNIT_EXPECT_EQ(test, -EIO, TRY(1, CMDQV_TEST_PA, CMDQV_TEST_BYTES));
	KUNIT_EXPECT_EQ(test, -EIO, TRY(1, 3, 5));
	cmdqv_fake->depend_result = 0;
	KUNIT_EXPECT_EQ(test, -EINVAL, TRY(1, 3, 5));
	KUNIT_EXPECT_EQ(test, 1, vsmmu->vintf.num_mapped);
	KUNIT_EXPECT_EQ(test, 1, cmdqv_fake->num_holds);
	first->destroy(first);
	KUNIT_EXPECT_FALSE(test, first->memory_lost);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake_queue_base(2));
#undef TRY
	free_vintf(vsmmu);
}

static void enable_before_base(u32 offset, u64 value)
{
	/* BASE of queue 0 of VINTF 1 */
	if (offset == 0x60000)
		cmdqv_fake_guest_enable(2, true);
}

/* A guest that switches its queue on while it gets memory does not get it */
static void guest_queue_enabled_early(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = cmdqv_fake_running_vsmmu(test);
	struct iommufd_hw_queue *queue = new_queue(test, vsmmu, CMDQV_TEST_BYTES);

	cmdqv_fake->before_write = enable_before_base;
	KUNIT_EXPECT_EQ(test, -EBUSY, init_queue(queue, 0, CMDQV_TEST_PA));
	KUNIT_EXPECT_FALSE(test, queue->memory_lost);
	KUNIT_EXPECT_EQ(test, 0, vsmmu->vintf.num_mapped);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake_queue_base(2));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake_queue_reg(2, VCMDQ_STATUS));
	KUNIT_EXPECT_FALSE(test, vsmmu->vintf.retired);

	cmdqv_fake->before_write = NULL;
	KUNIT_EXPECT_EQ(test, 0, init_queue(queue, 0, CMDQV_TEST_PA));
	queue->destroy(queue);
	free_vintf(vsmmu);
}

/* The same if the hardware has not answered the guest yet */
static void guest_queue_enabled_late(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = cmdqv_fake_running_vsmmu(test);
	struct iommufd_hw_queue *queue = new_queue(test, vsmmu, CMDQV_TEST_BYTES);

	cmdqv_fake->before_write = enable_before_base;
	cmdqv_fake->queues[2].stuck = CMDQV_FAKE_STUCK_ON;
	KUNIT_EXPECT_EQ(test, -EBUSY, init_queue(queue, 0, CMDQV_TEST_PA));
	KUNIT_EXPECT_FALSE(test, queue->memory_lost);
	KUNIT_EXPECT_EQ(test, 0, vsmmu->vintf.num_mapped);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake_queue_base(2));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake_queue_reg(2, VCMDQ_CONFIG));
	free_vintf(vsmmu);
}

static void expect_held(u32 offset, u64 value)
{
	KUNIT_EXPECT_EQ(kunit_get_current_test(), 1, cmdqv_fake->holds);
}

/* A guest with page 0 waits while one of its queues is made or stopped */
static void guest_queue_held(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = cmdqv_fake_running_vsmmu(test);
	struct iommufd_hw_queue *queue = new_queue(test, vsmmu, CMDQV_TEST_BYTES);

	vsmmu->mmap_offset = PAGE_SIZE;
	cmdqv_fake->before_write = expect_held;
	KUNIT_EXPECT_EQ(test, 0, init_queue(queue, 0, CMDQV_TEST_PA));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->holds);
	queue->destroy(queue);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->holds);

	cmdqv_fake->before_write = NULL;
	free_vintf(vsmmu);
}

static struct iommufd_hw_queue *other_queue;

static void make_other_queue(void)
{
	cmdqv_fake->in_hold = NULL;
	KUNIT_EXPECT_EQ(kunit_get_current_test(), 0, init_queue(other_queue, 0, CMDQV_TEST_PA));
}

/* Another command makes the same queue between the checks and the hold */
static void guest_queue_twice(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = cmdqv_fake_running_vsmmu(test);
	struct iommufd_hw_queue *queue = new_queue(test, vsmmu, CMDQV_TEST_BYTES);

	vsmmu->mmap_offset = PAGE_SIZE;
	other_queue = new_queue(test, vsmmu, CMDQV_TEST_BYTES);
	cmdqv_fake->in_hold = make_other_queue;
	KUNIT_EXPECT_EQ(test, -EEXIST, init_queue(queue, 0, CMDQV_TEST_PA));
	KUNIT_EXPECT_NULL(test, queue->destroy);
	KUNIT_EXPECT_EQ(test, 1, vsmmu->vintf.num_mapped);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->holds);
	other_queue->destroy(other_queue);
	free_vintf(vsmmu);
}

/* A pause before a queue is made again whose flush has failed */
static struct {
	unsigned int pauses;
	void (*then)(void);
	struct mutex *lock;
} pause;

static void flush_pause(void)
{
	struct kunit *test = kunit_get_current_test();

	pause.pauses++;
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->holds);
	KUNIT_EXPECT_FALSE(test, mutex_is_locked(pause.lock));
	KUNIT_EXPECT_FALSE(test, rwsem_is_locked(&cmdqv_fake->cmdqv.lock));
	if (pause.pauses == 3 && pause.then)
		pause.then();
}

static void flush_works(void)
{
	cmdqv_fake->flush_result = 0;
}

static void machine_stops(void)
{
	cmdqv_fake->cmdqv.running = false;
}

static void process_killed(void)
{
	sigaddset(&current->pending.signal, SIGKILL);
	set_thread_flag(TIF_SIGPENDING);
}

/* Only its flush fails: that is repeated without a hold, and no pause has a lock */
static void guest_queue_flush_late(struct kunit *test)
{
	static const struct {
		void (*then)(void);
		int result;
		unsigned int pauses, holds;
	} cases[] = {
		{ flush_works, 0, 3, 2 },
		{ process_killed, -ETIMEDOUT, 3, 1 },
		{ machine_stops, -ENODEV, 3, 2 },
		{ NULL, -ETIMEDOUT, 60, 1 },
	};
	unsigned int i;

	cmdqv_fake->in_pause = flush_pause;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tegra241_vsmmu *vsmmu = cmdqv_fake_running_vsmmu(test);
		struct iommufd_hw_queue *queue = new_queue(test, vsmmu, CMDQV_TEST_BYTES);

		vsmmu->mmap_offset = PAGE_SIZE;
		cmdqv_fake->flush_result = -ETIMEDOUT;
		cmdqv_fake->num_holds = 0;
		pause.pauses = 0;
		pause.then = cases[i].then;
		pause.lock = &vsmmu->lock;
		KUNIT_EXPECT_EQ_MSG(test, cases[i].result,
				    init_queue(queue, 0, CMDQV_TEST_PA), "%u", i);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].pauses, pause.pauses, "%u", i);
		KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->holds);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].holds, cmdqv_fake->num_holds, "%u", i);
		KUNIT_EXPECT_FALSE(test, vsmmu->vintf.retired);
		sigdelset(&current->pending.signal, SIGKILL);
		clear_thread_flag(TIF_SIGPENDING);
		cmdqv_fake->cmdqv.running = true;
		if (queue->destroy)
			queue->destroy(queue);
		free_vintf(vsmmu);
	}
}

/* A queue that does not stop is not made again */
static void guest_queue_does_not_stop(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = cmdqv_fake_running_vsmmu(test);

	cmdqv_fake->in_pause = flush_pause;
	pause.pauses = 0;
	pause.then = NULL;
	pause.lock = &vsmmu->lock;
	cmdqv_fake_guest_enable(2, true);
	cmdqv_fake->queues[2].stuck = CMDQV_FAKE_STUCK_OFF;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
			try_queue(test, vsmmu, 0, CMDQV_TEST_PA, CMDQV_TEST_BYTES));
	KUNIT_EXPECT_EQ(test, 0, pause.pauses);
	KUNIT_EXPECT_TRUE(test, vsmmu->vintf.retired);
	free_vintf(vsmmu);
}

static void guest_queue_memory_lost(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = cmdqv_fake_running_vsmmu(test);
	struct iommufd_hw_queue *queue = new_queue(test, vsmmu, CMDQV_TEST_BYTES);

	KUNIT_ASSERT_EQ(test, 0, init_queue(queue, 0, CMDQV_TEST_PA));
	cmdqv_fake_guest_enable(2, 1);
	cmdqv_fake->queues[2].stuck = CMDQV_FAKE_STUCK_OFF;
	queue->destroy(queue);
	KUNIT_EXPECT_TRUE(test, queue->memory_lost);
	KUNIT_EXPECT_TRUE(test, vsmmu->vintf.retired);
	KUNIT_EXPECT_EQ(test, -ENODEV, try_queue(test, vsmmu, 0, CMDQV_TEST_PA, CMDQV_TEST_BYTES));
	free_vintf(vsmmu);
	vsmmu = cmdqv_fake_new_vsmmu(test);
	KUNIT_ASSERT_EQ(test, 0, alloc_vintf(vsmmu, 2));
	KUNIT_EXPECT_EQ(test, 2, vsmmu->vintf.idx);
	free_vintf(vsmmu);
}

/* After the machine was shut down under a guest, no register is touched */
static void guest_after_shutdown(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = cmdqv_fake_running_vsmmu(test);
	struct iommufd_hw_queue *queue = new_queue(test, vsmmu, CMDQV_TEST_BYTES);
	unsigned int writes;

	KUNIT_ASSERT_EQ(test, 0, init_queue(queue, 0, CMDQV_TEST_PA));
	cmdqv_fake->cmdqv.running = false;
	writes = cmdqv_fake->num_writes;
	KUNIT_EXPECT_EQ(test, -ENODEV, try_queue(test, vsmmu, 1, CMDQV_TEST_PA, CMDQV_TEST_BYTES));
	KUNIT_EXPECT_EQ(test, -ENODEV, alloc_vintf(cmdqv_fake_new_vsmmu(test), 2));
	KUNIT_EXPECT_TRUE(test, number_is_free(2));
	queue->destroy(queue);
	KUNIT_EXPECT_FALSE(test, queue->memory_lost);
	free_vintf(vsmmu);
	KUNIT_EXPECT_EQ(test, writes, cmdqv_fake->num_writes);
}

/* A device with one StreamID behind the SMMU */
struct test_device {
	struct iommufd_vdevice *vdev;
	struct device dev;
	struct dev_iommu iommu;
	struct arm_smmu_master master;
	struct arm_smmu_stream stream;
};

static struct test_device *new_device(struct kunit *test,
				      struct tegra241_vsmmu *vsmmu, u64 vsid,
				      u32 sid)
{
	size_t size = tegra241_vsmmu_ops.vdevice_size;
	struct test_device *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->vdev = kunit_kzalloc(test, size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->vdev);
	t->vdev->viommu = &vsmmu->vsmmu.core;
	t->vdev->dev = &t->dev;
	t->vdev->virt_id = vsid;
	t->dev.iommu = &t->iommu;
	t->iommu.priv = &t->master;
	t->master.streams = &t->stream;
	t->master.num_streams = 1;
	t->stream.id = sid;
	return t;
}

static int init_vdevice(struct test_device *t)
{
	return tegra241_vsmmu_ops.vdevice_init(t->vdev);
}

static void guest_sid_slots(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = cmdqv_fake_running_vsmmu(test);
	struct test_device *t[CMDQV_MAX_SIDS], *late;
	unsigned int i;

	for (i = 0; i < CMDQV_MAX_SIDS; i++) {
		t[i] = new_device(test, vsmmu, 0x100 + i, i);
		KUNIT_ASSERT_EQ(test, 0, init_vdevice(t[i]));
		KUNIT_EXPECT_EQ(test, (0x100 + i) << 1 | 1, cmdqv_fake_vintf_reg(1, 0x40 + 4 * i));
		KUNIT_EXPECT_EQ(test, i, cmdqv_fake_vintf_reg(1, 0x80 + 4 * i));
	}
	late = new_device(test, vsmmu, 0xfffff, 0x777);
	KUNIT_EXPECT_EQ(test, -ENOSPC, init_vdevice(late));

	/* A slot that has become free is found, wherever it is */
	t[7]->vdev->destroy(t[7]->vdev);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake_vintf_reg(1, 0x40 + 4 * 7));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake_vintf_reg(1, 0x80 + 4 * 7));
	KUNIT_ASSERT_EQ(test, 0, init_vdevice(late));
	KUNIT_EXPECT_EQ(test, 0x1fffff, cmdqv_fake_vintf_reg(1, 0x40 + 4 * 7));
	KUNIT_EXPECT_EQ(test, 0x777, cmdqv_fake_vintf_reg(1, 0x80 + 4 * 7));
	free_vintf(vsmmu);
}

static void guest_sid_errors(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = cmdqv_fake_running_vsmmu(test);
	struct test_device *t = new_device(test, vsmmu, 0x100000, 1);

	/* The first of two wrong things wins */
	t->master.num_streams = 2;
	KUNIT_EXPECT_EQ(test, -EINVAL, init_vdevice(t));
	t->vdev->virt_id = 0;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, init_vdevice(t));
	t->master.num_streams = 1;
	cmdqv_fake->cmdqv.running = false;
	KUNIT_EXPECT_EQ(test, -ENODEV, init_vdevice(t));
	cmdqv_fake->cmdqv.running = true;
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake_vintf_reg(1, 0x40));
	KUNIT_EXPECT_EQ(test, 0, vsmmu->sid_slots[0]);
	cmdqv_fake->cmdqv.num_sids = 1;
	KUNIT_EXPECT_EQ(test, 0, init_vdevice(t));
	KUNIT_EXPECT_EQ(test, -ENOSPC,
			init_vdevice(new_device(test, vsmmu, 1, 2)));
	free_vintf(vsmmu);
}

static struct kunit_case tegra241_cmdqv_guest_test_cases[] = {
	KUNIT_CASE(guest_after_shutdown),
	KUNIT_CASE(guest_queue_does_not_stop),
	KUNIT_CASE(guest_queue_enabled_early),
	KUNIT_CASE(guest_queue_enabled_late),
	KUNIT_CASE(guest_queue_errors),
	KUNIT_CASE(guest_queue_flush_late),
	KUNIT_CASE(guest_queue_held),
	KUNIT_CASE(guest_queue_memory_lost),
	KUNIT_CASE(guest_queue_twice),
	KUNIT_CASE(guest_sid_errors),
	KUNIT_CASE(guest_sid_slots),
	KUNIT_CASE(guest_vintf_number_reused),
	KUNIT_CASE(guest_vintf_numbers),
	{},
};

static struct kunit_suite tegra241_cmdqv_guest_test_suite = {
	.name = "tegra241-cmdqv-guest",
	.init = cmdqv_fake_init_running,
	.exit = cmdqv_fake_exit,
	.test_cases = tegra241_cmdqv_guest_test_cases,
};

kunit_test_suites(&tegra241_cmdqv_guest_test_suite);
