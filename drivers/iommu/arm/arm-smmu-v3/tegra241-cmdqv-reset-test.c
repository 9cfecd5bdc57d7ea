// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of tegra241-cmdqv-reset.c: the guests that are held while a device is reset.
 */
#include <kunit/test-bug.h>
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>

#include "tegra241-cmdqv-fake.h"

/* A device behind the SMMU */
struct test_device {
	struct device dev;
	struct arm_smmu_master master;
};

static struct test_device *new_device(struct kunit *test)
{
	struct test_device *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->master.dev = &t->dev;
	t->master.smmu = &cmdqv_fake->cmdqv.smmu;
	return t;
}

/* As if the device had a vDEVICE */
static void take_slot(struct tegra241_vsmmu *vsmmu, struct test_device *t,
		      unsigned int slot)
{
	vsmmu->mmap_offset = PAGE_SIZE;
	vsmmu->slot_devs[slot] = &t->dev;
	__set_bit(slot, vsmmu->sid_slots);
}

/* A guest that resets of devices find */
static struct tegra241_vsmmu *joined_vsmmu(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = cmdqv_fake_running_vsmmu(test);

	tegra241_guest_join(vsmmu);
	test->priv = vsmmu;
	return vsmmu;
}

static void reset_of_named(struct kunit *test)
{
	struct test_device *named = new_device(test), *other = new_device(test);
	struct tegra241_vsmmu *vsmmu = joined_vsmmu(test);

	take_slot(vsmmu, named, 5);
	tegra241_cmdqv_reset_prepare(&other->master);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->holds);
	tegra241_cmdqv_reset_done(&other->master);
	tegra241_cmdqv_reset_prepare(&named->master);
	KUNIT_EXPECT_EQ(test, 1, cmdqv_fake->holds);
	tegra241_cmdqv_reset_done(&named->master);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->holds);
	tegra241_guest_leave(vsmmu);
	tegra241_user_vintf_free(&vsmmu->vintf);
}

static void look_for_locks(void)
{
	struct kunit *test = kunit_get_current_test();
	struct tegra241_vsmmu *vsmmu = test->priv;
	bool handler_waits = mutex_is_locked(&cmdqv_fake->cmdqv.vintfs_lock);

	KUNIT_EXPECT_FALSE(test, handler_waits);
	KUNIT_EXPECT_FALSE(test, mutex_is_locked(&vsmmu->lock));
	KUNIT_EXPECT_FALSE(test, rwsem_is_locked(&cmdqv_fake->cmdqv.lock));
	if (!handler_waits)
		tegra241_cmdqv_isr(1, &cmdqv_fake->cmdqv);
}

/* However long it takes to hold a guest, errors are handled */
static void reset_under_errors(struct kunit *test)
{
	struct test_device *t = new_device(test);
	struct tegra241_vsmmu *vsmmu = joined_vsmmu(test);

	take_slot(vsmmu, t, 0);
	cmdqv_fake_set_error_map(1, 1, 0);
	cmdqv_fake->in_hold = look_for_locks;
	tegra241_cmdqv_reset_prepare(&t->master);
	KUNIT_EXPECT_EQ(test, 1, cmdqv_fake->holds);
	KUNIT_EXPECT_EQ(test, 1, cmdqv_fake->num_events);
	tegra241_cmdqv_reset_done(&t->master);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->holds);
	tegra241_guest_leave(vsmmu);
	tegra241_user_vintf_free(&vsmmu->vintf);
}

static void give_up_slot(void)
{
	struct tegra241_vsmmu *vsmmu = kunit_get_current_test()->priv;

	__clear_bit(0, vsmmu->sid_slots);
}

/* The vDEVICE goes away while the guest is being held for it */
static void reset_without_vdevice(struct kunit *test)
{
	struct test_device *t = new_device(test);
	struct tegra241_vsmmu *vsmmu = joined_vsmmu(test);

	take_slot(vsmmu, t, 0);
	cmdqv_fake->in_hold = give_up_slot;
	tegra241_cmdqv_reset_prepare(&t->master);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->holds);
	KUNIT_EXPECT_EQ(test, 0, vsmmu->held_slots[0]);
	tegra241_cmdqv_reset_done(&t->master);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->holds);
	tegra241_guest_leave(vsmmu);
	tegra241_user_vintf_free(&vsmmu->vintf);
}

/* A thread in which the vIOMMU is destroyed */
static struct {
	struct task_struct *task;
	struct completion done;
	bool too_early;
} leaver;

static int leave(void *data)
{
	tegra241_guest_leave(data);
	complete(&leaver.done);
	return 0;
}

static void let_it_leave(void)
{
	wake_up_process(leaver.task);
	/* Until the thread is through, or waits */
	while (!completion_done(&leaver.done) &&
	       !(READ_ONCE(leaver.task->__state) & TASK_UNINTERRUPTIBLE))
		usleep_range(100, 200);
	leaver.too_early = completion_done(&leaver.done);
}

/* It is destroyed when its region is not used any more */
static void reset_under_destroy(struct kunit *test)
{
	struct test_device *t = new_device(test);
	struct tegra241_vsmmu *vsmmu = joined_vsmmu(test);

	init_completion(&leaver.done);
	leaver.task = kthread_create(leave, vsmmu, "cmdqv-test");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, leaver.task);
	get_task_struct(leaver.task);

	take_slot(vsmmu, t, 0);
	cmdqv_fake->in_hold = let_it_leave;
	tegra241_cmdqv_reset_prepare(&t->master);
	wait_for_completion(&leaver.done);
	kthread_stop_put(leaver.task);
	KUNIT_EXPECT_EQ(test, 1, cmdqv_fake->holds);
	KUNIT_EXPECT_FALSE(test, leaver.too_early);
	KUNIT_EXPECT_NULL(test, vsmmu->vintf.vsmmu);
	tegra241_user_vintf_free(&vsmmu->vintf);
}

/*
 * The VINTF of experiments is part of another structure. If it were taken for that of a
 * guest, this one would be found around it.
 */
static void reset_without_guest(struct kunit *test)
{
	struct tegra241_vsmmu *around = cmdqv_fake_new_vsmmu(test);
	struct test_device *t = new_device(test);

	take_slot(around, t, 0);
	tegra241_vintf_init(&around->vintf, &cmdqv_fake->cmdqv, 1, CMDQV_TEST_VMID);
	tegra241_cmdqv_publish_vintf(&around->vintf);
	tegra241_cmdqv_reset_prepare(&t->master);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->holds);
	KUNIT_EXPECT_EQ(test, 0, around->held_slots[0]);
	tegra241_cmdqv_reset_done(&t->master);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->holds);
	tegra241_cmdqv_unpublish_vintf(&around->vintf);
}

static struct kunit_case tegra241_cmdqv_reset_test_cases[] = {
	KUNIT_CASE(reset_of_named),
	KUNIT_CASE(reset_under_destroy),
	KUNIT_CASE(reset_under_errors),
	KUNIT_CASE(reset_without_vdevice),
	KUNIT_CASE(reset_without_guest),
	{},
};

static struct kunit_suite tegra241_cmdqv_reset_test_suite = {
	.name = "tegra241-cmdqv-reset",
	.init = cmdqv_fake_init_running,
	.exit = cmdqv_fake_exit,
	.test_cases = tegra241_cmdqv_reset_test_cases,
};

kunit_test_suites(&tegra241_cmdqv_reset_test_suite);
