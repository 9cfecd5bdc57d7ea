// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of the HWPT of a device under its DMA. Needs a machine with ATS (ats=on of
 * the model, and the IORT for it).
 *
 * The device reads at each CMD_SYNC that the SMMU executes, and so between all steps of
 * a change of its STE: a moment with V = 0 aborts one of these reads, in each run. Stage
 * 1 and stage 2 lead the same address to different pages.
 */
#include "smmuv3_ats.h"
#include "cmdqv_events.h"
#include "kernel_log.h"

#define DEPTH		4

/* Virtual STE, words 0 and 1 */
#define VSTE_S1CONTEXTPTR	((1ULL << 52) - (1ULL << 6))
#define VSTE_S1DSS_BYPASS	(1ULL << 0)

enum {
	PARENT, BYPASS, STAGE1, STAGE1_DSS, OTHER_DSS, OTHER_DSS_ATS, ABORT, HWPTS,
};

FIXTURE(hitless) {
	struct cmdqv_vm vm;
	struct veventq queue;
	__u32 hwpts[HWPTS];
	int log;
};

static void read_at_sync(struct cmdqv_vm *vm, __u64 iova, __u64 on)
{
	*(volatile __u64 *)(vm->dev.regs + DMA_TEST_ADDR) = iova;
	*(volatile __u64 *)(vm->dev.regs + DMA_TEST_AT_SYNC) = on;
}

/* The words for a context descriptor that is a copy of the one of @ste */
static void other_table(struct guest_ram *ram, __u64 ste[2])
{
	__u64 cd = ste[0] & VSTE_S1CONTEXTPTR;

	memcpy(ram_va(ram, RAM_FREE), ram_va(ram, cd - ram->gpa), RAM_PAGE);
	ste[0] ^= cd ^ ram_gpa(ram, RAM_FREE);
}

static __u32 make(struct __test_metadata *_metadata, struct cmdqv_vm *vm,
		  __u64 word0, __u64 word1)
{
	const __u64 ste[2] = { word0, word1 };
	__u32 hwpt = 0;

	EXPECT_EQ(0, iommufd_hwpt_nested(vm->iommufd, vm->dev_id, vm->viommu,
					 ste, &hwpt));
	return hwpt;
}

FIXTURE_SETUP(hitless)
{
	struct cmdqv_vm *vm = &self->vm;
	struct guest_ram *ram = &vm->ram;
	__u64 ste[2];

	NESTED_OPEN(vm, 0);
	TEST_STEP(vm, vm_vdevice(vm));
	ASSERT_EQ(0, iommufd_ioas_map(vm->iommufd, vm->ioas,
				      (void *)ram_data(ram, 1), IOVA(0), RAM_PAGE,
				      IOMMU_IOAS_MAP_READABLE));
	stage1_init(ram, VM_ASID);
	stage1_map(ram, IOVA(0), GPA(vm, 0));
	stage1_ste(ram, ste);
	self->hwpts[PARENT] = vm->parent;
	self->hwpts[BYPASS] = make(_metadata, vm, VSTE_V | VSTE_CFG_BYPASS, 0);
	self->hwpts[STAGE1] = make(_metadata, vm, ste[0], ste[1]);
	ste[1] |= VSTE_S1DSS_BYPASS;
	self->hwpts[STAGE1_DSS] = make(_metadata, vm, ste[0], ste[1]);
	other_table(ram, ste);
	self->hwpts[OTHER_DSS] = make(_metadata, vm, ste[0], ste[1]);
	self->hwpts[OTHER_DSS_ATS] = make(_metadata, vm, ste[0], ste[1] | VSTE_EATS_TRANS);
	self->hwpts[ABORT] = make(_metadata, vm, VSTE_V | VSTE_CFG_ABORT, 0);
	ASSERT_EQ(0, veventq_open(vm, IOMMU_VEVENTQ_TYPE_ARM_SMMUV3, DEPTH,
				  &self->queue));
	ASSERT_EQ(0, vfio_attach(vm->dev.fd, vm->parent));
	vm->attached = 1;
	self->log = kmsg_open();
	ASSERT_LE(0, self->log);
	read_at_sync(vm, IOVA(0), 1);
}

FIXTURE_TEARDOWN(hitless)
{
	struct cmdqv_vm *vm = &self->vm;
	unsigned int i;

	EXPECT_TRUE(veventq_quiet(&self->queue, SMMU_EVENT_IRQ));
	EXPECT_EQ(0, kmsg_count(self->log, "event 0x"));
	close(self->log);
	read_at_sync(vm, 0, 0);
	EXPECT_EQ(0, vfio_attach(vm->dev.fd, vm->parent));
	for (i = PARENT + 1; i < HWPTS; i++)
		EXPECT_EQ(0, vm_destroy(vm, &self->hwpts[i]));
	EXPECT_EQ(0, veventq_close(vm, &self->queue));
	TEST_END(vm);
}

/* Attach; returns how many reads failed, and expects some in all */
static __u64 failed_reads(struct __test_metadata *_metadata,
			  struct cmdqv_vm *vm, __u32 hwpt)
{
	__u64 oks = atc_reg(vm, DMA_TEST_OKS);
	__u64 failures = atc_reg(vm, DMA_TEST_FAILURES);

	EXPECT_EQ(0, vfio_attach(vm->dev.fd, hwpt));
	oks = atc_reg(vm, DMA_TEST_OKS) - oks;
	failures = atc_reg(vm, DMA_TEST_FAILURES) - failures;
	EXPECT_LT(0, oks + failures);
	return failures;
}

/* In the order of a guest that boots, takes stage 1 into use, changes it, and leaves it */
TEST_F(hitless, attach)
{
	static const unsigned int steps[] = {
		STAGE1, PARENT, STAGE1, BYPASS, STAGE1, BYPASS, STAGE1_DSS,
		OTHER_DSS_ATS, STAGE1_DSS, OTHER_DSS, OTHER_DSS_ATS, OTHER_DSS,
		OTHER_DSS_ATS, BYPASS, OTHER_DSS_ATS, PARENT, BYPASS, PARENT,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		unsigned int to = steps[i];
		int stage2 = to == PARENT || to == BYPASS;

		EXPECT_EQ(0, failed_reads(_metadata, &self->vm, self->hwpts[to]))
		{
			TH_LOG("step %u", i);
		}
		EXPECT_EQ(stage2 ? VALUE_B : VALUE_A,
			  atc_reg(&self->vm, DMA_TEST_DATA));
	}
}

/* The device notices an STE that refuses its DMA, if only until the next attach */
TEST_F(hitless, abort_is_noticed)
{
	struct cmdqv_vm *vm = &self->vm;

	EXPECT_LT(0, failed_reads(_metadata, vm, self->hwpts[ABORT]));
	failed_reads(_metadata, vm, self->hwpts[STAGE1]);
	EXPECT_EQ(VALUE_A, atc_reg(vm, DMA_TEST_DATA));
}

TEST_HARNESS_MAIN
