// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of tegra241-cmdqv-reset.c: the guests that are held while a device is reset.
 */
#include <kunit/test.h>

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

static void reset_of_named(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = cmdqv_fake_running_vsmmu(test);
	struct test_device *named = new_device(test), *other = new_device(test);

	take_slot(vsmmu, named, 5);
	tegra241_cmdqv_reset_prepare(&other->master);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->holds);
	tegra241_cmdqv_reset_done(&other->master);
	tegra241_cmdqv_reset_prepare(&named->master);
	KUNIT_EXPECT_EQ(test, 1, cmdqv_fake->holds);
	tegra241_cmdqv_reset_done(&named->master);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->holds);
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
