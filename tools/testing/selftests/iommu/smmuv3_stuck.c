// SPDX-License-Identifier: GPL-2.0
/*
 * A queue of the host that stands at a CMD_SYNC, because a device does not answer an
 * ATC_INV. Needs a machine with ATS, two devices with a function level reset (flr=on), and
 * a model in which a CMD_SYNC behind such an ATC_INV is late (fault-sync-unanswered): longer
 * than the driver waits for it, or shorter. All processors share one queue.
 *
 * The kernel asks a silent device once more and blocks it, so two of its ATC_INVs are
 * unanswered, and two CMD_SYNCs late. A device that answers is never blocked.
 *
 * The handler of the SMMU's errors runs on the first processor, where nothing here waits for
 * a CMD_SYNC.
 */
#include "smmuv3_stuck.h"

#define OPCODE_CFGI_STE	0x03
/* Unanswered ATC_INVs until a device is blocked, and late CMD_SYNCs */
#define ASKED		2

static __u64 changed_stes(struct cmdqv_vm *vm)
{
	return model_host_opcode(&vm->dev, OPCODE_CFGI_STE, CMDQV_WIN_Q_CFGI_STE);
}

/* Counters before a device falls silent */
struct before {
	__u64 asked, late, stes;
};

static void be_silent(struct cmdqv_vm *vm, struct before *before)
{
	before->asked = atc_unanswered(vm);
	before->late = late_syncs(vm);
	before->stes = changed_stes(vm);
	atc_be_silent(vm, DMA_TEST_SILENT);
}

/*
 * The call has returned: the STE of the device aborts. ATC_READ depends on the STE in memory;
 * detach_behind shows that an STE is awaited.
 */
static void expect_blocked(struct __test_metadata *_metadata, struct cmdqv_vm *vm,
			   __u64 iova, const struct before *before)
{
	EXPECT_EQ(before->asked + ASKED, atc_unanswered(vm));
	EXPECT_EQ(before->late + ASKED, late_syncs(vm));
	EXPECT_LT(before->stes, changed_stes(vm));
	EXPECT_EQ(1, atc_entries(vm));
	EXPECT_EQ(DMA_TEST_FAULT, atc_run(vm, iova, DMA_TEST_ATC_READ));
}

/* Two VMs; the device of one is silent */
FIXTURE(stuck) {
	struct cmdqv_vm silent;
	struct cmdqv_vm other;
	struct before before;
};

/* The kernel asks its suspects in the order of their StreamIDs */
FIXTURE_VARIANT(stuck) {
	unsigned int silent;
};

FIXTURE_VARIANT_ADD(stuck, first) { .silent = 0 };
FIXTURE_VARIANT_ADD(stuck, second) { .silent = 1 };

FIXTURE_SETUP(stuck)
{
	start_with_ats(_metadata, &self->silent, variant->silent);
	start_with_ats(_metadata, &self->other, !variant->silent);
	ASSERT_EQ(0, pin(pthread_self(), 1));
	be_silent(&self->silent, &self->before);
}

FIXTURE_TEARDOWN(stuck)
{
	EXPECT_EQ(0, device_reset(&self->silent));
	TEST_END(&self->other);
	TEST_END(&self->silent);
}

TEST_F(stuck, unmap)
{
	ASSERT_EQ(0, unmap_ram(&self->silent));
	expect_blocked(_metadata, &self->silent, IOVA(0), &self->before);
	EXPECT_EQ(1, atc_entries(&self->other));
	EXPECT_EQ(VALUE_A, device_reads(&self->other, IOVA(0)));

	ASSERT_EQ(0, map_ram(&self->silent));
	EXPECT_EQ((__u64)-EFAULT, device_reads(&self->silent, IOVA(0)));
	ASSERT_EQ(0, device_reset(&self->silent));
	EXPECT_EQ(VALUE_A, device_reads(&self->silent, IOVA(0)));
}

/* A call for a VM, as soon as the queue stands at the first CMD_SYNC */
struct behind {
	struct _test_data_stuck *fixture;
	struct cmdqv_vm *vm;
	int (*call)(struct cmdqv_vm *vm);
	int rc;
	__u64 entries;
	__u64 value;
};

static void *call_behind(void *data)
{
	struct behind *b = data;

	b->rc = -ETIME;
	if (wait_for(atc_unanswered(&b->fixture->silent) != b->fixture->before.asked))
		b->rc = b->call(b->vm);
	b->entries = atc_entries(b->vm);
	b->value = device_reads(b->vm, IOVA(0));
	return NULL;
}

static int invalidate_other(struct cmdqv_vm *vm)
{
	return invalidate_one(vm, CMD_ATC_INV | VSID(vm), IOVA(0));
}

/* The guest moves a page, and invalidates its TLB entry alone */
static int move_page(struct cmdqv_vm *vm)
{
	struct smmu_cmd cmd = cmd_tlbi_nh_va(VM_ASID, IOVA(0));

	stage1_map(&vm->ram, IOVA(0), GPA(vm, 1));
	return invalidate_one(vm, cmd.w[0], cmd.w[1]);
}

/* Stage 1 without ATS, and with a translation in the TLB of the SMMU */
static void without_ats(struct __test_metadata *_metadata, struct cmdqv_vm *vm)
{
	__u32 with_ats = vm->nested;
	__u64 ste[2];

	stage1_ste(&vm->ram, ste);
	ASSERT_EQ(0, iommufd_hwpt_nested(vm->iommufd, vm->dev_id, vm->viommu, ste,
					 &vm->nested));
	ASSERT_EQ(0, vfio_attach(vm->dev.fd, vm->nested));
	ASSERT_EQ(0, iommufd_destroy(vm->iommufd, with_ats));
	ASSERT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
}

static struct behind run_behind(struct __test_metadata *_metadata,
				struct _test_data_stuck *self, struct cmdqv_vm *vm,
				int (*call)(struct cmdqv_vm *vm))
{
	struct behind b = { .fixture = self, .vm = vm, .call = call };
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, call_behind, &b));
	ASSERT_EQ(0, pin(thread, 2));
	EXPECT_EQ(0, unmap_ram(&self->silent));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, b.rc);
	return b;
}

/* ATC_INVs behind the CMD_SYNC accuse no device: the queue does not stand there */
TEST_F(stuck, invalidation_behind)
{
	struct behind b = run_behind(_metadata, self, &self->other, invalidate_other);

	/* It has answered when the call returns */
	EXPECT_EQ(0, b.entries);
	EXPECT_EQ(VALUE_A, b.value);
	expect_blocked(_metadata, &self->silent, IOVA(0), &self->before);
}

TEST_F(stuck, tlb_invalidation_behind)
{
	struct behind b = run_behind(_metadata, self, &self->other, move_page);

	EXPECT_EQ(VALUE_B, b.value);
	expect_blocked(_metadata, &self->silent, IOVA(0), &self->before);
}

TEST_F(stuck, unmap_behind)
{
	struct behind b = run_behind(_metadata, self, &self->other, unmap_ram);

	EXPECT_EQ(0, b.entries);
	EXPECT_EQ((__u64)-EFAULT, b.value);
	expect_blocked(_metadata, &self->silent, IOVA(0), &self->before);
	ASSERT_EQ(0, map_ram(&self->other));
	EXPECT_EQ(VALUE_A, device_reads(&self->other, IOVA(0)));
}

/* The unmap sends TLBIs alone */
TEST_F(stuck, unmap_behind_without_ats)
{
	struct behind b;

	without_ats(_metadata, &self->other);
	b = run_behind(_metadata, self, &self->other, unmap_ram);
	EXPECT_EQ((__u64)-EFAULT, b.value);
	expect_blocked(_metadata, &self->silent, IOVA(0), &self->before);
	ASSERT_EQ(0, map_ram(&self->other));
	EXPECT_EQ(VALUE_A, device_reads(&self->other, IOVA(0)));
}

/* The SMMU of the model keeps an STE until its CFGI_STE */
TEST_F(stuck, detach_behind)
{
	struct behind b;

	without_ats(_metadata, &self->other);
	b = run_behind(_metadata, self, &self->other, vm_detach);
	EXPECT_EQ((__u64)-EFAULT, b.value);
	expect_blocked(_metadata, &self->silent, IOVA(0), &self->before);
}

static int answer_again(struct cmdqv_vm *vm)
{
	atc_be_silent(vm, 0);
	return 0;
}

/*
 * A device that answers when it is asked alone is not blocked. A short wait may be over
 * before it does.
 */
TEST_F(stuck, second_chance)
{
	struct cmdqv_vm *vm = &self->silent;

	run_behind(_metadata, self, vm, answer_again);
	ASSERT_EQ(self->before.asked + 1, atc_unanswered(vm));
	ASSERT_EQ(0, map_ram(vm));
	EXPECT_EQ(VALUE_A, device_reads(vm, IOVA(0)));
}

/* Both devices in one HWPT: each unmap sends their ATC_INVs before one CMD_SYNC */
static void same_hwpt(struct __test_metadata *_metadata, unsigned int silent)
{
	struct cmdqv_vm vm, other;
	struct before before;

	TEST_RESERVE();
	TEST_STEP(&vm, vm_open(&vm, silent));
	*ram_data(&vm.ram, 0) = VALUE_A;
	ASSERT_EQ(0, vfio_attach(vm.dev.fd, vm.parent));
	vm.attached = 1;
	ASSERT_EQ(0, dma_open(&other.dev, !silent));
	ASSERT_EQ(0, vfio_bind(other.dev.fd, vm.iommufd, &other.dev_id));
	ASSERT_EQ(0, dma_map(&other.dev));
	ASSERT_EQ(0, vfio_attach(other.dev.fd, vm.parent));
	ASSERT_EQ(DMA_TEST_OK, atc_fill(&vm, GPA(&vm, 0)));
	ASSERT_EQ(DMA_TEST_OK, atc_fill(&other, GPA(&vm, 0)));
	ASSERT_EQ(0, pin(pthread_self(), 1));

	be_silent(&vm, &before);
	EXPECT_EQ(0, unmap_ram(&vm));
	expect_blocked(_metadata, &vm, GPA(&vm, 0), &before);
	EXPECT_EQ(0, atc_entries(&other));
	ASSERT_EQ(0, map_ram(&vm));
	EXPECT_EQ(VALUE_A, device_reads(&other, GPA(&vm, 0)));

	EXPECT_EQ(0, device_reset(&vm));
	EXPECT_EQ(0, vfio_detach(other.dev.fd));
	dma_close(&other.dev);
	TEST_END(&vm);
}

TEST(same_hwpt_first)
{
	same_hwpt(_metadata, 0);
}

TEST(same_hwpt_second)
{
	same_hwpt(_metadata, 1);
}

TEST_HARNESS_MAIN
