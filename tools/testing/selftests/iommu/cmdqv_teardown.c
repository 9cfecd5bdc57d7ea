// SPDX-License-Identifier: GPL-2.0
/*
 * Teardown of a virtual machine: the legal order works, any other is refused
 * with EBUSY and changes nothing, and the next owner of the VINTF finds it
 * clean.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "cmdqv_test.h"
#include "cmdqv_regs.h"

#define LONG_LOG2SIZE	13

FIXTURE(teardown) {
	struct cmdqv_vm vm;
};

FIXTURE_SETUP(teardown)
{
	TEST_BUILD(&self->vm, 0, TEST_LOG2SIZE);
}

FIXTURE_TEARDOWN(teardown)
{
	TEST_END(&self->vm);
}

#define EXPECT_BUSY(vm, id) \
	EXPECT_EQ(-EBUSY, iommufd_destroy((vm)->iommufd, id))

TEST_F(teardown, only_the_legal_order)
{
	struct cmdqv_vm *vm = &self->vm;

	EXPECT_BUSY(vm, vm->ioas);
	EXPECT_BUSY(vm, vm->parent);
	EXPECT_BUSY(vm, vm->viommu);
	EXPECT_BUSY(vm, vm->queue[0].id);
	EXPECT_BUSY(vm, vm->nested);
	EXPECT_BUSY(vm, vm->dev_id);

	ASSERT_EQ(0, vm_detach(vm));
	ASSERT_EQ(0, vm_destroy(vm, &vm->nested));
	EXPECT_BUSY(vm, vm->viommu);
	ASSERT_EQ(0, vm_destroy(vm, &vm->vdevice));
	EXPECT_BUSY(vm, vm->viommu);
	EXPECT_BUSY(vm, vm->queue[0].id);
	ASSERT_EQ(0, vm_queue_free(vm, 1));
	EXPECT_BUSY(vm, vm->viommu);
	ASSERT_EQ(0, vm_queue_free(vm, 0));
	EXPECT_BUSY(vm, vm->viommu);
	vm_unmap_page0(vm);
	EXPECT_BUSY(vm, vm->parent);
	ASSERT_EQ(0, vm_destroy(vm, &vm->viommu));
	EXPECT_BUSY(vm, vm->ioas);
	ASSERT_EQ(0, vm_destroy(vm, &vm->parent));
	ASSERT_EQ(0, vm_destroy(vm, &vm->ioas));
}

/* A refused destroy has no effect: both queues still work. */
TEST_F(teardown, refusal_changes_nothing)
{
	struct cmdqv_vm *vm = &self->vm;
	int i;

	EXPECT_BUSY(vm, vm->viommu);
	EXPECT_BUSY(vm, vm->queue[0].id);
	for (i = 0; i < VM_QUEUES; i++)
		EXPECT_EQ(0, vcmdq_issue_sync(&vm->queue[i].q,
					      cmd_tlbi_nh_asid(VM_ASID)));
}

/* Each kind of holder holds the vIOMMU, also alone. */
TEST_F(teardown, every_holder_counts)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 ste[2] = { 0, 0 };
	__u32 id = 0;

	ASSERT_EQ(0, vm_detach(vm));
	ASSERT_EQ(0, vm_destroy(vm, &vm->nested));
	ASSERT_EQ(0, vm_destroy(vm, &vm->vdevice));
	ASSERT_EQ(0, vm_queue_free(vm, 1));
	ASSERT_EQ(0, vm_queue_free(vm, 0));
	EXPECT_BUSY(vm, vm->viommu);		/* the mapping */
	vm_unmap_page0(vm);

	ASSERT_EQ(0, iommufd_hwpt_nested(vm->iommufd, vm->dev_id, vm->viommu,
					 ste, &id));
	EXPECT_BUSY(vm, vm->viommu);
	ASSERT_EQ(0, vm_destroy(vm, &id));

	ASSERT_EQ(0, iommufd_vdevice_alloc(vm->iommufd, vm->viommu, vm->dev_id,
					   VM_VSID(0), &id));
	EXPECT_BUSY(vm, vm->viommu);
	ASSERT_EQ(0, vm_destroy(vm, &id));

	ASSERT_EQ(0, vm_queue_alloc(vm, 0, TEST_LOG2SIZE));
	EXPECT_BUSY(vm, vm->viommu);
	ASSERT_EQ(0, vm_queue_free(vm, 0));
	EXPECT_EQ(0, vm_destroy(vm, &vm->viommu));
}

/* Memory that the hardware reads cannot be unmapped from the IOAS. */
TEST_F(teardown, queue_memory_stays_mapped)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 length = vm->ram.size;

	EXPECT_EQ(-EBUSY, iommufd_ioas_unmap(vm->iommufd, vm->ioas,
					     vm->ram.gpa, &length));
	ASSERT_EQ(0, vm_detach(vm));
	ASSERT_EQ(0, vm_queue_free(vm, 1));
	length = vm->ram.size;
	EXPECT_EQ(-EBUSY, iommufd_ioas_unmap(vm->iommufd, vm->ioas,
					     vm->ram.gpa, &length));
	ASSERT_EQ(0, vm_queue_free(vm, 0));
	length = vm->ram.size;
	EXPECT_EQ(0, iommufd_ioas_unmap(vm->iommufd, vm->ioas, vm->ram.gpa,
					&length));
	EXPECT_EQ(vm->ram.size, length);
}

static void give_up(struct cmdqv_vm *vm, __u64 ring, int given_up)
{
	const __u64 bytes = sizeof(struct smmu_cmd) << LONG_LOG2SIZE;
	__u64 at;

	for (at = 0; at < bytes; at += RAM_PAGE)
		dma_give_up(&vm->dev, ring + at, given_up);
}

static void give_up_busy_queue(struct __test_metadata *_metadata, struct cmdqv_vm *vm,
			       struct cmdqv_regs *regs)
{
	struct vcmdq *q = &vm->queue[0].q;
	__u64 ring;
	int n;

	ASSERT_EQ(0, vm_queue_alloc(vm, 0, LONG_LOG2SIZE));
	ring = regs_queue_base(regs, 1, 0) & ~(RAM_PAGE - 1);
	ASSERT_EQ(0, vcmdq_enable(q));
	for (n = 0; n < (1 << LONG_LOG2SIZE) - 1; n++)
		ASSERT_EQ(0, vcmdq_add(q, cmd_tlbi_nh_asid(VM_ASID)));
	vcmdq_kick(q);
	ASSERT_EQ(0, vm_queue_free(vm, 0));
	give_up(vm, ring, 1);
	/* Longer than the hardware takes for all of them */
	usleep(100000);
	give_up(vm, ring, 0);
}

/*
 * A queue is destroyed with so many commands left that the hardware takes longer for
 * them than the kernel for the destruction. It does not read the memory any more.
 */
TEST_F(teardown, queue_memory_is_not_read)
{
	struct cmdqv_vm *vm = &self->vm;
	struct model_counts counts;
	struct cmdqv_regs regs;
	int i;

	ASSERT_EQ(0, regs_open(&regs));
	ASSERT_EQ(0, vm_queue_free(vm, 1));
	ASSERT_EQ(0, vm_queue_free(vm, 0));
	for (i = 0; i < 8; i++)
		give_up_busy_queue(_metadata, vm, &regs);
	vm_counts(vm, &counts);
	EXPECT_EQ(0, counts.strict_host);
	regs_close(&regs);
}

/* After munmap of a part each remaining piece is a holder. */
TEST_F(teardown, split_mapping)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 length = vm->mmap_length, part = length / 4;
	char *page0 = vm->page0;

	ASSERT_EQ(0, vm_detach(vm));
	ASSERT_EQ(0, vm_destroy(vm, &vm->nested));
	ASSERT_EQ(0, vm_destroy(vm, &vm->vdevice));
	ASSERT_EQ(0, vm_queue_free(vm, 1));
	ASSERT_EQ(0, vm_queue_free(vm, 0));
	if (part < ram_host_page())
		SKIP(return, "page 0 is one page of the host");
	ASSERT_EQ(0, munmap(page0 + part, part));
	EXPECT_BUSY(vm, vm->viommu);
	ASSERT_EQ(0, munmap(page0, part));
	EXPECT_BUSY(vm, vm->viommu);
	ASSERT_EQ(0, munmap(page0 + 2 * part, 2 * part));
	vm->page0 = NULL;
	EXPECT_EQ(0, vm_destroy(vm, &vm->viommu));
}

/* Unbinding the device destroys its vDEVICE, and the ID stays reserved. */
TEST_F(teardown, unbind_removes_vdevice)
{
	struct cmdqv_vm *vm = &self->vm;
	struct cmdqv_regs regs;
	__u32 id = 0;

	ASSERT_EQ(0, regs_open(&regs));
	EXPECT_EQ(VM_VSID(0) << 1 | 1, regs_sid_match(&regs, 1, 0));
	ASSERT_EQ(0, vm_detach(vm));
	dma_close(&vm->dev);
	EXPECT_EQ(-ENOENT, iommufd_destroy(vm->iommufd, vm->vdevice));
	EXPECT_EQ(0, regs_sid_match(&regs, 1, 0));
	EXPECT_EQ(0, regs_sid_replace(&regs, 1, 0));
	regs_close(&regs);
	/* The queues do not need the device. */
	EXPECT_EQ(0, vcmdq_issue_sync(&vm->queue[0].q,
				      cmd_tlbi_nh_asid(VM_ASID)));
	/* It can come back, under another ID. */
	ASSERT_EQ(0, dma_open(&vm->dev, 0));
	ASSERT_EQ(0, vfio_bind(vm->dev.fd, vm->iommufd, &vm->dev_id));
	ASSERT_EQ(0, dma_map(&vm->dev));
	EXPECT_EQ(0, iommufd_vdevice_alloc(vm->iommufd, vm->viommu, vm->dev_id,
					   VM_VSID(0), &id));
	EXPECT_NE(vm->vdevice, id);
	vm->vdevice = id;
}

/* A mapping of page 0 outlives the closed descriptor. */
TEST_F(teardown, mapping_outlives_descriptor)
{
	struct cmdqv_vm *vm = &self->vm;
	struct cmdqv_regs regs;

	ASSERT_EQ(0, regs_open(&regs));
	dma_close(&vm->dev);
	close(vm->iommufd);
	EXPECT_EQ(1, regs_vintfs_in_use(&regs));
	EXPECT_EQ(0, vcmdq_issue_sync(&vm->queue[1].q,
				      cmd_tlbi_nh_asid(VM_ASID)));
	vm_unmap_page0(vm);
	EXPECT_EQ(0, regs_vintfs_in_use(&regs));
	EXPECT_EQ(1, regs_vintf_clean(&regs, 1));
	regs_close(&regs);
	ram_free(&vm->ram);
	/* The teardown of the fixture needs a VM. */
	ASSERT_EQ(0, vm_build(vm, 0, TEST_LOG2SIZE));
}

/* The next owner of the VINTF sees no StreamID, index, error or address. */
TEST_F(teardown, reuse_starts_clean)
{
	struct cmdqv_vm *vm = &self->vm;
	struct cmdqv_regs regs;
	struct smmu_cmd illegal = { .w = { CMD_CFGI_STE, 0 } };
	unsigned int i, reg;

	ASSERT_EQ(0, regs_open(&regs));
	EXPECT_EQ(1, regs_vintfs_in_use(&regs));
	EXPECT_EQ(0, regs_vintf_clean(&regs, 1));
	for (i = 0; i < VM_QUEUES; i++) {
		EXPECT_NE(0, regs_queue_base(&regs, 1, i));
		ASSERT_EQ(0, vcmdq_issue_sync(&vm->queue[i].q,
					      cmd_tlbi_nh_asid(VM_ASID)));
		ASSERT_EQ(-EIO, vcmdq_issue_sync(&vm->queue[i].q, illegal));
	}
	TEST_STEP(vm, vm_teardown(vm));
	EXPECT_EQ(0, regs_vintfs_in_use(&regs));
	EXPECT_EQ(1, regs_vintf_clean(&regs, 1));
	vm_close(vm);

	TEST_STEP(vm, vm_open(vm, 0));
	TEST_STEP(vm, vm_viommu(vm));
	TEST_STEP(vm, vm_map_page0(vm));
	EXPECT_EQ(1, regs_vintf_config(&regs, 1) & 1);
	for (i = 0; i < regs.sids; i++)
		EXPECT_EQ(0, regs_sid_match(&regs, 1, i));
	for (i = 0; i < VM_QUEUES; i++) {
		TEST_STEP(vm, vm_queue_alloc(vm, i, TEST_LOG2SIZE));
		for (reg = VCMDQ_CONS; reg <= VCMDQ_STATUS; reg += 4)
			EXPECT_EQ(0, vcmdq_read(&vm->queue[i].q, reg));
		EXPECT_EQ(vcmdq_read(&vm->queue[i].q, VCMDQ_GERROR),
			  vcmdq_read(&vm->queue[i].q, VCMDQ_GERRORN));
		EXPECT_EQ(0, vcmdq_enable(&vm->queue[i].q));
		EXPECT_EQ(0, vcmdq_issue_sync(&vm->queue[i].q,
					      cmd_tlbi_nh_asid(VM_ASID)));
	}
	regs_close(&regs);
}

/*
 * A slot of page 0 without a queue reads as zero, or on other hardware as ones, and
 * ignores writes, after the queue is destroyed. The next queue starts clean.
 */
TEST_F(teardown, empty_slot)
{
	struct cmdqv_vm *vm = &self->vm;
	struct vcmdq *q = &vm->queue[1].q;
	unsigned int reg;
	__u32 empty;

	ASSERT_EQ(0, vcmdq_issue_sync(q, cmd_tlbi_nh_asid(VM_ASID)));
	ASSERT_EQ(0, vm_queue_free(vm, 1));
	empty = vcmdq_read(q, VCMDQ_CONS);
	EXPECT_TRUE(!empty || empty == 0xffffffff);
	for (reg = VCMDQ_CONS; reg <= VCMDQ_GERRORN; reg += 4) {
		EXPECT_EQ(empty, vcmdq_read(q, reg));
		vcmdq_write(q, reg, 1);
		EXPECT_EQ(empty, vcmdq_read(q, reg));
	}
	ASSERT_EQ(0, vm_queue_alloc(vm, 1, TEST_LOG2SIZE));
	EXPECT_EQ(0, vcmdq_read(q, VCMDQ_CONFIG));
	EXPECT_EQ(0, vcmdq_read(q, VCMDQ_PROD));
	EXPECT_EQ(0, vcmdq_enable(q));
	EXPECT_EQ(0, vcmdq_issue_sync(q, cmd_tlbi_nh_asid(VM_ASID)));
}

TEST_HARNESS_MAIN
