// SPDX-License-Identifier: GPL-2.0
/*
 * Two virtual machines at once, and a guest that misbehaves.
 *
 * Both VMs use the same ASID, the same device address and the same
 * guest-physical addresses, so that only the VMID, which the hardware sets,
 * distinguishes their cached translations.
 */
#include "cmdqv_test.h"

#define IOVA	STAGE1_IOVA
#define GPA(vm, page) ram_gpa(&(vm)->ram, RAM_DATA + (page) * RAM_PAGE)

#define OLD	0xa0a0a0a0a0a0a0a0ULL
#define NEW	0xb1b1b1b1b1b1b1b1ULL

FIXTURE(isolation) {
	struct cmdqv_vm vm[2];
};

FIXTURE_SETUP(isolation)
{
	int i;

	ASSERT_LE(2, dma_count())
	{
		TH_LOG("two DMA test devices are needed");
	}
	for (i = 0; i < 2; i++) {
		TEST_BUILD(&self->vm[i], i, TEST_LOG2SIZE);
		*ram_data(&self->vm[i].ram, 0) = OLD + i;
		*ram_data(&self->vm[i].ram, 1) = NEW + i;
	}
}

FIXTURE_TEARDOWN(isolation)
{
	TEST_END(&self->vm[1]);
	TEST_END(&self->vm[0]);
}

static __u64 device_reads(struct cmdqv_vm *vm)
{
	__u64 value = 0;
	int rc = dma_read(&vm->dev, IOVA, &value);

	return rc ? (__u64)rc : value;
}

/* Both VMs have the old page in the IOTLB and the new one in stage 1. */
static void make_stale(struct __test_metadata *_metadata,
		       struct cmdqv_vm vm[2])
{
	int i;

	for (i = 0; i < 2; i++) {
		struct vcmdq *q = &vm[i].queue[0].q;

		stage1_map(&vm[i].ram, IOVA, GPA(&vm[i], 0));
		ASSERT_EQ(0, vcmdq_issue_sync(q, cmd_tlbi_nh_asid(VM_ASID)));
		ASSERT_EQ(OLD + i, device_reads(&vm[i]));
	}
	for (i = 0; i < 2; i++) {
		stage1_map(&vm[i].ram, IOVA, GPA(&vm[i], 1));
		ASSERT_EQ(OLD + i, device_reads(&vm[i]));
	}
}

TEST_F(isolation, invalidation_stays_at_home)
{
	struct smmu_cmd cmds[2] = {
		cmd_tlbi_nh_va(VM_ASID, IOVA), cmd_tlbi_nh_asid(VM_ASID),
	};
	int i, kind;

	for (kind = 0; kind < 2; kind++) {
		for (i = 0; i < 2; i++) {
			struct cmdqv_vm *mine = &self->vm[i];
			struct cmdqv_vm *other = &self->vm[!i];

			make_stale(_metadata, self->vm);
			ASSERT_EQ(0, vcmdq_issue_sync(&mine->queue[0].q,
						      cmds[kind]));
			EXPECT_EQ(NEW + i, device_reads(mine));
			EXPECT_EQ(OLD + !i, device_reads(other));
			ASSERT_EQ(0, vcmdq_issue_sync(&other->queue[1].q,
						      cmds[kind]));
			EXPECT_EQ(NEW + !i, device_reads(other));
		}
	}
}

/* The hardware replaces every VMID of a guest's command by the guest's own. */
TEST_F(isolation, forged_vmid)
{
	struct vcmdq *q = &self->vm[0].queue[0].q;
	unsigned int vmid;

	make_stale(_metadata, self->vm);
	for (vmid = 0; vmid < 256; vmid++) {
		struct smmu_cmd cmd = cmd_tlbi_nh_va(VM_ASID, IOVA);

		cmd.w[0] |= (__u64)vmid << 32;
		ASSERT_EQ(0, vcmdq_issue_sync(q, cmd));
	}
	EXPECT_EQ(NEW, device_reads(&self->vm[0]));
	EXPECT_EQ(OLD + 1, device_reads(&self->vm[1]));
}

/* The same for commands that go through the kernel, the widest among them */
TEST_F(isolation, hwpt_invalidate)
{
	struct cmdqv_vm *vm = &self->vm[0];
	struct smmu_cmd all = { .w = { CMD_TLBI_NSNH_ALL, 0 } };
	__u32 num = 1;

	make_stale(_metadata, self->vm);
	ASSERT_EQ(0, iommufd_hwpt_invalidate(vm->iommufd, vm->viommu, &all,
					     &num));
	EXPECT_EQ(NEW, device_reads(&self->vm[0]));
	EXPECT_EQ(OLD + 1, device_reads(&self->vm[1]));
}

/* ATC_INV reaches the physical device behind the virtual StreamID. */
TEST_F(isolation, stream_id)
{
	int i, ret;

	for (i = 0; i < 2; i++) {
		struct vcmdq *q = &self->vm[i].queue[0].q;

		ASSERT_EQ(0, vcmdq_issue_sync(q, cmd_atc_inv(VM_VSID(i),
							     IOVA)));
		EXPECT_EQ(dma_stream_id(&self->vm[i].dev),
			  model_last_atc_sid(&self->vm[i].dev));
		/*
		 * The other VM's device has no virtual StreamID here: the
		 * command is refused, or on other hardware dropped.
		 */
		ret = vcmdq_issue_sync(q, cmd_atc_inv(VM_VSID(!i), IOVA));
		EXPECT_TRUE(!ret || ret == -EIO);
		EXPECT_EQ(dma_stream_id(&self->vm[i].dev),
			  model_last_atc_sid(&self->vm[i].dev));
		if (ret)
			vcmdq_repair(q);
		EXPECT_EQ(0, vcmdq_drain(q));
	}
}

FIXTURE(misuse) {
	struct cmdqv_vm vm[2];
};

FIXTURE_VARIANT(misuse) {
	struct smmu_cmd cmd;
};

FIXTURE_VARIANT_ADD(misuse, cfgi_ste) { .cmd = { { CMD_CFGI_STE, 1 } } };
FIXTURE_VARIANT_ADD(misuse, cfgi_cd) { .cmd = { { CMD_CFGI_CD, 1 } } };
FIXTURE_VARIANT_ADD(misuse, tlbi_nh_all) { .cmd = { { CMD_TLBI_NH_ALL, 0 } } };
FIXTURE_VARIANT_ADD(misuse, tlbi_nh_vaa) { .cmd = { { CMD_TLBI_NH_VAA, 0 } } };
FIXTURE_VARIANT_ADD(misuse, tlbi_nsnh_all) {
	.cmd = { { CMD_TLBI_NSNH_ALL, 0 } }
};
FIXTURE_VARIANT_ADD(misuse, sync_irq) { .cmd = { { CMD_SYNC | 1 << 12, 0 } } };
FIXTURE_VARIANT_ADD(misuse, sync_sev) { .cmd = { { CMD_SYNC | 2 << 12, 0 } } };
FIXTURE_VARIANT_ADD(misuse, unknown_opcode) { .cmd = { { 0xff, 0 } } };
FIXTURE_VARIANT_ADD(misuse, unknown_sid) {
	.cmd = { { CMD_ATC_INV | 0xfffffULL << 32, 0 } }
};

FIXTURE_SETUP(misuse)
{
	int i;

	ASSERT_LE(2, dma_count());
	for (i = 0; i < 2; i++)
		TEST_BUILD(&self->vm[i], i, TEST_LOG2SIZE);
}

FIXTURE_TEARDOWN(misuse)
{
	TEST_END(&self->vm[1]);
	TEST_END(&self->vm[0]);
}

/* A command that a guest may not use stops its own queue, with error 1 or 4. */
TEST_F(misuse, stops_its_own_queue_only)
{
	struct vcmdq *bad = &self->vm[0].queue[0].q;
	struct model_counts before, after, counts;
	__u32 at, cons;
	int i, k;

	ASSERT_EQ(0, vcmdq_issue_sync(bad, cmd_tlbi_nh_asid(VM_ASID)));
	model_read(&self->vm[0].dev, &before);
	at = bad->prod;
	ASSERT_EQ(-EIO, vcmdq_issue_sync(bad, variant->cmd));
	cons = vcmdq_read(bad, VCMDQ_CONS);
	EXPECT_TRUE(vcmdq_refused(cons));
	EXPECT_EQ(at, cons & 0xfffff);
	EXPECT_EQ(VCMDQ_GERROR_CMDQ, vcmdq_read(bad, VCMDQ_GERROR) ^
				     vcmdq_read(bad, VCMDQ_GERRORN));

	/* The other three queues continue. */
	for (i = 0; i < 2; i++) {
		for (k = 0; k < VM_QUEUES; k++) {
			struct vcmdq *q = &self->vm[i].queue[k].q;

			if (q == bad)
				continue;
			EXPECT_EQ(0, vcmdq_issue_sync(
					     q, cmd_tlbi_nh_asid(VM_ASID)));
			EXPECT_EQ(vcmdq_read(q, VCMDQ_GERROR),
				  vcmdq_read(q, VCMDQ_GERRORN));
		}
	}
	EXPECT_EQ(cons, vcmdq_read(bad, VCMDQ_CONS));
	model_read(&self->vm[0].dev, &after);
	model_subtract(&after, &before, &counts);
	EXPECT_EQ(1, counts.guest.errors);
	EXPECT_EQ(1, counts.interrupts);

	/* Its owner can repair it. */
	vcmdq_repair(bad);
	EXPECT_EQ(0, vcmdq_drain(bad));
	EXPECT_EQ(bad->prod, vcmdq_read(bad, VCMDQ_CONS) & 0xfffff);
	EXPECT_EQ(0, vcmdq_issue_sync(bad, cmd_tlbi_nh_asid(VM_ASID)));
}

/* An error that is not acknowledged does not delay the teardown. */
TEST_F(misuse, error_left_behind)
{
	struct vcmdq *bad = &self->vm[0].queue[1].q;

	ASSERT_EQ(-EIO, vcmdq_issue_sync(bad, variant->cmd));
}

TEST_HARNESS_MAIN
