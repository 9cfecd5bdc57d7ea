// SPDX-License-Identifier: GPL-2.0
/*
 * Translation through stage 1 of a guest and stage 2 of the host, with a vIOMMU
 * of type ARM_SMMUV3: every invalidation is an IOMMU_HWPT_INVALIDATE.
 *
 * As in cmdqv_translate.c a change must have no effect before its invalidation,
 * because otherwise an invalidation without an effect would pass. The model's
 * counters of the main queue show the executed commands.
 */
#include <sys/eventfd.h>
#include <unistd.h>

#include "smmuv3_nested.h"

#define BATCH 63	/* commands between two CMD_SYNCs at most */

FIXTURE(nested) {
	struct cmdqv_vm vm;
};

FIXTURE_SETUP(nested)
{
	NESTED_OPEN(&self->vm, 0);
	TEST_STEP(&self->vm, vm_nest(&self->vm));
}

FIXTURE_TEARDOWN(nested)
{
	TEST_END(&self->vm);
}

TEST_F(nested, both_stages)
{
	struct cmdqv_vm *vm = &self->vm;

	EXPECT_EQ(-EFAULT, (int)device_reads(vm, IOVA(0)));
	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	stage1_map(&vm->ram, IOVA(1), GPA(vm, 1));
	EXPECT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
	EXPECT_EQ(VALUE_B, device_reads(vm, IOVA(1)));
	EXPECT_EQ(0, dma_write(&vm->dev, IOVA(1) + 8, VALUE_A));
	EXPECT_EQ(VALUE_A, ram_data(&vm->ram, 1)[1]);

	/* Neither a guest-physical address nor an address past RAM is a device address */
	EXPECT_EQ(-EFAULT, (int)device_reads(vm, GPA(vm, 0)));
	stage1_map(&vm->ram, IOVA(2), vm->ram.gpa + vm->ram.size);
	EXPECT_EQ(-EFAULT, (int)device_reads(vm, IOVA(2)));
}

/* Every command that invalidates translations, and a similar one that must have no effect */
FIXTURE(tlbi) {
	struct cmdqv_vm vm;
	int no_ranges;
};

FIXTURE_VARIANT(tlbi) {
	__u64 w0;
	__u64 w1;
	__u64 other_w0;
	__u64 other_w1;
	unsigned int executed_as;
};

#define ASID(n)	((__u64)(n) << 48)
/* A VMID of the guest, which the kernel replaces */
#define VMID	(0x5aULL << 32)

FIXTURE_VARIANT_ADD(tlbi, nh_va) {
	.w0 = CMD_TLBI_NH_VA | ASID(VM_ASID) | VMID, .w1 = IOVA(0) | 1,
	.other_w0 = CMD_TLBI_NH_VA | ASID(VM_ASID + 1), .other_w1 = IOVA(0) | 1,
	.executed_as = CMD_TLBI_NH_VA,
};

/* 2 pages (SCALE 0, NUM 1) of 4 KiB (TG 1) at level 3, from the page before */
FIXTURE_VARIANT_ADD(tlbi, nh_va_range) {
	.w0 = CMD_TLBI_NH_VA | ASID(VM_ASID) | 1ULL << 12,
	.w1 = (IOVA(0) - RAM_PAGE) | 1 << 10 | 3 << 8 | 1,
	.other_w0 = CMD_TLBI_NH_VA | ASID(VM_ASID) | 1ULL << 12,
	.other_w1 = IOVA(2) | 1 << 10 | 3 << 8 | 1,
	.executed_as = CMD_TLBI_NH_VA,
};

FIXTURE_VARIANT_ADD(tlbi, nh_vaa) {
	.w0 = CMD_TLBI_NH_VAA | VMID, .w1 = IOVA(0) | 1,
	.other_w0 = CMD_TLBI_NH_VAA, .other_w1 = IOVA(2) | 1,
	.executed_as = CMD_TLBI_NH_VAA,
};

FIXTURE_VARIANT_ADD(tlbi, nh_asid) {
	.w0 = CMD_TLBI_NH_ASID | ASID(VM_ASID) | VMID,
	.other_w0 = CMD_TLBI_NH_ASID | ASID(VM_ASID + 1),
	.executed_as = CMD_TLBI_NH_ASID,
};

FIXTURE_VARIANT_ADD(tlbi, nh_all) {
	.w0 = CMD_TLBI_NH_ALL | VMID,
	.other_w0 = CMD_TLBI_NH_ASID | ASID(VM_ASID + 1),
	.executed_as = CMD_TLBI_NH_ALL,
};

FIXTURE_VARIANT_ADD(tlbi, nsnh_all) {
	.w0 = CMD_TLBI_NSNH_ALL,
	.other_w0 = CMD_TLBI_NH_ASID | ASID(VM_ASID + 1),
	.executed_as = CMD_TLBI_NH_ALL,
};

/* The fields of a range, TG */
#define TG(w1)	((w1) & 3ULL << 10)

FIXTURE_SETUP(tlbi)
{
	NESTED_OPEN(&self->vm, 0);
	TEST_STEP(&self->vm, vm_nest(&self->vm));
	if (TG(variant->w1) && !vm_has_ranges(&self->vm)) {
		EXPECT_EQ(-EIO, invalidate_one(&self->vm, variant->w0,
					       variant->w1));
		self->no_ranges = 1;
	}
}

FIXTURE_TEARDOWN(tlbi)
{
	TEST_END(&self->vm);
}

TEST_F(tlbi, stale_until_invalidated)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 before;

	/* Refused */
	if (self->no_ranges)
		return;
	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	ASSERT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
	stage1_map(&vm->ram, IOVA(0), GPA(vm, 1));
	EXPECT_EQ(VALUE_A, device_reads(vm, IOVA(0)));

	ASSERT_EQ(0, invalidate_one(vm, variant->other_w0, variant->other_w1));
	EXPECT_EQ(VALUE_A, device_reads(vm, IOVA(0)));

	before = main_opcode(vm, variant->executed_as);
	ASSERT_EQ(0, invalidate_one(vm, variant->w0, variant->w1));
	EXPECT_EQ(before + 1, main_opcode(vm, variant->executed_as));
	EXPECT_EQ(VALUE_B, device_reads(vm, IOVA(0)));
}

/* A guest that invalidates all of its translations does not affect those of its neighbour */
TEST_F(tlbi, other_vm)
{
	struct cmdqv_vm *vm = &self->vm;
	struct cmdqv_vm other;

	if (self->no_ranges)
		return;
	if (dma_count() < 2)
		SKIP(return, "needs two DMA devices");
	NESTED_OPEN(&other, 1);
	TEST_STEP(&other, vm_nest(&other));

	stage1_map(&other.ram, IOVA(0), GPA(&other, 0));
	ASSERT_EQ(VALUE_A, device_reads(&other, IOVA(0)));
	stage1_map(&other.ram, IOVA(0), GPA(&other, 1));

	ASSERT_EQ(0, invalidate_one(vm, variant->w0, variant->w1));
	EXPECT_EQ(VALUE_A, device_reads(&other, IOVA(0)));
	ASSERT_EQ(0, invalidate_one(&other, variant->w0, variant->w1));
	EXPECT_EQ(VALUE_B, device_reads(&other, IOVA(0)));
	TEST_END(&other);
}

/* The context descriptor is also cached */
static void cfgi(struct __test_metadata *_metadata, struct cmdqv_vm *vm,
		 __u64 opcode)
{
	const __u64 vsid = (__u64)VM_VSID(vm->dev.index) << 32;

	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	ASSERT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
	stage1_disable(&vm->ram);
	ASSERT_EQ(0, invalidate_one(vm, CMD_TLBI_NH_ALL, 0));
	EXPECT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
	ASSERT_EQ(0, invalidate_one(vm, opcode | vsid, 0));
	EXPECT_EQ(-EFAULT, (int)device_reads(vm, IOVA(0)));
}

TEST_F(nested, cfgi_cd)
{
	cfgi(_metadata, &self->vm, CMD_CFGI_CD);
}

TEST_F(nested, cfgi_cd_all)
{
	cfgi(_metadata, &self->vm, CMD_CFGI_CD_ALL);
}

/* All are executed, each once, with a CMD_SYNC after 63 at most */
TEST_F(nested, batches)
{
	static const __u32 counts[] = { 1, 2, 62, 63, 64, 126, 127, 1000 };
	struct smmu_cmd cmds[1000];
	struct cmdqv_vm *vm = &self->vm;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cmds); i++)
		cmds[i] = cmd_tlbi_nh_va(VM_ASID, IOVA(i % STAGE1_PAGES));

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		__u64 tlbi = main_opcode(vm, CMD_TLBI_NH_VA);
		__u64 sync = main_opcode(vm, CMD_SYNC);
		__u32 num = counts[i];

		ASSERT_EQ(0, iommufd_hwpt_invalidate(vm->iommufd, vm->viommu,
						     cmds, &num));
		EXPECT_EQ(counts[i], num);
		EXPECT_EQ(tlbi + counts[i], main_opcode(vm, CMD_TLBI_NH_VA));
		EXPECT_EQ(sync + (counts[i] + BATCH - 1) / BATCH,
			  main_opcode(vm, CMD_SYNC));
	}
}

/* After an unmap by the host the guest's device has no access, whatever stage 1 maps */
TEST_F(nested, stage2_unmap)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 gpa = ram_gpa(&vm->ram, 0), length = vm->ram.size;

	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	ASSERT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
	ASSERT_EQ(0, iommufd_ioas_unmap(vm->iommufd, vm->ioas, gpa, &length));
	EXPECT_EQ(-EFAULT, (int)device_reads(vm, IOVA(0)));
}

/* Config 4: the guest has no stage 1, its device addresses are guest-physical */
TEST_F(nested, bypass)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 ste[2] = { VSTE_V | VSTE_CFG_BYPASS, 0 };
	__u32 bypass;

	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	ASSERT_EQ(0, iommufd_hwpt_nested(vm->iommufd, vm->dev_id, vm->viommu,
					 ste, &bypass));
	ASSERT_EQ(0, vfio_attach(vm->dev.fd, bypass));
	EXPECT_EQ(VALUE_A, device_reads(vm, GPA(vm, 0)));
	EXPECT_EQ(-EFAULT, (int)device_reads(vm, IOVA(0)));

	/* And back again */
	ASSERT_EQ(0, vfio_attach(vm->dev.fd, vm->nested));
	EXPECT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
	EXPECT_EQ(-EFAULT, (int)device_reads(vm, GPA(vm, 0)));
	EXPECT_EQ(0, iommufd_destroy(vm->iommufd, bypass));
}

/* Config 0 and V = 0: all DMA aborts */
TEST_F(nested, abort)
{
	static const __u64 stes[][2] = {
		{ VSTE_V | VSTE_CFG_ABORT, 0 },
		{ 0, 0 },
		/* Not valid, so the rest is ignored */
		{ ~VSTE_V, ~0ULL },
	};
	struct cmdqv_vm *vm = &self->vm;
	unsigned int i;
	__u32 hwpt;

	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	for (i = 0; i < ARRAY_SIZE(stes); i++) {
		ASSERT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
		ASSERT_EQ(0, iommufd_hwpt_nested(vm->iommufd, vm->dev_id,
						 vm->viommu, stes[i], &hwpt));
		ASSERT_EQ(0, vfio_attach(vm->dev.fd, hwpt));
		EXPECT_EQ(-EFAULT, (int)device_reads(vm, IOVA(0)));
		EXPECT_EQ(-EFAULT, (int)device_reads(vm, GPA(vm, 0)));
		ASSERT_EQ(0, vfio_attach(vm->dev.fd, vm->nested));
		EXPECT_EQ(0, iommufd_destroy(vm->iommufd, hwpt));
	}
}

/* The parent itself can be attached, and stage 1 can come and go */
TEST_F(nested, parent_and_back)
{
	struct cmdqv_vm *vm = &self->vm;
	unsigned int i;

	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, vfio_attach(vm->dev.fd, vm->parent));
		EXPECT_EQ(VALUE_A, device_reads(vm, GPA(vm, 0)));
		EXPECT_EQ(-EFAULT, (int)device_reads(vm, IOVA(0)));
		ASSERT_EQ(0, vfio_attach(vm->dev.fd, vm->nested));
		EXPECT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
	}
	ASSERT_EQ(0, vm_detach(vm));
	EXPECT_EQ(-EFAULT, (int)device_reads(vm, IOVA(0)));
	EXPECT_EQ(-EFAULT, (int)device_reads(vm, GPA(vm, 0)));
}

/*
 * One nested HWPT replaced by another on the same parent: the device stays on the
 * parent's list, so that an unmap still reaches it.
 */
TEST_F(nested, replace)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 gpa = ram_gpa(&vm->ram, 0), length = vm->ram.size;
	__u64 ste[2];
	__u32 second;

	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	stage1_ste(&vm->ram, ste);
	ASSERT_EQ(0, iommufd_hwpt_nested(vm->iommufd, vm->dev_id, vm->viommu,
					 ste, &second));
	ASSERT_EQ(0, vfio_attach(vm->dev.fd, second));
	EXPECT_EQ(-EBUSY, iommufd_destroy(vm->iommufd, second));
	EXPECT_EQ(0, vm_destroy(vm, &vm->nested));
	EXPECT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
	ASSERT_EQ(0, iommufd_ioas_unmap(vm->iommufd, vm->ioas, gpa, &length));
	EXPECT_EQ(-EFAULT, (int)device_reads(vm, IOVA(0)));
	vm->nested = second;
}

/* Number of interrupts that arrive after the device sends one */
static __u64 msi_send(struct cmdqv_vm *vm, int fd)
{
	__u64 count = 0;

	dma_interrupt(&vm->dev);
	wait_for(read(fd, &count, sizeof(count)) > 0);
	return count;
}

/* An MSI is a DMA: it goes through the guest's stage 1 to the doorbell. */
TEST_F(nested, msi)
{
	struct cmdqv_vm *vm = &self->vm;
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	__u64 none;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, vfio_set_irq(vm->dev.fd, VFIO_PCI_MSIX_IRQ_INDEX, fd));

	/* The guest's stage 1 does not map the window: no interrupt arrives, also not later */
	dma_interrupt(&vm->dev);
	EXPECT_EQ(-1, read(fd, &none, sizeof(none)));

	stage1_map_msi_window(&vm->ram);
	EXPECT_EQ(1, msi_send(vm, fd));
	EXPECT_EQ(1, msi_send(vm, fd));

	/* Interrupts still work after an attach to the parent and back */
	ASSERT_EQ(0, vfio_attach(vm->dev.fd, vm->parent));
	EXPECT_EQ(1, msi_send(vm, fd));
	ASSERT_EQ(0, vfio_attach(vm->dev.fd, vm->nested));
	EXPECT_EQ(1, msi_send(vm, fd));

	ASSERT_EQ(0, vfio_set_irq(vm->dev.fd, VFIO_PCI_MSIX_IRQ_INDEX, -1));
	close(fd);
}

TEST_HARNESS_MAIN
