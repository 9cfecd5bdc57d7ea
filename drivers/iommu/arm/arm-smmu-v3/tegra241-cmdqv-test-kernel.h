/* SPDX-License-Identifier: GPL-2.0 */
/*
 * KUnit tests of the CMDQ-V driver: VINTF 0 and the queues of the kernel. Part of
 * tegra241-cmdqv-test-host.c, which includes it once, after what all tests use.
 */
#ifndef _TEGRA241_CMDQV_TEST_KERNEL_H
#define _TEGRA241_CMDQV_TEST_KERNEL_H

/* CMD_SYNC, and its completion signal */
#define SYNC_OPCODE	0x46
#define SYNC_CS		GENMASK(13, 12)

static struct tegra241_cmdqv *made(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = probe(test);

	KUNIT_ASSERT_EQ(test, 0, cmdqv->smmu.impl_ops->init_structures(&cmdqv->smmu));
	return cmdqv;
}

static struct tegra241_cmdqv *running(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = made(test);

	KUNIT_ASSERT_EQ(test, 0, cmdqv->smmu.impl_ops->device_reset(&cmdqv->smmu));
	return cmdqv;
}

static void disable(struct tegra241_cmdqv *cmdqv)
{
	cmdqv->smmu.impl_ops->viommu->device_disable(&cmdqv->smmu);
}

static void remove(struct tegra241_cmdqv *cmdqv)
{
	cmdqv->smmu.impl_ops->device_remove(&cmdqv->smmu);
}

static struct arm_smmu_cmdq *choose(struct tegra241_cmdqv *cmdqv, u8 opcode)
{
	struct arm_smmu_cmdq_ent ent = { .opcode = opcode };

	return cmdqv->smmu.impl_ops->get_secondary_cmdq(&cmdqv->smmu, &ent);
}

static bool handler_sees_kernel;

static void note_kernel(void)
{
	handler_sees_kernel |= fake->cmdqv.vintfs[0] || fake->cmdqv.kernel;
}

static bool freed_first;

static void note_freed(unsigned int irq)
{
	freed_first = irq == TEST_IRQ && fake->cmdqv.kernel && fake->cmdqv.vintfs[0] &&
		      fake_host->mappings;
}

/* From the probe to the removal; what is there when, and what is touched when */
static void kernel_life(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv;
	unsigned int writes;

	fake->at_free_irq = note_freed;
	freed_first = false;
	cmdqv = made(test);
	KUNIT_EXPECT_PTR_EQ(test, &cmdqv->kernel->vintf, cmdqv->vintfs[0]);
	KUNIT_EXPECT_EQ(test, TEST_LVCMDQS, fake_host->dma_blocks);
	KUNIT_EXPECT_EQ(test, 0, fake->num_writes);
	/* The SMMU sends commands before the queues are on, and after they are off */
	KUNIT_EXPECT_NULL(test, choose(cmdqv, CMDQ_OP_TLBI_NH_VA));
	KUNIT_ASSERT_EQ(test, 0, cmdqv->smmu.impl_ops->device_reset(&cmdqv->smmu));
	KUNIT_EXPECT_TRUE(test, cmdqv->running);
	KUNIT_EXPECT_NOT_NULL(test, choose(cmdqv, CMDQ_OP_TLBI_NH_VA));
	KUNIT_EXPECT_NOT_NULL(test, choose(cmdqv, CMDQ_OP_CFGI_STE));
	disable(cmdqv);
	KUNIT_EXPECT_FALSE(test, cmdqv->running);
	KUNIT_EXPECT_NULL(test, choose(cmdqv, CMDQ_OP_TLBI_NH_VA));
	KUNIT_EXPECT_EQ(test, 0, fake->config[CMDQV_STATUS / sizeof(u32)]);

	/* The SMMU is off: no register, and the handler is gone before what it uses is */
	writes = fake->num_writes;
	remove(cmdqv);
	KUNIT_EXPECT_EQ(test, writes, fake->num_writes);
	KUNIT_EXPECT_TRUE(test, freed_first);
	KUNIT_EXPECT_EQ(test, 0, fake_host->dma_blocks);
	KUNIT_EXPECT_EQ(test, 0, fake_host->mappings);
	KUNIT_EXPECT_EQ(test, 0, references(impl_dev()));
}

/* By a kernel that crashed: off before the SMMU is reset. Hardware that is off is left alone */
static void kernel_left_on(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = made(test);
	const u32 other = 0xff0fe;

	disable(cmdqv);
	KUNIT_EXPECT_EQ(test, 0, fake->num_writes);
	fake->config[CMDQV_CONFIG / sizeof(u32)] = other | CMDQV_EN;
	fake->config[CMDQV_STATUS / sizeof(u32)] = CMDQV_EN;
	disable(cmdqv);
	KUNIT_EXPECT_EQ(test, 1, fake->num_writes);
	KUNIT_EXPECT_EQ(test, other, fake->config[CMDQV_CONFIG / sizeof(u32)]);
	KUNIT_EXPECT_EQ(test, 0, fake->config[CMDQV_STATUS / sizeof(u32)]);
	remove(cmdqv);
}

/* Asked to go off, or never asked: each way to not use CMDQ-V ends with it off */
static void probe_left_on(struct kunit *test)
{
	static const u32 params[] = { TEST_PARAM, 0x4771 };
	struct arm_smmu_device *smmu;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(params); i++) {
		fake->config[CMDQV_PARAM / sizeof(u32)] = params[i];
		fake->config[CMDQV_CONFIG / sizeof(u32)] = 0xf0 | CMDQV_EN;
		fake->config[CMDQV_STATUS / sizeof(u32)] = CMDQV_EN;
		fake->num_writes = 0;
		disable_cmdqv = params[i] == TEST_PARAM;
		new_smmu(impl_dev());
		smmu = tegra241_cmdqv_probe(&fake_host->smmu);
		disable_cmdqv = false;
		KUNIT_EXPECT_PTR_EQ(test, NULL, smmu->impl_ops);
		KUNIT_EXPECT_EQ(test, 1, fake->num_writes);
		KUNIT_EXPECT_EQ(test, 0xf0, fake->config[CMDQV_CONFIG / sizeof(u32)]);
		KUNIT_EXPECT_EQ(test, 0, fake->config[CMDQV_STATUS / sizeof(u32)]);
		fake->num_writes = 0;
		expect_fallback(test, smmu);
	}
}

/* The SMMU goes on alone if CMDQ-V or a queue of VINTF 0 does not start, or is not flushed */
static void start_fails(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = made(test);
	const struct arm_smmu_impl_ops *ops = cmdqv->smmu.impl_ops;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		fake->stuck = i == 0 ? FAKE_STUCK_ON : 0;
		fake->flush_result = i == 1 ? -ETIMEDOUT : 0;
		fake->queues[0].stuck = i == 2 ? FAKE_STUCK_ON : 0;
		KUNIT_EXPECT_EQ(test, 0, ops->device_reset(&cmdqv->smmu));
		KUNIT_EXPECT_FALSE(test, cmdqv->running);
		KUNIT_EXPECT_NULL(test, choose(cmdqv, CMDQ_OP_TLBI_NH_VA));
		KUNIT_EXPECT_EQ(test, 0, fake->config[CMDQV_CONFIG / sizeof(u32)] & CMDQV_EN);
		KUNIT_EXPECT_EQ(test, 0, fake->config[CMDQV_STATUS / sizeof(u32)]);
	}
	disable(cmdqv);
	remove(cmdqv);
	KUNIT_EXPECT_EQ(test, 0, fake_host->dma_blocks);
}

/* The handler finds VINTF 0 with all its queues, or not at all */
static void kernel_memory(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = probe(test);
	const struct arm_smmu_impl_ops *ops = cmdqv->smmu.impl_ops;

	handler_sees_kernel = false;
	fake_host->in_dma_alloc = note_kernel;
	fake_host->dma_left = 1;
	KUNIT_EXPECT_EQ(test, -ENOMEM, ops->init_structures(&cmdqv->smmu));
	KUNIT_EXPECT_EQ(test, 0, fake_host->dma_blocks);
	KUNIT_EXPECT_NULL(test, cmdqv->vintfs[0]);
	KUNIT_EXPECT_NULL(test, cmdqv->kernel);
	KUNIT_EXPECT_PTR_EQ(test, ops, cmdqv->smmu.impl_ops);

	fake_host->dma_left = 2;
	KUNIT_EXPECT_EQ(test, 0, ops->init_structures(&cmdqv->smmu));
	KUNIT_EXPECT_FALSE(test, handler_sees_kernel);
	KUNIT_EXPECT_NOT_NULL(test, cmdqv->vintfs[0]);
	remove(cmdqv);
	KUNIT_EXPECT_EQ(test, 0, fake_host->dma_blocks);
}

KUNIT_DEFINE_ACTION_WRAPPER(free_wrapper, kfree, const void *);

/* Hardware that does not stop may go on reading the memory of its queues */
static void kernel_memory_kept(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = running(test);
	unsigned int l;

	fake->queues[1].stuck = FAKE_STUCK_OFF;
	disable(cmdqv);
	KUNIT_EXPECT_TRUE(test, cmdqv->kernel->vintf.retired);
	for (l = 0; l < TEST_LVCMDQS; l++)
		KUNIT_ASSERT_EQ(test, 0,
				kunit_add_action(test, free_wrapper,
						 cmdqv->kernel->vcmdqs[l].cmdq.q.base));
	remove(cmdqv);
	KUNIT_EXPECT_EQ(test, TEST_LVCMDQS, fake_host->dma_blocks);
}

/* In a guest the queues take invalidations only */
static void in_guest(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv;

	fake->in_guest = true;
	cmdqv = running(test);
	KUNIT_EXPECT_NOT_NULL(test, choose(cmdqv, CMDQ_OP_TLBI_NH_VA));
	KUNIT_EXPECT_NOT_NULL(test, choose(cmdqv, CMDQ_OP_TLBI_NH_ASID));
	KUNIT_EXPECT_NOT_NULL(test, choose(cmdqv, CMDQ_OP_ATC_INV));
	KUNIT_EXPECT_NULL(test, choose(cmdqv, CMDQ_OP_CFGI_STE));
	KUNIT_EXPECT_NULL(test, choose(cmdqv, CMDQ_OP_TLBI_NSNH_ALL));
	disable(cmdqv);
	remove(cmdqv);
}

/* Commands in flight */

#define CONS_REG(l)	(0x30000 + 0x80 * (l))
#define CONFIG_REG(l)	(CONS_REG(l) + 0x08)

static unsigned int cons_reads[TEST_LVCMDQS];
static bool open_in_drain, stopped_in_flight;

static void give_command(struct tegra241_cmdqv *cmdqv, unsigned int l)
{
	cmdqv->kernel->vcmdqs[l].cmdq.q.llq.prod = 1;
	fake->queues[l].page0[VCMDQ_PROD / sizeof(u32)] = 1;
}

/* A command is done at the second look, which there always is */
static void finish_slowly(u32 offset)
{
	unsigned int l;

	for (l = 0; l < TEST_LVCMDQS; l++) {
		if (offset != CONS_REG(l))
			continue;
		open_in_drain |= fake->cmdqv.kernel->vcmdqs[l].enabled;
		if (++cons_reads[l] == 2)
			fake->queues[l].page0[0] = fake->queues[l].page0[1];
	}
}

static void note_stop(u32 offset, u64 value)
{
	unsigned int l;

	for (l = 0; l < TEST_LVCMDQS; l++)
		if (offset == CONFIG_REG(l) && !value)
			stopped_in_flight |= fake->queues[l].page0[0] !=
					     fake->queues[l].page0[1];
}

/* A queue is closed first, then what it has is waited for, then it is stopped */
static void drained(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = running(test);

	memset(cons_reads, 0, sizeof(cons_reads));
	open_in_drain = false;
	stopped_in_flight = false;
	give_command(cmdqv, 0);
	give_command(cmdqv, 1);
	fake->before_read = finish_slowly;
	fake->before_write = note_stop;
	disable(cmdqv);
	KUNIT_EXPECT_FALSE(test, stopped_in_flight);
	KUNIT_EXPECT_FALSE(test, open_in_drain);
	KUNIT_EXPECT_LE(test, 2, cons_reads[0]);
	KUNIT_EXPECT_LE(test, 2, cons_reads[1]);
	fake->before_read = NULL;
	fake->before_write = NULL;
	remove(cmdqv);
}

static void count_reads(u32 offset)
{
	unsigned int l;

	for (l = 0; l < TEST_LVCMDQS; l++)
		cons_reads[l] += offset == CONS_REG(l);
}

/* The time for hardware that has stopped working is taken once, not for every queue */
static void drained_once(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = running(test);

	memset(cons_reads, 0, sizeof(cons_reads));
	give_command(cmdqv, 0);
	give_command(cmdqv, 1);
	fake->before_read = count_reads;
	disable(cmdqv);
	KUNIT_EXPECT_LT(test, 1, cons_reads[0]);
	KUNIT_EXPECT_EQ(test, 0, cons_reads[1]);
	fake->before_read = NULL;
	/* It answered, if late: it is as good as any */
	KUNIT_EXPECT_FALSE(test, cmdqv->kernel->vintf.retired);
	remove(cmdqv);
}

/* The next error, while the first one is repaired */
static void error_in_repair(struct arm_smmu_cmdq *cmdq)
{
	fake->queues[1].page0[VCMDQ_GERROR / sizeof(u32)] ^= 2;
}

static void repair_order(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = running(test);

	fake->queues[1].page0[VCMDQ_GERROR / sizeof(u32)] = 1;
	fake_host->skip_err = error_in_repair;
	tegra241_kernel_vintf_repair(cmdqv->kernel, 1);
	/* What came in between is not acknowledged */
	KUNIT_EXPECT_EQ(test, 1, fake->queues[1].page0[VCMDQ_GERRORN / sizeof(u32)]);
	KUNIT_EXPECT_EQ(test, 3, fake->queues[1].page0[VCMDQ_GERROR / sizeof(u32)]);
	disable(cmdqv);
	remove(cmdqv);
}

/*
 * The SMMU's driver on a queue of ours, by an SMMU that completes its own queue by MSI.
 * CONS is where PROD is: a command is done as soon as it is given.
 */
static void sync_of_queue(struct kunit *test)
{
	u64 tlbi[CMDQ_ENT_DWORDS] = { CMDQ_OP_TLBI_NH_ALL };
	struct arm_smmu_device *smmu = &fake_host->smmu;
	struct arm_smmu_cmdq cmdq = {};
	u64 *ring = kunit_kzalloc(test, 4 * sizeof(tlbi), GFP_KERNEL);
	u32 *prod = kunit_kzalloc(test, sizeof(*prod), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ring);
	KUNIT_ASSERT_NOT_NULL(test, prod);
	smmu->options = ARM_SMMU_OPT_MSIPOLL | ARM_SMMU_OPT_TEGRA241_CMDQV;
	cmdq.q.llq.max_n_shift = 2;
	cmdq.q.ent_dwords = CMDQ_ENT_DWORDS;
	cmdq.q.base = (void *)ring;
	cmdq.q.base_dma = 0x40000;
	cmdq.q.prod_reg = (__force void __iomem *)prod;
	cmdq.q.cons_reg = cmdq.q.prod_reg;
	KUNIT_ASSERT_EQ(test, 0, arm_smmu_cmdq_init(smmu, &cmdq));

	KUNIT_EXPECT_EQ(test, 0, __arm_smmu_cmdq_issue_cmdlist(smmu, &cmdq, tlbi, 1, true));
	KUNIT_EXPECT_EQ(test, 2, *prod);
	KUNIT_EXPECT_EQ(test, CMDQ_OP_TLBI_NH_ALL, ring[0]);
	KUNIT_EXPECT_EQ(test, SYNC_OPCODE, ring[2] & 0xff);
	KUNIT_EXPECT_EQ(test, 0, ring[2] & SYNC_CS);
	/* No address to write to */
	KUNIT_EXPECT_EQ(test, 0, ring[3]);
}

#endif
