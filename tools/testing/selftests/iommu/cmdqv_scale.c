// SPDX-License-Identifier: GPL-2.0
/*
 * All of the hardware at once: a vIOMMU on every VINTF except the kernel's, with every
 * queue, all of them in use; one more is refused without an effect on the others. Then
 * one VINTF is made and destroyed a thousand times, and no counter may change.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmdqv_test.h"
#include "cmdqv_regs.h"

#define MAX_VINTFS	64
#define QUEUE_BYTES	(sizeof(struct smmu_cmd) << TEST_LOG2SIZE)
#define CYCLES		1000

/**
 * struct slice - A vIOMMU with its queues, all on one nesting parent
 * @viommu: The object
 * @queue: Its queues
 * @page0: Page 0 of its VINTF
 */
struct slice {
	__u32 viommu;
	struct vm_queue queue[VM_QUEUES];
	void *page0;
};

FIXTURE(scale) {
	struct cmdqv_vm vm;
	struct cmdqv_regs regs;
	struct slice slice[MAX_VINTFS];
};

FIXTURE_SETUP(scale)
{
	TEST_RESERVE();
	ASSERT_EQ(0, regs_open(&self->regs));
	ASSERT_GE(MAX_VINTFS, self->regs.vintfs);
	ASSERT_LE(VM_QUEUES, self->regs.queues);
	TEST_STEP(&self->vm, vm_open(&self->vm, 0));
}

FIXTURE_TEARDOWN(scale)
{
	unsigned int v;

	TEST_END(&self->vm);
	EXPECT_EQ(0, regs_vintfs_in_use(&self->regs));
	for (v = 1; v < self->regs.vintfs; v++)
		EXPECT_EQ(1, regs_vintf_clean(&self->regs, v));
	regs_close(&self->regs);
}

/* vIOMMU and page 0. 0, or -errno */
static int slice_open(struct cmdqv_vm *vm, struct slice *s)
{
	struct iommu_viommu_tegra241_cmdqv data = { 0 };
	int rc = iommufd_viommu_alloc(vm->iommufd, vm->dev_id, vm->parent,
				      IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV, &data,
				      sizeof(data), &s->viommu);

	if (rc)
		return rc;
	s->page0 = mmap(NULL, data.out_vintf_mmap_length,
			PROT_READ | PROT_WRITE, MAP_SHARED, vm->iommufd,
			data.out_vintf_mmap_offset);
	vm->mmap_length = data.out_vintf_mmap_length;
	return s->page0 == MAP_FAILED ? -errno : 0;
}

/* Every queue has its own part of RAM, by the number of the slice */
static int slice_start(struct cmdqv_vm *vm, struct slice *s, unsigned int n)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < VM_QUEUES && !rc; i++) {
		__u64 where = RAM_QUEUE(i) + n * QUEUE_BYTES;

		rc = iommufd_hw_queue_alloc(vm->iommufd, s->viommu, VM_QUEUE_TYPE, i,
					    ram_gpa(&vm->ram, where),
					    QUEUE_BYTES, &s->queue[i].id);
		if (rc)
			break;
		vcmdq_init(&s->queue[i].q, s->page0, i, ram_va(&vm->ram, where),
			   TEST_LOG2SIZE);
		rc = vcmdq_enable(&s->queue[i].q);
	}
	return rc;
}

static int slice_run(struct slice *s)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < VM_QUEUES && !rc; i++)
		rc = vcmdq_issue_sync(&s->queue[i].q,
				      cmd_tlbi_nh_asid(VM_ASID));
	return rc;
}

static int slice_close(struct cmdqv_vm *vm, struct slice *s)
{
	int i, rc = 0;

	for (i = VM_QUEUES - 1; i >= 0 && !rc; i--)
		rc = vm_destroy(vm, &s->queue[i].id);
	munmap(s->page0, vm->mmap_length);
	return rc ?: vm_destroy(vm, &s->viommu);
}

TEST_F(scale, all_at_once)
{
	const unsigned int count = self->regs.vintfs - 1;
	struct cmdqv_vm *vm = &self->vm;
	struct model_counts counts;
	struct slice more = { 0 };
	unsigned int i, v;

	for (i = 0; i < count; i++) {
		ASSERT_EQ(0, slice_open(vm, &self->slice[i]));
		ASSERT_EQ(0, slice_start(vm, &self->slice[i], i));
	}
	EXPECT_EQ(count, regs_vintfs_in_use(&self->regs));
	for (v = 1; v <= count; v++)
		for (i = 0; i < VM_QUEUES; i++)
			EXPECT_EQ(1, regs_alloc_map(&self->regs, v, i) & 1);
	for (i = 0; i < count; i++)
		EXPECT_EQ(0, slice_run(&self->slice[i]));
	vm_counts(vm, &counts);
	EXPECT_EQ(count * VM_QUEUES, counts.guest.tlbi_nh_asid);
	EXPECT_EQ(0, counts.guest.errors);

	/* One more is refused each time */
	EXPECT_EQ(-ENOSPC, slice_open(vm, &more));
	EXPECT_EQ(-ENOSPC, slice_open(vm, &more));
	EXPECT_EQ(0, slice_run(&self->slice[0]));

	/* A released VINTF can be allocated again, without an effect on the neighbours */
	ASSERT_EQ(0, slice_close(vm, &self->slice[count / 2]));
	ASSERT_EQ(0, slice_open(vm, &self->slice[count / 2]));
	EXPECT_EQ(-ENOSPC, slice_open(vm, &more));
	ASSERT_EQ(0, slice_start(vm, &self->slice[count / 2], count / 2));
	for (i = 0; i < count; i++)
		EXPECT_EQ(0, slice_run(&self->slice[i]));
	TH_LOG("%u VINTFs with %u queues each", count, VM_QUEUES);

	for (i = 0; i < count; i++)
		EXPECT_EQ(0, slice_close(vm, &self->slice[i]));
}

/* Pages of this process that are pinned, in KiB */
static long pinned(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	long kib = -1;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmPin: %ld", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

TEST_F(scale, cycles)
{
	struct cmdqv_vm *vm = &self->vm;
	struct model_counts counts;
	long kib = pinned();
	unsigned int i;

	ASSERT_LE(0, kib);
	for (i = 0; i < CYCLES; i++) {
		struct slice *s = &self->slice[0];

		ASSERT_EQ(0, slice_open(vm, s))
		{
			TH_LOG("cycle %u", i);
		}
		ASSERT_EQ(0, slice_start(vm, s, i % 64));
		ASSERT_EQ(0, slice_run(s));
		ASSERT_EQ(0, slice_close(vm, s));
	}
	/* Always the same VINTF: none is left in use */
	EXPECT_EQ(0, regs_vintfs_in_use(&self->regs));
	EXPECT_EQ(kib, pinned());
	vm_counts(vm, &counts);
	EXPECT_EQ(CYCLES * VM_QUEUES, counts.guest.tlbi_nh_asid);
	EXPECT_EQ(CYCLES * VM_QUEUES, counts.guest.sync);
	EXPECT_EQ(0, counts.guest.errors);
	EXPECT_EQ(0, counts.interrupts);
}

TEST_HARNESS_MAIN
