// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of tegra241-cmdqv-irq.c: who hears of an error, and how often; and what a
 * guest that makes errors without end can keep others from.
 */
#include <kunit/test.h>

#include "tegra241-cmdqv-fake.h"

/* As if the interrupt had come */
static irqreturn_t interrupt(void)
{
	return tegra241_cmdqv_isr(1, &cmdqv_fake->cmdqv);
}

/* A guest hears of its errors, and acknowledges them itself */
static void irq_errors_of_guests(struct kunit *test)
{
	struct tegra241_vsmmu *stranger = cmdqv_fake_new_vsmmu(test);
	struct tegra241_vsmmu *vsmmu = cmdqv_fake_running_vsmmu(test);
	unsigned int writes = cmdqv_fake->num_writes;

	cmdqv_fake_set_error_map(1, 0x8000000000000001ULL, 0x4000000000000002ULL);
	/* Of VINTFs that nobody has, and that do not exist */
	cmdqv_fake_set_error_map(2, 1, 0);
	tegra241_vintf_init(&stranger->vintf, &cmdqv_fake->cmdqv, 2, 1);
	stranger->vintf.handle_errors = vsmmu->vintf.handle_errors;
	cmdqv_fake->cmdqv.vintfs[31] = &stranger->vintf;
	cmdqv_fake->config[0x14 / sizeof(u32)] |= BIT(31);
	cmdqv_fake->config[0x18 / sizeof(u32)] |= BIT(31) | BIT(0);
	interrupt();
	KUNIT_EXPECT_EQ(test, 1, cmdqv_fake->num_events);
	KUNIT_EXPECT_EQ(test, 0x8000000000000001ULL,
			le64_to_cpu(cmdqv_fake->event.lvcmdq_err_map[0]));
	KUNIT_EXPECT_EQ(test, 0x4000000000000002ULL,
			le64_to_cpu(cmdqv_fake->event.lvcmdq_err_map[1]));
	KUNIT_EXPECT_EQ(test, writes, cmdqv_fake->num_writes);

	/* The handler comes by for another guest */
	interrupt();
	KUNIT_EXPECT_EQ(test, 1, cmdqv_fake->num_events);
	KUNIT_EXPECT_EQ(test, 1, vsmmu->vintf.num_errors);

	/* Without a vEVENTQ the handler goes on trying, and counts the error once */
	cmdqv_fake->report_result = -EOPNOTSUPP;
	cmdqv_fake->queues[2].page0[0x10 / sizeof(u32)] = 1;
	KUNIT_EXPECT_EQ(test, IRQ_HANDLED, interrupt());
	KUNIT_EXPECT_EQ(test, 2, cmdqv_fake->num_events);
	KUNIT_EXPECT_EQ(test, 2, vsmmu->vintf.num_errors);
	KUNIT_EXPECT_EQ(test, writes, cmdqv_fake->num_writes);

	/* The VINTF is gone, the error is still there */
	tegra241_user_vintf_free(&vsmmu->vintf);
	interrupt();
	KUNIT_EXPECT_EQ(test, 2, cmdqv_fake->num_events);
}

/* When an error of queue 0 of VINTF 1 is a new one, and when it is not */
static void irq_errors_again(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = cmdqv_fake_running_vsmmu(test);
	u32 *page0 = cmdqv_fake->queues[2].page0;

	page0[0x10 / sizeof(u32)] = 1;
	cmdqv_fake_set_error_map(1, 1, 0);
	interrupt();
	interrupt();
	KUNIT_EXPECT_EQ(test, 1, cmdqv_fake->num_events);

	/* Acknowledged and made again, once and twice, before the handler looks */
	page0[0x10 / sizeof(u32)] = 0;
	interrupt();
	KUNIT_EXPECT_EQ(test, 2, cmdqv_fake->num_events);
	page0[0] = 2;
	interrupt();
	KUNIT_EXPECT_EQ(test, 3, cmdqv_fake->num_events);

	/* The other queue as well; and then only that one */
	cmdqv_fake_set_error_map(1, 3, 0);
	interrupt();
	KUNIT_EXPECT_EQ(test, 4, cmdqv_fake->num_events);
	KUNIT_EXPECT_EQ(test, 3, le64_to_cpu(cmdqv_fake->event.lvcmdq_err_map[0]));
	cmdqv_fake_set_error_map(1, 2, 0);
	interrupt();
	KUNIT_EXPECT_EQ(test, 4, cmdqv_fake->num_events);

	/* The first one is back, and looks as before */
	cmdqv_fake_set_error_map(1, 3, 0);
	interrupt();
	KUNIT_EXPECT_EQ(test, 5, cmdqv_fake->num_events);
	KUNIT_EXPECT_EQ(test, 5, vsmmu->vintf.num_errors);
	tegra241_user_vintf_free(&vsmmu->vintf);
}

/* An event that was lost comes again, until it is delivered or the error is gone */
static void irq_errors_lost(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = cmdqv_fake_running_vsmmu(test);

	cmdqv_fake_set_error_map(1, 1, 0);
	cmdqv_fake->report_result = -EOVERFLOW;
	interrupt();
	interrupt();
	KUNIT_EXPECT_EQ(test, 2, cmdqv_fake->num_events);
	cmdqv_fake->report_result = 0;
	interrupt();
	interrupt();
	KUNIT_EXPECT_EQ(test, 3, cmdqv_fake->num_events);
	KUNIT_EXPECT_EQ(test, 1, vsmmu->vintf.num_errors);

	/* Lost, and repaired by the guest before there is room */
	cmdqv_fake_set_error_map(1, 3, 0);
	cmdqv_fake->report_result = -EOVERFLOW;
	interrupt();
	KUNIT_EXPECT_EQ(test, 4, cmdqv_fake->num_events);
	cmdqv_fake_set_error_map(1, 0, 0);
	cmdqv_fake->report_result = 0;
	interrupt();
	KUNIT_EXPECT_EQ(test, 4, cmdqv_fake->num_events);
	tegra241_user_vintf_free(&vsmmu->vintf);
}

/* VINTFs from 32 on have their bits in the second word */
static void irq_errors_of_high_vintf(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = cmdqv_fake_new_vsmmu(test);
	int i;

	cmdqv_fake->cmdqv.num_vintfs = 64;
	for (i = 1; i < 40; i++)
		KUNIT_ASSERT_EQ(test, i, ida_alloc_min(&cmdqv_fake->cmdqv.vintf_ids, 1,
						       GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, tegra241_user_vintf_alloc(&vsmmu->vintf,
							   &cmdqv_fake->cmdqv, 1));
	KUNIT_ASSERT_EQ(test, 40, vsmmu->vintf.idx);
	cmdqv_fake_set_error_map(40, 2, 0);
	interrupt();
	KUNIT_EXPECT_EQ(test, 1, cmdqv_fake->num_events);
	KUNIT_EXPECT_EQ(test, 2, le64_to_cpu(cmdqv_fake->event.lvcmdq_err_map[0]));
	tegra241_user_vintf_free(&vsmmu->vintf);
}

/* A guest that makes errors without end, and others that have to go meanwhile */

static bool end_waited_for, locked_in_pause;
static unsigned int pauses;

static void wait_for_end(void)
{
	end_waited_for = true;
}

static void look_in_pause(void)
{
	pauses++;
	locked_in_pause |= mutex_is_locked(&cmdqv_fake->cmdqv.vintfs_lock);
}

static void irq_errors_in_storm(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = cmdqv_fake_running_vsmmu(test);
	unsigned int i;

	end_waited_for = false;
	locked_in_pause = false;
	pauses = 0;
	cmdqv_fake->at_synchronize_irq = wait_for_end;
	cmdqv_fake->in_pause = look_in_pause;
	KUNIT_ASSERT_EQ(test, 0, tegra241_cmdqv_request_irq(&cmdqv_fake->cmdqv,
							    cmdqv_fake_irq(test)));

	cmdqv_fake_set_error_map(2, 1, 0);
	for (i = 0; i < 2 * CMDQV_GUEST_ERRORS_PER_SECOND; i++)
		interrupt();
	/* The handler takes its time, but keeps nobody from going meanwhile */
	KUNIT_EXPECT_LT(test, 0, pauses);
	KUNIT_EXPECT_FALSE(test, locked_in_pause);
	/* As it would start over again and again, its end must not be waited for */
	tegra241_user_vintf_free(&vsmmu->vintf);
	KUNIT_EXPECT_FALSE(test, end_waited_for);
	tegra241_cmdqv_free_irq(&cmdqv_fake->cmdqv);
}

static struct kunit_case tegra241_cmdqv_irq_test_cases[] = {
	KUNIT_CASE(irq_errors_again),
	KUNIT_CASE(irq_errors_in_storm),
	KUNIT_CASE(irq_errors_lost),
	KUNIT_CASE(irq_errors_of_guests),
	KUNIT_CASE(irq_errors_of_high_vintf),
	{},
};

static struct kunit_suite tegra241_cmdqv_irq_test_suite = {
	.name = "tegra241-cmdqv-irq",
	.init = cmdqv_fake_init_running,
	.exit = cmdqv_fake_exit,
	.test_cases = tegra241_cmdqv_irq_test_cases,
};

kunit_test_suites(&tegra241_cmdqv_irq_test_suite);
