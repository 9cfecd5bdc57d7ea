// SPDX-License-Identifier: GPL-2.0
/*
 * Translation through both stages, and invalidation through owned queues.
 *
 * A device address goes through the guest's stage 1 and the host's stage 2 to a
 * page of guest RAM. The SMMU caches the translation. After a change of stage 1
 * the device must still use the old page: otherwise an invalidation without an
 * effect would pass. (The emulated IOTLB has 256 entries and evicts none below
 * that; these tests use a few.)
 */
#include "cmdqv_test.h"

#define IOVA(n)	(STAGE1_IOVA + (n) * RAM_PAGE)
#define GPA(vm, page) ram_gpa(&(vm)->ram, RAM_DATA + (page) * RAM_PAGE)

#define VALUE_A	0x1111111111111111ULL
#define VALUE_B	0x2222222222222222ULL

FIXTURE(translate) {
	struct cmdqv_vm vm;
};

FIXTURE_VARIANT(translate) {
	unsigned int queue;
};

FIXTURE_VARIANT_ADD(translate, queue_0) { .queue = 0 };
FIXTURE_VARIANT_ADD(translate, queue_1) { .queue = 1 };

FIXTURE_SETUP(translate)
{
	TEST_BUILD(&self->vm, 0, TEST_LOG2SIZE);
	*ram_data(&self->vm.ram, 0) = VALUE_A;
	*ram_data(&self->vm.ram, 1) = VALUE_B;
}

FIXTURE_TEARDOWN(translate)
{
	TEST_END(&self->vm);
}

/* The value that the device reads at @iova, or the negative errno as it is */
static __u64 device_reads(struct cmdqv_vm *vm, __u64 iova)
{
	__u64 value = 0;
	int rc = dma_read(&vm->dev, iova, &value);

	return rc ? (__u64)rc : value;
}

TEST_F(translate, both_stages)
{
	struct cmdqv_vm *vm = &self->vm;

	EXPECT_EQ(-EFAULT, (int)device_reads(vm, IOVA(0)));
	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	stage1_map(&vm->ram, IOVA(1), GPA(vm, 1));
	EXPECT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
	EXPECT_EQ(VALUE_B, device_reads(vm, IOVA(1)));
	EXPECT_EQ(0, dma_write(&vm->dev, IOVA(1) + 8, VALUE_A));
	EXPECT_EQ(VALUE_A, ram_data(&vm->ram, 1)[1]);
	EXPECT_EQ(VALUE_A, *ram_data(&vm->ram, 0));
}

/* Stage 2 refuses a guest-physical address without RAM. */
TEST_F(translate, stage2_bounds)
{
	struct cmdqv_vm *vm = &self->vm;

	stage1_map(&vm->ram, IOVA(0), vm->ram.gpa + vm->ram.size);
	EXPECT_EQ(-EFAULT, (int)device_reads(vm, IOVA(0)));
	/* A guest-physical address is not a device address. */
	EXPECT_EQ(-EFAULT, (int)device_reads(vm, GPA(vm, 0)));
}

TEST_F(translate, tlbi_nh_va)
{
	struct cmdqv_vm *vm = &self->vm;
	struct vcmdq *q = &vm->queue[variant->queue].q;

	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	stage1_map(&vm->ram, IOVA(1), GPA(vm, 0));
	ASSERT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
	ASSERT_EQ(VALUE_A, device_reads(vm, IOVA(1)));
	stage1_map(&vm->ram, IOVA(0), GPA(vm, 1));
	stage1_map(&vm->ram, IOVA(1), GPA(vm, 1));
	EXPECT_EQ(VALUE_A, device_reads(vm, IOVA(0)));

	/* Invalidations of another page and of another address space have no effect. */
	ASSERT_EQ(0, vcmdq_issue_sync(q, cmd_tlbi_nh_va(VM_ASID, IOVA(2))));
	ASSERT_EQ(0, vcmdq_issue_sync(q, cmd_tlbi_nh_va(VM_ASID + 1, IOVA(0))));
	ASSERT_EQ(0, vcmdq_issue_sync(q, cmd_sync()));
	EXPECT_EQ(VALUE_A, device_reads(vm, IOVA(0)));

	ASSERT_EQ(0, vcmdq_issue_sync(q, cmd_tlbi_nh_va(VM_ASID, IOVA(0))));
	EXPECT_EQ(VALUE_B, device_reads(vm, IOVA(0)));
	EXPECT_EQ(VALUE_A, device_reads(vm, IOVA(1)));
}

TEST_F(translate, tlbi_nh_asid)
{
	struct cmdqv_vm *vm = &self->vm;
	struct vcmdq *q = &vm->queue[variant->queue].q;

	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	stage1_map(&vm->ram, IOVA(1), GPA(vm, 0));
	ASSERT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
	ASSERT_EQ(VALUE_A, device_reads(vm, IOVA(1)));
	stage1_map(&vm->ram, IOVA(0), GPA(vm, 1));
	stage1_map(&vm->ram, IOVA(1), GPA(vm, 1));

	ASSERT_EQ(0, vcmdq_issue_sync(q, cmd_tlbi_nh_asid(VM_ASID + 1)));
	EXPECT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
	EXPECT_EQ(VALUE_A, device_reads(vm, IOVA(1)));

	ASSERT_EQ(0, vcmdq_issue_sync(q, cmd_tlbi_nh_asid(VM_ASID)));
	EXPECT_EQ(VALUE_B, device_reads(vm, IOVA(0)));
	EXPECT_EQ(VALUE_B, device_reads(vm, IOVA(1)));
}

/* The device cannot reach a page that the guest unmapped, after the invalidation. */
TEST_F(translate, unmap)
{
	struct cmdqv_vm *vm = &self->vm;
	struct vcmdq *q = &vm->queue[variant->queue].q;

	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	ASSERT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
	stage1_unmap(&vm->ram, IOVA(0));
	EXPECT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
	ASSERT_EQ(0, vcmdq_issue_sync(q, cmd_tlbi_nh_va(VM_ASID, IOVA(0))));
	EXPECT_EQ(-EFAULT, (int)device_reads(vm, IOVA(0)));
}

/* The invalidation by ioctl has the same effect. */
TEST_F(translate, hwpt_invalidate)
{
	struct cmdqv_vm *vm = &self->vm;
	struct smmu_cmd cmd = cmd_tlbi_nh_va(VM_ASID, IOVA(0));
	__u32 num = 1;

	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	ASSERT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
	stage1_map(&vm->ram, IOVA(0), GPA(vm, 1));
	EXPECT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
	ASSERT_EQ(0, iommufd_hwpt_invalidate(vm->iommufd, vm->viommu, &cmd,
					     &num));
	EXPECT_EQ(1, num);
	EXPECT_EQ(VALUE_B, device_reads(vm, IOVA(0)));
}

TEST_HARNESS_MAIN
