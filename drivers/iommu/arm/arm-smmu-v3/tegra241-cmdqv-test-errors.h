/* SPDX-License-Identifier: GPL-2.0 */
/*
 * KUnit tests of the CMDQ-V driver: its interrupt handler. Part of tegra241-cmdqv-test.c,
 * which includes it once, after what all tests use.
 */
#ifndef _TEGRA241_CMDQV_TEST_ERRORS_H
#define _TEGRA241_CMDQV_TEST_ERRORS_H

static void set_vintf_map(unsigned int v, u64 map0, u64 map1)
{
	u32 *reg = &fake->config[(0x10c0 + 0x100 * v) / sizeof(u32)];

	reg[0] = map0;
	reg[1] = map0 >> 32;
	reg[2] = map1;
	reg[3] = map1 >> 32;
	fake->config[(0x14 + 4 * (v / 32)) / sizeof(u32)] |= BIT(v % 32);
}

/* Both words of the map of VINTF 0, and bits past its last queue */
static void errors_of_kernel(struct kunit *test)
{
	struct tegra241_kernel_vintf *kernel =
		kunit_kzalloc(test, sizeof(*kernel), GFP_KERNEL);
	unsigned int l;

	KUNIT_ASSERT_NOT_NULL(test, kernel);
	fake->cmdqv.num_lvcmdqs = 100;
	set_vintf_map(0, BIT_ULL(0) | BIT_ULL(33) | BIT_ULL(63),
		      BIT_ULL(0) | BIT_ULL(35) | BIT_ULL(36) | BIT_ULL(63));

	/* An error that is left over, before VINTF 0 exists */
	KUNIT_EXPECT_EQ(test, IRQ_HANDLED, tegra241_cmdqv_isr(1, &fake->cmdqv));
	KUNIT_EXPECT_TRUE(test, bitmap_empty(fake->repaired, CMDQV_MAX_VCMDQS));

	tegra241_vintf_init(&kernel->vintf, &fake->cmdqv, 0, 0);
	tegra241_cmdqv_publish_vintf(&kernel->vintf);
	tegra241_cmdqv_isr(1, &fake->cmdqv);
	for (l = 0; l < CMDQV_MAX_VCMDQS; l++)
		KUNIT_EXPECT_EQ_MSG(test, l == 0 || l == 33 || l == 63 ||
				    l == 64 || l == 99, test_bit(l, fake->repaired),
				    "queue %u", l);
	KUNIT_EXPECT_EQ(test, 0, fake->num_events);
	tegra241_cmdqv_unpublish_vintf(&kernel->vintf);
}

/* A guest hears of its errors; nobody acknowledges them for it */
static void errors_of_guests(struct kunit *test)
{
	struct tegra241_vsmmu *stranger = new_vsmmu(test);
	struct tegra241_vsmmu *vsmmu = running_vsmmu(test);
	unsigned int writes = fake->num_writes;

	set_vintf_map(1, 0x8000000000000001ULL, 0x4000000000000002ULL);
	/* Of VINTFs that nobody has, and that do not exist */
	set_vintf_map(2, 1, 0);
	tegra241_vintf_init(&stranger->vintf, &fake->cmdqv, 2, 1);
	fake->cmdqv.vintfs[31] = &stranger->vintf;
	fake->config[0x14 / sizeof(u32)] |= BIT(31);
	fake->config[0x18 / sizeof(u32)] |= BIT(31) | BIT(0);
	tegra241_cmdqv_isr(1, &fake->cmdqv);
	KUNIT_EXPECT_EQ(test, 1, fake->num_events);
	KUNIT_EXPECT_EQ(test, 0x8000000000000001ULL,
			le64_to_cpu(fake->event.lvcmdq_err_map[0]));
	KUNIT_EXPECT_EQ(test, 0x4000000000000002ULL,
			le64_to_cpu(fake->event.lvcmdq_err_map[1]));
	KUNIT_EXPECT_EQ(test, writes, fake->num_writes);
	KUNIT_EXPECT_TRUE(test, bitmap_empty(fake->repaired, CMDQV_MAX_VCMDQS));

	/* The handler comes by for another guest */
	tegra241_cmdqv_isr(1, &fake->cmdqv);
	KUNIT_EXPECT_EQ(test, 1, fake->num_events);
	KUNIT_EXPECT_EQ(test, 1, vsmmu->vintf.num_errors);

	/* Without a vEVENTQ the handler goes on trying, and counts the error once */
	fake->report_result = -EOPNOTSUPP;
	fake->queues[2].page0[0x10 / sizeof(u32)] = 1;
	KUNIT_EXPECT_EQ(test, IRQ_HANDLED, tegra241_cmdqv_isr(1, &fake->cmdqv));
	KUNIT_EXPECT_EQ(test, 2, fake->num_events);
	KUNIT_EXPECT_EQ(test, 2, vsmmu->vintf.num_errors);
	KUNIT_EXPECT_EQ(test, writes, fake->num_writes);

	/* The VINTF is gone, the error is still there */
	put_vintf(&vsmmu->vintf);
	tegra241_cmdqv_isr(1, &fake->cmdqv);
	KUNIT_EXPECT_EQ(test, 2, fake->num_events);
}

/* What makes an error of queue 0 of VINTF 1 a new one, and what does not */
static void errors_again(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = running_vsmmu(test);
	u32 *page0 = fake->queues[2].page0;

	page0[0x10 / sizeof(u32)] = 1;
	set_vintf_map(1, 1, 0);
	tegra241_cmdqv_isr(1, &fake->cmdqv);
	tegra241_cmdqv_isr(1, &fake->cmdqv);
	KUNIT_EXPECT_EQ(test, 1, fake->num_events);

	/* Acknowledged and made again, once and twice, before the handler looks */
	page0[0x10 / sizeof(u32)] = 0;
	tegra241_cmdqv_isr(1, &fake->cmdqv);
	KUNIT_EXPECT_EQ(test, 2, fake->num_events);
	page0[0] = 2;
	tegra241_cmdqv_isr(1, &fake->cmdqv);
	KUNIT_EXPECT_EQ(test, 3, fake->num_events);

	/* The other queue as well; and then only that one */
	set_vintf_map(1, 3, 0);
	tegra241_cmdqv_isr(1, &fake->cmdqv);
	KUNIT_EXPECT_EQ(test, 4, fake->num_events);
	KUNIT_EXPECT_EQ(test, 3, le64_to_cpu(fake->event.lvcmdq_err_map[0]));
	set_vintf_map(1, 2, 0);
	tegra241_cmdqv_isr(1, &fake->cmdqv);
	KUNIT_EXPECT_EQ(test, 4, fake->num_events);

	/* The first one is back, and looks as before */
	set_vintf_map(1, 3, 0);
	tegra241_cmdqv_isr(1, &fake->cmdqv);
	KUNIT_EXPECT_EQ(test, 5, fake->num_events);
	KUNIT_EXPECT_EQ(test, 5, vsmmu->vintf.num_errors);
	put_vintf(&vsmmu->vintf);
}

/* An event that was lost comes again, until it is delivered or the error is gone */
static void errors_lost(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = running_vsmmu(test);

	set_vintf_map(1, 1, 0);
	fake->report_result = -EOVERFLOW;
	tegra241_cmdqv_isr(1, &fake->cmdqv);
	tegra241_cmdqv_isr(1, &fake->cmdqv);
	KUNIT_EXPECT_EQ(test, 2, fake->num_events);
	fake->report_result = 0;
	tegra241_cmdqv_isr(1, &fake->cmdqv);
	tegra241_cmdqv_isr(1, &fake->cmdqv);
	KUNIT_EXPECT_EQ(test, 3, fake->num_events);
	KUNIT_EXPECT_EQ(test, 1, vsmmu->vintf.num_errors);

	/* Lost, and repaired by the guest before there is room */
	set_vintf_map(1, 3, 0);
	fake->report_result = -EOVERFLOW;
	tegra241_cmdqv_isr(1, &fake->cmdqv);
	KUNIT_EXPECT_EQ(test, 4, fake->num_events);
	set_vintf_map(1, 0, 0);
	fake->report_result = 0;
	tegra241_cmdqv_isr(1, &fake->cmdqv);
	KUNIT_EXPECT_EQ(test, 4, fake->num_events);
	put_vintf(&vsmmu->vintf);
}

/* VINTFs from 32 on have their bits in the second word */
static void errors_of_high_vintf(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = new_vsmmu(test);

	fake->cmdqv.num_vintfs = 64;
	tegra241_vintf_init(&vsmmu->vintf, &fake->cmdqv, 40, 1);
	tegra241_cmdqv_publish_vintf(&vsmmu->vintf);
	set_vintf_map(40, 2, 0);
	tegra241_cmdqv_isr(1, &fake->cmdqv);
	KUNIT_EXPECT_EQ(test, 1, fake->num_events);
	KUNIT_EXPECT_EQ(test, 2, le64_to_cpu(fake->event.lvcmdq_err_map[0]));
	tegra241_cmdqv_unpublish_vintf(&vsmmu->vintf);
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
	locked_in_pause |= mutex_is_locked(&fake->cmdqv.handler);
}

static void errors_in_storm(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = running_vsmmu(test);
	unsigned int i;

	end_waited_for = false;
	locked_in_pause = false;
	pauses = 0;
	fake->end_of_handler = wait_for_end;
	fake->in_pause = look_in_pause;
	KUNIT_ASSERT_EQ(test, 0, tegra241_cmdqv_request_irq(&fake->cmdqv, 1));

	set_vintf_map(2, 1, 0);
	for (i = 0; i < 2 * GUEST_ERRORS_PER_SECOND; i++)
		tegra241_cmdqv_isr(1, &fake->cmdqv);
	/* The handler takes its time, but keeps nobody from going meanwhile */
	KUNIT_EXPECT_LT(test, 0, pauses);
	KUNIT_EXPECT_FALSE(test, locked_in_pause);
	/* As it would start over again and again, its end must not be waited for */
	put_vintf(&vsmmu->vintf);
	KUNIT_EXPECT_FALSE(test, end_waited_for);
	tegra241_cmdqv_free_irq(&fake->cmdqv);
}

#endif
