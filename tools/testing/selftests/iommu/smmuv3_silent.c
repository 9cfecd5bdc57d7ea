// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that do not answer an ATC_INV: in reset, or broken. Needs a machine with ATS
 * (ats=on of the model, and the IORT for it), a device with a function level reset
 * (flr=on), and another behind a root port, which is reset with its bus.
 *
 * The device counts each ATC_INV that it does not answer. The SMMU lets a translated
 * transaction through only if the STE of the device permits it.
 */
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>

#include "smmuv3_ats.h"

#define RESETS		5
#define TIMEOUTS	100
/* An area of its own, so that it can be unmapped alone */
#define EXTRA_GPA	(RAM_GPA + 16 * RAM_SIZE)

/* A reset of the bus or the slot, with all devices there; they belong to this VM */
static int hot_reset(struct cmdqv_vm *vm)
{
	struct vfio_pci_hot_reset cmd = { .argsz = sizeof(cmd) };

	return ioctl(vm->dev.fd, VFIO_DEVICE_PCI_HOT_RESET, &cmd) ? -errno : 0;
}

/* The first device that is not on the root bus */
static int below_port(unsigned int *index)
{
	unsigned int domain, bus;
	char name[PCI_NAME_LEN];

	for (*index = 0; !pci_find(PCI_DMA_TEST_VENDOR_ID, PCI_DMA_TEST_DEVICE_ID,
				   *index, name); ++*index)
		if (sscanf(name, "%x:%x", &domain, &bus) == 2 && bus)
			return 0;
	return -ENODEV;
}

FIXTURE(silent) {
	struct cmdqv_vm vm;
};

FIXTURE_SETUP(silent)
{
	struct cmdqv_vm *vm = &self->vm;

	NESTED_OPEN(vm, 0);
	ASSERT_EQ(0, ats_nest(vm, 1));
	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	vm->attached = 1;
}

FIXTURE_TEARDOWN(silent)
{
	TEST_END(&self->vm);
}

FIXTURE_VARIANT(silent) {
	bool stage1;
};

FIXTURE_VARIANT_ADD(silent, stage1) { .stage1 = true };
FIXTURE_VARIANT_ADD(silent, stage2) { .stage1 = false };

/* Attach, and let the device keep a translation, whose address is returned */
static __u64 keep(struct __test_metadata *_metadata, struct cmdqv_vm *vm,
		  bool stage1)
{
	__u64 iova = stage1 ? IOVA(0) : GPA(vm, 0);

	ASSERT_EQ(0, vfio_attach(vm->dev.fd,
				 stage1 ? vm->nested : vm->parent));
	ASSERT_EQ(DMA_TEST_OK, atc_fill(vm, iova));
	ASSERT_EQ(DMA_TEST_OK, atc_run(vm, iova, DMA_TEST_ATC_READ));
	return iova;
}

/*
 * When the unmap returns the pages belong to the host again: the device must not reach
 * them, although it has a translation. It is released by a reset.
 */
TEST_F(silent, unmap)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 iova = keep(_metadata, vm, variant->stage1);

	atc_be_silent(vm, DMA_TEST_SILENT);
	ASSERT_EQ(0, unmap_ram(vm));
	EXPECT_LT(0, atc_unanswered(vm));
	EXPECT_EQ(1, atc_entries(vm));
	EXPECT_EQ(DMA_TEST_FAULT, atc_run(vm, iova, DMA_TEST_ATC_READ));
	EXPECT_EQ(DMA_TEST_FAULT, atc_run(vm, iova, DMA_TEST_ATC_WRITE));

	ASSERT_EQ(0, map_ram(vm));
	EXPECT_EQ((__u64)-EFAULT, device_reads(vm, iova));
	/* No other attach releases it */
	EXPECT_EQ(0, vfio_attach(vm->dev.fd, vm->parent));
	EXPECT_EQ((__u64)-EFAULT, device_reads(vm, GPA(vm, 0)));
	EXPECT_EQ(0, vfio_attach(vm->dev.fd,
				 variant->stage1 ? vm->nested : vm->parent));

	ASSERT_EQ(0, device_reset(vm));
	EXPECT_EQ(VALUE_A, device_reads(vm, iova));
	EXPECT_EQ(DMA_TEST_OK, atc_fill(vm, iova));
	EXPECT_EQ(DMA_TEST_OK, atc_run(vm, iova, DMA_TEST_ATC_READ));
}

/*
 * The ATC_INVs of a guest go to the queue that all guests share. The first one blocks the
 * device, so that no other one makes the queue wait.
 */
TEST_F(silent, invalidation)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 iova = keep(_metadata, vm, variant->stage1), before;

	atc_be_silent(vm, DMA_TEST_SILENT);
	EXPECT_EQ(0, invalidate_one(vm, CMD_ATC_INV | VSID(vm), IOVA(0)));
	before = atc_unanswered(vm);
	EXPECT_LT(0, before);
	EXPECT_EQ(1, atc_entries(vm));
	EXPECT_EQ(DMA_TEST_FAULT, atc_run(vm, iova, DMA_TEST_ATC_READ));
	EXPECT_EQ(0, invalidate_one(vm, CMD_ATC_INV | VSID(vm), IOVA(0)));
	EXPECT_EQ(before, atc_unanswered(vm));

	ASSERT_EQ(0, device_reset(vm));
	EXPECT_EQ(VALUE_A, device_reads(vm, iova));
	EXPECT_EQ(DMA_TEST_OK, atc_fill(vm, iova));
	EXPECT_EQ(0, invalidate_one(vm, CMD_ATC_INV | VSID(vm), IOVA(0)));
	EXPECT_EQ(before, atc_unanswered(vm));
}

/* A device that a reset does not cure stays blocked */
TEST_F(silent, for_good)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 iova = keep(_metadata, vm, variant->stage1);

	atc_be_silent(vm, DMA_TEST_SILENT_FOR_GOOD);
	ASSERT_EQ(0, unmap_ram(vm));
	ASSERT_EQ(0, map_ram(vm));
	ASSERT_EQ(0, device_reset(vm));
	EXPECT_EQ((__u64)-EFAULT, device_reads(vm, iova));
	atc_be_silent(vm, 0);
	EXPECT_EQ((__u64)-EFAULT, device_reads(vm, iova));
	ASSERT_EQ(0, device_reset(vm));
	EXPECT_EQ(VALUE_A, device_reads(vm, iova));
}

/* The new domain has ATS, too, and its unmaps do not empty what the old one has left */
TEST_F(silent, other_domain)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 iova = keep(_metadata, vm, variant->stage1);

	atc_be_silent(vm, DMA_TEST_SILENT);
	ASSERT_EQ(0, vfio_attach(vm->dev.fd,
				 variant->stage1 ? vm->parent : vm->nested));
	EXPECT_EQ(1, atc_entries(vm));
	EXPECT_EQ(DMA_TEST_FAULT, atc_run(vm, iova, DMA_TEST_ATC_READ));
	ASSERT_EQ(0, device_reset(vm));
}

/* Of all devices of the domain only the silent one is blocked */
TEST_F(silent, others_work)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 length = RAM_HUGE_PAGE;
	struct dma_dev second;
	__u64 value = 0;
	char *extra;
	__u32 id;

	keep(_metadata, vm, variant->stage1);
	ASSERT_EQ(0, dma_open(&second, 1));
	ASSERT_EQ(0, vfio_bind(second.fd, vm->iommufd, &id));
	ASSERT_EQ(0, dma_map(&second));
	ASSERT_EQ(0, vfio_attach(second.fd, vm->parent));
	extra = mmap(NULL, RAM_HUGE_PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, extra);
	ASSERT_EQ(0, iommufd_ioas_map(vm->iommufd, vm->ioas, extra, EXTRA_GPA,
				      RAM_HUGE_PAGE, IOMMU_IOAS_MAP_READABLE));

	atc_be_silent(vm, DMA_TEST_SILENT);
	ASSERT_EQ(0, iommufd_ioas_unmap(vm->iommufd, vm->ioas, EXTRA_GPA,
					&length));
	EXPECT_EQ((__u64)-EFAULT, device_reads(vm, GPA(vm, 0)));
	EXPECT_EQ(0, dma_read(&second, GPA(vm, 1), &value));
	EXPECT_EQ(VALUE_B, value);

	EXPECT_EQ(0, device_reset(vm));
	EXPECT_EQ(0, vfio_detach(second.fd));
	dma_close(&second);
	munmap(extra, RAM_HUGE_PAGE);
}

/* A second device in the parent */
static void own_second(struct __test_metadata *_metadata, struct cmdqv_vm *vm,
		       struct dma_dev *second)
{
	__u32 id;

	ASSERT_EQ(0, dma_open(second, 1));
	ASSERT_EQ(0, vfio_bind(second->fd, vm->iommufd, &id));
	ASSERT_EQ(0, dma_map(second));
	ASSERT_EQ(0, vfio_attach(second->fd, vm->parent));
}

/*
 * A blocked device without a reset is released when it is back in a domain of the host, if
 * it answers then.
 */
TEST_F(silent, given_back)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 length = RAM_HUGE_PAGE;
	struct dma_dev second;
	__u64 value = 0;
	char *extra;

	keep(_metadata, vm, variant->stage1);
	own_second(_metadata, vm, &second);
	ASSERT_NE(0, ioctl(second.fd, VFIO_DEVICE_RESET));
	extra = mmap(NULL, RAM_HUGE_PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, extra);
	ASSERT_EQ(0, iommufd_ioas_map(vm->iommufd, vm->ioas, extra, EXTRA_GPA,
				      RAM_HUGE_PAGE, IOMMU_IOAS_MAP_READABLE));

	*(volatile __u64 *)(second.regs + DMA_TEST_ATC_SILENT) = DMA_TEST_SILENT;
	ASSERT_EQ(0, iommufd_ioas_unmap(vm->iommufd, vm->ioas, EXTRA_GPA,
					&length));
	EXPECT_NE(0, dma_read(&second, GPA(vm, 1), &value));
	*(volatile __u64 *)(second.regs + DMA_TEST_ATC_SILENT) = 0;
	EXPECT_NE(0, dma_read(&second, GPA(vm, 1), &value));
	dma_close(&second);

	own_second(_metadata, vm, &second);
	EXPECT_EQ(0, dma_read(&second, GPA(vm, 1), &value));
	EXPECT_EQ(VALUE_B, value);
	dma_close(&second);
	munmap(extra, RAM_HUGE_PAGE);
}

/* Resets in a thread of their own */
struct resets {
	struct cmdqv_vm *vm;
	int (*reset)(struct cmdqv_vm *vm);
	pthread_t thread;
	int error;
	volatile int done;
};

static void *reset_loop(void *data)
{
	struct resets *r = data;
	int i;

	for (i = 0; i < RESETS && !r->error; i++)
		r->error = r->reset(r->vm);
	r->done = 1;
	return NULL;
}

/* Nothing is unanswered while the device is reset under unmaps of the host */
static void reset_under_unmap(struct __test_metadata *_metadata,
			      struct cmdqv_vm *vm, bool stage1,
			      int (*reset)(struct cmdqv_vm *vm))
{
	struct resets r = { .vm = vm, .reset = reset };
	unsigned int rounds = 0;
	__u64 before, length;
	char *extra;

	keep(_metadata, vm, stage1);
	extra = mmap(NULL, RAM_HUGE_PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, extra);
	before = atc_unanswered(vm);
	ASSERT_EQ(0, pthread_create(&r.thread, NULL, reset_loop, &r));
	while (!r.done) {
		length = RAM_PAGE;
		ASSERT_EQ(0, iommufd_ioas_map(vm->iommufd, vm->ioas, extra,
					      EXTRA_GPA, RAM_PAGE,
					      IOMMU_IOAS_MAP_READABLE));
		ASSERT_EQ(0, iommufd_ioas_unmap(vm->iommufd, vm->ioas,
						EXTRA_GPA, &length));
		rounds++;
	}
	ASSERT_EQ(0, pthread_join(r.thread, NULL));
	EXPECT_EQ(0, r.error);
	EXPECT_LT(RESETS, rounds);
	EXPECT_EQ(before, atc_unanswered(vm));
	EXPECT_EQ(VALUE_A, device_reads(vm, stage1 ? IOVA(0) : GPA(vm, 0)));
	munmap(extra, RAM_HUGE_PAGE);
}

/* The same under IOMMU_HWPT_INVALIDATE of the guest */
static void reset_under_invalidation(struct __test_metadata *_metadata,
				     struct cmdqv_vm *vm, bool stage1,
				     int (*reset)(struct cmdqv_vm *vm))
{
	struct resets r = { .vm = vm, .reset = reset };
	unsigned int rounds = 0;
	__u64 before;

	keep(_metadata, vm, stage1);
	before = atc_unanswered(vm);
	ASSERT_EQ(0, pthread_create(&r.thread, NULL, reset_loop, &r));
	while (!r.done) {
		ASSERT_EQ(0, invalidate_one(vm, CMD_ATC_INV | VSID(vm),
					    IOVA(0)));
		rounds++;
	}
	ASSERT_EQ(0, pthread_join(r.thread, NULL));
	EXPECT_EQ(0, r.error);
	EXPECT_LT(RESETS, rounds);
	EXPECT_EQ(before, atc_unanswered(vm));
}

TEST_F(silent, reset_under_unmap)
{
	reset_under_unmap(_metadata, &self->vm, variant->stage1, device_reset);
}

TEST_F(silent, reset_under_invalidation)
{
	reset_under_invalidation(_metadata, &self->vm, variant->stage1, device_reset);
}

/*
 * The guest gives ATC_INVs to its own queue while its device is reset: it waits, in an
 * access of page 0, and its queue has no error.
 */
static void reset_under_queue(struct __test_metadata *_metadata,
			      struct cmdqv_vm *vm,
			      int (*reset)(struct cmdqv_vm *vm))
{
	struct resets r = { .vm = vm, .reset = reset };
	struct vcmdq *q = &vm->queue[0].q;
	unsigned int rounds = 0;
	__u64 before = atc_unanswered(vm);

	ASSERT_EQ(0, pthread_create(&r.thread, NULL, reset_loop, &r));
	while (!r.done) {
		ASSERT_EQ(0, vcmdq_issue_sync(q,
					      cmd_atc_inv(VM_VSID(vm->dev.index),
							  IOVA(0))));
		rounds++;
	}
	ASSERT_EQ(0, pthread_join(r.thread, NULL));
	EXPECT_EQ(0, r.error);
	EXPECT_LT(RESETS, rounds);
	EXPECT_EQ(before, atc_unanswered(vm));
	EXPECT_EQ(vcmdq_read(q, VCMDQ_GERROR), vcmdq_read(q, VCMDQ_GERRORN));
}

FIXTURE(queue) {
	struct cmdqv_vm vm;
};

FIXTURE_SETUP(queue)
{
	TEST_BUILD(&self->vm, 0, TEST_LOG2SIZE);
}

FIXTURE_TEARDOWN(queue)
{
	TEST_END(&self->vm);
}

TEST_F(queue, reset)
{
	reset_under_queue(_metadata, &self->vm, device_reset);
}

/*
 * The device answers no ATC_INV of the guest's queue: its next CMD_SYNC stops there, until
 * the guest acknowledges. The other queue of the guest works.
 */
TEST_F(queue, unanswered)
{
	struct cmdqv_vm *vm = &self->vm;
	struct vcmdq *q = &vm->queue[0].q;
	__u64 before = atc_unanswered(vm);
	int i;

	atc_be_silent(vm, DMA_TEST_SILENT);
	for (i = 0; i < TIMEOUTS; i++) {
		ASSERT_EQ(-EIO, vcmdq_issue_sync(q,
						 cmd_atc_inv(VM_VSID(vm->dev.index),
							     IOVA(0))));
		ASSERT_EQ(VCMDQ_ERR_ATC,
			  VCMDQ_CONS_ERR(vcmdq_read(q, VCMDQ_CONS)));
		ASSERT_EQ(0, vcmdq_issue_sync(&vm->queue[1].q,
					      cmd_tlbi_nh_asid(VM_ASID)));
		vcmdq_repair(q);
		ASSERT_EQ(0, vcmdq_drain(q));
	}
	atc_be_silent(vm, 0);
	EXPECT_EQ(before + TIMEOUTS, atc_unanswered(vm));
	EXPECT_EQ(0, vcmdq_issue_sync(q, cmd_atc_inv(VM_VSID(vm->dev.index),
						     IOVA(0))));
}

/* A vDEVICE that goes away during the reset, and with it the hold of its guest */
TEST_F(queue, vdevice_goes)
{
	struct resets r = { .vm = &self->vm, .reset = device_reset };
	struct cmdqv_vm *vm = &self->vm;

	ASSERT_EQ(0, vfio_attach(vm->dev.fd, vm->parent));
	ASSERT_EQ(0, vm_destroy(vm, &vm->nested));
	ASSERT_EQ(0, pthread_create(&r.thread, NULL, reset_loop, &r));
	while (!r.done) {
		ASSERT_EQ(0, vm_destroy(vm, &vm->vdevice));
		vcmdq_read(&vm->queue[0].q, VCMDQ_CONS);
		ASSERT_EQ(0, vm_vdevice(vm));
	}
	ASSERT_EQ(0, pthread_join(r.thread, NULL));
	EXPECT_EQ(0, r.error);
	EXPECT_EQ(0, vcmdq_issue_sync(&vm->queue[0].q, cmd_tlbi_nh_asid(VM_ASID)));
}

/* The bus of the device is reset, by VFIO_DEVICE_PCI_HOT_RESET */
FIXTURE(bus) {
	struct cmdqv_vm vm;
};

FIXTURE_VARIANT(bus) {
	bool queue;
	bool stage1;
};

FIXTURE_VARIANT_ADD(bus, stage1) { .stage1 = true };
FIXTURE_VARIANT_ADD(bus, stage2) { .stage1 = false };
FIXTURE_VARIANT_ADD(bus, queue) { .queue = true };

FIXTURE_SETUP(bus)
{
	struct cmdqv_vm *vm = &self->vm;
	unsigned int index;

	ASSERT_EQ(0, below_port(&index))
	{
		TH_LOG("this machine has no device below a root port");
	}
	if (variant->queue) {
		TEST_BUILD(vm, index, TEST_LOG2SIZE);
		return;
	}
	NESTED_OPEN(vm, index);
	ASSERT_EQ(0, ats_nest(vm, 1));
	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	vm->attached = 1;
}

FIXTURE_TEARDOWN(bus)
{
	TEST_END(&self->vm);
}

TEST_F(bus, reset)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 before = atc_reg(vm, DMA_TEST_RESETS);

	if (variant->queue) {
		reset_under_queue(_metadata, vm, hot_reset);
	} else {
		reset_under_unmap(_metadata, vm, variant->stage1, hot_reset);
		reset_under_invalidation(_metadata, vm, variant->stage1,
					 hot_reset);
		before += RESETS;
	}
	EXPECT_EQ(before + RESETS, atc_reg(vm, DMA_TEST_RESETS));
}

/*
 * The reset of VFIO when a device is closed turns ATS off, and its ATC is emptied after
 * that while its HWPT is attached: it must answer, and work for its next owner.
 */
TEST(closed)
{
	struct cmdqv_vm vm;
	__u64 before;

	TEST_RESERVE();
	TEST_STEP(&vm, vm_open(&vm, 0));
	*ram_data(&vm.ram, 0) = VALUE_A;
	ASSERT_EQ(0, vfio_attach(vm.dev.fd, vm.parent));
	ASSERT_EQ(DMA_TEST_OK, atc_fill(&vm, GPA(&vm, 0)));
	before = atc_unanswered(&vm);
	/* Attached */
	dma_close(&vm.dev);

	ASSERT_EQ(0, dma_open(&vm.dev, 0));
	ASSERT_EQ(0, vfio_bind(vm.dev.fd, vm.iommufd, &vm.dev_id));
	ASSERT_EQ(0, dma_map(&vm.dev));
	ASSERT_EQ(0, vfio_attach(vm.dev.fd, vm.parent));
	vm.attached = 1;
	EXPECT_EQ(before, atc_unanswered(&vm));
	EXPECT_EQ(VALUE_A, device_reads(&vm, GPA(&vm, 0)));
	TEST_END(&vm);
}

TEST_HARNESS_MAIN
