// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of tegra241-cmdqv-kernel.c, and of start and stop: VINTF 0 and the queues
 * of the kernel from the probe to the removal, with all that can fail on the way.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>

#include "tegra241-cmdqv-fake.h"

/* CMD_SYNC, and its completion signal */
#define SYNC_OPCODE	0x46
#define SYNC_CS		GENMASK(13, 12)

static struct tegra241_cmdqv *made(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = cmdqv_host_probe(test);

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

/* True if user space finds CMDQ-V, and can make a vIOMMU of its type */
static bool is_offered(struct kunit *test, struct tegra241_cmdqv *cmdqv)
{
	const struct arm_smmu_viommu_impl *impl = cmdqv->smmu.impl_ops->viommu;
	u32 type = IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV, length;
	void *info = impl->hw_info(&cmdqv->smmu, &length, &type);
	bool found = !IS_ERR(info);

	if (found)
		kfree(info);
	else
		KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, PTR_ERR(info));
	KUNIT_EXPECT_EQ(test, found ? sizeof(struct tegra241_vsmmu) : 0,
			impl->vsmmu_size(&cmdqv->smmu));
	return found;
}

static bool handler_sees_kernel;

static void note_kernel(void)
{
	handler_sees_kernel |= cmdqv_fake->cmdqv.vintfs[0] || cmdqv_fake->cmdqv.kernel;
}

static bool freed_first;

static void note_freed(void)
{
	freed_first = cmdqv_fake->cmdqv.kernel && cmdqv_fake->cmdqv.vintfs[0] &&
		      cmdqv_host->mappings;
}

/* From the probe to the removal; what is there when, and what is touched when */
static void kernel_life(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv;
	unsigned int writes;

	cmdqv_fake->at_free_irq = note_freed;
	freed_first = false;
	cmdqv = made(test);
	KUNIT_EXPECT_PTR_EQ(test, &cmdqv->kernel->vintf, cmdqv->vintfs[0]);
	KUNIT_EXPECT_EQ(test, CMDQV_FAKE_LVCMDQS, cmdqv_host->dma_blocks);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->num_writes);
	/* The SMMU sends commands before the queues are on, and after they are off */
	KUNIT_EXPECT_NULL(test, choose(cmdqv, CMDQ_OP_TLBI_NH_VA));
	KUNIT_EXPECT_FALSE(test, is_offered(test, cmdqv));
	KUNIT_ASSERT_EQ(test, 0, cmdqv->smmu.impl_ops->device_reset(&cmdqv->smmu));
	KUNIT_EXPECT_TRUE(test, cmdqv->running);
	KUNIT_EXPECT_TRUE(test, is_offered(test, cmdqv));
	KUNIT_EXPECT_NOT_NULL(test, choose(cmdqv, CMDQ_OP_TLBI_NH_VA));
	KUNIT_EXPECT_NOT_NULL(test, choose(cmdqv, CMDQ_OP_CFGI_STE));
	disable(cmdqv);
	KUNIT_EXPECT_FALSE(test, cmdqv->running);
	KUNIT_EXPECT_FALSE(test, is_offered(test, cmdqv));
	KUNIT_EXPECT_NULL(test, choose(cmdqv, CMDQ_OP_TLBI_NH_VA));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->config[CMDQV_STATUS / sizeof(u32)]);

	/* The SMMU is off: no register, and the handler is gone before what it uses is */
	writes = cmdqv_fake->num_writes;
	remove(cmdqv);
	KUNIT_EXPECT_EQ(test, writes, cmdqv_fake->num_writes);
	KUNIT_EXPECT_TRUE(test, freed_first);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_host->dma_blocks);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_host->mappings);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_host_references(cmdqv_host_dev()));
}

/* By a kernel that crashed: off before the SMMU is reset. Hardware that is off is left alone */
static void kernel_left_on(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = made(test);
	const u32 other = 0xff0fe;

	disable(cmdqv);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->num_writes);
	cmdqv_fake->config[CMDQV_CONFIG / sizeof(u32)] = other | CMDQV_EN;
	cmdqv_fake->config[CMDQV_STATUS / sizeof(u32)] = CMDQV_EN;
	disable(cmdqv);
	KUNIT_EXPECT_EQ(test, 1, cmdqv_fake->num_writes);
	KUNIT_EXPECT_EQ(test, other, cmdqv_fake->config[CMDQV_CONFIG / sizeof(u32)]);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->config[CMDQV_STATUS / sizeof(u32)]);
	remove(cmdqv);
}

/* The SMMU goes on alone if CMDQ-V or a queue of VINTF 0 does not start, or is not flushed */
static void kernel_start_fails(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = made(test);
	const struct arm_smmu_impl_ops *ops = cmdqv->smmu.impl_ops;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		cmdqv_fake->stuck = i == 0 ? CMDQV_FAKE_STUCK_ON : 0;
		cmdqv_fake->flush_result = i == 1 ? -ETIMEDOUT : 0;
		cmdqv_fake->queues[0].stuck = i == 2 ? CMDQV_FAKE_STUCK_ON : 0;
		KUNIT_EXPECT_EQ(test, 0, ops->device_reset(&cmdqv->smmu));
		KUNIT_EXPECT_FALSE(test, cmdqv->running);
		KUNIT_EXPECT_FALSE(test, is_offered(test, cmdqv));
		KUNIT_EXPECT_NULL(test, choose(cmdqv, CMDQ_OP_TLBI_NH_VA));
		KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->config[CMDQV_CONFIG / sizeof(u32)] & CMDQV_EN);
		KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->config[CMDQV_STATUS / sizeof(u32)]);
	}
	disable(cmdqv);
	remove(cmdqv);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_host->dma_blocks);
}

/* The handler finds VINTF 0 with all its queues, or not at all */
static void kernel_memory(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv;

	handler_sees_kernel = false;
	cmdqv_host->in_dma_alloc = note_kernel;
	cmdqv_host->dma_left = CMDQV_FAKE_LVCMDQS;
	cmdqv = made(test);
	KUNIT_EXPECT_FALSE(test, handler_sees_kernel);
	KUNIT_EXPECT_NOT_NULL(test, cmdqv->vintfs[0]);
	remove(cmdqv);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_host->dma_blocks);
}

/* Without memory the SMMU works alone, and a CMDQ-V that was left on goes off */
static void kernel_no_memory(struct kunit *test)
{
	u32 *config = &cmdqv_fake->config[CMDQV_CONFIG / sizeof(u32)];
	u32 *status = &cmdqv_fake->config[CMDQV_STATUS / sizeof(u32)];
	unsigned int left;

	for (left = 0; left < CMDQV_FAKE_LVCMDQS; left++) {
		struct arm_smmu_device *smmu;

		*config = 0xf0 | CMDQV_EN;
		*status = CMDQV_EN;
		cmdqv_host->dma_left = left;
		smmu = &made(test)->smmu;
		KUNIT_EXPECT_NULL(test, smmu->impl_ops);
		KUNIT_EXPECT_NULL(test, smmu->impl_dev);
		KUNIT_EXPECT_EQ(test, 0, smmu->options & ARM_SMMU_OPT_TEGRA241_CMDQV);
		KUNIT_EXPECT_EQ(test, 0xf0, *config);
		KUNIT_EXPECT_EQ(test, 0, *status);
		KUNIT_EXPECT_EQ(test, 0, cmdqv_host->dma_blocks);
		KUNIT_EXPECT_EQ(test, 0, cmdqv_host->mappings);
		KUNIT_EXPECT_EQ(test, 0, cmdqv_host_references(cmdqv_host_dev()));
	}
}

KUNIT_DEFINE_ACTION_WRAPPER(free_wrapper, kfree, const void *);

/* Hardware that does not stop may go on reading the memory of its queues */
static void kernel_memory_kept(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = running(test);
	unsigned int l;

	cmdqv_fake->queues[1].stuck = CMDQV_FAKE_STUCK_OFF;
	disable(cmdqv);
	KUNIT_EXPECT_TRUE(test, cmdqv->kernel->vintf.retired);
	for (l = 0; l < CMDQV_FAKE_LVCMDQS; l++)
		KUNIT_ASSERT_EQ(test, 0,
				kunit_add_action(test, free_wrapper,
						 cmdqv->kernel->vcmdqs[l].cmdq.q.base));
	remove(cmdqv);
	KUNIT_EXPECT_EQ(test, CMDQV_FAKE_LVCMDQS, cmdqv_host->dma_blocks);
}

/* In a guest the queues take invalidations only */
static void kernel_in_guest(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv;

	cmdqv_fake->in_guest = true;
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

static unsigned int cons_reads[CMDQV_FAKE_LVCMDQS];
static bool open_in_drain, stopped_in_flight;

static void give_command(struct tegra241_cmdqv *cmdqv, unsigned int l)
{
	cmdqv->kernel->vcmdqs[l].cmdq.q.llq.prod = 1;
	cmdqv_fake->queues[l].page0[VCMDQ_PROD / sizeof(u32)] = 1;
}

/* A command is done at the second look, which there always is */
static void finish_slowly(u32 offset)
{
	unsigned int l;

	for (l = 0; l < CMDQV_FAKE_LVCMDQS; l++) {
		if (offset != CONS_REG(l))
			continue;
		open_in_drain |= cmdqv_fake->cmdqv.kernel->vcmdqs[l].enabled;
		if (++cons_reads[l] == 2)
			cmdqv_fake->queues[l].page0[0] = cmdqv_fake->queues[l].page0[1];
	}
}

static void note_stop(u32 offset, u64 value)
{
	unsigned int l;

	for (l = 0; l < CMDQV_FAKE_LVCMDQS; l++)
		if (offset == CONFIG_REG(l) && !value)
			stopped_in_flight |= cmdqv_fake->queues[l].page0[0] !=
					     cmdqv_fake->queues[l].page0[1];
}

/* A queue is closed first, then what it has is waited for, then it is stopped */
static void kernel_drained(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = running(test);

	memset(cons_reads, 0, sizeof(cons_reads));
	open_in_drain = false;
	stopped_in_flight = false;
	give_command(cmdqv, 0);
	give_command(cmdqv, 1);
	cmdqv_fake->before_read = finish_slowly;
	cmdqv_fake->before_write = note_stop;
	disable(cmdqv);
	KUNIT_EXPECT_FALSE(test, stopped_in_flight);
	KUNIT_EXPECT_FALSE(test, open_in_drain);
	KUNIT_EXPECT_LE(test, 2, cons_reads[0]);
	KUNIT_EXPECT_LE(test, 2, cons_reads[1]);
	cmdqv_fake->before_read = NULL;
	cmdqv_fake->before_write = NULL;
	remove(cmdqv);
}

static void count_reads(u32 offset)
{
	unsigned int l;

	for (l = 0; l < CMDQV_FAKE_LVCMDQS; l++)
		cons_reads[l] += offset == CONS_REG(l);
}

/* The time for hardware that has stopped working is taken once, not for every queue */
static void kernel_drained_once(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = running(test);

	memset(cons_reads, 0, sizeof(cons_reads));
	give_command(cmdqv, 0);
	give_command(cmdqv, 1);
	cmdqv_fake->before_read = count_reads;
	disable(cmdqv);
	KUNIT_EXPECT_LT(test, 1, cons_reads[0]);
	KUNIT_EXPECT_EQ(test, 0, cons_reads[1]);
	cmdqv_fake->before_read = NULL;
	/* It answered, if late: it is as good as any */
	KUNIT_EXPECT_FALSE(test, cmdqv->kernel->vintf.retired);
	remove(cmdqv);
}

static unsigned int disables, writes_at_disable;

static int disable_smmu(struct arm_smmu_device *smmu)
{
	disables++;
	writes_at_disable = cmdqv_fake->num_writes;
	return 0;
}

/* True if the SMMU is not disabled at once */
static bool fail(struct tegra241_cmdqv *cmdqv)
{
	const unsigned int before = disables;

	arm_smmu_impl_device_failed(&cmdqv->smmu, disable_smmu);
	return disables == before;
}

/* All is stopped after the handler, and before the SMMU; nothing starts again */
static void kernel_smmu_failed(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = running(test);
	const unsigned int writes = cmdqv_fake->num_writes;

	writes_at_disable = 0;
	KUNIT_EXPECT_TRUE(test, fail(cmdqv));
	KUNIT_EXPECT_EQ(test, writes, cmdqv_fake->num_writes);
	KUNIT_ASSERT_NOT_NULL(test, cmdqv_fake->work);
	cmdqv_fake->work->func(cmdqv_fake->work);
	KUNIT_EXPECT_FALSE(test, cmdqv->running);
	KUNIT_EXPECT_FALSE(test, is_offered(test, cmdqv));
	KUNIT_EXPECT_NULL(test, choose(cmdqv, CMDQ_OP_TLBI_NH_VA));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->config[CMDQV_STATUS / sizeof(u32)]);
	KUNIT_EXPECT_LT(test, writes, writes_at_disable);
	KUNIT_EXPECT_EQ(test, cmdqv_fake->num_writes, writes_at_disable);

	KUNIT_EXPECT_EQ(test, 0, cmdqv->smmu.impl_ops->device_reset(&cmdqv->smmu));
	KUNIT_EXPECT_FALSE(test, cmdqv->running);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->config[CMDQV_STATUS / sizeof(u32)]);
	KUNIT_EXPECT_FALSE(test, cmdqv->kernel->vintf.retired);
	remove(cmdqv);
}

/* The SMMU is left alone if it is off already, and to the caller if CMDQ-V is off */
static void kernel_smmu_failed_late(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = running(test);

	writes_at_disable = 0;
	KUNIT_EXPECT_TRUE(test, fail(cmdqv));
	KUNIT_ASSERT_NOT_NULL(test, cmdqv_fake->work);
	disable(cmdqv);
	cmdqv_fake->work->func(cmdqv_fake->work);
	KUNIT_EXPECT_EQ(test, 0, writes_at_disable);
	cmdqv_fake->work = NULL;
	KUNIT_EXPECT_FALSE(test, fail(cmdqv));
	KUNIT_EXPECT_NULL(test, cmdqv_fake->work);
	remove(cmdqv);
}

static bool fails_in_start;

static void fail_at_last_enable(u32 offset, u64 value)
{
	if (offset != CONFIG_REG(CMDQV_FAKE_LVCMDQS - 1) || value != CMDQV_EN)
		return;
	cmdqv_fake->before_write = NULL;
	fails_in_start = !fail(&cmdqv_fake->cmdqv);
}

/* The last flush of the start is over, and the handler sees CMDQ-V off */
static void kernel_smmu_failed_in_start(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = made(test);

	fails_in_start = false;
	writes_at_disable = 0;
	cmdqv_fake->before_write = fail_at_last_enable;
	KUNIT_EXPECT_EQ(test, 0, cmdqv->smmu.impl_ops->device_reset(&cmdqv->smmu));
	KUNIT_EXPECT_TRUE(test, fails_in_start);
	if (cmdqv_fake->work)
		cmdqv_fake->work->func(cmdqv_fake->work);
	KUNIT_EXPECT_FALSE(test, cmdqv->running);
	KUNIT_EXPECT_NULL(test, choose(cmdqv, CMDQ_OP_TLBI_NH_VA));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->config[CMDQV_STATUS / sizeof(u32)]);
	KUNIT_EXPECT_EQ(test, cmdqv_fake->num_writes, writes_at_disable);
	remove(cmdqv);
}

/* The next error, while the first one is repaired */
static void error_in_repair(struct arm_smmu_cmdq *cmdq)
{
	cmdqv_fake->queues[1].page0[VCMDQ_GERROR / sizeof(u32)] ^= 2;
}

static void kernel_repair_order(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = running(test);

	cmdqv_fake->queues[1].page0[VCMDQ_GERROR / sizeof(u32)] = 1;
	cmdqv_host->skip_err = error_in_repair;
	tegra241_kernel_vintf_repair(cmdqv->kernel, 1);
	/* An error that came in between is not acknowledged */
	KUNIT_EXPECT_EQ(test, 1, cmdqv_fake->queues[1].page0[VCMDQ_GERRORN / sizeof(u32)]);
	KUNIT_EXPECT_EQ(test, 3, cmdqv_fake->queues[1].page0[VCMDQ_GERROR / sizeof(u32)]);
	disable(cmdqv);
	remove(cmdqv);
}

static DECLARE_BITMAP(repaired, CMDQV_MAX_VCMDQS);

static void note_repair(struct tegra241_kernel_vintf *kernel, u16 lidx)
{
	__set_bit(lidx, repaired);
}

/* Both words of the map of VINTF 0, and bits past its last queue */
static void kernel_errors(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv = cmdqv_host_probe(test);
	unsigned int l;

	bitmap_zero(repaired, CMDQV_MAX_VCMDQS);
	kunit_activate_static_stub(test, tegra241_kernel_vintf_repair, note_repair);
	cmdqv->num_lvcmdqs = 100;
	cmdqv_fake_set_error_map(0, BIT_ULL(0) | BIT_ULL(33) | BIT_ULL(63),
				 BIT_ULL(0) | BIT_ULL(35) | BIT_ULL(36) | BIT_ULL(63));

	/* An error that is left over, before VINTF 0 exists */
	KUNIT_EXPECT_EQ(test, IRQ_HANDLED, tegra241_cmdqv_isr(1, cmdqv));
	KUNIT_EXPECT_TRUE(test, bitmap_empty(repaired, CMDQV_MAX_VCMDQS));

	KUNIT_ASSERT_EQ(test, 0, cmdqv->smmu.impl_ops->init_structures(&cmdqv->smmu));
	tegra241_cmdqv_isr(1, cmdqv);
	for (l = 0; l < CMDQV_MAX_VCMDQS; l++)
		KUNIT_EXPECT_EQ_MSG(test, l == 0 || l == 33 || l == 63 || l == 64 || l == 99,
				    test_bit(l, repaired), "queue %u", l);
	KUNIT_EXPECT_EQ(test, 1, cmdqv->kernel->vintf.num_errors);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->num_events);
	remove(cmdqv);
}

/*
 * The SMMU's driver on a queue of ours, by an SMMU that completes its own queue by MSI.
 * CONS is where PROD is: a command is done as soon as it is given.
 */
static void kernel_sync_of_queue(struct kunit *test)
{
	u64 tlbi[CMDQ_ENT_DWORDS] = { CMDQ_OP_TLBI_NH_ALL };
	struct tegra241_cmdqv *cmdqv = made(test);
	struct arm_smmu_cmdq *cmdq = &cmdqv->kernel->vcmdqs[0].cmdq;
	const __le64 *ring = cmdq->q.base;
	u32 *prod = kunit_kzalloc(test, sizeof(*prod), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, prod);
	cmdqv->smmu.options |= ARM_SMMU_OPT_MSIPOLL;
	cmdq->q.prod_reg = (__force void __iomem *)prod;
	cmdq->q.cons_reg = cmdq->q.prod_reg;

	kunit_deactivate_static_stub(test, tegra241_cmdqv_issue);
	KUNIT_EXPECT_EQ(test, 0, tegra241_cmdqv_issue(&cmdqv->smmu, cmdq, tlbi, 1, true));
	KUNIT_EXPECT_EQ(test, 2, *prod);
	KUNIT_EXPECT_EQ(test, CMDQ_OP_TLBI_NH_ALL, le64_to_cpu(ring[0]));
	KUNIT_EXPECT_EQ(test, SYNC_OPCODE, le64_to_cpu(ring[2]) & 0xff);
	KUNIT_EXPECT_EQ(test, 0, le64_to_cpu(ring[2]) & SYNC_CS);
	/* No address to write to */
	KUNIT_EXPECT_EQ(test, 0, le64_to_cpu(ring[3]));
	remove(cmdqv);
}

static struct kunit_case tegra241_cmdqv_kernel_test_cases[] = {
	KUNIT_CASE(kernel_drained),
	KUNIT_CASE(kernel_drained_once),
	KUNIT_CASE(kernel_errors),
	KUNIT_CASE(kernel_in_guest),
	KUNIT_CASE(kernel_left_on),
	KUNIT_CASE(kernel_life),
	KUNIT_CASE(kernel_memory),
	KUNIT_CASE(kernel_memory_kept),
	KUNIT_CASE(kernel_no_memory),
	KUNIT_CASE(kernel_repair_order),
	KUNIT_CASE(kernel_smmu_failed),
	KUNIT_CASE(kernel_smmu_failed_in_start),
	KUNIT_CASE(kernel_smmu_failed_late),
	KUNIT_CASE(kernel_start_fails),
	KUNIT_CASE(kernel_sync_of_queue),
	{},
};

static struct kunit_suite tegra241_cmdqv_kernel_test_suite = {
	.name = "tegra241-cmdqv-kernel",
	.init = cmdqv_fake_host_init,
	.exit = cmdqv_fake_host_exit,
	.test_cases = tegra241_cmdqv_kernel_test_cases,
};

kunit_test_suites(&tegra241_cmdqv_kernel_test_suite);
