// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of waits for a queue that is stuck behind a device, in what the emulated
 * machine cannot do at a given moment: timeouts of another queue while a device is asked, an
 * SMMU that fails, stage 1 of the kernel.
 *
 * The queue is memory. The driver chooses a queue for each batch of commands. Usually it
 * gets one here whose CONS is beyond the batch already: the SMMU has executed it.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/iommu.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/timer.h>

#include "arm-smmu-v3.h"

#define RING_SHIFT	6
#define RING_SIZE	BIT(RING_SHIFT)
#define DOMAIN_ASID		5
#define DOMAIN_VMID		6
/* StreamIDs: the device that is asked, and another one */
#define SID		1
#define OTHER_SID	2
#define NUM_SIDS	4

/**
 * struct stuck_fixture - Two devices behind an SMMU, and the queues
 * @smmu: The SMMU
 * @impl_ops: Its implementation, which chooses the queue
 * @master: The device that is asked, and another one
 * @streams: Their StreamIDs
 * @user: Domain of user space, to which the first is attached
 * @other: A queue of which another thread notes timeouts
 * @chosen: The queue that the driver uses, or NULL for that of the SMMU
 * @failure: Timer that lets the SMMU fail
 * @progress: Timer that lets the SMMU execute all commands
 * @unhandled: The handler of the error does not run
 * @dev: The first device
 * @iommu: Its data of the IOMMU core
 * @prod: Register PROD of all queues; nothing reads it
 * @cons: Register CONS of the queue that the driver uses
 * @other_cons: The same of @other
 * @batches: Number of batches
 * @meanwhile: Called before each batch, or NULL
 * @questions: Number of questions
 * @in_question: Called in each question, or NULL
 * @result: Result of each question
 */
struct stuck_fixture {
	struct arm_smmu_device smmu;
	struct arm_smmu_impl_ops impl_ops;
	struct arm_smmu_master master[2];
	struct arm_smmu_stream streams[2];
	struct arm_smmu_domain user;
	struct arm_smmu_cmdq other, *chosen;
	struct timer_list failure, progress;
	bool unhandled;
	struct device dev;
	struct dev_iommu iommu;
	u32 prod, cons, other_cons;
	unsigned int batches;
	void (*meanwhile)(struct stuck_fixture *f);
	unsigned int questions;
	void (*in_question)(struct stuck_fixture *f);
	int result;
};

static struct arm_smmu_cmdq *next_batch(struct arm_smmu_device *smmu,
					struct arm_smmu_cmdq_ent *ent)
{
	struct stuck_fixture *f = container_of(smmu, struct stuck_fixture, smmu);
	struct arm_smmu_ll_queue *llq = &smmu->cmdq.q.llq;

	f->batches++;
	if (f->meanwhile)
		f->meanwhile(f);
	llq->cons = llq->prod;
	f->cons = (llq->prod + RING_SIZE / 2) & (2 * RING_SIZE - 1);
	return f->chosen;
}

static int question(struct arm_smmu_device *smmu, struct arm_smmu_cmdq *cmdq, u64 *cmd)
{
	struct stuck_fixture *f = container_of(smmu, struct stuck_fixture, smmu);

	f->questions++;
	if (f->in_question)
		f->in_question(f);
	return f->result;
}

static void init_queue(struct kunit *test, struct stuck_fixture *f,
		       struct arm_smmu_cmdq *cmdq, u32 *cons)
{
	cmdq->q.llq.max_n_shift = RING_SHIFT;
	cmdq->q.ent_dwords = CMDQ_ENT_DWORDS;
	cmdq->q.prod_reg = (u32 __iomem *)&f->prod;
	cmdq->q.cons_reg = (u32 __iomem *)cons;
	cmdq->q.base = kunit_kcalloc(test, RING_SIZE, sizeof(u64) * CMDQ_ENT_DWORDS,
				     GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cmdq->q.base);
	cmdq->valid_map = kunit_kcalloc(test, BITS_TO_LONGS(RING_SIZE),
					sizeof(*cmdq->valid_map), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cmdq->valid_map);
}

static void init_master(struct stuck_fixture *f, unsigned int i, u32 sid)
{
	struct rb_node **link = &f->smmu.streams.rb_node, *parent = NULL;

	for (; *link; link = &parent->rb_right)
		parent = *link;
	f->streams[i].id = sid;
	f->streams[i].master = &f->master[i];
	rb_link_node(&f->streams[i].node, parent, link);
	rb_insert_color(&f->streams[i].node, &f->smmu.streams);
	f->master[i].smmu = &f->smmu;
	f->master[i].dev = &f->dev;
	f->master[i].streams = &f->streams[i];
	f->master[i].num_streams = 1;
	f->master[i].ats_enabled = true;
}

static struct stuck_fixture *stuck_fixture(struct kunit *test)
{
	struct stuck_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct arm_smmu_device *smmu = &f->smmu;

	KUNIT_ASSERT_NOT_NULL(test, f);
	smmu->dev = &f->dev;
	smmu->features = ARM_SMMU_FEAT_ATS;
	smmu->options = ARM_SMMU_OPT_SKIP_PREFETCH;
	smmu->impl_ops = &f->impl_ops;
	smmu->base = (void __iomem *)kunit_kzalloc(test, SZ_4K, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, (void __force *)smmu->base);
	f->impl_ops.get_secondary_cmdq = next_batch;
	smmu->strtab_cfg.linear.table =
		kunit_kcalloc(test, NUM_SIDS, sizeof(struct arm_smmu_ste), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, smmu->strtab_cfg.linear.table);
	mutex_init(&smmu->streams_mutex);
	raw_spin_lock_init(&smmu->atc_lock);
	init_queue(test, f, &smmu->cmdq, &f->cons);
	init_queue(test, f, &f->other, &f->other_cons);
	init_master(f, 0, SID);
	init_master(f, 1, OTHER_SID);

	spin_lock_init(&f->user.devices_lock);
	INIT_LIST_HEAD(&f->user.devices);
	f->user.smmu = smmu;
	f->user.of_user = true;
	f->user.stage = ARM_SMMU_DOMAIN_S2;
	f->user.s2_cfg.vmid = DOMAIN_VMID;
	f->user.domain.type = IOMMU_DOMAIN_UNMANAGED;
	f->master[0].attached = &f->user.domain;
	f->iommu.priv = &f->master[0];
	f->dev.iommu = &f->iommu;
	kunit_activate_static_stub(test, arm_smmu_issue_question, question);
	return f;
}

static u64 entry(const struct stuck_fixture *f, unsigned int i)
{
	return le64_to_cpu(*Q_ENT(&f->smmu.cmdq.q, i));
}

static u8 opcode(const struct stuck_fixture *f, unsigned int i)
{
	return FIELD_GET(CMDQ_0_OP, entry(f, i));
}

/* As a caller does: the entry, then its bit, then PROD */
static void put_one(struct arm_smmu_cmdq *cmdq, u64 cmd)
{
	struct arm_smmu_ll_queue *llq = &cmdq->q.llq;

	*Q_ENT(&cmdq->q, llq->prod) = cpu_to_le64(cmd);
	__change_bit(llq->prod % RING_SIZE, (unsigned long *)cmdq->valid_map);
	llq->prod = (llq->prod + 1) & (2 * RING_SIZE - 1);
	atomic_set(&cmdq->owner_prod, llq->prod);
}

/* The queue stands at the CMD_SYNC behind ATC_INVs for these StreamIDs; returns its CONS */
static u32 put(struct arm_smmu_cmdq *cmdq, const u32 *sids, unsigned int num)
{
	const u64 sync = FIELD_PREP(CMDQ_0_OP, CMDQ_OP_CMD_SYNC);
	unsigned int i;
	u32 cons;

	put_one(cmdq, sync);
	for (i = 0; i < num; i++)
		put_one(cmdq, FIELD_PREP(CMDQ_0_OP, CMDQ_OP_ATC_INV) |
			      FIELD_PREP(CMDQ_ATC_0_SID, sids[i]));
	cons = cmdq->q.llq.prod;
	put_one(cmdq, sync);
	writel(cons, cmdq->q.cons_reg);
	return cons;
}

static void error(struct stuck_fixture *f, struct arm_smmu_cmdq *cmdq, const u32 *sids,
		  unsigned int num)
{
	arm_smmu_note_cmdq_error(&f->smmu, cmdq, put(cmdq, sids, num) |
				 FIELD_PREP(CMDQ_CONS_ERR, CMDQ_ERR_CERROR_ATC_INV_IDX));
}

static void timeout(struct stuck_fixture *f, struct arm_smmu_cmdq *cmdq, const u32 *sids,
		    unsigned int num)
{
	put(cmdq, sids, num);
	arm_smmu_note_cmdq_timeout(&f->smmu, cmdq);
}

static const u32 both[] = { OTHER_SID, SID }, alone[] = { SID }, another[] = { OTHER_SID };

static void other_queue(struct stuck_fixture *f)
{
	error(f, &f->other, both, ARRAY_SIZE(both));
	error(f, &f->other, alone, ARRAY_SIZE(alone));
	timeout(f, &f->other, both, ARRAY_SIZE(both));
	timeout(f, &f->other, alone, ARRAY_SIZE(alone));
}

static void own_error(struct stuck_fixture *f)
{
	error(f, &f->smmu.cmdq, alone, ARRAY_SIZE(alone));
}

/* ATC_INVs of another thread have no CMD_SYNC yet; the device answers the third question */
static void shared_error(struct stuck_fixture *f)
{
	if (f->questions < 3)
		error(f, &f->smmu.cmdq, both, ARRAY_SIZE(both));
}

static void two_errors(struct stuck_fixture *f)
{
	error(f, &f->smmu.cmdq, another, ARRAY_SIZE(another));
	own_error(f);
	error(f, &f->smmu.cmdq, both, ARRAY_SIZE(both));
}

/* More devices than the list of suspects has space for */
static void many_suspects(struct stuck_fixture *f)
{
	u32 sid;

	for (sid = 10; sid < 20; sid++)
		error(f, &f->other, &sid, 1);
	own_error(f);
}

static void own_timeout(struct stuck_fixture *f)
{
	timeout(f, &f->smmu.cmdq, alone, ARRAY_SIZE(alone));
}

static void progress(struct timer_list *timer)
{
	struct stuck_fixture *f = from_timer(f, timer, progress);

	WRITE_ONCE(f->cons, f->smmu.cmdq.q.llq.prod);
}

/* The driver has waited for another device for most of its time; this one answers */
static void answered_late(struct stuck_fixture *f)
{
	f->result = f->questions < 2 ? -ETIMEDOUT : 0;
	if (!f->result)
		return;
	own_timeout(f);
	mod_timer(&f->progress, jiffies + HZ / 4);
}

/* The queue waits for another device, which answers before the third question */
static void timeout_of_another(struct stuck_fixture *f)
{
	f->result = f->questions < 3 ? -ETIMEDOUT : 0;
	if (f->result)
		timeout(f, &f->smmu.cmdq, another, ARRAY_SIZE(another));
}

/* Whether the device is still blocked after a reset, because it has not answered */
static bool silent(struct stuck_fixture *f)
{
	f->batches = 0;
	f->questions = 0;
	f->master[0].blocked = 1;
	f->master[0].num_resets = 1;
	arm_smmu_viommu_ops.reset_done(&f->dev);
	return f->master[0].blocked;
}

/* The answer is that of the queue which has the question, and of its last commands */
static void stuck_answered(struct kunit *test)
{
	static const struct {
		void (*in_question)(struct stuck_fixture *f);
		int result;
		bool silent;
		unsigned int questions, streams;
	} cases[] = {
		{ NULL, 0, false, 1, 1 },
		{ other_queue, 0, false, 1, 1 },
		{ own_error, 0, true, 1, 1 },
		{ shared_error, 0, false, 3, 1 },
		/* Both StreamIDs are those of the device */
		{ shared_error, 0, true, 2, 2 },
		{ two_errors, 0, true, 1, 1 },
		{ many_suspects, 0, true, 1, 1 },
		/* Another thread has waited for longer */
		{ own_timeout, 0, false, 1, 1 },
		{ own_timeout, -ETIMEDOUT, true, 1, 1 },
		{ answered_late, 0, false, 2, 1 },
		{ timeout_of_another, 0, false, 3, 1 },
	};
	struct stuck_fixture *f = stuck_fixture(test);
	unsigned int i;

	timer_setup(&f->progress, progress, 0);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		f->in_question = cases[i].in_question;
		f->result = cases[i].result;
		f->master[0].num_streams = cases[i].streams;
		KUNIT_EXPECT_EQ_MSG(test, cases[i].silent, silent(f), "%u", i);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].questions, f->questions, "%u", i);
	}
	timer_shutdown_sync(&f->progress);
}

/* An SMMU in Service Failure Mode gets no command */
static void stuck_smmu_failed(struct kunit *test)
{
	struct stuck_fixture *f = stuck_fixture(test);
	struct arm_smmu_ste abort;

	f->smmu.atc_timeouts = 1;
	atomic_set(&f->user.nr_ats_masters, 1);
	f->smmu.failed = true;
	KUNIT_EXPECT_EQ(test, 0, arm_smmu_atc_inv_domain(&f->user, 0, 0));
	KUNIT_EXPECT_EQ(test, 0, f->batches);
	KUNIT_EXPECT_TRUE(test, silent(f));
	KUNIT_EXPECT_EQ(test, 0, f->questions);
	arm_smmu_make_abort_ste(&abort);
	arm_smmu_install_ste_for_dev(&f->master[0], &abort);
	KUNIT_EXPECT_EQ(test, 0, f->smmu.cmdq.q.llq.prod);
}

/* The second time the queue gets space, so that a caller that still waits ends the test */
static void fail_smmu(struct timer_list *timer)
{
	struct stuck_fixture *f = from_timer(f, timer, failure);
	void __iomem *gerror = f->smmu.base + ARM_SMMU_GERROR;

	if (f->smmu.failed || readl(gerror)) {
		WRITE_ONCE(f->other_cons, RING_SIZE / 2);
		return;
	}
	if (f->unhandled)
		writel(GERROR_SFM_ERR, gerror);
	else
		WRITE_ONCE(f->smmu.failed, true);
	mod_timer(timer, jiffies + HZ);
}

/* A caller that tries again succeeds, so that it does not wait for minutes */
static void fail_soon(struct stuck_fixture *f)
{
	if (f->batches > 1) {
		f->smmu.failed = false;
		f->other_cons = RING_SIZE / 2;
		return;
	}
	mod_timer(&f->failure, jiffies + 1);
}

static void test_full(struct kunit *test, bool unhandled)
{
	struct stuck_fixture *f = stuck_fixture(test);

	f->other.q.llq.cons = RING_SIZE;
	f->other_cons = RING_SIZE;
	f->chosen = &f->other;
	f->smmu.atc_timeouts = 1;
	f->unhandled = unhandled;
	timer_setup(&f->failure, fail_smmu, 0);
	f->meanwhile = fail_soon;
	KUNIT_EXPECT_EQ(test, 0, arm_smmu_atc_inv_domain(&f->user, 0, SZ_4K));
	timer_shutdown_sync(&f->failure);
	KUNIT_EXPECT_EQ(test, 1, f->batches);
	KUNIT_EXPECT_EQ(test, 0, f->other.q.llq.prod);
}

/* The SMMU fails while a caller waits for space in its queue */
static void stuck_full_and_failed(struct kunit *test)
{
	test_full(test, false);
}

/* The same, and the caller keeps the handler from running */
static void stuck_full_and_failing(struct kunit *test)
{
	test_full(test, true);
}

/* After a timeout the CFGI_STE is repeated once, with the CDs if they are the kernel's */
static void stuck_ste(struct kunit *test)
{
	struct stuck_fixture *f = stuck_fixture(test);
	struct arm_smmu_ste ste = {};
	u32 i;

	arm_smmu_install_ste_for_dev(&f->master[0], &ste);
	KUNIT_EXPECT_EQ(test, 0, f->batches);

	f->smmu.atc_timeouts = 1;
	arm_smmu_install_ste_for_dev(&f->master[0], &ste);
	KUNIT_EXPECT_EQ(test, 1, f->batches);
	KUNIT_EXPECT_EQ(test, CMDQ_OP_CFGI_STE, opcode(f, 0));
	KUNIT_EXPECT_EQ(test, SID, FIELD_GET(CMDQ_CFGI_0_SID, entry(f, 0)));
	KUNIT_EXPECT_EQ(test, CMDQ_OP_CMD_SYNC, opcode(f, 1));
	arm_smmu_install_ste_for_dev(&f->master[0], &ste);
	KUNIT_EXPECT_EQ(test, 1, f->batches);

	f->smmu.atc_timeouts = 2;
	ste.data[0] = cpu_to_le64(STRTAB_STE_0_V |
				  FIELD_PREP(STRTAB_STE_0_CFG, STRTAB_STE_0_CFG_S1_TRANS));
	arm_smmu_install_ste_for_dev(&f->master[0], &ste);
	i = f->smmu.cmdq.q.llq.prod;
	KUNIT_EXPECT_EQ(test, CMDQ_OP_CFGI_STE, opcode(f, i - 3));
	KUNIT_EXPECT_EQ(test, CMDQ_OP_CFGI_CD_ALL, opcode(f, i - 2));
	KUNIT_EXPECT_EQ(test, SID, FIELD_GET(CMDQ_CFGI_0_SID, entry(f, i - 2)));
	KUNIT_EXPECT_EQ(test, CMDQ_OP_CMD_SYNC, opcode(f, i - 1));
}

/* After a timeout all entries of a domain are invalidated, once; the host's are not */
static void stuck_tlbi(struct kunit *test)
{
	struct stuck_fixture *f = stuck_fixture(test);

	KUNIT_EXPECT_EQ(test, 0, arm_smmu_atc_inv_domain(&f->user, 0, SZ_4K));
	KUNIT_EXPECT_EQ(test, 0, f->batches);

	f->smmu.atc_timeouts = 1;
	KUNIT_EXPECT_EQ(test, 0, arm_smmu_atc_inv_domain(&f->user, 0, SZ_4K));
	KUNIT_EXPECT_EQ(test, 0, arm_smmu_atc_inv_domain(&f->user, 0, SZ_4K));
	KUNIT_EXPECT_EQ(test, 1, f->batches);
	KUNIT_EXPECT_EQ(test, CMDQ_OP_TLBI_S12_VMALL, opcode(f, 0));
	KUNIT_EXPECT_EQ(test, DOMAIN_VMID, FIELD_GET(CMDQ_TLBI_0_VMID, entry(f, 0)));
	KUNIT_EXPECT_EQ(test, CMDQ_OP_CMD_SYNC, opcode(f, 1));

	f->smmu.atc_timeouts = 2;
	f->user.stage = ARM_SMMU_DOMAIN_S1;
	f->user.cd.asid = DOMAIN_ASID;
	KUNIT_EXPECT_EQ(test, 0, arm_smmu_atc_inv_domain(&f->user, 0, SZ_4K));
	KUNIT_EXPECT_EQ(test, CMDQ_OP_TLBI_NH_ASID, opcode(f, 2));
	KUNIT_EXPECT_EQ(test, DOMAIN_ASID, FIELD_GET(CMDQ_TLBI_0_ASID, entry(f, 2)));

	f->smmu.atc_timeouts = 3;
	f->smmu.features |= ARM_SMMU_FEAT_E2H;
	KUNIT_EXPECT_EQ(test, 0, arm_smmu_atc_inv_domain(&f->user, 0, SZ_4K));
	KUNIT_EXPECT_EQ(test, CMDQ_OP_TLBI_EL2_ASID, opcode(f, 4));

	f->smmu.atc_timeouts = 4;
	f->user.of_user = false;
	KUNIT_EXPECT_EQ(test, 0, arm_smmu_atc_inv_domain(&f->user, 0, SZ_4K));
	KUNIT_EXPECT_EQ(test, 3, f->batches);
}

static struct kunit_case arm_smmu_v3_stuck_test_cases[] = {
	KUNIT_CASE(stuck_answered),
	KUNIT_CASE(stuck_full_and_failed),
	KUNIT_CASE(stuck_full_and_failing),
	KUNIT_CASE(stuck_smmu_failed),
	KUNIT_CASE(stuck_ste),
	KUNIT_CASE(stuck_tlbi),
	{},
};

static struct kunit_suite arm_smmu_v3_stuck_test_suite = {
	.name = "arm-smmu-v3-stuck",
	.test_cases = arm_smmu_v3_stuck_test_cases,
};

kunit_test_suites(&arm_smmu_v3_stuck_test_suite);

MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_DESCRIPTION("KUnit tests of waits for a queue of an SMMUv3 that is stuck");
MODULE_LICENSE("GPL");
